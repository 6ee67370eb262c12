package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// readCSV reads a text file of separated values.
func readCSV(data []byte, o Options) (*Table, error) {
	text, encoding, err := decode(data, o.Encoding)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, refuse("sheet.empty")
	}
	comma := separator(text)
	g, err := csvLines(text, comma)
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		// Never read leniently: a quotation mark that is opened and not closed would swallow the rest of the file as one value.
		return nil, &Error{Key: "sheet.quote", Args: arguments([]any{wrong.Line}), Cause: err}
	}
	if err != nil {
		return nil, err
	}
	t := &Table{Format: tandemv1.ImportFirmsRequest_CSV}
	if encoding != utf8Name {
		t.Notices = append(t.Notices, sentence("sheet.notice.encoding", strings.ToUpper(encoding)))
	}
	return t.head(g, nil)
}

// csvLines reads all records. Their numbers are those of the rows that a spreadsheet program shows: a value of several lines is one
// row, and an empty line is a row too.
func csvLines(text []byte, comma rune) (*grid, error) {
	counted := &budget{reader: bytes.NewReader(text)}
	reader := csv.NewReader(counted)
	reader.Comma, reader.FieldsPerRecord = comma, -1
	g := new(grid)
	number, next := 0, 1 // the row before, and the line after it
	for {
		counted.rest = 4 << 20
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return g, nil
		}
		if err != nil {
			return nil, err
		}
		start, _ := reader.FieldPos(0)
		number += 1 + start - next
		next = start + 1
		cells := make([]string, len(record))
		for i, value := range record {
			next += strings.Count(value, "\n")
			if len(value) > maxCell {
				return nil, refuse("sheet.cell", Letter(i), number)
			}
			cells[i] = clean(value)
		}
		if err := g.add(number, cells); err != nil {
			return nil, err
		}
	}
}

// separator finds what separates the values: the character that cuts the first lines into most columns, most evenly.
func separator(text []byte) rune {
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t'} {
		reader := csv.NewReader(io.LimitReader(bytes.NewReader(text), 64<<10))
		reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes = comma, -1, true
		score := 0
		for range headerDepth {
			record, err := reader.Read()
			if err != nil {
				break
			}
			filled := 0
			for _, value := range record {
				if field, _ := knownHeader(value); field != "" {
					score += 10
				}
				if value != "" {
					filled++
				}
			}
			score += max(filled-1, 0)
		}
		if score > most {
			best, most = comma, score
		}
	}
	return best
}

// budget is a reader that gives out so many bytes until its rest is set anew: what asks for more holds one value too large.
type budget struct {
	reader io.Reader
	rest   int
}

// Read implements io.Reader.
func (b *budget) Read(p []byte) (int, error) {
	if b.rest <= 0 {
		return 0, refuse("sheet.large")
	}
	n, err := b.reader.Read(p[:min(len(p), b.rest)])
	b.rest -= n
	return n, err
}
