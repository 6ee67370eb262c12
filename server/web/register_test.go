package web_test

import (
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/browser"
)

var secretShown = regexp.MustCompile(`<code class="secret">(tnd_[^<]+)</code>`)

// A newcomer without credential or script registers: whatever is wrong with the form, no word is lost; the credential is shown once.
func TestNewcomerRegisters(t *testing.T) {
	h := openHouse(t)
	h.withPlanted()
	r := h.stranger("fr")
	if body := r.get("/").body; !strings.Contains(body, `href="/web/register"`) {
		t.Error("the page to sign in does not lead to registration")
	}
	page := r.get("/web/register")
	if page.code != http.StatusOK || strings.Contains(page.body, "external_id") || strings.Contains(page.body, published) {
		t.Fatalf("the form: %d", page.code)
	}
	form := formOf(t, page.body)
	form.Set("display_name", `Nouvelle <b>"Sonar"</b>`)
	form.Set("country", "CA")
	form.Set("kind", "COMPANY")
	form.Set("words.offers", "예인선배열소나")
	form.Set("do", "find.offers")
	found := r.post("/web/register", form)
	if !strings.Contains(found.body, `value="underwater.sonar.towed-array"`) {
		t.Fatal("the words mean nothing")
	}
	form = formOf(t, found.body)
	form.Set("pick.offers.예인선배열소나", "underwater.sonar.towed-array")
	form.Set("do", "pick.offers")
	form = formOf(t, r.post("/web/register", form).body)
	if form.Get("offers.0.capability") != "underwater.sonar.towed-array" || form.Get("display_name") != `Nouvelle <b>"Sonar"</b>` {
		t.Fatalf("after choosing a meaning the form holds %v", form)
	}

	form.Set("region", "KR-26")
	form.Set("summary", "Every word of mine.")
	for problem, change := range map[string]map[string]string{
		"without the statement": {"attested": "", "region": ""},
		"in another country":    {"attested": "yes", "region": "KR-26"},
		"too long":              {"attested": "yes", "region": "", "city": strings.Repeat("x", 300)},
	} {
		bad := url.Values{}
		for name, values := range form {
			bad[name] = values
		}
		for name, value := range change {
			bad.Set(name, value)
		}
		bad.Set("do", "save")
		got := r.post("/web/register", bad)
		if got.code != http.StatusBadRequest || !strings.Contains(got.body, "Every word of mine.") || !strings.Contains(got.body, `role="alert"`) || !strings.Contains(got.body, "wrong") {
			t.Errorf("%s: %d, want 400 with the form as it was", problem, got.code)
		}
	}
	form.Set("region", "CA-NS")
	form.Set("attested", "yes")
	form.Set("do", "save")
	done := r.post("/web/register", form)
	shown := secretShown.FindStringSubmatch(done.body)
	if done.code != http.StatusOK || shown == nil || !strings.Contains(done.body, "La suite") {
		t.Fatalf("registering: %d\n%s", done.code, done.body)
	}
	if again := r.post("/web/register", form); again.code != http.StatusConflict || strings.Contains(again.body, "tnd_") || !strings.Contains(again.body, "deux fois") {
		t.Errorf("the form sent twice: %d", again.code)
	}
	if strings.Contains(r.get("/").body+r.get("/web/profile").body, shown[1]) {
		t.Error("the credential is shown again")
	}
	list, err := tandemv1.NewFirmServiceClient(h.conn).ListFirms(t.Context(), &tandemv1.ListFirmsRequest{Filter: `provenance = SELF`})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Firms) != 1 || list.Firms[0].State != tandemv1.Firm_PENDING || list.Firms[0].Offers[0].Capability != "underwater.sonar.towed-array" || !strings.HasPrefix(list.Firms[0].Name, "firms/f-") {
		t.Fatalf("registered: %v, want one that waits for approval", list.Firms)
	}
	if got := h.stranger("en").post("/web/sign-in", url.Values{"secret": {shown[1]}, "to": {"/"}}); got.code != http.StatusSeeOther {
		t.Errorf("signing in with the credential: %d", got.code)
	}
	if got := r.get("/web/register"); got.code != http.StatusSeeOther {
		t.Errorf("the form for who is registered: %d, want a way home", got.code)
	}
}

// Where too many have registered from an address, however they did, the form says so and keeps what was typed; what is wrong with a form
// is told in names, not in codes.
func TestTooManyNewcomersAtOneDoor(t *testing.T) {
	h := openHouse(t)
	r := h.stranger("ko")
	form := formOf(t, r.get("/web/register").body)
	form = save(form, map[string]string{"display_name": "Late Sonar", "country": "KR", "kind": "", "attested": "yes"})
	if got := r.post("/web/register", form); got.code != http.StatusBadRequest || !strings.Contains(got.body, "업체, 연구기관, 대학교, 정부기관") || strings.Contains(got.body, "COMPANY, RESEARCH") {
		t.Errorf("without a kind: %d, want the kinds by their names", got.code)
	}
	form.Set("kind", "COMPANY")
	const enough = 1000
	for i := range enough {
		body := strings.NewReader(`{"attested": true, "firm": {"display_name": "Flood", "country": "KR", "kind": "COMPANY"}}`)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/v1/firms:register", body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		if got := r.send(request); got.code == http.StatusTooManyRequests {
			break
		} else if got.code != http.StatusOK || i == enough-1 {
			t.Fatalf("number %d: %d, want a limit", i, got.code)
		}
	}
	got := r.post("/web/register", form)
	if got.code != http.StatusTooManyRequests || !strings.Contains(got.body, "Late Sonar") || !strings.Contains(got.body, "이 주소에서 한 시간 안에") {
		t.Errorf("above the limit: %d, want 429 with the form as it was", got.code)
	}
	h.clock.pass(time.Minute)
	if got := r.post("/web/register", form); got.code != http.StatusOK || !secretShown.MatchString(got.body) {
		t.Errorf("a minute later: %d", got.code)
	}
}

