package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// corsMaxAge is for how many seconds a browser may remember what it was allowed.
const corsMaxAge = "600"

// checkOrigins refuses what is no origin as browsers send it. There is no "*": who may read a register is a decision.
func checkOrigins(origins []string) error {
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || origin != u.Scheme+"://"+strings.ToLower(u.Host) {
			return fmt.Errorf("CORS origin %q is not as browsers send it: scheme and host, such as https://desk.example.org", origin)
		}
	}
	return nil
}

// crossOrigin lets pages of the listed origins call the API from a browser. Credentials travel in a header that the page sets
// itself, so that cookies are never asked for.
func crossOrigin(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !slices.Contains(origins, origin) {
			next.ServeHTTP(w, r)
			return
		}
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", "Content-Disposition, Retry-After, "+requestIDHeader)
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		// A preflight: the browser asks before it sends, and without the credential.
		header.Set("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE")
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, "+requestIDHeader)
		header.Set("Access-Control-Max-Age", corsMaxAge)
		w.WriteHeader(http.StatusNoContent)
	})
}
