package web_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/browser"
)

// tab is a page in a browser, with whoever reads it.
type tab struct {
	t        *testing.T
	ctx      context.Context
	base     string
	keyboard bool // the reader has no mouse
}

func (h *house) tab(ctx context.Context, language string, width int64, script bool) *tab {
	h.t.Helper()
	own, cancel := chromedp.NewContext(ctx)
	h.t.Cleanup(cancel)
	b := &tab{t: h.t, ctx: own, base: h.base}
	b.do(chromedp.Navigate("about:blank"), chromedp.EmulateViewport(width, 900))
	if _, err := chromedp.Call(own, network.SetCookie, network.SetCookieParams{Name: "language", Value: language, URL: h.base + "/"}); err != nil {
		h.t.Fatal(err)
	}
	if !script {
		if _, err := chromedp.Call(own, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			h.t.Fatal(err)
		}
	}
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) open(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.base + path)) }

// fill writes into a field. A reader without a mouse goes there and types, over what stood in it.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	if !b.keyboard {
		b.do(chromedp.SetValue(selector, text))
		return
	}
	b.reach(selector)
	b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(text))
	if got := ask[string](b, "document.activeElement.value"); got != text {
		b.t.Fatalf("%s holds %q after typing %q", selector, got, text)
	}
}

// chooses picks a file: the operating system's own window for it is no part of the page, the way to it is.
func (b *tab) chooses(selector, file string) {
	b.t.Helper()
	if b.keyboard {
		b.reach(selector)
	}
	b.do(chromedp.SetUploadFiles(selector, []string{file}))
}

// press uses a button or link that leads to another page. A reader without a mouse reaches it with the tabulator key.
func (b *tab) press(selector string) {
	b.t.Helper()
	step := chromedp.Click(selector)
	if b.keyboard {
		b.reach(selector)
		step = chromedp.KeyEvent("\r")
	}
	if _, err := chromedp.RunResponse(b.ctx, step); err != nil {
		b.t.Fatalf("pressing %s: %v", selector, err)
	}
}

// tick ticks a box.
func (b *tab) tick(selector string) {
	b.t.Helper()
	if b.keyboard {
		b.reach(selector)
		b.do(chromedp.KeyEvent(" "))
		return
	}
	b.do(chromedp.Click(selector))
}

// reach goes from one thing to the next until the focus is on the one that is wanted.
func (b *tab) reach(selector string) {
	b.t.Helper()
	for range 300 {
		b.do(chromedp.KeyEvent("\t"))
		if ask[bool](b, fmt.Sprintf("document.activeElement.matches(%q)", selector)) {
			if !ask[bool](b, `getComputedStyle(document.activeElement).outlineStyle != "none"`) {
				b.t.Errorf("nothing shows that %s has the focus", selector)
			}
			return
		}
	}
	b.t.Fatalf("no number of tabulators reaches %s", selector)
}

func (b *tab) text() string { b.t.Helper(); return ask[string](b, "document.body.innerText") }

// sees waits until a page holds a text.
func (b *tab) sees(text string) {
	b.t.Helper()
	if got := b.text(); !strings.Contains(got, text) {
		b.t.Fatalf("the page lacks %q:\n%s", text, got)
	}
}

func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (b *tab) signIn(secret string) {
	b.t.Helper()
	b.open("/")
	b.fill("#secret", secret)
	b.press("form.sheet button")
}

// The organiser's way: a list is uploaded, mended, taken over; who waits is approved; a match is run, explained, published, and its
// report downloaded. Once with the keyboard alone and live progress, once with a mouse and without scripts.
func TestOrganisersWay(t *testing.T) {
	ctx := browser.Start(t)
	for _, test := range []struct {
		name     string
		keyboard bool
	}{{"by keyboard", true}, {"without scripts", false}} {
		t.Run(test.name, func(t *testing.T) {
			h := openHouse(t)
			b := h.tab(ctx, "en", 1280, test.keyboard)
			b.keyboard = test.keyboard
			_, secret := h.credential(tandemv1.Credential_ORGANISER, "")
			b.signIn(secret)
			b.press(`a.chief[href="/web/upload"]`)
			file := filepath.Join(t.TempDir(), "list.csv")
			if err := os.WriteFile(file, []byte(halfFilled), 0o600); err != nil {
				t.Fatal(err)
			}
			b.chooses("#file", file)
			b.tick(`input[name="attested"]`)
			b.press("form.sheet button")
			b.sees("is no capability that is known")
			b.fill(`[id="cell.6.D"]`, "radar")
			b.fill(`[id="cell.8.A"]`, "Raven Radar")
			b.press(`button[value="check"]`)
			b.sees("Take over 6 organisations")
			b.press(`button[value="take"]`)
			b.sees("The list is in the register")
			register(t, h)
			b.press(`nav a[href="/"]`)
			b.sees("organisation waits for your approval")
			b.press(`a[href="/web/firms?state=PENDING"]`)
			b.press(`form[action="/web/firms/approve"] button`)
			b.sees("Approved.")
			b.press(`nav a[href="/web/runs"]`)
			b.press("form.sheet button")
			b.finish(h)
			b.sees("Look at the pairings")
			run := ask[string](b, "location.pathname")
			b.press(`a[href="` + run + `/pairings"]`)
			b.press("tbody th a")
			b.sees("Where the points come from")
			if n := ask[int](b, "document.querySelectorAll('.between path').length"); n == 0 {
				t.Error("no line joins the two profiles")
			}
			b.press(`a[href="` + run + `"]`)
			b.press(`form[action="` + run + `/publish"] button`)
			b.sees("Published.")
			if test.keyboard {
				b.reach(`a[href$="kind=MATCH&format=XLSX"]`) // what its key would save is read below
			}
			report := b.fetch(run + "/report?kind=MATCH&format=XLSX")
			if !strings.HasPrefix(report, "PK") {
				t.Errorf("the workbook begins with %q", report[:min(len(report), 20)])
			}
		})
	}
}