// Invitations name whom they invite; where nobody is left to invite, that is said.
func TestInvitationsByName(t *testing.T) {
	h := openHouse(t)
	h.fill([]byte(`{"name":"firms/sonar-kr","display_name":"Sonar Korea","native_name":"한국소나","country":"KR","kind":"COMPANY"}` + "\n"))
	r := h.signedIn("ko", tandemv1.Credential_ORGANISER, "")
	form := formOf(t, r.get("/web/invite").body)
	if got := r.post("/web/invite", form); got.header.Get("Location") != "/web/invite" {
		t.Errorf("codes for one: %d to %q", got.code, got.header.Get("Location"))
	}
	if page := r.get("/web/invite").body; !strings.Contains(page, ">한국소나</a>") || strings.Contains(page, ">sonar-kr<") {
		t.Error("the list does not name whom it invites")
	}
	got := r.post("/web/invite", form)
	if page := r.get(got.header.Get("Location")).body; !strings.Contains(page, "새로 초대할 곳이 없습니다") {
		t.Errorf("nobody is left, and %q does not say so", got.header.Get("Location"))
	}
}

// A form of another site registers nobody.
func TestRegistrationOfAnotherSite(t *testing.T) {
	h := openHouse(t)
	r := h.stranger("en")
	form := formOf(t, r.get("/web/register").body)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/web/register", strings.NewReader(save(form, map[string]string{"display_name": "Forged", "country": "CA", "kind": "COMPANY"}).Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := r.send(request); got.code != http.StatusForbidden {
		t.Errorf("got %d, want 403", got.code)
	}
}

// The newcomer's way in a browser, on a telephone, in Korean, with scripts and without.
func TestNewcomersWay(t *testing.T) {
	ctx := browser.Start(t)
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(name, func(t *testing.T) {
			h := openHouse(t)
			b := h.tab(ctx, "ko", 390, script)
			judged := func(where string) {
				if script {
					b.judged(string(axe), where)
				}
			}
			b.open("/")
			b.press(`a[href="/web/register"]`)
			judged("the form")
			b.fill("#display_name", "Hanbit Array")
			b.fill("#native_name", "한빛어레이")
			b.fill("#country", "KR")
			b.fill("#kind", "COMPANY")
			if script { // the meanings come while one types
				b.do(chromedp.SendKeys(`[id="words.offers"]`, "예인선배열소나"), chromedp.WaitVisible(`#found-offers input[value="underwater.sonar.towed-array"]`))
			} else {
				b.fill(`[id="words.offers"]`, "예인선배열소나")
				b.press(`button[value="find.offers"]`)
			}
			b.press(`button[value="pick.offers"]`)
			judged("the form with a line")
			b.press(`.tongues button[value="en"]`) // the form stays, in another language
			b.sees("Register your organisation")
			b.press(`.tongues button[value="ko"]`)
			b.tick(`input[name="attested"]`)
			b.press(`button.chief[value="save"]`)
			b.sees("tnd_")
			judged("the credential")
			b.sees("한빛어레이")
			b.sees("승인합니다")
			b.press(`a[href="/web/profile"]`)
			b.open("/")
			b.sees("주최 측의 승인을 기다리고 있습니다.")
		})
	}
}

// An organiser who is about to approve a newcomer is told that it may be in the register already.
func TestNewcomerThatIsThereAlready(t *testing.T) {
	h := openHouse(t).withDemo()
	r := h.stranger("en")
	form := save(formOf(t, r.get("/web/register").body), map[string]string{"display_name": "Algoma Steel Incorporated", "country": "CA", "kind": "COMPANY"})
	if got := r.post("/web/register", form); got.code != http.StatusOK {
		t.Fatalf("registering: %d", got.code)
	}
	list, err := tandemv1.NewFirmServiceClient(h.conn).ListFirms(t.Context(), &tandemv1.ListFirmsRequest{Filter: `provenance = SELF`})
	if err != nil || len(list.Firms) != 1 {
		t.Fatalf("registered: %v, %v", list, err)
	}
	organiser := h.signedIn("en", tandemv1.Credential_ORGANISER, "")
	body := organiser.get("/web/" + list.Firms[0].Name).body
	if !strings.Contains(body, "it may be in the register already") || !strings.Contains(body, `<a href="/web/firms/algoma-steel">`) {
		t.Error("nothing says that the newcomer may be Algoma Steel")
	}
	if body := organiser.get("/web/firms/algoma-steel").body; strings.Contains(body, "it may be in the register already") {
		t.Error("an approved organisation is suspected on its own page")
	}
}
