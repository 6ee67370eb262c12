package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// A session ends after half an hour without doing anything, after twelve hours, with its credential, and on signing out.
func TestSessionEnds(t *testing.T) {
	h := openHouse(t)
	for _, test := range []struct {
		name string
		ends func(r *reader, credential string)
	}{
		{"idle", func(*reader, string) { h.clock.pass(30 * time.Minute) }},
		{"old", func(r *reader, _ string) {
			for range 25 {
				h.clock.pass(29 * time.Minute)
				r.get("/")
			}
		}},
		{"revoked", func(_ *reader, credential string) {
			if _, err := tandemv1.NewCredentialServiceClient(h.conn).RevokeCredential(t.Context(), &tandemv1.RevokeCredentialRequest{Name: credential}); err != nil {
				t.Fatal(err)
			}
		}},
		{"signed out", func(r *reader, _ string) { r.submit("/web/sign-out", url.Values{}) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := h.stranger("en")
			name, secret := h.credential(tandemv1.Credential_ORGANISER, "")
			r.post("/web/sign-in", url.Values{"secret": {secret}})
			u, err := url.Parse(h.base)
			if err != nil {
				t.Fatal(err)
			}
			kept := r.jar.Cookies(u) // as somebody else on this machine might have kept them
			if got := r.get("/web/firms"); got.code != http.StatusOK || got.header.Get("Cache-Control") != "no-store" {
				t.Fatalf("before: %d, Cache-Control %q; want a page that no back button shows", got.code, got.header.Get("Cache-Control"))
			}
			test.ends(r, name)
			r.jar.SetCookies(u, kept)
			if got := r.get("/web/firms"); got.code != http.StatusUnauthorized || !strings.Contains(got.body, `name="secret"`) {
				t.Errorf("after: %d, want the page to sign in", got.code)
			}
		})
	}
}

// The session's cookie is for this site's pages alone, and a new one with every signing in.
func TestSessionCookie(t *testing.T) {
	h := openHouse(t)
	_, secret := h.credential(tandemv1.Credential_ORGANISER, "")
	r := h.stranger("en")
	cookie := func() string {
		for _, line := range r.post("/web/sign-in", url.Values{"secret": {secret}}).header.Values("Set-Cookie") {
			if strings.HasPrefix(line, "tandem=") {
				return line
			}
		}
		return ""
	}
	first, second := cookie(), cookie()
	for _, want := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(first, want) {
			t.Errorf("the cookie %q lacks %s", first, want)
		}
	}
	if first == second {
		t.Error("signing in twice gave one session")
	}
	if strings.Contains(first, secret) {
		t.Error("the cookie holds the credential")
	}
}

// Guessing is slowed down as it is over the API.
func TestSignInRefuses(t *testing.T) {
	h := openHouse(t)
	r := h.stranger("fr")
	for range 10 {
		if got := r.post("/web/sign-in", url.Values{"secret": {"tnd_wrong"}}); got.code != http.StatusUnauthorized || !strings.Contains(got.body, "justificatif n&#39;est pas valide") {
			t.Fatalf("a wrong credential: %d", got.code)
		}
	}
	if got := r.post("/web/sign-in", url.Values{"secret": {"tnd_wrong"}}); got.code != http.StatusTooManyRequests {
		t.Errorf("the eleventh: %d, want 429", got.code)
	}
}

// A form without the session's token changes nothing, and neither does one of another site.
func TestForgedForms(t *testing.T) {
	h := openHouse(t).withDemo()
	r := h.signedIn("en", tandemv1.Credential_ORGANISER, "")
	for _, token := range []string{"", "forged", strings.Repeat("A", 43)} {
		got := r.post("/web/firms/algoma-steel/suspend", url.Values{"csrf": {token}})
		if got.code != http.StatusForbidden {
			t.Errorf("token %q: %d, want 403", token, got.code)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/web/firms/algoma-steel/suspend", strings.NewReader(url.Values{"csrf": {r.token()}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", "https://evil.example")
	if got := r.send(request); got.code != http.StatusForbidden {
		t.Errorf("from another site: %d, want 403", got.code)
	}
	firm, err := tandemv1.NewFirmServiceClient(h.conn).GetFirm(t.Context(), &tandemv1.GetFirmRequest{Name: "firms/algoma-steel"})
	if err != nil {
		t.Fatal(err)
	}
	if firm.GetState() != tandemv1.Firm_APPROVED {
		t.Errorf("the firm is %s: a forged form was taken", firm.GetState())
	}
}

// Words that were typed into a form whose session had ended come back after signing in, and are stored when they are sent.
func TestWordsSurviveAnExpiredSession(t *testing.T) {
	h := openHouse(t).withDemo()
	r := h.signedIn("ko", tandemv1.Credential_FIRM, "firms/algoma-steel")
	form := formOf(t, r.get("/web/profile").body)
	const words = `극지용 강재 <script>alert(1)</script> "두께 60mm" 👷🏽`
	form.Set("summary_native", words)
	form.Set("attested", "yes")
	form.Set("do", "save")
	h.clock.pass(31 * time.Minute)
	asked := r.post("/web/profile", form)
	if asked.code != http.StatusUnauthorized {
		t.Fatalf("after the session's end: %d, want 401", asked.code)
	}
	_, secret := h.credential(tandemv1.Credential_FIRM, "firms/algoma-steel")
	again := formOf(t, asked.body)
	again.Set("secret", secret)
	kept := r.post("/web/sign-in", again)
	if kept.code != http.StatusOK || strings.Contains(kept.body, "<script>alert") {
		t.Fatalf("signing in again: %d, want the words, and no script", kept.code)
	}
	if got := r.post("/web/profile", formOf(t, kept.body)); got.code != http.StatusSeeOther {
		t.Fatalf("sending them: %d\n%s", got.code, got.body)
	}
	firm, err := tandemv1.NewFirmServiceClient(h.conn).GetFirm(t.Context(), &tandemv1.GetFirmRequest{Name: "firms/algoma-steel"})
	if err != nil {
		t.Fatal(err)
	}
	if firm.GetSummaryNative() != words {
		t.Errorf("stored %q, want %q", firm.GetSummaryNative(), words)
	}
}
