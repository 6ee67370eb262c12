package server

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

const (
	// maxRefused is how many refused rows an import lists.
	maxRefused = 100
	// maxChanges is how many changes of firms an import lists.
	maxChanges = 100
)

// ImportError lists what is wrong with a file of which nothing was taken.
type ImportError struct {
	Rows  []RefusedRow // up to 100
	Total int
}

// RefusedRow is one thing wrong with one row of a file.
type RefusedRow struct {
	// Line is the line of the file or the row of the sheet, from 1.
	Line int
	// Field is the field that is wrong; empty where the row as a whole is.
	Field string
	// Problem says what is wrong with it.
	Problem *tandemv1.Sentence
}

// at is where the row and its field stand, as a path.
func (r RefusedRow) at() string {
	return strings.TrimSuffix(fmt.Sprintf("line[%d].%s", r.Line, r.Field), ".")
}

// Error names the first row and how many there are.
func (e *ImportError) Error() string {
	first := e.Rows[0]
	text := fmt.Sprintf("line %d: %s", first.Line, strings.TrimPrefix(first.Field+": "+brief(saying(first.Problem).in(catalog.EN)), ": "))
	if e.Total > 1 {
		text = say("error.more", text, e.Total-1).in(catalog.EN)
	}
	return text
}

// refused is the import's error as callers get it.
func (e *ImportError) refused() *Error {
	out := &Error{
		Code: codes.InvalidArgument, Reason: tandemv1.Reason_IMPORT_REFUSED, under: "error.import", Cause: e,
		Meta: map[string]string{"refused": fmt.Sprint(e.Total)},
	}
	for _, r := range e.Rows {
		out.Fields = append(out.Fields, Violation{Field: r.at(), says: saying(r.Problem)})
	}
	return out
}

// Refused is the error of a file that is taken as a whole or not at all; nil where no row is refused.
func (f *FirmFile) Refused() error {
	e := new(ImportError)
	for _, p := range f.Problems() {
		if !p.Refused {
			continue
		}
		if e.Total++; len(e.Rows) < maxRefused {
			e.Rows = append(e.Rows, RefusedRow{Line: int(p.Row), Field: p.Field, Problem: p.Problem})
		}
	}
	if e.Total == 0 {
		return nil
	}
	return e
}

// ImportFirms imports a file of firms: all or nothing, unless a partial import is asked for.
func (s firmService) ImportFirms(stream tandemv1.FirmService_ImportFirmsServer) error {
	options, data, err := receiveFile(stream)
	if err != nil {
		return err
	}
	if err := attested(options.GetAttested()); err != nil {
		return err
	}
	answer := new(tandemv1.ImportFirmsResponse)
	_, err = write(stream.Context(), s.Server, options, answer, func(c *change) error {
		file, err := ReadFirmFile(s.catalog, s.partnership, data, options)
		if err != nil {
			return unreadableFile(err)
		}
		file.settle(s.rules(c.Tx), options.GetPartial())
		if err := s.importFile(c, file, options, answer); err != nil {
			return err
		}
		if err := file.Refused(); err != nil && !options.GetPartial() {
			return refusedImport(err)
		}
		answer.Columns, answer.Notices, answer.Revision = file.Columns, file.Notices, c.revision
		problems := file.Problems()
		answer.Problems = problems[:min(len(problems), maxRefused)]
		return nil
	}, data)
	if err != nil {
		return err
	}
	if options.GetValidateOnly() {
		answer.Revision = 0
	}
	speak(s.catalog, options.GetLanguage(), answer)
	return stream.SendAndClose(answer)
}

// refusedImport makes of refused rows the error that callers get.
func refusedImport(err error) error {
	var refused *ImportError
	if errors.As(err, &refused) {
		return refused.refused()
	}
	return err
}

// filePartStream is a stream that carries a file behind its options.
type filePartStream[P interface {
	GetOptions() *tandemv1.ImportFirmsRequest_Options
	GetData() []byte
}] interface {
	Recv() (P, error)
}

// receiveFile collects the parts of a file.
func receiveFile[P interface {
	GetOptions() *tandemv1.ImportFirmsRequest_Options
	GetData() []byte
}](stream filePartStream[P]) (*tandemv1.ImportFirmsRequest_Options, []byte, error) {
	options := new(tandemv1.ImportFirmsRequest_Options)
	var file []byte
	for first := true; ; first = false {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return options, file, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if part.GetOptions() != nil && !first {
			return nil, nil, invalid("options", "error.import.options")
		}
		if part.GetOptions() != nil {
			options = part.GetOptions()
		}
		if file = append(file, part.GetData()...); len(file) > maxImport {
			return nil, nil, tooLarge("data", "error.large.file", maxImport>>20)
		}
	}
}

