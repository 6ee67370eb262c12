package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// element is a node of the page, or a run of text in it.
type element struct {
	name       string // empty for text
	data       string // of text
	attributes map[string]string
	parent     *element
	children   []*element
}

// parse reads a page strictly, as XML: every element closed, every attribute quoted, every ampersand written out.
func parse(t *testing.T, page []byte) *element {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(page))
	root := &element{}
	at := root
	for {
		token, err := decoder.Token()
		if err == io.EOF { //nolint:errorlint // the decoder returns it bare
			return root
		}
		if err != nil {
			t.Fatalf("the page is not well formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attributes: map[string]string{}, parent: at}
			for _, a := range token.Attr {
				e.attributes[a.Name.Local] = a.Value
			}
			at.children = append(at.children, e)
			at = e
		case xml.EndElement:
			at = at.parent
		case xml.CharData:
			at.children = append(at.children, &element{data: string(token), parent: at})
		}
	}
}

// all walks the page in document order.
func (e *element) all(visit func(*element)) {
	visit(e)
	for _, child := range e.children {
		child.all(visit)
	}
}

func (e *element) text() string {
	var b strings.Builder
	e.all(func(e *element) { b.WriteString(e.data) })
	return b.String()
}

func (e *element) byID(t *testing.T, id string) *element {
	t.Helper()
	var found *element
	e.all(func(e *element) {
		if e.name != "" && e.attributes["id"] == id {
			found = e
		}
	})
	if found == nil {
		t.Fatalf("no element has the id %q", id)
	}
	return found
}

// language is the lang that holds at an element.
func (e *element) language() string {
	for ; e != nil; e = e.parent {
		if lang := e.attributes["lang"]; lang != "" {
			return lang
		}
	}
	return ""
}

func (e *element) inside(name string) bool {
	for ; e != nil; e = e.parent {
		if e.name == name {
			return true
		}
	}
	return false
}

// inFigure tells whether an element stands in a figure of a class.
func (e *element) inFigure(class string) bool {
	for ; e != nil; e = e.parent {
		if e.name == "figure" && e.attributes["class"] == class {
			return true
		}
	}
	return false
}

func eachPage(t *testing.T, check func(t *testing.T, r *Report, lang tandemv1.Language, page *element)) {
	r := fixture(t)
	for _, lang := range languages {
		t.Run(strings.ToLower(lang.String()), func(t *testing.T) { check(t, r, lang, parse(t, write(t, r, html, lang))) })
	}
}

// TestPageLoadsNothing finds whatever would make a browser ask anybody for anything. The one script is inside, is the one that the
// policy names, and knows no way to the outside.
func TestPageLoadsNothing(t *testing.T) {
	eachPage(t, func(t *testing.T, _ *Report, _ tandemv1.Language, page *element) {
		policy, script := "", ""
		page.all(func(e *element) {
			if e.name == "script" {
				if script != "" || len(e.attributes) > 0 {
					t.Errorf("a second script, or one with attributes: %v", e.attributes)
				}
				script = e.text()
			}
			if slices.Contains([]string{"img", "link", "iframe", "object", "embed", "video", "audio", "source", "form", "base"}, e.name) {
				t.Errorf("<%s> in the page", e.name)
			}
			if e.attributes["http-equiv"] == "Content-Security-Policy" {
				policy = e.attributes["content"]
			}
			for name, value := range e.attributes {
				if name == "src" || name == "srcset" || strings.HasPrefix(name, "on") || name == "href" && !strings.HasPrefix(value, "#") {
					t.Errorf("<%s %s=%q>", e.name, name, value)
				}
			}
			if e.name == "style" && (strings.Contains(e.text(), "url(") || strings.Contains(e.text(), "@import")) {
				t.Error("the style sheet loads something")
			}
			if strings.Contains(e.data, "http") {
				t.Errorf("an address in the text: %q", e.data)
			}
		})
		digest := sha256.Sum256([]byte(script))
		want := "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'"
		if policy != want {
			t.Errorf("content security policy %q, want %q", policy, want)
		}
		for _, way := range []string{"fetch", "XMLHttp", "import", "eval", "Function", "innerHTML", "WebSocket", "sendBeacon", "location", "storage", "cookie"} {
			if strings.Contains(script, way) {
				t.Errorf("the script names %q", way)
			}
		}
	})
}

func TestLinksLeadSomewhere(t *testing.T) {
	eachPage(t, func(t *testing.T, _ *Report, _ tandemv1.Language, page *element) {
		ids := map[string]int{}
		page.all(func(e *element) {
			if id, ok := e.attributes["id"]; ok {
				ids[id]++
			}
		})
		for id, n := range ids {
			if n > 1 {
				t.Errorf("id %q stands %d times", id, n)
			}
		}
		page.all(func(e *element) {
			if href, ok := e.attributes["href"]; ok && ids[strings.TrimPrefix(href, "#")] == 0 {
				t.Errorf("link to %q, which nothing has as id", href)
			}
			for _, name := range []string{"aria-labelledby", "aria-describedby"} {
				for _, id := range strings.Fields(e.attributes[name]) {
					if ids[id] == 0 {
						t.Errorf("%s=%q, which nothing has as id", name, id)
					}
				}
			}
		})
	})
}

