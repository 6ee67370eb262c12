package sheet

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"
	"unicode"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
)

// headerTerms is what people write above their columns, in three languages, each line a field and its terms.
//
//go:embed headers.csv
var headerTerms string

// headerFields is the field of every term, folded.
var headerFields = sync.OnceValue(func() map[string]string {
	records, err := csv.NewReader(strings.NewReader(headerTerms)).ReadAll()
	if err != nil {
		panic("sheet: headers.csv: " + err.Error()) // embedded: TestHeaderTerms reads it
	}
	fields := make(map[string]string)
	for _, record := range records[1:] {
		fields[headerKey(record[0])] = record[0]
		for term := range strings.SplitSeq(record[1], "|") {
			fields[headerKey(term)] = record[0]
		}
	}
	c := catalog.Embedded()
	for _, field := range fieldOrder {
		for _, l := range catalog.Languages() {
			fields[headerKey(c.Sentence(l, "field."+field))] = field // what Export and Template write
		}
	}
	return fields
})

// headerKey is a header as it is compared: folded letters only, so that "E-mail *", "e_mail" and "E mail 2" are one.
func headerKey(header string) string {
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, names.Fold(header))
	return letters
}

// knownHeader finds the field that a header names, and whether all of it was needed: what stands in brackets or after a line end is a
// remark, unless the whole is a term as in "기관명(영문)".
func knownHeader(header string) (field string, whole bool) {
	if len(header) > 200 {
		return "", false
	}
	fields := headerFields()
	if field = fields[headerKey(header)]; field != "" {
		return field, true
	}
	if before, _, ok := strings.Cut(header, "\n"); ok {
		if field, _ = knownHeader(before); field != "" {
			return field, false
		}
	}
	if i := strings.IndexAny(header, "(（[/:："); i > 0 {
		if field = fields[headerKey(header[:i])]; field != "" {
			return field, false
		}
		// The other half of a bilingual header: "Nom / Name".
		_, after, _ := strings.Cut(header, "/")
		return fields[headerKey(strings.Trim(after, ")） "))], false
	}
	return "", false
}

// span is a merged range of cells; all from 0.
type span struct {
	top, left, bottom, right int
}

// head finds the header of a grid and makes the table below it. It takes the row, or the two rows one below the other, that name most
// fields; a row of headers in another language directly below is passed over.
func (t *Table) head(g *grid, merged []span) (*Table, error) {
	if len(g.lines) == 0 {
		return nil, refuse("sheet.empty")
	}
	found := findHeader(g.lines, merged)
	upper, lower := g.lines[found.from], g.lines[found.from+found.rows-1]
	columns := 0
	for _, line := range g.lines[found.from:] {
		columns = max(columns, len(line.Cells))
	}
	t.HeaderRow = lower.Number
	t.Headers, t.below = joinHeaders(upper, lower, found.rows, columns, merged)
	below := g.lines[found.from+found.rows:]
	if found.rows == 2 {
		t.Notices = append(t.Notices, sentence("sheet.notice.joined", upper.Number, lower.Number))
	}
	if len(below) > 0 && below[0].Number == lower.Number+1 && isHeader(below[0]) {
		t.Notices = append(t.Notices, sentence("sheet.notice.second", below[0].Number))
		below = below[1:]
	}
	if found.from > 0 {
		t.Notices = append(t.Notices, sentence("sheet.notice.above", found.from))
	}
	if len(below) == 0 {
		return nil, refuse("sheet.norows", strings.Join(seen(t.Headers), ", "))
	}
	t.Rows = below
	return t, nil
}

// seen is the headers that are not empty, as many as a sentence can carry.
func seen(headers []string) []string {
	var list []string
	for _, header := range headers {
		if header != "" && len(list) < 20 {
			list = append(list, shorten(header))
		}
	}
	return list
}

// shorten cuts a text of a stranger to what a sentence can carry.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 80 {
		return string(runes[:79]) + "…"
	}
	return s
}

