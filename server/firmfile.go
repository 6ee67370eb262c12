package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
)

const (
	// maxImport is the size of an import file at most.
	maxImport = 64 << 20
	// maxImportLine is the size of a line of one at most: a firm at the limits of its fields.
	maxImportLine = 1 << 20
)

// FirmFile is a file of firms as it was read: JSON Lines, CSV or a workbook.
type FirmFile struct {
	// Rows are its firms, with what is wrong with each.
	Rows []FirmRow
	// Columns are how the columns of a table were understood.
	Columns []*tandemv1.ImportFirmsResponse_ColumnGuess
	// Notices are what a reader must know of the file.
	Notices []*tandemv1.Sentence

	table *sheet.Table // of a CSV file or a workbook
}

// FirmRow is one row of a file of firms.
type FirmRow struct {
	// Number is its row in the sheet or its line in the file, from 1.
	Number int
	// Firm is what it says; nil where it cannot be read.
	Firm *tandemv1.Firm
	// Derived is true where the row states no id and Firm.name was made of its names: the register may know it by another.
	Derived bool
	// Delete is true for a row that asks for its firm to be deleted.
	Delete bool
	// Problems are what is wrong with it.
	Problems []*tandemv1.ImportFirmsResponse_RowProblem
}

// refuse notes a problem for which the row is left out.
func (r *FirmRow) refuse(field string, s *tandemv1.Sentence, nearest ...string) {
	r.note(field, s, nearest...).Refused = true
}

// note notes a problem with which the row can live.
func (r *FirmRow) note(field string, s *tandemv1.Sentence, nearest ...string) *tandemv1.ImportFirmsResponse_RowProblem {
	p := &tandemv1.ImportFirmsResponse_RowProblem{Row: int32(r.Number), Field: field, Problem: s, NearestCodes: nearest} //nolint:gosec // rows are counted in millions at most
	r.Problems = append(r.Problems, p)
	return p
}

// refused tells whether the row is left out.
func (r *FirmRow) refused() bool {
	return r.Firm == nil || slices.ContainsFunc(r.Problems, (*tandemv1.ImportFirmsResponse_RowProblem).GetRefused)
}

// ReadFirmFile reads a file of firms. The error is about the file as a whole; what is wrong with a row stands at the row.
func ReadFirmFile(cat *catalog.Catalog, p *tandemv1.Partnership, data []byte, o *tandemv1.ImportFirmsRequest_Options) (*FirmFile, error) {
	form := o.GetFormat()
	if form == tandemv1.ImportFirmsRequest_FORMAT_UNSPECIFIED && looksLikeJSON(data) {
		form = tandemv1.ImportFirmsRequest_JSONL
	}
	if form == tandemv1.ImportFirmsRequest_JSONL {
		return readLines(data), nil
	}
	return readTable(cat, p, data, o)
}

// looksLikeJSON tells whether a file begins as JSON Lines do.
func looksLikeJSON(data []byte) bool {
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\ufeff")), " \t\r\n")
	return len(data) > 0 && data[0] == '{'
}

// readLines reads JSON Lines. Fields that only the server sets are ignored.
func readLines(data []byte) *FirmFile {
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(make([]byte, 64<<10), maxImportLine)
	file := new(FirmFile)
	n, blank := 0, 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			blank = n
			continue
		}
		if blank > 0 {
			file.bad(blank, say("error.import.blank"))
			blank = 0
		}
		firm, err := readLine(line)
		if err != nil {
			file.bad(n, err)
			continue
		}
		file.Rows = append(file.Rows, FirmRow{Number: n, Firm: firm})
	}
	if lines.Err() != nil {
		file.bad(n+1, say("error.import.long", maxImportLine))
	}
	return file
}

// bad adds a row that cannot be read.
func (f *FirmFile) bad(number int, err error) {
	row := FirmRow{Number: number}
	var own *Error
	if errors.As(err, &own) && len(own.Fields) > 0 {
		for _, v := range own.Fields {
			row.refuse(v.Field, v.says.sentence())
		}
	} else {
		row.refuse("", asPhrase(err).sentence())
	}
	f.Rows = append(f.Rows, row)
}

// readLine reads one line of JSON Lines.
func readLine(line []byte) (*tandemv1.Firm, error) {
	f := new(tandemv1.Firm)
	if err := guardMessage(line, f.ProtoReflect().Descriptor(), ""); err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(line, f); err != nil {
		return nil, malformed("", "error.json.value")
	}
	for _, field := range serverFields(f.ProtoReflect().Descriptor()) {
		if field.TextName() != "name" {
			f.ProtoReflect().Clear(field)
		}
	}
	return f, nil
}

// Settle checks every row and completes its firm, as an import into a new register of this partnership would.
func (f *FirmFile) Settle(cat *catalog.Catalog, p *tandemv1.Partnership, partial bool) {
	f.settle(seedRules(cat, p), partial)
}

