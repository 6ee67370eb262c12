package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// LoadError says which cell of which file is wrong, and why.
type LoadError struct {
	File   string
	Line   int    // 1-based; 0 when the whole file is meant
	Column string // empty when the whole line is meant
	Why    string
}

// Error prints "file:line: column: why", so that editors can jump to it.
func (e *LoadError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ": %s", e.Column)
	}
	return b.String() + ": " + e.Why
}

// table is one CSV file with a known header.
type table struct {
	file    string
	columns []string
	rows    []*row
}

// row is one line of a table. The first thing found wrong stays in err, so that a reader can take all cells
// first and look once.
type row struct {
	table *table
	line  int
	cells []string
	err   error
}

// readTable reads a CSV file whose header must be exactly columns.
func readTable(files fs.FS, file string, columns ...string) (*table, error) {
	content, err := fs.ReadFile(files, file)
	if err != nil {
		return nil, &LoadError{File: file, Why: err.Error()}
	}
	if err := checkBytes(file, content); err != nil {
		return nil, err
	}
	t := &table{file: file, columns: columns}
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvError(file, err)
		}
		line, _ := r.FieldPos(0)
		if t.rows == nil {
			if !slices.Equal(cells, columns) {
				return nil, &LoadError{File: file, Line: line, Why: fmt.Sprintf("header is %s: want %s", strings.Join(cells, ","), strings.Join(columns, ","))}
			}
			t.rows = []*row{}
			continue
		}
		if len(cells) != len(columns) {
			return nil, &LoadError{File: file, Line: line, Why: fmt.Sprintf("%d cells: want %d as in the header", len(cells), len(columns))}
		}
		t.rows = append(t.rows, &row{table: t, line: line, cells: cells})
	}
	if len(t.rows) == 0 {
		return nil, &LoadError{File: file, Why: "no rows"}
	}
	return t, nil
}

func csvError(file string, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &LoadError{File: file, Line: parse.Line, Why: parse.Err.Error()}
	}
	return &LoadError{File: file, Why: err.Error()}
}

// checkBytes holds every file to one form of bytes, because the catalogue's digest is taken over them.
func checkBytes(file string, content []byte) error {
	for i, line := range bytes.Split(content, []byte("\n")) {
		why := ""
		switch {
		case i == 0 && bytes.HasPrefix(line, []byte("\xef\xbb\xbf")):
			why = "byte order mark: files are plain UTF-8"
		case !utf8.Valid(line):
			why = "malformed UTF-8"
		case bytes.IndexByte(line, '\r') >= 0:
			why = "carriage return: lines end in LF"
		case !norm.NFC.IsNormal(line):
			why = "not in Unicode form NFC"
		}
		if why != "" {
			return &LoadError{File: file, Line: i + 1, Why: why}
		}
	}
	return nil
}

func (r *row) fail(column, format string, args ...any) {
	if r.err == nil {
		r.err = r.errorf(column, format, args...)
	}
}

func (r *row) errorf(column, format string, args ...any) error {
	return &LoadError{File: r.table.file, Line: r.line, Column: column, Why: fmt.Sprintf(format, args...)}
}

// cell returns a cell that may be empty.
func (r *row) cell(column string) string {
	value := r.cells[slices.Index(r.table.columns, column)]
	if value != strings.TrimSpace(value) {
		r.fail(column, "space around %q", value)
	}
	return value
}

// must returns a cell that may not be empty.
func (r *row) must(column string) string {
	value := r.cell(column)
	if value == "" {
		r.fail(column, "empty")
	}
	return value
}

// id returns a cell that names the row: lower-case ASCII letters, digits, hyphens, and dots for levels.
func (r *row) id(column string) string {
	value := r.must(column)
	for part := range strings.SplitSeq(value, ".") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || part[0] == '-' {
			r.fail(column, "%q: want lower-case letters, digits and hyphens", value)
		}
	}
	return value
}

// list splits a cell at semicolons. Free text may hold "; " and is not a list.
func (r *row) list(column string) []string {
	value := r.cell(column)
	if value == "" {
		return nil
	}
	items := strings.Split(value, ";")
	for i, item := range items {
		if item == "" || item != strings.TrimSpace(item) {
			r.fail(column, "item %d of %q is empty or has spaces around it", i+1, value)
		}
		if slices.Contains(items[:i], item) {
			r.fail(column, "%q stands twice", item)
		}
	}
	return items
}

// sources splits the cell of references, which people write with "; ".
func (r *row) sources() []string {
	value := r.cell("source")
	if value == "" {
		return nil
	}
	return strings.Split(value, "; ")
}

// oneOf returns a cell that must be one of a closed list.
func (r *row) oneOf(column string, valid []string) string {
	value := r.cell(column)
	if !slices.Contains(valid, value) {
		r.fail(column, "%q is unknown: want one of %s", value, strings.Join(valid, ", "))
	}
	return value
}

func (r *row) boolean(column string) bool {
	return r.oneOf(column, []string{"true", "false"}) == "true"
}

// date returns a cell that must be an ISO date.
func (r *row) date(column string) string {
	value := r.cell(column)
	if !isDate(value) {
		r.fail(column, "%q: want a date such as 2026-02-25", value)
	}
	return value
}

// name returns the three cells of the row's name.
func (r *row) name() Text {
	en := "name_en"
	if !slices.Contains(r.table.columns, en) {
		en = "name" // as in venues.csv
	}
	return Text{r.must(en), r.must("name_fr"), r.must("name_ko")}
}

// uniqueIDs refuses a table in which two rows have the same id.
func (t *table) uniqueIDs() error {
	seen := map[string]int{}
	for _, r := range t.rows {
		id := r.id("id")
		if line, ok := seen[id]; ok {
			return r.errorf("id", "%q is already the id of line %d", id, line)
		}
		seen[id] = r.line
	}
	return nil
}
