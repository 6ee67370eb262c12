package web_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/browser"
)

// pictures is where the walk below keeps what it saw: go test ./server/web -run EveryPage -screens DIR, and look.
var pictures = flag.String("screens", "", "keep a picture of every page in this directory")

// scene is a page in one of its states.
type scene struct {
	name string
	path string     // empty: the page before
	act  func(*tab) // what its reader does after opening it
}

// finding is something that axe holds against a page.
type finding struct {
	ID, Impact string
	Nodes      []string
}

// judge asks axe-core about the page (testdata/axe, MPL-2.0, used by tests only).
const judge = `(async () => JSON.stringify((await axe.run(document, {resultTypes: ["violations"]})).violations
	.map(v => ({ID: v.id, Impact: v.impact, Nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))}))))()`

// whatOverflows lists elements that reach beyond the right edge of the page, apart from those made for ears only.
const whatOverflows = `[...document.querySelectorAll("body *:not(svg *)")].filter(e => {
	const r = e.getBoundingClientRect();
	return r.width > 1 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".skip,.unseen,thead");
}).map(e => e.tagName + " " + e.textContent.trim().slice(0, 60))`

// whatIsDrawnOver lists words of pictures that leave their picture or run into each other.
const whatIsDrawnOver = `[...document.querySelectorAll("svg[role=img]")].filter(s => s.getBoundingClientRect().width).flatMap(svg => {
	const box = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll("text")].map(t => [t.textContent, t.getBoundingClientRect()]);
	const out = texts.filter(([, r]) => r.left < box.left - 2 || r.right > box.right + 2 || r.bottom > box.bottom + 2).map(([t]) => "out: " + t);
	texts.forEach(([a, r], i) => texts.slice(i + 1).forEach(([b, q]) => {
		if (r.left < q.right - 1 && q.left < r.right - 1 && r.top < q.bottom - 4 && q.top < r.bottom - 4) out.push(a + " over " + b);
	}));
	return out;
})`

// whatIsCut lists cards whose code does not stand whole inside them: without it a card is worth nothing.
const whatIsCut = `[...document.querySelectorAll("article:has(.code)")].filter(a => {
	const code = a.querySelector(".code").getBoundingClientRect(), how = a.querySelector(".how").getBoundingClientRect();
	return code.bottom > a.getBoundingClientRect().bottom || how.bottom > code.top + 1;
}).map(a => a.textContent.trim().slice(0, 60))`

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

// gallery is a register in which every page has something to show, and one in which none has.
type gallery struct {
	*house
	empty       *house
	run, before string // ids of runs
	proposed    string // the id of a pairing
	secrets     map[string]string
}

