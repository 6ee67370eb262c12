package sheet

import (
	"bytes"
	"strings"

	"golang.org/x/text/unicode/norm"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Options say about a file what cannot be told from it.
type Options struct {
	// Encoding of a CSV file: "utf-8", "utf-16", "cp949" or "windows-1252"; empty = told from the bytes, or asked for.
	Encoding string
}

// Table is a sheet as rows of text.
type Table struct {
	// Format that it was read from.
	Format tandemv1.ImportFirmsRequest_Format
	// Sheet is the name of the sheet; empty for CSV.
	Sheet string
	// HeaderRow is the row of the header, or of the lower one of two, from 1.
	HeaderRow int
	// Headers are the texts of the header, one a column; of two header rows joined, "upper / lower".
	Headers []string
	// Rows with content below the header.
	Rows []Line
	// Notices are what a reader must know, such as that hidden sheets were passed over.
	Notices []*tandemv1.Sentence

	// below are the last parts of joined headers, which may be enough to know the column by.
	below []string
	// source is a workbook's bytes, which are given back reviewed.
	source []byte
}

// Line is one row of a table.
type Line struct {
	// Number of the row in its sheet, from 1.
	Number int
	// Cells are its texts, as many as there are headers at most.
	Cells []string
}

// Cell returns the text of a column, "" where the row ends before it.
func (l Line) Cell(column int) string {
	if column < 0 || column >= len(l.Cells) {
		return ""
	}
	return l.Cells[column]
}

// Read reads a workbook or a CSV file. What it is, its encoding, its separator and its header are told from the bytes.
func Read(data []byte, o Options) (*Table, error) {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, refuse("sheet.empty")
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return readWorkbook(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		if bytes.Contains(data, utf16Text("EncryptedPackage")) {
			return nil, refuse("sheet.password")
		}
		return nil, refuse("sheet.old")
	}
	for _, magic := range []string{"%PDF", "<!DOCTYPE", "<!doctype", "<html", "<HTML", "<?xml", "{\\rtf", "\x89PNG", "\xff\xd8\xff", "Rar!", "7z\xbc\xaf", "\x1f\x8b"} {
		if bytes.HasPrefix(bytes.TrimLeft(data[:min(len(data), 64)], "\ufeff \r\n\t"), []byte(magic)) {
			return nil, refuse("sheet.unknown")
		}
	}
	return readCSV(data, o)
}

// utf16Text is a name as it stands in the directory of an OLE file.
func utf16Text(s string) []byte {
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// Letter names a column, from 0, as a spreadsheet does: A, B, ... Z, AA.
func Letter(column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}

// Column is the inverse of Letter; -1 for what is no letter of a column.
func Column(letter string) int {
	n := 0
	for _, r := range strings.ToUpper(letter) {
		if r < 'A' || r > 'Z' || n > lastRow {
			return -1
		}
		n = n*26 + int(r-'A') + 1
	}
	return n - 1
}

// grid is the content of a sheet before its header is known.
type grid struct {
	lines []Line
	cells int
	text  int
	// shared tells that texts of the cells are counted where they were first read.
	shared bool
}

// add keeps a row that has content, after counting it.
func (g *grid) add(number int, cells []string) error {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > maxColumns {
		return refuse("sheet.columns", maxColumns)
	}
	if len(g.lines) >= maxRows {
		return refuse("sheet.rows", maxRows)
	}
	g.cells += len(cells)
	if !g.shared {
		for _, cell := range cells {
			g.text += len(cell)
		}
	}
	if g.cells > maxCells || g.text > maxText {
		return refuse("sheet.large")
	}
	g.lines = append(g.lines, Line{Number: number, Cells: cells})
	return nil
}

// clean makes a cell's text comparable: NFC, one form of line end, no space around it, and without the apostrophe that keeps a
// spreadsheet from taking a text for a formula.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.TrimSpace(norm.NFC.String(s))
	if strings.HasPrefix(s, "'") && formulaLike(strings.TrimLeft(s, "'")) {
		s = s[1:]
	}
	return s
}

// formulaLike tells whether a spreadsheet could take a text for a formula.
func formulaLike(s string) bool {
	for _, first := range []string{"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, first) {
			return true
		}
	}
	return false
}

// safe is the inverse of clean for CSV, where every text may become a formula, and for workbooks, where none does and only the
// apostrophe that clean would take away is doubled.
func safe(s string, typed bool) string {
	bare := strings.TrimLeft(s, "'")
	if formulaLike(bare) && (!typed || len(bare) < len(s)) {
		return "'" + s
	}
	return s
}
