package report

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// column is one column of the CSV file; its header is the sentence `report.column.{key}`.
type column struct {
	key  string
	cell func(*reader, row) string
}

const byteOrderMark = "\ufeff"

// writeCSV writes one line a pairing, RFC 4180: CRLF, quotes where needed. Numbers are plain digits in every language,
// so that a spreadsheet reads them as numbers; words are the reader's.
func (r *reader) writeCSV(w io.Writer, o Options) error {
	if o.BOM {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	columns := columns()
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = inert(r.say("report.column."+c.key, catalog.Literal(r.side(0)), catalog.Literal(r.side(1))))
	}
	if err := out.Write(line); err != nil {
		return err
	}
	err := r.each(nil, func(w row) error {
		for i, c := range columns {
			line[i] = inert(c.cell(r, w))
		}
		return out.Write(line)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

var lineBreaks = strings.NewReplacer("\r\n", " ", "\n", " ")

// inert makes a cell that no spreadsheet takes for a formula: one that begins like one gets a leading apostrophe.
// Line breaks become spaces, because a lone carriage return inside quotes splits a record in some readers.
func inert(cell string) string {
	cell = lineBreaks.Replace(cell)
	if first, _ := utf8.DecodeRuneInString(cell); cell != "" && strings.ContainsRune("=+-@\t\r\x00＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}

func columns() []column {
	list := []column{
		{"position", func(_ *reader, w row) string { return digits(w.position) }},
		{"pairing", func(_ *reader, w row) string { return id(w.GetName()) }},
	}
	for side, prefix := range [2]string{"first", "second"} {
		list = append(list, firmColumns(side, prefix)...)
	}
	list = append(list, scoreColumns()...)
	return append(list, routeColumns()...)
}

func firmColumns(side int, prefix string) []column {
	return []column{
		{prefix + "_id", func(_ *reader, w row) string { return id(w.firms[side].GetName()) }},
		{prefix + "_name", func(r *reader, w row) string { return r.firm(w.firms[side]).Name.Text }},
		{prefix + "_other_name", func(r *reader, w row) string { return r.firm(w.firms[side]).Other.Text }},
		{prefix + "_kind", func(r *reader, w row) string { return r.name("kind", w.firms[side].GetKind().String()) }},
		{prefix + "_place", func(r *reader, w row) string { return r.place(w.firms[side]) }},
		{prefix + "_basis", func(r *reader, w row) string { return r.basis(w.firms[side]) }},
	}
}

// basis says whether an organisation's needs are stated or inferred.
func (r *reader) basis(f *tandemv1.Firm) string {
	if compiled(f) {
		return r.say("report.basis.inferred")
	}
	return r.say("report.basis.stated")
}

func scoreColumns() []column {
	list := []column{
		{"tier", func(r *reader, w row) string { return r.say("report.tier." + w.GetTier().String()) }},
		{"score", func(_ *reader, w row) string { return digits(int(w.GetScore())) }},
		{"band", func(r *reader, w row) string { return r.name("band", w.GetBand().String()) }},
		{"first_rank", func(_ *reader, w row) string { return digits(int(w.GetFirstRank())) }},
		{"second_rank", func(_ *reader, w row) string { return digits(int(w.GetSecondRank())) }},
		{"first_coverage", func(_ *reader, w row) string { return digits(int(w.GetFirstCoverage())) }},
		{"second_coverage", func(_ *reader, w row) string { return digits(int(w.GetSecondCoverage())) }},
		{"first_needs", func(_ *reader, w row) string { return digits(w.points.needs[0]) }},
		{"second_needs", func(_ *reader, w row) string { return digits(w.points.needs[1]) }},
	}
	for _, kind := range otherKinds() {
		list = append(list, column{"points_" + kind.String(), func(_ *reader, w row) string { return digits(w.points.kinds[kind]) }})
	}
	return list
}

func routeColumns() []column {
	return []column{
		{"section", func(r *reader, w row) string { return r.say("report.section." + w.GetSection().String()) }},
		{"mode", func(r *reader, w row) string { return r.name("mode", w.GetPrimaryMode().String()) }},
		{"reasons", func(r *reader, w row) string { return strings.Join(r.sentences(w.GetReasons()), " ") }},
		{"gate", func(r *reader, w row) string { return r.name("gate", w.GetGate().GetState().String()) }},
		{"gate_actions", func(r *reader, w row) string { return joined(w.GetGate().GetItems(), " ", r.demand) }},
		{"frameworks", func(r *reader, w row) string { return joined(w.GetFrameworks(), "; ", r.framework) }},
		{"framework_gaps", func(r *reader, w row) string { return joined(w.GetFrameworkGaps(), "; ", r.framework) }},
		{"programs", func(r *reader, w row) string { return joined(w.GetPrograms(), "; ", r.program) }},
		{"venue", func(r *reader, w row) string { return r.venue(w.GetVenue()) }},
		{"g2g", func(r *reader, w row) string { return r.yes(w.GetG2G()) }},
		{"contacts", func(r *reader, w row) string { return strings.Join(r.names("actor", w.GetContacts()), "; ") }},
		{"tags", func(r *reader, w row) string { return joined(w.GetTags(), "; ", r.label) }},
		{"themes", func(r *reader, w row) string { return strings.Join(r.names("theme", w.GetThemes()), "; ") }},
		{"notices", func(r *reader, w row) string { return strings.Join(r.sentences(w.GetNotices()), " ") }},
		{"as_of", func(r *reader, _ row) string { return r.report.Snapshot.GetAsOf() }},
		{"digest", func(r *reader, _ row) string { return r.report.Digest }},
	}
}

// joined renders items and joins them.
func joined[T any](items []T, mark string, render func(T) string) string {
	said := make([]string, 0, len(items))
	for _, item := range items {
		said = append(said, render(item))
	}
	return strings.Join(said, mark)
}

// digits is a number as programs read it.
func digits(n int) string { return strings.TrimPrefix(catalog.Number(n), "n:") }

func (r *reader) yes(b bool) string {
	if b {
		return r.say("report.yes")
	}
	return r.say("report.no")
}