// register has a newcomer ask for a place, so that somebody waits for approval.
func register(t *testing.T, h *house) {
	t.Helper()
	response, err := http.Post(h.base+"/v1/firms:register", "application/json", strings.NewReader(`{"attested":true,"firm":{"displayName":"Newcomer Sonar","country":"CA","kind":"COMPANY",`+ //nolint:noctx // a test
		`"offers":[{"capability":"underwater.sonar.processing"}],"needs":[{"capability":"underwater.sonar.towed-array","aim":"PARTNER"}],"modes":["CO_DEVELOPMENT"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("registering: %s", response.Status)
	}
}

// finish waits for the end of the run that the page shows: with scripts the page tells, without them its reader looks again.
func (b *tab) finish(h *house) {
	b.t.Helper()
	id := strings.TrimPrefix(ask[string](b, "location.pathname"), "/web/runs/")
	for {
		run, err := tandemv1.NewMatchRunServiceClient(h.conn).GetMatchRun(b.t.Context(), &tandemv1.GetMatchRunRequest{Name: "matchRuns/" + id})
		if err != nil {
			b.t.Fatal(err)
		}
		if run.GetState() >= tandemv1.MatchRun_SUCCEEDED {
			break
		}
	}
	if b.keyboard {
		b.do(chromedp.WaitVisible("a.chief")) // the page turns by itself
		return
	}
	b.open("/web/runs/" + id)
}

// fetch reads a file with the session of the page.
func (b *tab) fetch(path string) string {
	b.t.Helper()
	cookies, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base + "/"}})
	if err != nil {
		b.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value}) //nolint:gosec // as a browser sends it
	}
	r := &reader{t: b.t, base: b.base, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	return r.send(request).body
}

// A firm's way: from its code to its profile, what others see of it, and its published pairings. With scripts and without.
func TestFirmsWay(t *testing.T) {
	ctx := browser.Start(t)
	for name, script := range map[string]bool{"with scripts": true, "without scripts": false} {
		t.Run(name, func(t *testing.T) {
			h := openHouse(t)
			h.withPlanted()
			issued, err := tandemv1.NewInvitationServiceClient(h.conn).InviteFirm(t.Context(), &tandemv1.InviteFirmRequest{Name: "firms/north-array"})
			if err != nil {
				t.Fatal(err)
			}
			b := h.tab(ctx, "ko", 390, script)
			b.open("/")
			if script { // as a telephone opens it from a card
				b.open("/web/claim#" + issued.GetCode())
				b.do(chromedp.WaitVisible("#code"))
				if got := ask[string](b, "document.querySelector('#code').value + location.hash"); got != issued.GetCode() {
					t.Errorf("the code of a card became %q", got)
				}
			} else {
				b.press(`a[href="/web/claim"]`)
				b.fill("#code", strings.ToLower(issued.GetCode()))
			}
			b.press("form.sheet button")
			b.sees("north-array")
			b.press(`button[value="claim"]`)
			b.sees("tnd_")
			b.press(`a[href="/web/profile"]`)
			if script { // the meanings come while one types
				b.do(chromedp.SendKeys(`[id="words.needs"]`, "예인선배열소나"), chromedp.WaitVisible(`#found-needs input[value="underwater.sonar.towed-array"]`))
			} else {
				b.fill(`[id="words.needs"]`, "예인선배열소나")
				b.press(`button[value="find.needs"]`)
			}
			b.press(`button[value="pick.needs"]`)
			b.tick(`input[name="attested"]`)
			b.press(`button.chief[value="save"]`)
			b.sees("저장되었습니다")
			b.press(`nav a[href="/web/preview"]`)
			b.sees("매칭 공개 후")
			b.press(`nav a[href="/web/pairings"]`)
			b.sees("south-signal " + published)
			b.open("/web/claim")
			b.fill("#code", issued.GetCode())
			b.press("form.sheet button")
			b.sees("사용되었습니다")
		})
	}
}