// TestPageCanBeHeard checks what a screen reader stands on.
func TestPageCanBeHeard(t *testing.T) {
	eachPage(t, func(t *testing.T, r *Report, lang tandemv1.Language, page *element) {
		landmarks := map[string]int{}
		level := 0
		page.all(func(e *element) {
			switch e.name {
			case "main", "nav", "footer", "h1", "title":
				landmarks[e.name]++
			case "html":
				if got, want := e.attributes["lang"], mustReader(t, r, lang).lang.String(); got != want {
					t.Errorf("lang=%q, want %q", got, want)
				}
			case "th":
				if e.text() != "" && e.attributes["scope"] == "" {
					t.Errorf("<th> without scope: %q", e.text())
				}
			case "table":
				if !hears(e) {
					t.Errorf("a table without caption or figure: %.80q", e.text())
				}
			case "svg":
				if e.attributes["role"] != "img" && e.attributes["aria-hidden"] != "true" {
					t.Errorf("<svg> that is neither an image with words nor hidden: %v", e.attributes)
				}
				if e.attributes["role"] == "img" && e.attributes["aria-label"] == "" && (len(e.children) < 2 || !strings.Contains(e.attributes["aria-labelledby"], "-d")) {
					t.Errorf("an image without title and description: %v", e.attributes)
				}
			}
			if len(e.name) == 2 && e.name[0] == 'h' && e.name[1] >= '1' && e.name[1] <= '6' {
				now := int(e.name[1] - '0')
				if now > level+1 {
					t.Errorf("heading %q of level %d after level %d", e.text(), now, level)
				}
				level = now
				if strings.TrimSpace(e.text()) == "" {
					t.Errorf("an empty %s", e.name)
				}
			}
		})
		want := map[string]int{"main": 1, "nav": 1, "footer": 1, "h1": 1, "title": landmarks["title"]}
		if diff := cmp.Diff(want, landmarks); diff != "" {
			t.Errorf("landmarks (-want +got):\n%s", diff)
		}
	})
}

// hears tells whether a table has a caption, or stands in a figure that has one.
func hears(table *element) bool {
	return table.inside("figure") || slices.ContainsFunc(table.children, func(e *element) bool { return e.name == "caption" && e.text() != "" })
}

var hangul = regexp.MustCompile(`\p{Hangul}`)

// TestWordsCarryTheirLanguage: Hangul on a page in another language is marked, and so is English in a quotation.
func TestWordsCarryTheirLanguage(t *testing.T) {
	eachPage(t, func(t *testing.T, _ *Report, lang tandemv1.Language, page *element) {
		page.all(func(e *element) {
			if lang != tandemv1.Language_KO && hangul.MatchString(e.data) && e.language() != "ko" {
				t.Errorf("Korean words without lang: %q", e.data)
			}
			if e.name == "q" && lang == tandemv1.Language_KO && !hangul.MatchString(e.text()) && e.language() == "ko" {
				t.Errorf("a quotation without Hangul passes for Korean: %q", e.text())
			}
		})
	})
}

func TestQuotationsAreInTheReadersLanguage(t *testing.T) {
	for lang, want := range map[tandemv1.Language]string{
		tandemv1.Language_EN: "Signal processing for <fine> arrays",
		tandemv1.Language_FR: "Traitement du signal pour réseaux fins",
		tandemv1.Language_KO: "수동소나 신호처리",
	} {
		page := parse(t, write(t, fixture(t), html, lang))
		found := false
		page.all(func(e *element) { found = found || e.name == "q" && e.text() == want })
		if !found {
			t.Errorf("%v: no quotation %q", lang, want)
		}
	}
}

// TestCompiledProfilesSaySo: wherever a compiled profile is named in a list or a card, the dagger with its words stands beside it.
func TestCompiledProfilesSaySo(t *testing.T) {
	eachPage(t, func(t *testing.T, r *Report, lang tandemv1.Language, page *element) {
		reader := mustReader(t, r, lang)
		inferred := reader.say("report.basis.inferred")
		for _, w := range reader.rows() {
			place := page.byID(t, "p"+strconv.Itoa(w.position))
			daggers := 0
			place.all(func(e *element) {
				if e.name == "abbr" && e.attributes["title"] == inferred {
					daggers++
				}
			})
			want := 0
			for _, f := range w.firms {
				if compiled(f) {
					want++
				}
			}
			if place.name == "article" {
				want *= 2 // in the title, and where the organisations are introduced
			}
			if daggers != want {
				t.Errorf("%s: %d daggers, want %d", w.GetName(), daggers, want)
			}
		}
		if top := page.text(); !strings.Contains(top, reader.say("notice.compiled_all")) {
			t.Error("the page does not open with the notice on compiled profiles")
		}
	})
}

