package report

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/browser"
)

// opened is a report in the browser, with what its console says.
type opened struct {
	ctx      context.Context
	messages []string
	asked    []string // paths that the page asked the server for
}

func open(ctx context.Context, t *testing.T, lang tandemv1.Language, width, height int64) *opened {
	t.Helper()
	return openPage(ctx, t, write(t, fixture(t), html, lang), width, height)
}

func openPage(ctx context.Context, t *testing.T, page []byte, width, height int64) *opened {
	t.Helper()
	o := &opened{ctx: ctx}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/favicon.ico" { // the browser's own idea
			o.asked = append(o.asked, r.URL.Path)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if _, err := w.Write(page); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	console := chromedp.Console(ctx)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height), chromedp.Navigate(server.URL+"/report")); err != nil {
		t.Fatal(err)
	}
	const end = "nothing follows"
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`console.info("`+end+`"), true`)); err != nil {
		t.Fatal(err)
	}
	for m, err := range console {
		if err != nil {
			t.Fatal(err)
		}
		if m.Text == end {
			break
		}
		o.messages = append(o.messages, m.Text)
	}
	return o
}

// ask evaluates an expression in the page.
func ask[T any](t *testing.T, o *opened, expression string) T {
	t.Helper()
	value, err := chromedp.Run(o.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// whatOverflows lists elements that reach beyond the right edge of the page, apart from those made for ears only.
const whatOverflows = `[...document.querySelectorAll("body *")].filter(e => {
	const r = e.getBoundingClientRect();
	return r.width > 1 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".skip,.unseen,thead");
}).map(e => e.tagName + " " + e.textContent.trim().slice(0, 60))`

// whatIsFaint lists texts whose contrast with their background is below 4.5 to 1 (WCAG AA).
const whatIsFaint = `(() => {
	const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
	const numbers = s => s.match(/[\d.]+/g).map(Number);
	const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
	const behind = e => {
		for (; e; e = e.parentElement) {
			const c = numbers(getComputedStyle(e).backgroundColor);
			if (c.length < 4 || c[3] > 0) return c;
		}
		return [255, 255, 255];
	};
	return [...document.querySelectorAll("body *:not(svg *)")].filter(e => {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) return false;
		const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
		return (a + 0.05) / (b + 0.05) < 4.5;
	}).map(e => e.tagName + "." + e.className + " " + e.textContent.trim().slice(0, 40));
})()`

func TestReportInTheBrowser(t *testing.T) {
	ctx := browser.Start(t)
	for _, lang := range languages {
		for _, screen := range []struct {
			name          string
			width, height int64
		}{{"wide", 1280, 900}, {"phone", 390, 844}} {
			t.Run(strings.ToLower(lang.String())+" "+screen.name, func(t *testing.T) {
				tab, cancel := chromedp.NewContext(ctx)
				defer cancel()
				o := open(tab, t, lang, screen.width, screen.height)
				if len(o.messages) > 0 {
					t.Errorf("the console says %q", o.messages)
				}
				if len(o.asked) != 1 {
					t.Errorf("the page asked for %q, want itself only", o.asked)
				}
				seeScreen(t, o, lang, screen.width)
			})
		}
	}
}

// seeScreen asserts what a reader must see, on any screen.
func seeScreen(t *testing.T, o *opened, lang tandemv1.Language, width int64) {
	t.Helper()
	if got := ask[int64](t, o, `document.documentElement.scrollWidth`); got > width {
		t.Errorf("the page is %d wide on a screen of %d", got, width)
	}
	if beyond := ask[[]string](t, o, whatOverflows); len(beyond) > 0 {
		t.Errorf("beyond the edge: %q", beyond)
	}
	if faint := ask[[]string](t, o, whatIsFaint); len(faint) > 0 {
		t.Errorf("too faint: %q", faint)
	}
	reader := mustReader(t, fixture(t), lang)
	seen := strings.ReplaceAll(ask[string](t, o, `document.body.innerText`), "\n", " ")
	best := reader.rows()[0]
	for _, want := range []string{
		reader.say("report.title"), reader.date("2026-03-31"), reader.report.Digest, reader.say("notice.compiled_all"),
		reader.firm(best.firms[0]).Name.Text, reader.firm(best.firms[1]).Name.Text, reader.number(int(best.GetScore())),
		reader.say("report.section.DEVELOPMENT"), reader.say("notice.not_legal_advice"), reader.say("notice.not_screened"),
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("a reader does not see %q", want)
		}
	}
	// The first screen: whose report it is, and of when.
	if top := ask[float64](t, o, `document.querySelector(".meta").getBoundingClientRect().bottom`); top > 500 {
		t.Errorf("title and date end %v px below the top, want within the first 500", top)
	}
	if width > 1000 {
		if top := ask[float64](t, o, `document.querySelector(".figures .nums").getBoundingClientRect().bottom`); top > 900 {
			t.Errorf("the key figures end %v px below the top, want on the first screen", top)
		}
	}
	for _, picture := range []string{".flow", ".spread", ".unmet", ".parts"} {
		if h := ask[float64](t, o, `document.querySelector("`+picture+` svg").getBoundingClientRect().height`); h < 40 {
			t.Errorf("the picture %s is %v px high", picture, h)
		}
	}
	if collide := ask[[]string](t, o, whatCollides); len(collide) > 0 {
		t.Errorf("labels of the picture of unmet needs collide: %q", collide)
	}
	if apart := ask[int](t, o, `[...document.querySelectorAll(".flow svg text")].filter((e, i, all) => i && e.classList.contains("left") ===
		all[i-1].classList.contains("left") && e.getBoundingClientRect().top < all[i-1].getBoundingClientRect().bottom - 3
		&& e.closest("figure") === all[i-1].closest("figure")).length`); apart > 0 {
		t.Errorf("%d labels of the flow picture lie on their neighbour", apart)
	}
	if lang == tandemv1.Language_KO {
		if rule := ask[string](t, o, `getComputedStyle(document.body).wordBreak`); rule != "keep-all" {
			t.Errorf("Korean lines break by %q, want keep-all", rule)
		}
	}
}

// whatCollides lists labels of the picture of unmet needs that lie on another, or leave the picture.
const whatCollides = `(() => {
	const box = document.querySelector(".unmet svg").getBoundingClientRect();
	const labels = [...document.querySelectorAll(".unmet svg text")].map(e => ({text: e.textContent, at: e.getBoundingClientRect()}));
	return labels.filter(({at}, i) => at.left < box.left - 1 || at.right > box.right + 1 || labels.some((other, j) => j > i &&
		other.at.left < at.right && at.left < other.at.right && other.at.top + 2 < at.bottom && at.top < other.at.bottom - 2)).map(l => l.text);
})()`

// shownLines are the cells of a column of the table of all pairings, in their order on the page.
func shownLines(t *testing.T, o *opened, column int) []string {
	t.Helper()
	return ask[[]string](t, o, `[...document.querySelectorAll("#pairings tbody tr:not(.part)")].map(e => {
		const cell = e.cells[`+strconv.Itoa(column)+`];
		return (cell.querySelector("a,b") ?? cell.firstChild ?? cell).textContent;
	})`)
}

// TestTableSorts sorts the table of all pairings by mouse and by keyboard, and finds the sections again.
func TestTableSorts(t *testing.T) {
	ctx := browser.Start(t)
	for lang, names := range map[tandemv1.Language][]string{
		tandemv1.Language_EN: {"élan", "Zebra", "Élodie", "eland"},
		tandemv1.Language_FR: {"élan", "Zebra", "Élodie", "eland"},
		tandemv1.Language_KO: {"하늘", "가온", "㈜나래", "Zebra"},
	} {
		t.Run(strings.ToLower(lang.String()), func(t *testing.T) {
			tab, cancel := chromedp.NewContext(ctx)
			defer cancel()
			r := fixture(t)
			reader := mustReader(t, r, lang)
			o := openPage(tab, t, write(t, r, html, lang), 1280, 900)
			before := shownLines(t, o, 0)
			head := func(i int) string {
				return `document.querySelectorAll("#pairings thead th")[` + strconv.Itoa(i) + `]`
			}
			state := func(i int) string { return ask[string](t, o, head(i)+`.getAttribute("aria-sort") ?? ""`) }
			click := func(i int) { ask[bool](t, o, head(i)+`.querySelector("button").click(), true`) }

			click(8) // the highest scores first
			var want []string
			rows := reader.rows()
			slices.SortStableFunc(rows, func(a, b row) int { return int(b.GetScore() - a.GetScore()) })
			for _, w := range rows {
				want = append(want, reader.number(int(w.GetScore())))
			}
			if diff := cmp.Diff(want, shownLines(t, o, 8)); diff != "" || state(8) != "descending" {
				t.Errorf("sorted by score, aria-sort %q (-want +got):\n%s", state(8), diff)
			}
			if shown := ask[int](t, o, `[...document.querySelectorAll("#pairings .part")].filter(e => e.getClientRects().length).length`); shown > 0 {
				t.Errorf("%d headings of sections stand in the sorted table", shown)
			}
			click(8)
			slices.Reverse(want)
			if diff := cmp.Diff(want, shownLines(t, o, 8)); diff != "" || state(8) != "ascending" {
				t.Errorf("turned round, aria-sort %q (-want +got):\n%s", state(8), diff)
			}
			click(8)
			if diff := cmp.Diff(before, shownLines(t, o, 0)); diff != "" || state(8) != "" {
				t.Errorf("back to the sections, aria-sort %q (-want +got):\n%s", state(8), diff)
			}

			// By keyboard, after the first rows have been given names that are hard to sort.
			ask[bool](t, o, `(`+"`"+strings.Join(names, "|")+"`"+`.split("|").forEach((name, i) =>
				document.querySelectorAll("#pairings tbody tr:not(.part)")[i].cells[2].querySelector("a").textContent = name), true)`)
			ask[bool](t, o, head(2)+`.querySelector("button").focus(), true`)
			if err := chromedp.Do(tab, chromedp.KeyEvent(kb.Enter)); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, name := range shownLines(t, o, 2) {
				if slices.Contains(names, name) {
					got = append(got, name)
				}
			}
			sorted := []string{"élan", "eland", "Élodie", "Zebra"}
			if lang == tandemv1.Language_KO {
				sorted = []string{"㈜나래", "가온", "하늘", "Zebra"}
			}
			if diff := cmp.Diff(sorted, got); diff != "" || state(2) != "ascending" {
				t.Errorf("sorted by name, aria-sort %q (-want +got):\n%s", state(2), diff)
			}
			if len(o.messages) > 0 {
				t.Errorf("the console says %q", o.messages)
			}
		})
	}
}

// TestTableWithoutScript: where no script runs, the table stands in its sections and offers nothing that does not work.
func TestTableWithoutScript(t *testing.T) {
	page := parse(t, write(t, fixture(t), html, tandemv1.Language_EN))
	parts := 0
	page.byID(t, "pairings").all(func(e *element) {
		if e.name == "button" {
			t.Error("a button before any script has run")
		}
		if e.attributes["class"] == "part" {
			parts++
		}
	})
	if parts < 3 {
		t.Errorf("%d sections in the table, want at least 3", parts)
	}
	if _, hidden := page.byID(t, "hint").attributes["hidden"]; !hidden {
		t.Error("the words on sorting stand there without a script")
	}
}

// sheet is a page object of a PDF file.
var sheet = regexp.MustCompile(`/Type /Page[^s]`)

// TestReportOnPaper prints the report on A4 and looks at what print rules leave.
func TestReportOnPaper(t *testing.T) {
	ctx := browser.Start(t)
	for _, lang := range languages {
		t.Run(strings.ToLower(lang.String()), func(t *testing.T) {
			tab, cancel := chromedp.NewContext(ctx)
			defer cancel()
			const width, height = 680, 990 // A4 within the page margins of the style sheet, in CSS pixels
			o := open(tab, t, lang, width, height)
			if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
				t.Fatal(err)
			}
			if got := ask[int](t, o, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("the page is %d px wide on paper of %d", got, width)
			}
			if cut := ask[[]string](t, o, `[...document.querySelectorAll(".card, figure")].filter(e =>
				e.getBoundingClientRect().height > `+strconv.Itoa(height)+`).map(e => e.textContent.trim().slice(0, 60))`); len(cut) > 0 {
				t.Errorf("longer than a page: %q", cut)
			}
			if split := ask[int](t, o, `[...document.querySelectorAll(".card, figure, tr")].filter(e => getComputedStyle(e).breakInside !== "avoid").length`); split > 0 {
				t.Errorf("%d cards, figures or rows may be cut by a page break", split)
			}
			if again := ask[int](t, o, `[...document.querySelectorAll("thead")].filter(e => getComputedStyle(e).display !== "table-header-group"
				&& getComputedStyle(e.closest("details") || e).display !== "none").length`); again > 0 {
				t.Errorf("%d table heads are not repeated on the next page", again)
			}
			if shown := ask[int](t, o, `[...document.querySelectorAll("nav, details")].filter(e => getComputedStyle(e).display !== "none").length`); shown > 0 {
				t.Errorf("%d things that only a screen can use are printed", shown)
			}
			file, err := chromedp.Run(tab, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
			if err != nil {
				t.Fatal(err)
			}
			// A cover, two sheets of pictures, a sheet a card, one each for the focus domains and the chapters.
			if n := len(sheet.FindAll(file, -1)); n < 12 || n > 30 {
				t.Errorf("%d printed pages, want 12 to 30", n)
			}
		})
	}
}