// headerAt is where a header stands: from a line, one or two lines.
type headerAt struct{ from, rows, fields int }

// findHeader looks among the first lines with content for those that name most different fields. Where none names any, the first line
// with two cells is taken, so that its texts can be shown.
func findHeader(lines []Line, merged []span) headerAt {
	best := headerAt{from: -1}
	for from := range min(len(lines), headerDepth) {
		for rows := 1; rows <= 2 && from+rows <= len(lines); rows++ {
			if rows == 2 && lines[from+1].Number != lines[from].Number+1 {
				break
			}
			// A title above the header joins with it into as many fields as the header has alone.
			fields := fieldsNamed(lines[from], lines[from+rows-1], rows, merged)
			title := rows == 1 && fields == best.fields && best.rows == 2 && from == best.from+1 &&
				fieldsNamed(lines[best.from], lines[best.from], 1, merged) == 0
			if fields > best.fields || title {
				best = headerAt{from, rows, fields}
			}
		}
	}
	if best.from >= 0 {
		return best
	}
	for i, line := range lines[:min(len(lines), headerDepth)] {
		filled := 0
		for _, cell := range line.Cells {
			if cell != "" {
				filled++
			}
		}
		if filled >= 2 {
			return headerAt{from: i, rows: 1}
		}
	}
	return headerAt{rows: 1}
}

// fieldsNamed counts the different fields that a row of headers names, or two rows together.
func fieldsNamed(upper, lower Line, rows int, merged []span) int {
	headers, below := joinHeaders(upper, lower, rows, max(len(upper.Cells), len(lower.Cells)), merged)
	named := make(map[string]bool)
	for i := range headers {
		if field := headerField(headers[i], below[i]); field != "" {
			named[field] = true
		}
	}
	return len(named)
}

// headerField is the field of a header: of the whole, else of its lower part.
func headerField(header, below string) string {
	if field, whole := knownHeader(header); field != "" && (whole || below == "") {
		return field
	}
	if below == "" {
		field, _ := knownHeader(header)
		return field
	}
	field, _ := knownHeader(below)
	if field == fieldDisplayName {
		// "Person to write to / Name" is not the organisation's.
		if over, _ := knownHeader(strings.TrimSuffix(header, " / "+below)); strings.HasPrefix(over, "contact.") {
			return fieldContactName
		}
	}
	return field
}

// joinHeaders gives the header of each column, and the lower part of those that were joined from two rows. The text of an upper row
// stands over all columns of its merged cell, and where nothing is merged over the empty cells to its right.
func joinHeaders(upper, lower Line, rows, columns int, merged []span) (headers, below []string) {
	headers, below = make([]string, columns), make([]string, columns)
	over, wide := "", false
	for i := range columns {
		if rows == 1 {
			headers[i] = mergedCell(lower, i, merged)
			continue
		}
		if cell := mergedCell(upper, i, merged); cell != "" {
			over, wide = cell, true
		} else if wide && lower.Cell(i) == "" {
			wide = false
		}
		sub := mergedCell(lower, i, merged)
		switch {
		case sub == "" || sub == over && wide:
			headers[i] = mergedCell(upper, i, merged)
		case wide && over != "":
			headers[i], below[i] = over+" / "+sub, sub
		default:
			headers[i] = sub
		}
	}
	return headers, below
}

// mergedCell is the text of a header's cell, or of the merged cell that covers it.
func mergedCell(line Line, column int, merged []span) string {
	if cell := line.Cell(column); cell != "" {
		return cell
	}
	for _, m := range merged {
		if m.top == line.Number-1 && column >= m.left && column <= m.right {
			return line.Cell(m.left)
		}
	}
	return ""
}

// isHeader tells whether a line is one more row of headers: half of its cells and two at least name fields.
func isHeader(line Line) bool {
	filled, known := 0, 0
	for _, cell := range line.Cells {
		if cell == "" {
			continue
		}
		filled++
		if field, whole := knownHeader(cell); field != "" && whole {
			known++
		}
	}
	return known >= 2 && known*2 >= filled
}
