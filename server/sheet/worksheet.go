package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// worksheet is a sheet as it was read, and what was remarkable in it.
type worksheet struct {
	book   *workbook
	entry  sheetEntry
	grid   grid
	merged []span

	formulas, unknown, failed, dates remark
}

// remark counts something and remembers where it was first.
type remark struct {
	count int
	first string
}

func (r *remark) at(column, row int) {
	if r.count++; r.count == 1 {
		r.first = Letter(column) + strconv.Itoa(row)
	}
}

// notices says what was remarkable.
func (s *worksheet) notices() []*tandemv1.Sentence {
	var list []*tandemv1.Sentence
	for _, r := range []struct {
		key string
		remark
	}{
		{"sheet.notice.formulas", s.formulas},
		{"sheet.notice.uncomputed", s.unknown},
		{"sheet.notice.failed", s.failed},
		{"sheet.notice.dates", s.dates},
	} {
		if r.count > 0 {
			list = append(list, sentence(r.key, r.count, r.first))
		}
	}
	if len(s.merged) > 0 {
		list = append(list, sentence("sheet.notice.merged", len(s.merged)))
	}
	return list
}

// read reads a sheet row by row.
func (w *workbook) read(entry sheetEntry) (*worksheet, error) {
	s := &worksheet{book: w, entry: entry, grid: grid{}}
	p, err := openPart(w.files, entry.part, maxPart)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, refuse("sheet.broken")
	}
	defer p.file.Close() //nolint:errcheck // it is only read
	row, inside := 0, false
	var cells []string
	column := -1
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "row":
				if row, err = rowNumber(token, row); err != nil {
					return nil, err
				}
				cells, column, inside = cells[:0], -1, true
			case "c":
				if !inside {
					return nil, refuse("sheet.broken")
				}
				if cells, column, err = s.cell(p, token, cells, column, row); err != nil {
					return nil, err
				}
			case "mergeCell":
				if err := s.merge(attribute(token, "ref")); err != nil {
					return nil, err
				}
			}
		case xml.EndElement:
			if token.Name.Local == "row" {
				inside = false
				if err := s.grid.add(row, append([]string(nil), cells...)); err != nil {
					return nil, err
				}
			}
		}
	}
	return s, s.fill()
}

// rowNumber is a row's own number, or the next.
func rowNumber(start xml.StartElement, before int) (int, error) {
	number := before + 1
	if said := attribute(start, "r"); said != "" {
		n, err := strconv.Atoi(said)
		if err != nil || n <= before {
			return 0, refuse("sheet.broken")
		}
		number = n
	}
	if number > lastRow {
		return 0, refuse("sheet.rows", maxRows)
	}
	return number, nil
}

// cell reads one cell into its place in the row.
func (s *worksheet) cell(p *part, start xml.StartElement, cells []string, before, row int) ([]string, int, error) {
	column := before + 1
	if said := strings.TrimRight(attribute(start, "r"), "0123456789"); said != "" {
		column = Column(said)
	}
	if column <= before {
		return nil, 0, refuse("sheet.broken")
	}
	text, err := s.value(p, start, column, row)
	var own *Error
	if errors.As(err, &own) && own.Key == "sheet.cell.any" {
		err = refuse("sheet.cell", Letter(column), row)
	}
	if err != nil || text == "" {
		return cells, column, err
	}
	if column >= maxColumns {
		return nil, 0, refuse("sheet.columns", maxColumns)
	}
	for len(cells) < column {
		cells = append(cells, "")
	}
	return append(cells, text), column, nil
}

// value reads what a cell shows, as text.
func (s *worksheet) value(p *part, start xml.StartElement, column, row int) (string, error) {
	value, computed := "", false
	for {
		token, err := p.next()
		if err != nil {
			return "", truncated(err)
		}
		if _, ok := token.(xml.EndElement); ok {
			break
		}
		inner, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		text, err := p.text("rPh")
		if err != nil {
			return "", err
		}
		switch inner.Name.Local {
		case "f":
			computed = true // never by us: what the workbook shows is what its owner saw
		case "v", "is":
			value = text
		}
	}
	if computed {
		s.formulas.at(column, row)
		if value == "" {
			s.unknown.at(column, row)
		}
	}
	return s.shown(attribute(start, "t"), attribute(start, "s"), value, column, row)
}