func openGallery(t *testing.T) *gallery {
	t.Helper()
	g := &gallery{house: openHouse(t).withDemo(), empty: openHouse(t), secrets: make(map[string]string)}
	g.before = strings.TrimPrefix(g.publish().GetName(), "matchRuns/")
	firms := tandemv1.NewFirmServiceClient(g.conn)
	if _, err := firms.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: "firms/ara-robotics"}); err != nil {
		t.Fatal(err)
	}
	run := g.publish()
	g.run = strings.TrimPrefix(run.GetName(), "matchRuns/")
	results, err := tandemv1.NewMatchRunServiceClient(g.conn).ListMatchResults(t.Context(), &tandemv1.ListMatchResultsRequest{Parent: run.GetName(), PageSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	g.proposed = strings.TrimPrefix(results.GetResults()[0].GetPairing().GetName(), "pairings/")
	register(t, g.house)
	g.fill([]byte(`{"name":"firms/half","display_name":"Half-Filled Hydroacoustics and Underwater Systems of the Northern Peninsula Inc.","native_name":"북부반도수중음향체계주식회사","country":"KR","kind":"COMPANY","contact":{"display_name":"김하늘","email":"haneul.kim@half-filled-hydroacoustics.example"}}` + "\n"))
	for name, firm := range map[string]string{"firm": "geospectrum-technologies", "suspended": "ara-robotics", "pending": "half"} {
		_, g.secrets[name] = g.credential(tandemv1.Credential_FIRM, "firms/"+firm)
	}
	_, g.secrets["staff"] = g.credential(tandemv1.Credential_ORGANISER, "")
	_, g.secrets["nobody yet"] = g.empty.credential(tandemv1.Credential_ORGANISER, "")
	return g
}

// staff are the pages of organisers, least disturbing first.
func (g *gallery) staff() []scene {
	run := "/web/runs/" + g.run
	return []scene{
		{"home", "/", nil},
		{"firms", "/web/firms", nil},
		{"firms-found", "/web/firms?q=sonar", nil},
		{"firms-none", "/web/firms?q=zzzz", nil},
		{"firms-waiting", "/web/firms?state=PENDING", nil},
		{"incomplete", "/web/incomplete", nil},
		{"firm", "/web/firms/hanwha-ocean", nil},
		{"firm-long-name", "/web/firms/korea-research-institute-for-defense-technology-planning-and-advancement", nil},
		{"firm-lacking", "/web/firms/half", nil},
		{"firm-edit", "/web/firms/hanwha-ocean/edit", nil},
		{"why", "/web/why", nil},
		{"why-choose", "/web/why?a=steel&b=hanwha", nil},
		{"why-wrong", "/web/why?a=zzzz&b=hanwha", nil},
		{"pairing", "/web/pairings/" + g.proposed, nil},
		{"pairing-of-run", "/web/pairings/" + g.proposed + "?run=" + g.run, nil},
		{"pairing-not", "/web/pairings/algoma-steel~half", nil},
		{"pairing-suspended", "/web/pairings/ara-robotics~hanwha-ocean", nil},
		{"runs", "/web/runs", nil},
		{"runs-wrong", "/web/runs", func(b *tab) {
			ask[bool](b, `document.querySelector("#top").max = "", true`) // as a browser that checks nothing
			b.fill("#top", "5000")
			b.press("form.sheet button")
		}},
		{"run", run, nil},
		{"results", run + "/pairings", nil},
		{"results-none", run + "/pairings?section=GOVERNMENT_TO_GOVERNMENT&band=STRONG&gate=BLOCK", nil},
		{"compare", run + "/compare?base=" + g.before, nil},
		{"upload", "/web/upload", nil},
		{"upload-list", "/web/upload", func(b *tab) { b.sendList(halfFilled) }},
		{"upload-taken", "/web/upload/list", func(b *tab) { b.press(`button[value="take"]`) }},
		{"upload-wrong", "/web/upload", func(b *tab) { b.sendList("\x00\x01\x02") }},
		{"changes", "/web/changes", nil},
		{"credentials", "/web/credentials", nil},
		{"credentials-issued", "/web/credentials", func(b *tab) {
			b.fill("#holder", "Kim Ha-neul")
			b.press("form.sheet button")
		}},
		{"invite", "/web/invite", nil},
		{"invite-made", "/web/invite", func(b *tab) { b.press(`form[action="/web/invite"] button`) }},
		{"invite-nobody", "/web/invite", func(b *tab) { b.press(`form[action="/web/invite"] button`) }},
		{"cards", "/web/invite/cards", nil},
		{"catalogue", "/web/catalogue", nil},
		{"catalogue-found", "/web/catalogue?q=sonar", nil},
		{"capability", "/web/catalogue/underwater.sonar", nil},
		{"lost", "/web/nowhere", nil},
		{"problem", "/web/invite?page=broken", nil},
		{"kept-sign-in", "/web/firms/hanwha-ocean/edit", (*tab).expire},
		{"kept", "", func(b *tab) { // goes on from there
			b.fill("#secret", g.secrets["staff"])
			b.press("form.sheet button")
		}},
	}
}

// own are the pages of a firm.
func (g *gallery) own() []scene {
	return []scene{
		{"own-home", "/", nil},
		{"own-profile", "/web/profile", nil},
		{"own-profile-found", "/web/profile", func(b *tab) {
			b.fill(`[id="words.needs"]`, "sonar, flux capacitors, 함정")
			b.press(`button[value="find.needs"]`)
		}},
		{"own-profile-wrong", "/web/profile", func(b *tab) {
			b.fill(`[name="contact.email"]`, "somebody@nowhere")
			b.fill(`[name="display_name"]`, " ")
			b.tick(`input[name="attested"]`)
			b.press(`button.chief[value="save"]`)
		}},
		{"own-preview", "/web/preview", nil},
		{"own-pairings", "/web/pairings", nil},
		{"own-credentials", "/web/credentials", nil},
		{"own-catalogue", "/web/catalogue/underwater.sonar.towed-array", nil},
	}
}

// strangers are the pages before signing in.
func (g *gallery) strangers(code string) []scene {
	return []scene{
		{"sign-in", "/", nil},
		{"sign-in-wrong", "/", func(b *tab) {
			b.fill("#secret", "tnd_wrong")
			b.press("form.sheet button")
		}},
		{"register", "/web/register", nil},
		{"registered", "", func(b *tab) {
			b.fill("#display_name", "Newcomer")
			b.fill("#country", "CA")
			b.fill("#kind", "COMPANY")
			b.tick(`input[name="attested"]`)
			b.press(`button.chief[value="save"]`)
		}},
		{"claim", "/web/claim", func(b *tab) { // whoever registered is signed in
			b.signedOut()
			b.open("/web/claim")
		}},
		{"claim-wrong", "/web/claim", func(b *tab) {
			b.fill("#code", "ABCD-EFGH-JKMN")
			b.press("form.sheet button")
		}},
		{"claim-found", "/web/claim", func(b *tab) {
			b.fill("#code", code)
			b.press("form.sheet button")
		}},
		{"claimed", "/web/claim", func(b *tab) {
			b.fill("#code", code)
			b.press("form.sheet button")
			b.press(`button[value="claim"]`)
		}},
	}
}

// sendList uploads a list.
func (b *tab) sendList(list string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.chooses("#file", file)
	b.tick(`input[name="attested"]`)
	b.press("form.sheet button")
}

// expire sends a long form after its session has ended.
func (b *tab) expire() {
	b.t.Helper()
	b.fill(`[name="summary"]`, "Words that were typed before the session ended.")
	b.tick(`input[name="attested"]`)
	b.signedOut()
	b.press(`button.chief[value="save"]`)
}

// signedOut forgets who was signed in.
func (b *tab) signedOut() {
	b.t.Helper()
	cookies, err := chromedp.Call(b.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base + "/"}})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		if c.Name == "language" {
			continue
		}
		if _, err := chromedp.Call(b.ctx, network.DeleteCookies, network.DeleteCookiesParams{Name: c.Name, URL: b.base + "/"}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// walk is one reader's way over pages, in a language and on a screen.
type walk struct {
	house    *house
	secret   string // none for a stranger
	language string
	width    int64
	axe      string // what axe looks at is the same in every language
	scenes   []scene
	seen     map[string]bool // names of templates
}

func (w *walk) over(ctx context.Context) {
	t := w.house.t
	b := w.house.tab(ctx, w.language, w.width, true)
	b.signedOut()
	console := chromedp.Console(b.ctx)
	if w.secret != "" {
		b.signIn(w.secret)
	}
	for _, s := range w.scenes {
		if s.path != "" {
			ask[bool](b, `typeof typed == "undefined" || !(typed = false)`) // leaves typed words without being asked
			b.open(s.path)
		}
		if s.act != nil {
			s.act(b)
		}
		where := fmt.Sprintf("%s at %d, %s", w.language, w.width, s.name)
		if got := ask[[]string](b, whatOverflows); len(got) > 0 {
			t.Errorf("%s: reaches beyond the edge: %q", where, got)
		}
		if got := ask[[]string](b, whatIsDrawnOver); len(got) > 0 {
			t.Errorf("%s: words of a picture: %q", where, got)
		}
		if got := ask[[]string](b, whatIsCut); len(got) > 0 {
			t.Errorf("%s: cards are cut: %q", where, got)
		}
		w.seen[strings.TrimPrefix(ask[string](b, "document.body.className"), "at-")] = true
		if w.axe != "" {
			b.judged(w.axe, where)
		}
		if *pictures != "" {
			b.keep(filepath.Join(*pictures, fmt.Sprintf("%s-%d-%s.png", w.language, w.width, s.name)))
		}
	}
	b.quiet(console)
	if err := chromedp.Cancel(b.ctx); err != nil {
		t.Fatal(err)
	}
}

// judged asserts that axe has nothing against a page.
func (b *tab) judged(axe, where string) {
	b.t.Helper()
	ask[bool](b, axe+";true")
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](judge, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", where, err)
	}
	var findings []finding
	if err := json.Unmarshal([]byte(text), &findings); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range findings {
		b.t.Errorf("%s: %s (%s): %q", where, f.ID, f.Impact, f.Nodes)
	}
}

