package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// planted is a word that stands in every property of a firm that a counterpart may not see.
const planted = "quetzalcoatlus"

// published stands in properties that a counterpart sees once a pairing is published.
const published = "visibilium"

// withPlanted fills the register with two firms that suit each other, each with planted words, and publishes their pairing.
func (h *house) withPlanted() *tandemv1.MatchRun {
	h.t.Helper()
	var file strings.Builder
	for _, firm := range []struct{ name, country, region, offer, need string }{
		{"north-array", "CA", "CA-NS", "underwater.sonar.towed-array", "underwater.sonar.processing"},
		{"south-signal", "KR", "KR-26", "underwater.sonar.processing", "underwater.sonar.towed-array"},
		{"third-steel", "KR", "KR-26", "metals.steel", "naval.surface"},
	} {
		fmt.Fprintf(&file, `{"name":"firms/%[1]s","display_name":"%[1]s %[7]s","country":"%[2]s","region":"%[3]s","city":"%[6]s","kind":"COMPANY","summary":"%[7]s","external_id":"%[6]s-%[1]s",`+
			`"offers":[{"capability":"%[4]s","detail":"%[6]s","detail_native":"%[6]s","material":{"grade":"%[6]s","form":"%[6]s"}}],`+
			`"needs":[{"capability":"%[5]s","aim":"PARTNER","detail":"%[6]s","detail_native":"%[6]s"}],"modes":["CO_DEVELOPMENT"],`+
			`"responsible_use_statement":"%[6]s","contact":{"display_name":"%[6]s","email":"%[6]s@example.org","phone":"%[6]s"}}`+"\n",
			firm.name, firm.country, firm.region, firm.offer, firm.need, planted, published)
	}
	h.fill([]byte(file.String()))
	return h.publish()
}

// addresses lists every page that is read, with what stands for its variables in the register of withPlanted.
func addresses(run *tandemv1.MatchRun) []string {
	id := strings.TrimPrefix(run.GetName(), "matchRuns/")
	return []string{
		"/", "/web/sign-in", "/web/claim", "/web/register", "/web/firms", "/web/firms?q=array", "/web/incomplete", "/web/firms/south-signal", "/web/firms/south-signal/edit", "/web/why",
		"/web/why?a=north&b=south", "/web/pairings/north-array~south-signal", "/web/pairings/north-array~south-signal?run=" + id, "/web/pairings/north-array~third-steel",
		"/web/runs", "/web/runs/" + id, "/web/runs/" + id + "/progress", "/web/runs/" + id + "/pairings", "/web/runs/" + id + "/report?kind=MATCH&format=HTML",
		"/web/runs/" + id + "/compare?base=" + id, "/web/upload", "/web/upload/list", "/web/upload/review", "/web/upload/template", "/web/changes", "/web/changes?firm=north-array", "/web/changes?show=refused", "/web/changes?firm=nobody", "/web/credentials", "/web/invite", "/web/invite/cards", "/web/invite/list",
		"/web/profile", "/web/preview", "/web/pairings", "/web/mine", "/web/catalogue", "/web/catalogue?q=sonar", "/web/catalogue/underwater.sonar", "/web/suggest?words=sonar&name=pick.offers",
		"/web/nowhere", "/web/firms/nobody",
	}
}

