package report

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// handout is the page that one organisation takes home: its best conversations. It says of a counterpart only what a firm may
// see after publication, so never a score, a rank or a need's words; pairings that are held up or blocked are not in it.
type handout struct {
	Firm     named
	Talks    []talk
	Venue    string // where all of its counterparts can be met, if that is one place
	Compiled bool   // a profile on the page is compiled
	Long     bool   // it has so many words that they are set smaller, so that they fit one page
	Alone    string // why there is no conversation
}

// talk is one proposed conversation.
type talk struct {
	Counterpart             named
	Band, Kind, Size, Place string
	Class                   string // of the band
	What                    string // its kind, or its size where it is a company
	Meet                    string // where the two can meet, where the page does not say it for all
	Country, Region         string
	Capabilities            string
	Summary                 words
	Reasons                 []string
	Venue                   string
	rank                    int32
}

const (
	talksPerHandout = 5
	shortDigest     = 16
)

// handouts makes a page for every organisation that takes part, by side and name.
func (r *reader) handouts() ([]handout, error) {
	talks, held := map[string][]talk{}, map[string]bool{}
	err := r.each(nil, func(w row) error {
		for side, rank := range [2]int32{w.GetFirstRank(), w.GetSecondRank()} {
			own := w.firms[side].GetName()
			switch {
			case rank == 0:
			case w.GetGate().GetState() >= tandemv1.Gate_HOLD:
				held[own] = true
			default:
				talks[own] = r.withTalk(talks[own], w, 1-side, rank)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []handout
	for side := range 2 {
		for _, f := range r.members(side) {
			h := handout{Firm: r.firm(f), Talks: talks[f.GetName()]}
			h.settle()
			switch {
			case len(h.Talks) > 0:
			case held[f.GetName()]:
				h.Alone = r.say("report.handout.alone.held")
			default:
				h.Alone = r.say("report.handout.alone.none")
			}
			list = append(list, h)
		}
	}
	return list, nil
}

// withTalk adds a conversation to those of an organisation, of which a page has the best.
func (r *reader) withTalk(talks []talk, w row, other int, rank int32) []talk {
	at, _ := slices.BinarySearchFunc(talks, rank+1, func(t talk, rank int32) int { return cmp.Compare(t.rank, rank) })
	if at == talksPerHandout {
		return talks
	}
	talks = slices.Insert(talks, at, r.talk(w, other, rank))
	return talks[:min(talksPerHandout, len(talks))]
}

// linesOfPage is how many lines of the larger type a printed page has room for.
const linesOfPage = 56

// height is about how many lines a conversation takes in print: the longer of its two columns.
func (t talk) height() int {
	who := linesOf(t.Counterpart.Name.Text+" "+t.Counterpart.Other.Text, 30) + linesOf(t.Band+t.What+t.Place, 44) + linesOf(t.Summary.Text, 43)
	why := 1 + linesOf(t.Capabilities, 60) + linesOf(t.Meet, 60)
	for _, reason := range t.Reasons {
		why += linesOf(reason, 54)
	}
	return 1 + max(who, why)
}

// linesOf is how many lines of so many letters a text takes; a letter of Hangul is as wide as two.
func linesOf(text string, letters int) int {
	width := 0
	for _, c := range text {
		if width++; c >= 0x1100 {
			width++
		}
	}
	return (width + letters - 1) / letters
}

// settle finds what holds for the page as a whole.
func (h *handout) settle() {
	h.Compiled = h.Firm.Compiled
	venues := map[string]bool{}
	for _, t := range h.Talks {
		h.Compiled = h.Compiled || t.Counterpart.Compiled
		venues[t.Venue] = true
	}
	for i, t := range h.Talks {
		if len(venues) == 1 {
			h.Venue = t.Venue
		} else {
			h.Talks[i].Meet = t.Venue
		}
	}
	total := 2 * linesOf(h.Firm.Name.Text+h.Firm.Other.Text, 52)
	for _, t := range h.Talks {
		total += t.height()
	}
	h.Long = total > linesOfPage
}

// talk tells of a counterpart what the pairing carries of it, not what its whole profile holds.
func (r *reader) talk(w row, other int, rank int32) talk {
	public := [2]*tandemv1.Firm{w.GetFirst(), w.GetSecond()}[other]
	t := talk{
		Counterpart: r.firm(public), Band: r.name("band", w.GetBand().String()), Kind: r.name("kind", public.GetKind().String()),
		Place: r.place(public), Country: r.name("country", public.GetCountry()),
		Capabilities: strings.Join(r.names("cap", public.GetCapabilities()), "; "),
		Summary:      r.quote(public.GetSummary(), public.GetSummaryNative()),
		Reasons:      r.sentences(w.GetReasons()), Venue: r.venue(w.GetVenue()), rank: rank,
		Class: spreadClasses[spreadClass(w)], What: capitalised(r.kind(public)),
	}
	if public.GetRegion() != "" {
		t.Region = r.name("region", public.GetRegion())
	}
	if public.GetSize() != tandemv1.Firm_SIZE_UNSPECIFIED {
		t.Size = r.name("size", public.GetSize().String())
	}
	return t
}

func (r *reader) handoutForms(o Options) forms {
	return forms{
		html: r.writeHandouts, jsonl: r.writeHandoutLines, xlsx: r.writeHandoutBook,
		csv: func(w io.Writer) error { return r.writeHandoutCSV(w, o) },
	}
}

// handoutKeys are the columns of the handouts: one row a conversation.
func handoutKeys() []string {
	return []string{"firm_id", "firm", "counterpart", "country", "region", "kind", "size", "capabilities", "summary", "band", "why", "venue"}
}

// handoutRows are the conversations as rows; an organisation without one has a row that says why.
func (r *reader) handoutRows() ([][]string, error) {
	list, err := r.handouts()
	var rows [][]string
	for _, h := range list {
		for _, t := range h.Talks {
			if t.Counterpart.Compiled {
				t.Reasons = append(slices.Clone(t.Reasons), r.say("report.dagger"))
			}
			rows = append(rows, []string{
				h.Firm.ID, h.Firm.Name.Text, t.Counterpart.Name.Text, t.Country, t.Region, t.Kind, t.Size, t.Capabilities, t.Summary.Text,
				t.Band, strings.Join(t.Reasons, " "), t.Venue,
			})
		}
		if h.Alone != "" {
			row := make([]string, len(handoutKeys()))
			row[0], row[1], row[10] = h.Firm.ID, h.Firm.Name.Text, h.Alone
			rows = append(rows, row)
		}
	}
	return rows, err
}

// handoutPage is what the template of the handouts shows.
type handoutPage struct {
	Lang, Partners, AsOf string
	Digest, Short        string // Short is the digest's beginning, enough to tell two files apart on paper
	Compiled             string
	Handouts, Alone      []handout
}

func (r *reader) writeHandouts(w io.Writer) error {
	list, err := r.handouts()
	if err != nil {
		return err
	}
	p := handoutPage{
		Lang: r.lang.String(), Partners: text(r.report.Snapshot.GetPartnership().GetDisplayName()).In(r.lang),
		AsOf: r.date(r.report.Snapshot.GetAsOf()), Digest: r.report.Digest, Short: r.report.Digest[:min(shortDigest, len(r.report.Digest))],
		Handouts: list, Alone: slices.DeleteFunc(slices.Clone(list), func(h handout) bool { return h.Alone == "" }),
	}
	if r.anyCompiled() {
		p.Compiled = r.say("notice.compiled_all")
	}
	return r.render(w, "handout", &p)
}

func (r *reader) writeHandoutCSV(w io.Writer, o Options) error {
	if o.BOM {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	header := make([]string, 0, len(handoutKeys()))
	for _, key := range handoutKeys() {
		header = append(header, r.say("report.handout.column."+key))
	}
	_ = out.Write(header) // errors stay until Error
	rows, err := r.handoutRows()
	if err != nil {
		return err
	}
	for _, row := range rows {
		for i := range row {
			row[i] = inert(row[i])
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// writeHandoutLines writes a conversation a line, under the columns' keys and led by as_of and digest.
func (r *reader) writeHandoutLines(w io.Writer) error {
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	rows, err := r.handoutRows()
	if err != nil {
		return err
	}
	for _, row := range rows {
		line := map[string]string{"as_of": r.report.Snapshot.GetAsOf(), "digest": r.report.Digest}
		for i, key := range handoutKeys() {
			line[key] = row[i]
		}
		if err := encoder.Encode(line); err != nil { // keys come sorted
			return err
		}
	}
	return out.Flush()
}

func (r *reader) writeHandoutBook(w io.Writer) error {
	b := r.newBook()
	s := bookSheet{name: r.say("report.handout.title")}
	for _, key := range handoutKeys() {
		width := 24.0
		if key == "why" || key == "summary" || key == "capabilities" {
			width = 56
		}
		s.columns = append(s.columns, bookColumn{r.say("report.handout.column." + key), width, bookText})
	}
	rows, err := r.handoutRows()
	if err != nil {
		return err
	}
	for _, row := range rows {
		cells := make([]any, len(row))
		for i := range row {
			cells[i] = row[i]
		}
		s.rows = append(s.rows, cells)
	}
	b.sheet(s)
	return b.write(w)
}