// keep writes a picture of the whole page.
func (b *tab) keep(file string) {
	b.t.Helper()
	image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(file, image, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Every page with the shipped organisations, in each language and on both screens: nothing that axe holds against it, nothing beyond the
// edge, no words over words, nothing refused by the page's own policy. Where pictures are kept, all six are walked; otherwise the three
// that find most: French is the longest.
func TestEveryPageOnEveryScreen(t *testing.T) {
	ctx := browser.Start(t)
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	g := openGallery(t)
	claimed := []string{"algoma-steel", "kraken-robotics", "lig-nex1", "hanwha-ocean", "ballard-power-systems", "allen-vanguard"}
	seen := make(map[string]bool)
	for i, screen := range []struct {
		language string
		width    int64
		always   bool
		axe      string
	}{
		{"en", 1280, true, string(axe)}, {"fr", 1280, false, string(axe)}, {"ko", 1280, false, string(axe)},
		{"en", 390, false, string(axe)}, {"fr", 390, true, ""}, {"ko", 390, true, string(axe)},
	} {
		if !screen.always && *pictures == "" {
			continue
		}
		issued, err := tandemv1.NewInvitationServiceClient(g.conn).InviteFirm(t.Context(), &tandemv1.InviteFirmRequest{Name: "firms/" + claimed[i], ReplaceCredentials: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range []*walk{
			{house: g.house, scenes: g.strangers(issued.GetCode())},
			{house: g.house, secret: g.secrets["staff"], scenes: g.staff()},
			{house: g.house, secret: g.secrets["firm"], scenes: g.own()},
			{house: g.house, secret: g.secrets["pending"], scenes: []scene{{"pending-home", "/", nil}, {"pending-pairings", "/web/pairings", nil}}},
			{house: g.house, secret: g.secrets["suspended"], scenes: []scene{
				{"suspended-home", "/", nil}, {"suspended-profile", "/web/profile", nil}, {"suspended-pairings", "/web/pairings", nil},
			}},
			{house: g.empty, secret: g.secrets["nobody yet"], scenes: []scene{
				{"empty-home", "/", nil}, {"empty-firms", "/web/firms", nil}, {"empty-incomplete", "/web/incomplete", nil}, {"empty-runs", "/web/runs", nil},
				{"empty-changes", "/web/changes", nil}, {"empty-invite", "/web/invite", nil}, {"empty-list", "/web/upload/list", nil},
			}},
		} {
			w.language, w.width, w.axe, w.seen = screen.language, screen.width, screen.axe, seen
			w.over(ctx)
		}
	}
	templates, err := filepath.Glob("page/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range templates {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		if !slices.Contains([]string{"layout", "parts", "chart"}, name) && !seen[name] {
			t.Errorf("no scene shows the page %s", name)
		}
	}
}

// whatPaperShows lists what has no use on paper and is there all the same.
const whatPaperShows = `[...document.querySelectorAll("nav, button, input, select, .button, summary")].filter(e => e.getBoundingClientRect().width > 1).map(e => e.outerHTML.slice(0, 80))`

// On paper there is nothing to press, nothing reaches beyond the sheet, and pictures are the broad ones.
func TestPagesOnPaper(t *testing.T) {
	ctx := browser.Start(t)
	g := openGallery(t)
	sheet := regexp.MustCompile(`/Type /Page[^s]`)
	for _, w := range []*walk{
		{secret: g.secrets["staff"], language: "fr", scenes: []scene{
			{"run", "/web/runs/" + g.run, nil}, {"firm", "/web/firms/hanwha-ocean", nil}, {"pairing", "/web/pairings/" + g.proposed, nil},
			{"results", "/web/runs/" + g.run + "/pairings", nil}, {"incomplete", "/web/incomplete", nil}, {"cards", "/web/invite", func(b *tab) {
				b.press(`form[action="/web/invite"] button`)
				b.open("/web/invite/cards")
			}},
		}},
		{secret: g.secrets["firm"], language: "ko", scenes: []scene{{"own-pairings", "/web/pairings", nil}, {"own-preview", "/web/preview", nil}}},
	} {
		b := g.tab(ctx, w.language, 1280, true)
		b.signedOut()
		b.signIn(w.secret)
		for _, s := range w.scenes {
			b.do(chromedp.EmulateViewport(1280, 900))
			b.open(s.path)
			if s.act != nil {
				s.act(b)
			}
			b.do(chromedp.EmulateViewport(718, 1000)) // A4 within the margins of most cards and pages
			if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
				t.Fatal(err)
			}
			for what, expression := range map[string]string{"to press": whatPaperShows, "beyond the sheet": whatOverflows, "words of a picture": whatIsDrawnOver, "cut cards": whatIsCut} {
				if got := ask[[]string](b, expression); len(got) > 0 {
					t.Errorf("%s on paper, %s: %q", s.name, what, got)
				}
			}
			if n := ask[int](b, `[...document.querySelectorAll("svg.slim")].filter(s => s.getBoundingClientRect().width).length`); n > 0 {
				t.Errorf("%s on paper has the pictures of a telephone", s.name)
			}
			file, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
			if err != nil {
				t.Fatal(err)
			}
			if n := len(sheet.FindAll(file, -1)); n == 0 {
				t.Errorf("%s prints no sheet", s.name)
			}
			if *pictures != "" {
				if err := os.WriteFile(filepath.Join(*pictures, w.language+"-paper-"+s.name+".pdf"), file, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
