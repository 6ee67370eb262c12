package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

const (
	// maxImport is the size of an import file at most.
	maxImport = 64 << 20
	// maxImportLine is the size of a line of one at most: a firm at the limits of its fields.
	maxImportLine = 1 << 20
	// maxRefused is how many refused rows an import lists.
	maxRefused = 100
)

// RefusedRow is one thing wrong with one row of an import.
type RefusedRow struct {
	Line       int    // 1-based
	Field, Why string // Field is empty where the line as a whole is wrong
}

// ImportError lists what is wrong with an import file: up to 100 rows, of Total.
type ImportError struct {
	Rows  []RefusedRow
	Total int
}

// Error names the first row and how many there are.
func (e *ImportError) Error() string {
	first := e.Rows[0]
	text := fmt.Sprintf("line %d: %s", first.Line, strings.TrimPrefix(first.Field+": "+first.Why, ": "))
	if e.Total > 1 {
		text = fmt.Sprintf("%s (and %d more)", text, e.Total-1)
	}
	return text
}

// add notes what is wrong with a line.
func (e *ImportError) add(line int, err error) {
	var own *Error
	if errors.As(err, &own) && len(own.Fields) > 0 {
		for _, v := range own.Fields {
			e.row(RefusedRow{line, v.Field, v.Description})
		}
		return
	}
	e.row(RefusedRow{Line: line, Why: err.Error()})
}

func (e *ImportError) row(r RefusedRow) {
	if e.Total++; len(e.Rows) < maxRefused {
		e.Rows = append(e.Rows, r)
	}
}

// orNil is the error, or nil where nothing was refused.
func (e *ImportError) orNil() error {
	if len(e.Rows) == 0 {
		return nil
	}
	return e
}

// refusedImport makes of refused rows the error that callers get.
func refusedImport(err error) error {
	var refused *ImportError
	if errors.As(err, &refused) {
		return refused.refused()
	}
	return err
}

// refused is the import's error as callers get it.
func (e *ImportError) refused() *Error {
	out := &Error{
		Code: codes.InvalidArgument, Reason: tandemv1.Reason_IMPORT_REFUSED, Message: "nothing was imported: " + e.Error(), Cause: e,
		Meta: map[string]string{"refused": fmt.Sprint(e.Total)},
	}
	for _, r := range e.Rows {
		out.Fields = append(out.Fields, Violation{Field: strings.TrimSuffix(fmt.Sprintf("line[%d].%s", r.Line, r.Field), "."), Description: r.Why})
	}
	return out
}

// ReadFirms reads a JSON Lines file of firms. Fields that only the server sets are ignored. What is wrong with any line is
// collected in an *ImportError.
func ReadFirms(r io.Reader) ([]*tandemv1.Firm, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxImportLine)
	var list []*tandemv1.Firm
	var refused ImportError
	seen := make(map[string]int)
	n, blank := 0, 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			blank = n
			continue
		}
		if blank > 0 {
			refused.add(blank, errors.New("empty; write one firm a line"))
			blank = 0
		}
		f, err := readFirm(line)
		if err == nil && seen[f.Name] > 0 {
			err = invalid("name", "%s stands in line %d already", f.Name, seen[f.Name])
		}
		if err != nil {
			refused.add(n, err)
			continue
		}
		seen[f.Name] = n
		list = append(list, f)
	}
	if err := lines.Err(); err != nil {
		if !errors.Is(err, bufio.ErrTooLong) {
			return nil, err
		}
		refused.add(n+1, fmt.Errorf("longer than %d bytes; one firm a line", maxImportLine))
	}
	return list, refused.orNil()
}

// readFirm reads and checks one line of an import.
func readFirm(line []byte) (*tandemv1.Firm, error) {
	f := new(tandemv1.Firm)
	if err := guardMessage(line, f.ProtoReflect().Descriptor(), ""); err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(line, f); err != nil {
		return nil, malformed("", "%s", jsonProblem(err))
	}
	for _, field := range serverFields(f.ProtoReflect().Descriptor()) {
		if field.TextName() != "name" {
			f.ProtoReflect().Clear(field)
		}
	}
	if f.Name == "" {
		return nil, invalid("name", "give the firm's name, such as firms/algoma-steel")
	}
	var texts walker
	if texts.message(f.ProtoReflect(), ""); len(texts.found) > 0 {
		return nil, violations(texts.reason, texts.found...)
	}
	if err := protovalidate.Validate(f); err != nil {
		return nil, asError(err)
	}
	return f, nil
}

// sameContent tells whether two firms differ in nothing that anybody wrote.
func sameContent(a, b *tandemv1.Firm) bool {
	a, b = proto.CloneOf(a), proto.CloneOf(b)
	unstamp(a)
	unstamp(b)
	return proto.Equal(a, b)
}
