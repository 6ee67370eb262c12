package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
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

// fill writes into a field.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(selector, text))
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
			b.tick(`input[name="attested"]`)
			b.do(chromedp.SetUploadFiles("#file", []string{file}))
			b.press("form.sheet button")
			b.sees("is no capability that is known")
			b.fill(`[id="cell.6.D"]`, "radar")
			b.fill(`[id="cell.8.A"]`, "Raven Radar")
			b.press(`button[value="check"]`)
			b.sees("Take over 6 organisations")
			b.press(`button[value="take"]`)
			b.sees("The list is in the register")
			register(t, h)
			b.open("/")
			b.sees("organisation waits for your approval")
			b.press(`a[href="/web/firms?state=PENDING"]`)
			b.press(`form[action="/web/firms/approve"] button`)
			b.sees("Approved.")
			b.open("/web/runs")
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
			b.open(run)
			b.press(`form[action="` + run + `/publish"] button`)
			b.sees("Published.")
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

// finding is something that axe holds against a page.
type finding struct {
	ID, Impact string
	Nodes      []string
}

// judge asks axe-core about the page (testdata/axe, MPL-2.0, used by tests only).
const judge = `(async () => JSON.stringify((await axe.run(document, {resultTypes: ["violations"]})).violations
	.map(v => ({ID: v.id, Impact: v.impact, Nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))}))))()`

// whatOverflows lists elements that reach beyond the right edge of the page, apart from those made for ears only and pictures that scroll.
const whatOverflows = `[...document.querySelectorAll("body *:not(svg *)")].filter(e => {
	const r = e.getBoundingClientRect();
	return r.width > 1 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".skip,.unseen,thead,.picture");
}).map(e => e.tagName + " " + e.textContent.trim().slice(0, 60))`

// quiet asserts that the console has nothing against the pages, such as something that their own policy refused. That a page says 404 is
// no complaint.
func (b *tab) quiet(console iter.Seq2[chromedp.ConsoleMessage, error]) {
	b.t.Helper()
	const end = "nothing follows"
	ask[bool](b, `console.info("`+end+`"), true`)
	for m, err := range console {
		if err != nil {
			b.t.Fatal(err)
		}
		if m.Text == end {
			return
		}
		if !strings.Contains(m.Text, "Failed to load resource") {
			b.t.Errorf("the console says %q", m.Text)
		}
	}
}

// Every page, in every language and on both screens: nothing that axe calls serious, nothing beyond the edge, nothing refused by the
// page's own policy.
func TestEveryPageIsAccessible(t *testing.T) {
	ctx := browser.Start(t)
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	h := openHouse(t)
	run := h.withPlanted()
	firm := []string{"/", "/web/profile", "/web/preview", "/web/pairings", "/web/credentials", "/web/catalogue", "/web/claim", "/web/sign-in"}
	_, organiser := h.credential(tandemv1.Credential_ORGANISER, "")
	_, own := h.credential(tandemv1.Credential_FIRM, "firms/north-array")
	var desk []string
	for _, path := range addresses(run) {
		if !strings.Contains(path, "/report") && !strings.Contains(path, "/progress") && !strings.Contains(path, "/review") && !strings.Contains(path, "/template") &&
			!strings.Contains(path, "/suggest") && !strings.Contains(path, "/invite/") && !strings.Contains(path, "/mine") {
			desk = append(desk, path)
		}
	}
	for _, screen := range []struct {
		language string
		width    int64
		axe      bool // what axe looks at is the same in every language; French, the longest, is for the edges
	}{{"en", 1280, true}, {"fr", 1280, false}, {"fr", 390, false}, {"ko", 390, true}} {
		language, width := screen.language, screen.width
		for secret, paths := range map[string][]string{organiser: desk, own: firm} {
			b := h.tab(ctx, language, width, true)
			console := chromedp.Console(b.ctx)
			b.signIn(secret)
			for _, path := range paths {
				b.open(path)
				where := fmt.Sprintf("%s at %d, %s", language, width, path)
				if got := ask[[]string](b, whatOverflows); len(got) > 0 {
					t.Errorf("%s: reaches beyond the edge: %q", where, got)
				}
				if !screen.axe {
					continue
				}
				ask[bool](b, string(axe)+";true")
				text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](judge, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				var findings []finding
				if err := json.Unmarshal([]byte(text), &findings); err != nil {
					t.Fatal(err)
				}
				for _, f := range findings {
					t.Errorf("%s: %s (%s): %q", where, f.ID, f.Impact, f.Nodes)
				}
			}
			b.quiet(console)
			b.do(chromedp.Navigate(b.base + "/"))
			b.press("form.leave button")
		}
	}
}
