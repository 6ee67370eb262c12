package report

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/browser"
)

const planted = "PLANTEDWORD"

// plant puts a word wherever a firm may not look, and scores and ranks that would be known again.
func plant(r *Report) {
	for _, f := range r.Snapshot.GetFirms() {
		f.Summary, f.SummaryNative = planted, planted // what the pairing carries of a firm is what may be seen of it
		f.ExternalId, f.City, f.ResponsibleUseStatement = planted, planted, planted
		f.Exclusions, f.Contact = []string{planted}, &tandemv1.Contact{DisplayName: planted, Email: planted}
		for _, need := range f.GetNeeds() {
			need.Detail, need.DetailNative = planted, planted
		}
		for _, offer := range f.GetOffers() {
			offer.Detail, offer.DetailNative = planted, planted
		}
	}
	for i, p := range r.Pairings {
		p.Score = int32(7771 + i)
		p.FirstRank, p.SecondRank = int32(8881+2*i), int32(8882+2*i)
		for _, c := range p.GetComponents() {
			for _, item := range []*tandemv1.Component_Item{c.GetNeed(), c.GetOffer()} {
				if item != nil {
					item.Detail, item.DetailNative = planted, planted
				}
			}
		}
	}
	held := r.Pairings[0]
	held.Gate = &tandemv1.Gate{State: tandemv1.Gate_HOLD}
	held.Reasons = []*tandemv1.Sentence{{Key: "report.counted", Args: []string{catalog.Literal(planted), "n:1"}}}
}

var numeral = regexp.MustCompile(`[0-9]+`)

// TestHandoutsTellOnlyWhatAFirmMaySee looks for what is planted in every form and language.
func TestHandoutsTellOnlyWhatAFirmMaySee(t *testing.T) {
	r := fixture(t)
	plant(r)
	for _, f := range append(formats, xlsx) {
		for _, lang := range languages {
			var out bytes.Buffer
			if err := r.Write(&out, tandemv1.DownloadReportRequest_HANDOUTS, f, lang, Options{}); err != nil {
				t.Fatal(err)
			}
			file := out.String()
			if f == xlsx {
				rows, err := openedBook(t, out.Bytes()).GetRows(mustReader(t, r, lang).say("report.handout.title"))
				if err != nil {
					t.Fatal(err)
				}
				file = ""
				for _, row := range rows {
					file += strings.Join(row, " ") + " "
				}
			}
			for _, secret := range []string{planted, "\u00abreport."} {
				if i := strings.Index(file, secret); i >= 0 {
					t.Errorf("%v in %v holds %q after %q", f, lang, secret, file[max(0, i-80):i])
				}
			}
			for _, number := range numeral.FindAllString(digitsOnly(file), -1) {
				n, err := strconv.Atoi(number)
				if err == nil && (n >= 7771 && n < 7771+len(r.Pairings) || n >= 8881 && n < 8881+2*len(r.Pairings)) {
					t.Errorf("%v in %v holds the score or rank %d", f, lang, n)
				}
			}
			other := r.Pairings[1]
			if name := mustReader(t, r, lang).firm(other.GetFirst()).Name.Text; f == lines && !strings.Contains(file, name) {
				t.Errorf("%v in %v lacks %s", f, lang, name)
			}
		}
	}
}

// TestHandoutsNameEverybody finds each organisation that takes part, with conversations or with the reason why not.
func TestHandoutsNameEverybody(t *testing.T) {
	r := fixture(t)
	reader := mustReader(t, r, tandemv1.Language_EN)
	list, err := reader.handouts()
	if err != nil {
		t.Fatal(err)
	}
	if want := len(reader.members(0)) + len(reader.members(1)); len(list) != want {
		t.Errorf("%d handouts, want %d", len(list), want)
	}
	for _, h := range list {
		if (len(h.Talks) == 0) != (h.Alone != "") || len(h.Talks) > talksPerHandout {
			t.Errorf("%s: %d conversations and the reason %q", h.Firm.ID, len(h.Talks), h.Alone)
		}
	}
	parse(t, handoutPages(t, r, tandemv1.Language_FR))
}

// TestHandoutsOfForeignWords: a summary that is not in the page's language says so, and the size of a company is told.
func TestHandoutsOfForeignWords(t *testing.T) {
	r := fixture(t)
	page := parse(t, handoutPages(t, r, tandemv1.Language_KO))
	found := 0
	page.all(func(e *element) {
		if !strings.Contains(e.data, "Launch start-up developing liquid-fuelled rockets") {
			return
		}
		found++
		if got := e.language(); got != "en" {
			t.Errorf("an English summary on the Korean page has lang %q", got)
		}
	})
	if found == 0 {
		t.Error("the summary of NordSpace is not on the Korean page")
	}
	if size := mustReader(t, r, tandemv1.Language_KO).name("size", "SMALL"); !strings.Contains(page.text(), size) {
		t.Errorf("no page tells that a counterpart is %q", size)
	}
}