// shown makes a stored value the text that a person sees.
func (s *worksheet) shown(kind, style, value string, column, row int) (string, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(value)
		if value == "" {
			return "", nil
		}
		if err != nil || i < 0 || i >= len(s.book.strings) {
			return "", refuse("sheet.broken")
		}
		return s.book.strings[i], nil
	case "e":
		s.failed.at(column, row)
		return "", nil
	case "b":
		if value == "1" {
			return "true", nil
		}
		return "false", nil
	case "", "n":
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return clean(value), nil
		}
		if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(s.book.dates) && s.book.dates[i] {
			if day, ok := serialDay(number, s.book.from); ok {
				s.dates.at(column, row)
				return day, nil
			}
		}
		return strconv.FormatFloat(number, 'f', -1, 64), nil
	}
	return clean(unescape(value)), nil
}

// merge notes a merged range.
func (s *worksheet) merge(ref string) error {
	first, last, ok := strings.Cut(ref, ":")
	if !ok {
		return nil
	}
	var m span
	var fine [2]bool
	m.left, m.top, fine[0] = address(first)
	m.right, m.bottom, fine[1] = address(last)
	if !fine[0] || !fine[1] || m.right < m.left || m.bottom < m.top {
		return refuse("sheet.broken")
	}
	if len(s.merged) >= maxMerged {
		return refuse("sheet.large")
	}
	s.merged = append(s.merged, m)
	return nil
}

// address reads a cell's address, from 0.
func address(ref string) (column, row int, ok bool) {
	ref = strings.ReplaceAll(ref, "$", "")
	letters := strings.TrimRight(ref, "0123456789")
	n, err := strconv.Atoi(ref[len(letters):])
	column = Column(letters)
	return column, n - 1, err == nil && n > 0 && n <= lastRow && column >= 0 && column < 1<<14
}

// fill writes the text of a cell that is merged over several rows into the rows below it, since it holds for each of them.
func (s *worksheet) fill() error {
	filled := 0
	places := make(map[int]int, len(s.grid.lines))
	for i, line := range s.grid.lines {
		places[line.Number] = i
	}
	for _, m := range s.merged {
		top, ok := places[m.top+1]
		if !ok || m.bottom == m.top {
			continue
		}
		text := s.grid.lines[top].Cell(m.left)
		if text == "" {
			continue
		}
		for row := m.top + 1; row <= m.bottom; row++ {
			i, ok := places[row+1]
			if !ok {
				break // an empty row ends the list, or the merged cell
			}
			if filled++; filled > maxFilled {
				return refuse("sheet.large")
			}
			line := &s.grid.lines[i]
			for len(line.Cells) <= m.left {
				line.Cells = append(line.Cells, "")
			}
			if line.Cells[m.left] == "" {
				line.Cells[m.left] = text
			}
		}
	}
	return nil
}

// dateIDs are the built-in formats that show days or times.
var dateIDs = []string{
	"14", "15", "16", "17", "18", "19", "20", "21", "22", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "45", "46", "47",
	"50", "51", "52", "53", "54", "55", "56", "57", "58",
}

var (
	formatText = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.|\*.`)
	controlled = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)
)

// dateFormat tells whether a number format shows a day, by its letters outside of quotes and brackets.
func dateFormat(code string) bool {
	bare := strings.ToLower(formatText.ReplaceAllString(code, ""))
	return !strings.Contains(bare, "general") && strings.ContainsAny(bare, "yd")
}

// serialDay makes a spreadsheet's number of days an ISO date, with the time where there is one.
func serialDay(number float64, from int) (string, bool) {
	if number < 1 || number > 2_958_465 {
		return "", false
	}
	minutes := int(math.Round((number - math.Floor(number)) * 24 * 60))
	day := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(number)+from).Add(time.Duration(minutes) * time.Minute)
	if minutes == 0 {
		return day.Format(time.DateOnly), true
	}
	return day.Format("2006-01-02 15:04"), true
}

// unescape undoes the form in which a workbook holds characters that XML cannot.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return controlled.ReplaceAllStringFunc(s, func(escaped string) string {
		n, err := strconv.ParseUint(escaped[2:6], 16, 16)
		if err != nil || n < 0x20 && n != '\n' && n != '\t' && n != '\r' || n >= 0xd800 && n < 0xe000 {
			return ""
		}
		return string(rune(n))
	})
}

// ended takes the end of a part for what it is where nothing is open.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// truncated takes the end of a part for an error where something is open.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return refuse("sheet.truncated")
	}
	return err
}
