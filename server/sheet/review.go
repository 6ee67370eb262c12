package sheet

import (
	"bytes"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Reviewed gives a table back as a workbook with two columns more: what is wrong with each row, in a language, and the codes that may
// have been meant. Cells with a problem are tinted. A workbook is the writer's own one; of a CSV file a workbook is made. Both columns
// are passed over when the workbook is read again, and written anew when it is reviewed again.
func Reviewed(c *catalog.Catalog, t *Table, problems []*tandemv1.ImportFirmsResponse_RowProblem, l catalog.Language) ([]byte, error) {
	b, sheet := reopen(t)
	if b == nil {
		sheet = c.Sentence(l, "sheet.reviewed.sheet")
		b = rebuild(t, sheet)
	}
	problem, nearest := reviewColumns(t)
	b.put(sheet, problem, t.HeaderRow, c.Sentence(l, "field.problem"))
	b.put(sheet, nearest, t.HeaderRow, c.Sentence(l, "field.nearest_code"))
	b.paint(sheet, problem, t.HeaderRow, nearest, t.HeaderRow, headerStyle())
	b.width(sheet, problem, 70)
	b.width(sheet, nearest, 40)
	byRow := make(map[int][]*tandemv1.ImportFirmsResponse_RowProblem)
	for _, p := range problems {
		byRow[int(p.GetRow())] = append(byRow[int(p.GetRow())], p)
	}
	for _, line := range t.Rows {
		found := byRow[line.Number]
		if len(found) == 0 {
			if line.Cell(problem) != "" || line.Cell(nearest) != "" {
				b.put(sheet, problem, line.Number, "")
				b.put(sheet, nearest, line.Number, "")
			}
			continue
		}
		b.put(sheet, problem, line.Number, cutToCell(problemText(c, l, found)))
		b.put(sheet, nearest, line.Number, cutToCell(nearestText(found)))
		b.paint(sheet, problem, line.Number, nearest, line.Number, wrapStyle())
		b.tint(sheet, problem, line.Number)
		for _, p := range found {
			if column := slices.IndexFunc(t.Headers, func(header string) bool { return header != "" && shorten(header) == p.GetColumn() }); column >= 0 {
				b.tint(sheet, column, line.Number)
			}
		}
	}
	return b.bytes()
}

// reopen opens the writer's own workbook, or nothing where that is not to be had within bounds.
func reopen(t *Table) (*book, string) {
	const bound = 64 << 20
	if t.source == nil || len(t.source) > bound {
		return nil, ""
	}
	file, err := excelize.OpenReader(bytes.NewReader(t.source), excelize.Options{UnzipSizeLimit: bound, UnzipXMLSizeLimit: bound})
	if err != nil {
		return nil, ""
	}
	if !slices.Contains(file.GetSheetList(), t.Sheet) {
		_ = file.Close() // nothing was written
		return nil, ""
	}
	return &book{file: file}, t.Sheet
}

// rebuild makes a workbook of a table, each row where it was.
func rebuild(t *Table, sheet string) *book {
	b := newBook(sheet)
	for i, header := range t.Headers {
		b.put(sheet, i, t.HeaderRow, header)
		b.width(sheet, i, 24)
	}
	b.paint(sheet, 0, t.HeaderRow, len(t.Headers)-1, t.HeaderRow, headerStyle())
	for _, line := range t.Rows {
		for i, cell := range line.Cells {
			if cell != "" {
				b.put(sheet, i, line.Number, cutToCell(cell))
			}
		}
	}
	b.freeze(sheet, t.HeaderRow, len(t.Headers)+2)
	return b
}

// reviewColumns finds the columns of an earlier review, or the two after the last.
func reviewColumns(t *Table) (problem, nearest int) {
	problem, nearest = -1, -1
	for i, header := range t.Headers {
		switch headerField(header, t.below[i]) {
		case fieldProblem:
			problem = i
		case fieldNearest:
			nearest = i
		}
	}
	if problem < 0 || nearest != problem+1 {
		return len(t.Headers), len(t.Headers) + 1
	}
	return problem, nearest
}

// problemText is all that is wrong with a row, a line each, the column before it.
func problemText(c *catalog.Catalog, l catalog.Language, problems []*tandemv1.ImportFirmsResponse_RowProblem) string {
	var lines []string
	for _, p := range problems {
		text := p.GetProblem().GetText()
		if key := p.GetProblem().GetKey(); c.HasSentence(key) {
			text = c.Sentence(l, key, p.GetProblem().GetArgs()...)
		}
		if column := p.GetColumn(); column != "" {
			text = column + ": " + text
		}
		if !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// nearestText is the codes that may have been meant, a line for each problem.
func nearestText(problems []*tandemv1.ImportFirmsResponse_RowProblem) string {
	var lines []string
	for _, p := range problems {
		if codes := strings.Join(p.GetNearestCodes(), "; "); codes != "" && !slices.Contains(lines, codes) {
			lines = append(lines, codes)
		}
	}
	return strings.Join(lines, "\n")
}

// cutToCell shortens what a spreadsheet program could not hold, and says so by an ellipsis.
func cutToCell(s string) string {
	if !tooLong(s) {
		return s
	}
	return string([]rune(s)[:maxBookCell/2-1]) + "…"
}
