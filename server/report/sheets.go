package report

import (
	"io"
	"unicode/utf8"
)

// writeBook writes the paper as a workbook: a front sheet with its words and figures, then a sheet for each table.
func (p *paper) writeBook(w io.Writer, r *reader) error {
	b := r.newBook()
	lines := []bookLine{{"", p.Partners}, {r.say("report.as_of"), p.AsOf}, {r.say("report.digest"), p.Digest}}
	for _, words := range append(append([]string{}, p.Intro...), p.Compiled) {
		if words != "" {
			lines = append(lines, bookLine{"", words})
		}
	}
	for _, f := range p.Figures {
		lines = append(lines, bookLine{f.Value, f.Label})
	}
	for _, words := range p.Notes {
		lines = append(lines, bookLine{"", words})
	}
	b.front(p.Title, p.Title, lines)
	for _, g := range p.Grids {
		b.sheet(g.sheet())
	}
	return b.write(w)
}

// widestColumn is how many characters a column of words is wide at most.
const widestColumn = 60

// sheet is a table as a workbook has it: numbers are numbers.
func (g grid) sheet() bookSheet {
	s := bookSheet{name: g.Title}
	for i, h := range g.Columns {
		c := bookColumn{title: h.Text, width: 14, holds: bookText}
		if h.Number {
			c.holds = bookNumber
		} else {
			for _, row := range g.Records {
				c.width = max(c.width, float64(min(widestColumn, utf8.RuneCountInString(row.Cells[i].Text)+2)))
			}
		}
		s.columns = append(s.columns, c)
	}
	for _, row := range g.Records {
		values := make([]any, len(row.Cells))
		for i, c := range row.Cells {
			values[i] = c.Text
			if g.Columns[i].Number {
				values[i] = c.N
			}
		}
		s.rows = append(s.rows, values)
	}
	return s
}