// settle checks every row and completes its firm. In a partial import what can be left out is left out, and a firm that lacks its
// country or kind is kept as half-filled; otherwise any problem refuses its row.
func (f *FirmFile) settle(rules *profileRules, partial bool) {
	named, external := make(map[string]int), make(map[string]int)
	for i := range f.Rows {
		r := &f.Rows[i]
		if !partial {
			for _, p := range r.Problems {
				p.Refused = true
			}
		}
		if r.refused() || r.Delete {
			continue
		}
		r.once("name", r.Firm.Name, named)
		r.once("external_id", r.Firm.ExternalId, external)
		if !r.refused() {
			r.settle(rules, partial)
		}
	}
	for _, p := range f.Problems() {
		if p.Column == "" {
			p.Column = f.columnOf(p.Field)
		}
	}
}

// once refuses a row whose firm stands in the file already.
func (r *FirmRow) once(field, value string, seen map[string]int) {
	switch {
	case value == "":
	case seen[value] > 0:
		r.refuse(field, say("error.import.again", value, seen[value]).sentence())
	default:
		seen[value] = r.Number
	}
}

// settle checks and completes the firm of a row.
func (r *FirmRow) settle(rules *profileRules, partial bool) {
	if err := holdToRules(r.Firm, partial); err != nil {
		for _, v := range asError(err).Fields {
			r.refuse(v.Field, v.says.sentence())
		}
		return
	}
	_, problems := rules.examine(proto.CloneOf(r.Firm))
	var without []string
	for _, p := range problems {
		if partial && canBeLeftOut(p.field) {
			r.note(p.field, p.sentence(), p.candidates...)
			without = append(without, p.field)
		} else {
			r.refuse(p.field, p.sentence(), p.candidates...)
		}
	}
	if r.refused() {
		return
	}
	leaveOut(r.Firm, without)
	if _, left := rules.examine(r.Firm); len(left) > 0 {
		r.refuse(left[0].field, left[0].sentence(), left[0].candidates...)
	}
}

// holdToRules holds a firm of a file to the contract's rules, as a request would be.
func holdToRules(f *tandemv1.Firm, halfFilled bool) error {
	if f.Name == "" && f.ExternalId == "" {
		return invalid("name", "error.import.name")
	}
	var texts walker
	if texts.message(f.ProtoReflect(), ""); len(texts.found) > 0 {
		return violations(texts.reason, texts.found...)
	}
	if halfFilled && (f.Country == "" || f.Kind == tandemv1.Firm_KIND_UNSPECIFIED) {
		f = proto.CloneOf(f)
		f.Country, f.Kind = "ZZ", tandemv1.Firm_COMPANY // anything that the rules take for a country and a kind
	}
	return holdTo(protovalidate.GlobalValidator, f)
}

// canBeLeftOut tells whether a firm can do without a field, or without an item of it.
func canBeLeftOut(field string) bool {
	return field == "region" || field == "size" || strings.HasPrefix(field, "offers[") || strings.HasPrefix(field, "needs[") ||
		strings.HasPrefix(field, "programs[")
}

// leaveOut clears the fields and takes out the items at these paths.
func leaveOut(f *tandemv1.Firm, paths []string) {
	gone := func(list string, i int) bool {
		item := fmt.Sprintf("%s[%d]", list, i)
		return slices.ContainsFunc(paths, func(path string) bool { return path == item || strings.HasPrefix(path, item+".") })
	}
	if slices.Contains(paths, "region") {
		f.Region = ""
	}
	if slices.Contains(paths, "size") {
		f.Size = tandemv1.Firm_SIZE_UNSPECIFIED
	}
	f.Offers = keep(f.Offers, func(i int) bool { return !gone("offers", i) })
	f.Needs = keep(f.Needs, func(i int) bool { return !gone("needs", i) })
	f.Programs = keep(f.Programs, func(i int) bool { return !gone("programs", i) })
}

// keep returns the items whose index passes.
func keep[T any](items []T, pass func(i int) bool) []T {
	var kept []T
	for i, item := range items {
		if pass(i) {
			kept = append(kept, item)
		}
	}
	return kept
}

// Accepted are the settled firms of the rows that are not left out.
func (f *FirmFile) Accepted() []*tandemv1.Firm {
	var list []*tandemv1.Firm
	for i := range f.Rows {
		if r := &f.Rows[i]; !r.refused() && !r.Delete {
			list = append(list, r.Firm)
		}
	}
	return list
}

// Problems are what is wrong with all rows.
func (f *FirmFile) Problems() []*tandemv1.ImportFirmsResponse_RowProblem {
	var list []*tandemv1.ImportFirmsResponse_RowProblem
	for i := range f.Rows {
		list = append(list, f.Rows[i].Problems...)
	}
	return list
}