// importFile creates, replaces and deletes the firms of the rows that are not refused.
func (s firmService) importFile(c *change, file *FirmFile, o *tandemv1.ImportFirmsRequest_Options, answer *tandemv1.ImportFirmsResponse) error {
	for i := range file.Rows {
		r := &file.Rows[i]
		if r.refused() {
			answer.Refused++
			continue
		}
		old, err := c.known(r)
		if err != nil {
			return err
		}
		if r.refused() { // found to be about two firms at once
			answer.Refused++
			continue
		}
		if r.Delete {
			if !r.deletes(old, o) {
				answer.Refused++
				continue
			}
			old.DeleteTime = timestamppb.New(c.Now())
			answer.Deleted++
			if err := c.shutOut(old.Name); err != nil {
				return err
			}
			if err := c.putFirm(s.catalog, old); err != nil {
				return err
			}
			continue
		}
		kept, err := c.keepsOwn(old, r, o.GetOverwriteSelf(), answer)
		if err != nil {
			return err
		}
		if kept {
			continue
		}
		if err := s.importFirm(c, old, r, answer); err != nil {
			return err
		}
	}
	return nil
}

// deletes tells whether a row that asks for a deletion gets it.
func (r *FirmRow) deletes(old *tandemv1.Firm, o *tandemv1.ImportFirmsRequest_Options) bool {
	switch {
	case !o.GetDeletions():
		r.refuse("delete", &tandemv1.Sentence{Key: "desk.delete.unasked"})
	case old == nil || old.DeleteTime != nil:
		r.refuse("delete", &tandemv1.Sentence{Key: "desk.delete.unknown"})
	default:
		return true
	}
	return false
}

// known finds the firm that a row is about: by external_id, by its name, or, where the row states no id, by what it is called. It
// returns nil for a new one.
func (c *change) known(r *FirmRow) (*tandemv1.Firm, error) {
	f, name := r.Firm, r.Firm.Name
	if r.Derived {
		called := store.Query{Filter: store.Term("display_name=" + f.DisplayName), Limit: 2}
		found, _, err := list[*tandemv1.Firm](c.Tx, firms, called)
		if err != nil {
			return nil, err
		}
		if len(found) == 1 && found[0].Provenance != tandemv1.Firm_SELF { // whoever registers under a name does not get its profile
			name = found[0].Name
		}
	}
	if f.ExternalId != "" {
		row, err := c.Find(firms, "external_id="+f.ExternalId)
		switch {
		case err == nil && name != "" && name != row.Name && !r.Derived:
			r.refuse("external_id", &tandemv1.Sentence{Key: "desk.identity", Args: []string{catalog.Literal(f.ExternalId), catalog.Literal(row.Name), catalog.Literal(name)}})
			return nil, nil
		case err == nil:
			name = row.Name
		case !errors.Is(err, store.ErrNotFound):
			return nil, err
		case name == "":
			if name, err = c.nameOf(f.ExternalId); err != nil {
				return nil, err
			}
		}
	}
	f.Name = name
	return c.existing(name)
}

// importFirm creates or replaces a firm, or leaves it when nothing differs.
func (s firmService) importFirm(c *change, old *tandemv1.Firm, r *FirmRow, answer *tandemv1.ImportFirmsResponse) error {
	firm := proto.CloneOf(r.Firm)
	enter(firm, old)
	switch {
	case old == nil:
		answer.Created++
	case sameContent(old, firm):
		answer.Unchanged++
		return nil
	default:
		answer.Updated++
		answer.Changes = append(answer.Changes, differences(old, firm, maxChanges-len(answer.Changes))...)
		firm.CreateTime = old.CreateTime
	}
	if len(firm.Missing) > 0 {
		answer.Incomplete++
	}
	return c.putFirm(s.catalog, firm)
}

// sameContent tells whether two firms differ in nothing that anybody wrote.
func sameContent(a, b *tandemv1.Firm) bool {
	a, b = proto.CloneOf(a), proto.CloneOf(b)
	unstamp(a)
	unstamp(b)
	return proto.Equal(a, b)
}

// differences lists what changes between two forms of a firm, at most so many fields.
func differences(old, changed *tandemv1.Firm, most int) []*tandemv1.ImportFirmsResponse_FirmChange {
	fixed := serverFields(old.ProtoReflect().Descriptor())
	fields := old.ProtoReflect().Descriptor().Fields()
	var list []*tandemv1.ImportFirmsResponse_FirmChange
	for i := range fields.Len() {
		f := fields.Get(i)
		before, after := fieldJSON(old, f), fieldJSON(changed, f)
		if before == after || slices.Contains(fixed, f) || len(list) >= most {
			continue
		}
		list = append(list, &tandemv1.ImportFirmsResponse_FirmChange{Firm: old.Name, Field: f.TextName(), Before: before, After: after})
	}
	return list
}

// fieldJSON is the value of one field as JSON; empty where it is not set.
func fieldJSON(f *tandemv1.Firm, field protoreflect.FieldDescriptor) string {
	if !f.ProtoReflect().Has(field) {
		return ""
	}
	only := new(tandemv1.Firm)
	only.ProtoReflect().Set(field, f.ProtoReflect().Get(field))
	text, err := compactJSON(only)
	if err != nil {
		return ""
	}
	_, value, _ := strings.Cut(strings.TrimSuffix(text, "}"), ":")
	return value
}

// compactJSON writes a message as JSON with the contract's names and always the same spaces.
func compactJSON(m proto.Message) (string, error) {
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return "", err
	}
	return compact(b)
}