// TestEveryPairingStandsOnce: its place is a card or a line of the table, every one has a line, and each organisation is in the index.
func TestEveryPairingStandsOnce(t *testing.T) {
	eachPage(t, func(t *testing.T, r *Report, _ tandemv1.Language, page *element) {
		listed := map[string]int{}
		page.byID(t, "pairings").all(func(e *element) {
			if e.name == "td" && e.attributes["class"] == "no" {
				listed[e.text()]++
			}
		})
		for i := range r.Pairings {
			if n := listed[strconv.Itoa(i+1)]; n != 1 {
				t.Errorf("pairing %d has %d lines in the table of all, want 1", i+1, n)
			}
		}
		for i := range r.Pairings {
			page.byID(t, "p"+strconv.Itoa(i+1))
		}
		for _, f := range r.Snapshot.Firms {
			page.byID(t, "o-"+id(f.Name))
		}
		for _, theme := range r.Snapshot.Partnership.FocusThemes {
			page.byID(t, id(theme))
		}
	})
}

// TestSectionsComeInOrder: co-development and joint R&D first.
func TestSectionsComeInOrder(t *testing.T) {
	eachPage(t, func(t *testing.T, _ *Report, _ tandemv1.Language, page *element) {
		var order []string
		page.all(func(e *element) {
			if e.name == "h3" && strings.HasPrefix(e.attributes["id"], "best-") {
				order = append(order, e.attributes["id"])
			}
		})
		want := []string{"best-development", "best-supply-and-other", "best-government-to-government"}
		if diff := cmp.Diff(want, order); diff != "" {
			t.Errorf("sections with cards (-want +got):\n%s", diff)
		}
	})
}

// TestStatusesComeFromTheSnapshot: a changed status row shows in the next report.
func TestStatusesComeFromTheSnapshot(t *testing.T) {
	r := fixture(t)
	gap := r.Snapshot.Frameworks[slices.IndexFunc(r.Snapshot.Frameworks, func(f *tandemv1.Framework) bool {
		return f.Status == tandemv1.Framework_EXPECTED
	})]
	before := string(write(t, r, html, tandemv1.Language_EN))
	gap.AsOf = "2031-05-06"
	after := string(write(t, r, html, tandemv1.Language_EN))
	if strings.Contains(before, "6 May 2031") || !strings.Contains(after, "6 May 2031") {
		t.Errorf("the new date of %s must stand in the report after the change and not before", gap.Name)
	}
}

// TestTableSaysWhatTheFilesSay compares the lines of the table of all pairings with the cells of the CSV file.
func TestTableSaysWhatTheFilesSay(t *testing.T) {
	eachPage(t, func(t *testing.T, r *Report, lang tandemv1.Language, page *element) {
		reader := mustReader(t, r, lang)
		lines := map[string][]string{}
		page.byID(t, "pairings").all(func(e *element) {
			if e.name != "tr" || e.inside("thead") || e.attributes["class"] == "part" {
				return
			}
			var cells []string
			for _, cell := range e.children {
				cells = append(cells, cell.text())
			}
			lines[cells[0]] = cells
		})
		domains := map[string]bool{}
		for _, w := range reader.rows() {
			got := lines[reader.number(w.position)]
			for _, want := range []struct {
				at   int
				part string
			}{
				{1, reader.firm(w.firms[0]).Name.Text},
				{2, reader.firm(w.firms[1]).Name.Text},
				{3, capitalised(reader.name("mode", w.GetPrimaryMode().String()))},
				{6, reader.name("gate", w.GetGate().GetState().String())},
				{7, reader.name("band", w.GetBand().String())},
				{8, reader.number(int(w.GetScore()))},
			} {
				if len(got) != 9 || !strings.Contains(got[want.at], want.part) {
					t.Errorf("line %d: %q, want %q in cell %d", w.position, got, want.part, want.at)
				}
			}
			domains[got[4]] = true
			fits := got[5] == "" && len(w.GetFrameworks()) == 0
			for _, use := range w.GetFrameworks() {
				fits = fits || strings.HasPrefix(got[5], reader.frameworkName(use.GetFramework(), use.GetDisplayName()))
			}
			if !fits {
				t.Errorf("line %d: the framework %q is none of its own", w.position, got[5])
			}
		}
		if len(domains) < 3 {
			t.Errorf("the domains %v, want at least three", domains)
		}
	})
}

func TestNativeTongue(t *testing.T) {
	for words, want := range map[string]string{
		"": "", "예인선배열": "ko", "KSS-III 잠수함": "ko", "réseau remorqué": "fr", "ソナー": "ja", "сонар": "und", "123": "",
	} {
		if got := nativeTongue(words); got != want {
			t.Errorf("nativeTongue(%q) = %q, want %q", words, got, want)
		}
	}
}

func TestPercentages(t *testing.T) {
	for _, test := range []struct{ part, whole, want int }{{1, 3, 33}, {2, 3, 67}, {1, 2, 50}, {1, 200, 1}, {0, 5, 0}, {5, 5, 100}, {0, 0, 0}} {
		if got := rounded(100*test.part, test.whole); got != test.want {
			t.Errorf("%d of %d = %d %%, want %d", test.part, test.whole, got, test.want)
		}
	}
}
