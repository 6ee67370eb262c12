package web_test

import (
	"net/url"
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// What changed lately and who did it stands on the home page, on a page of its own and at the firm, in the reader's language.
func TestChangesSayWhoDidWhat(t *testing.T) {
	h := openHouse(t)
	h.withPlanted()
	organiser := h.signedIn("en", tandemv1.Credential_ORGANISER, "")
	if got := organiser.submit("/web/firms/third-steel/suspend", url.Values{}); got.code != 303 {
		t.Fatalf("suspending: %d", got.code)
	}
	suspended := "Suspended third-steel " + published + "."
	for path, want := range map[string][]string{
		"/":                              {suspended, `href="/web/changes"`},
		"/web/changes":                   {suspended, "whoever runs the server", "Published the match run of 24 November 2026.", `<a href="/web/firms/third-steel">` + suspended},
		"/web/changes?firm=third-steel":  {suspended, "Imported"},
		"/web/changes?firm=south-signal": {"Imported"},
		"/web/firms/third-steel":         {`href="/web/changes?firm=third-steel"`},
		"/web/changes?show=refused":      {"Nobody was refused."},
	} {
		body := organiser.get(path).body
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("%s does not say %q", path, words)
			}
		}
		if strings.Contains(body, "Tandem itself") {
			t.Errorf("%s shows what Tandem did by itself among what people did", path)
		}
		if path == "/web/changes?firm=south-signal" && strings.Contains(body, suspended) {
			t.Errorf("%s tells of another organisation", path)
		}
		if strings.Contains(body, planted) && !strings.HasPrefix(path, "/web/firms/") {
			t.Errorf("%s shows what stands in a profile", path)
		}
	}
	if got := h.stranger("en").post("/web/claim", url.Values{"code": {"0000-0000-0000-0000"}}); got.code != 400 {
		t.Fatalf("a guess: %d", got.code)
	}
	korean := h.signedIn("ko", tandemv1.Credential_AUDITOR, "")
	for path, want := range map[string]string{
		"/web/changes":              "third-steel " + published + " 참가를 정지했습니다.",
		"/web/changes?show=refused": "어느 기관에도 발급되지 않은 코드를 1번 시도했습니다.",
	} {
		if body := korean.get(path).body; !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	integration := h.signedIn("en", tandemv1.Credential_INTEGRATION, "")
	if got := integration.get("/web/changes"); got.code != 404 || strings.Contains(integration.get("/").body, "/web/changes") {
		t.Errorf("an integration is shown the audit log: %d", got.code)
	}
}
