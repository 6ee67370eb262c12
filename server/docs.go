package server

import (
	"net/http"

	"github.com/swaggest/swgui/v5emb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// viewerPolicy is what the viewer of the API needs: itself, with its inline
// script and styles, and the API on the same server.
const viewerPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"

// newPages serves what is no method: the API to read (/docs, /openapi.yaml,
// /tandem.protoset) and health (/healthz: the process runs; /readyz: it takes
// calls). None of them needs a credential or tells anything about the register.
func newPages(api http.Handler, ready func() bool) http.Handler {
	mux := http.NewServeMux()
	viewer := v5emb.New("Tandem API", "/openapi.yaml", "/docs/")
	mux.Handle("GET /docs/", withPolicy(viewerPolicy, viewer))
	mux.Handle("GET /docs", http.RedirectHandler("/docs/", http.StatusMovedPermanently))
	mux.Handle("GET /openapi.yaml", embedded("application/yaml", tandemv1.OpenAPI))
	mux.Handle("GET /tandem.protoset", embedded("application/octet-stream", tandemv1.Protoset))
	mux.Handle("GET /healthz", state(func() bool { return true }))
	mux.Handle("GET /readyz", state(ready))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Asking first keeps the multiplexer's own redirects and answers away from the API.
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// withPolicy adds the headers of what a browser shows.
func withPolicy(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// embedded serves a file of the contract.
func embedded(mediaType string, file []byte) http.Handler {
	return withPolicy("default-src 'none'", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write(file) // the client may be gone
	}))
}

// state answers whether something is so, and nothing else.
func state(ok func() bool) http.Handler {
	return withPolicy("default-src 'none'", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		text := "ok\n"
		if !ok() {
			w.WriteHeader(http.StatusServiceUnavailable)
			text = "not ready\n"
		}
		_, _ = w.Write([]byte(text)) // the client may be gone
	}))
}
