package server

import (
	"net/http"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Pages of listed origins may call; others get what they would get without, and nobody anything by default.
func TestCrossOrigin(t *testing.T) {
	const listed = "https://desk.example.org"
	for _, test := range []struct {
		name            string
		origins         []string
		verb, origin    string
		status          int
		allowed, exempt bool // the answer allows the origin; it is a preflight's
	}{
		{"by default nobody", nil, http.MethodGet, listed, http.StatusOK, false, false},
		{"listed", []string{listed}, http.MethodGet, listed, http.StatusOK, true, false},
		{"preflight", []string{"http://localhost:3000", listed}, http.MethodOptions, listed, http.StatusNoContent, true, true},
		{"preflight of another", []string{listed}, http.MethodOptions, "https://evil.example.org", http.StatusMethodNotAllowed, false, false},
		{"another", []string{listed}, http.MethodGet, "https://desk.example.org.evil.org", http.StatusOK, false, false},
		{"no page", []string{listed}, http.MethodGet, "", http.StatusOK, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := serveFaces(t, openServer(t, Config{CORSOrigins: test.origins}))
			r, err := http.NewRequestWithContext(t.Context(), test.verb, f.base+"/v1/firms", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", test.origin)
			if test.verb == http.MethodOptions {
				r.Header.Set("Access-Control-Request-Method", http.MethodPatch)
			} else {
				r.Header.Set("Authorization", "Bearer "+f.secret(t, tandemv1.Credential_INTEGRATION, ""))
			}
			answer, err := f.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != test.status {
				t.Errorf("got %s, want %d", answer.Status, test.status)
			}
			if got := answer.Header.Get("Access-Control-Allow-Origin"); (got == test.origin && got != "") != test.allowed {
				t.Errorf("got the allowed origin %q", got)
			}
			if got := answer.Header.Get("Access-Control-Allow-Headers") != ""; got != test.exempt {
				t.Errorf("answered as a preflight: %t, want %t", got, test.exempt)
			}
			if answer.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("cookies are allowed")
			}
		})
	}
}

func TestOriginsAreChecked(t *testing.T) {
	for _, origin := range []string{"*", "desk.example.org", "https://desk.example.org/", "https://desk.example.org/app", "https://Desk.example.org", "null", "ftp://desk.example.org", "https://u@desk.example.org", ""} {
		if err := checkOrigins([]string{origin}); err == nil {
			t.Errorf("%q was taken", origin)
		}
	}
	if err := checkOrigins([]string{"https://desk.example.org", "http://localhost:3000"}); err != nil {
		t.Error(err)
	}
}