// Every page against every role: a firm sees nothing of a counterpart that the contract does not show it, in pages and in headers, and
// nobody sees anything without signing in.
func TestEveryPageAgainstEveryRole(t *testing.T) {
	h := openHouse(t)
	run := h.withPlanted()
	readers := map[string]*reader{
		"stranger": h.stranger("en"), "organiser": h.signedIn("en", tandemv1.Credential_ORGANISER, ""), "auditor": h.signedIn("fr", tandemv1.Credential_AUDITOR, ""),
		"integration": h.signedIn("ko", tandemv1.Credential_INTEGRATION, ""), "firm": h.signedIn("en", tandemv1.Credential_FIRM, "firms/north-array"),
		"suspended firm": h.signedIn("en", tandemv1.Credential_FIRM, "firms/third-steel"),
	}
	if _, err := tandemv1.NewFirmServiceClient(h.conn).SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: "firms/third-steel"}); err != nil {
		t.Fatal(err)
	}
	for role, r := range readers {
		for _, path := range addresses(run) {
			got := r.get(path)
			if got.code >= 500 {
				t.Errorf("%s, %s: %d", role, path, got.code)
			}
			if strings.Contains(got.body, "«web.") || strings.Contains(got.body, "<no value>") {
				t.Errorf("%s, %s: a sentence is missing", role, path)
			}
			if len(got.body) > 200<<10 && !strings.Contains(path, "/report") {
				t.Errorf("%s, %s: %d bytes, want 200 kB at most", role, path, len(got.body))
			}
			everything := got.body + fmt.Sprint(got.header)
			own := role == "firm" && ownPage(path) || role == "suspended firm" && ownPage(path)
			staff := role == "organiser" || role == "auditor" || role == "integration"
			if strings.Contains(everything, planted) && !own && !staff {
				t.Errorf("%s, %s: shows a word of somebody else's", role, path)
			}
			if strings.Contains(everything, published) && !own && !staff && (role != "firm" || path != "/web/pairings") {
				t.Errorf("%s, %s: shows that somebody is registered", role, path)
			}
			if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s, %s: the policy is %q", role, path, policy)
			}
		}
	}
	// A test that finds nothing must have had something to find.
	if got := readers["organiser"].get("/web/firms/south-signal"); !strings.Contains(got.body, planted) {
		t.Error("an organiser does not see the planted word: it was not planted")
	}
	if got := readers["firm"].get("/web/pairings"); !strings.Contains(got.body, "south-signal "+published) {
		t.Error("a firm does not see its published pairing")
	}
}

// ownPage lists the pages on which a firm sees all of its own profile.
func ownPage(path string) bool {
	switch path {
	case "/", "/web/profile", "/web/preview", "/web/mine":
		return true
	}
	return false
}

// Only who may do something is offered it.
func TestPagesOfferWhatIsAllowed(t *testing.T) {
	h := openHouse(t)
	h.withPlanted()
	auditor := h.signedIn("en", tandemv1.Credential_AUDITOR, "")
	for _, path := range []string{"/", "/web/firms/north-array", "/web/runs", "/web/credentials"} {
		body := auditor.get(path).body
		if n := strings.Count(body, `method="post"`); n != 1 { // signing out
			t.Errorf("%s offers an auditor %d forms, want the one to sign out", path, n)
		}
	}
	got := auditor.submit("/web/firms/north-array/suspend", url.Values{})
	if got.code != http.StatusNotFound {
		t.Errorf("an auditor who suspends all the same: %d, want 404", got.code)
	}
}

// Whatever stands in a profile is text in every page.
func TestHostileNames(t *testing.T) {
	h := openHouse(t)
	for i, name := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "ㅎㅏㄴㅂㅣㅊ", "حفار البحر", "👷🏽‍♀️ Works", `'; DROP TABLE rows; --`, "{{.CSRF}}", "javascript:alert(1)",
	} {
		_, err := tandemv1.NewFirmServiceClient(h.conn).CreateFirm(t.Context(), &tandemv1.CreateFirmRequest{FirmId: fmt.Sprintf("hostile-%d", i), Attested: true, Firm: &tandemv1.Firm{
			DisplayName: name, NativeName: name, Country: "CA", Kind: tandemv1.Firm_COMPANY, City: name, Summary: name, SummaryNative: name, ResponsibleUseStatement: name,
			Contact: &tandemv1.Contact{DisplayName: name, Phone: "1"}, Offers: []*tandemv1.Offer{{Capability: "metals.steel", Detail: name, DetailNative: name}},
			Needs: []*tandemv1.Need{{Capability: "naval.surface", Detail: name, DetailNative: name}},
		}})
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
	}
	r := h.signedIn("en", tandemv1.Credential_ORGANISER, "")
	for _, path := range []string{"/web/firms", "/web/firms/hostile-0", "/web/firms/hostile-1", "/web/firms/hostile-1/edit", "/web/firms/hostile-6", "/web/incomplete", "/web/changes", "/web/pairings/hostile-0~hostile-1"} {
		body := r.get(path).body
		for _, bad := range []string{"<script>alert", "<img", `onerror=alert(1)>"`} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %s as markup", path, bad)
			}
		}
	}
	for _, search := range []string{"ㅎㅏㄴ", "حفار", "👷🏽‍♀️", "<script>"} {
		if body := r.get("/web/firms?q=" + url.QueryEscape(search)).body; !strings.Contains(body, "/web/firms/hostile-") {
			t.Errorf("searching for %s finds nobody", search)
		}
	}
}