// TestHandoutsSayOnceWhatIsCompiled: the whole notice stands once, before the pages; a page has the meaning of its mark in one line,
// and only where the mark is on it.
func TestHandoutsSayOnceWhatIsCompiled(t *testing.T) {
	r := fixture(t)
	own := r.Pairings[0].GetFirst().GetName() // it and all who may talk with it have stated their needs
	var stated []*tandemv1.Firm
	for _, p := range r.Pairings {
		if p.GetFirst().GetName() == own {
			stated = append(stated, p.GetFirst(), p.GetSecond())
		}
	}
	for _, f := range r.Snapshot.GetFirms() {
		if f.GetName() == own {
			stated = append(stated, f)
		}
	}
	for _, f := range stated {
		f.Provenance, f.NeedsInferred = tandemv1.Firm_SELF, false
	}
	reader := mustReader(t, r, tandemv1.Language_EN)
	notice, meaning := reader.say("notice.compiled_all"), reader.say("report.handout.inferred")
	page := parse(t, handoutPages(t, r, tandemv1.Language_EN))
	if n := strings.Count(page.text(), notice); n != 1 {
		t.Errorf("the notice on compiled profiles stands %d times, want once", n)
	}
	seen := [2]int{}
	page.all(func(e *element) {
		if e.name != "section" || e.attributes["aria-labelledby"] == "alone" {
			return
		}
		want := 0
		e.all(func(e *element) {
			if e.name == "abbr" {
				want = 1
			}
		})
		seen[want]++
		if n := strings.Count(e.text(), meaning); n != want {
			t.Errorf("%s: %q stands %d times, want %d", e.attributes["id"], meaning, n, want)
		}
	})
	if seen[0] == 0 || seen[1] == 0 {
		t.Errorf("%d pages without the mark and %d with it, want some of both", seen[0], seen[1])
	}
}

func handoutPages(t *testing.T, r *Report, lang tandemv1.Language) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := r.Write(&out, tandemv1.DownloadReportRequest_HANDOUTS, html, lang, Options{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// crowded is a run whose organisations have five conversations each, with as many words as a profile may have.
func crowded(t *testing.T) *Report {
	t.Helper()
	r := fixture(t)
	words := strings.Repeat("Systems integrator of towed arrays, signal processing, and all that a surface ship could want. ", 11)[:1000]
	var pairings []*tandemv1.Pairing
	for _, original := range r.Pairings {
		for n := range talksPerHandout {
			p := proto.CloneOf(original)
			p.Name += strconv.Itoa(n)
			p.FirstRank, p.SecondRank = int32(n+1), int32(n+1)
			for _, f := range []*tandemv1.Firm{p.First, p.Second} {
				f.DisplayName, f.NativeName, f.SummaryNative = strings.Repeat("Association of Long Names ", 7), "", ""
				f.Summary = words
			}
			pairings = append(pairings, p)
		}
	}
	r.Pairings = pairings
	return r
}

// whatIsCut lists handouts whose words do not all stay on their page; what the style sheet shortens with dots is none of them.
const whatIsCut = `[...document.querySelectorAll(".handout:not(:has(.alone))")].filter(e => e.scrollHeight > e.clientHeight + 2 ||
	[...e.querySelectorAll("ul")].some(list => list.scrollHeight > list.clientHeight + 2) ||
	e.querySelector("footer").getBoundingClientRect().bottom > e.getBoundingClientRect().bottom + 1).map(e => e.id)`

// TestHandoutsOnPaper prints the handouts: as many pages as organisations with a conversation, and one for those without.
func TestHandoutsOnPaper(t *testing.T) {
	ctx := browser.Start(t)
	for _, lang := range languages {
		for name, r := range map[string]*Report{"plain": fixture(t), "crowded": crowded(t)} {
			t.Run(strings.ToLower(lang.String())+" "+name, func(t *testing.T) {
				tab, cancel := chromedp.NewContext(ctx)
				defer cancel()
				want, alone := 0, 0
				list, err := mustReader(t, r, lang).handouts()
				if err != nil {
					t.Fatal(err)
				}
				for _, h := range list {
					if len(h.Talks) > 0 {
						want++
					} else {
						alone = 1
					}
				}
				o := openPage(tab, t, handoutPages(t, r, lang), 680, 1040)
				if got := ask[int](t, o, `document.documentElement.scrollWidth`); got > 680 {
					t.Errorf("the page is %d px wide on a screen of 680", got)
				}
				if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
					t.Fatal(err)
				}
				if cut := ask[[]string](t, o, whatIsCut); len(cut) > 0 {
					t.Errorf("words are cut off: %q", cut)
				}
				file, err := chromedp.Run(tab, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
				if err != nil {
					t.Fatal(err)
				}
				if n := len(sheet.FindAll(file, -1)); n != want+alone {
					t.Errorf("%d printed pages, want %d", n, want+alone)
				}
			})
		}
	}
}
