package server

import (
	"errors"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// readTable reads a CSV file or a workbook.
func readTable(cat *catalog.Catalog, p *tandemv1.Partnership, data []byte, o *tandemv1.ImportFirmsRequest_Options) (*FirmFile, error) {
	table, err := sheet.Read(data, sheet.Options{Encoding: o.GetEncoding()})
	if err != nil {
		return nil, err
	}
	columns, err := sheet.Columns(cat, table, o.GetColumnMap())
	if err != nil {
		return nil, err
	}
	file := &FirmFile{Columns: columns, Notices: table.Notices, table: table}
	for _, r := range sheet.Firms(cat, p, table, columns) {
		file.Rows = append(file.Rows, FirmRow{Number: r.Number, Firm: r.Firm, Derived: r.Derived, Delete: r.Delete, Problems: r.Problems})
	}
	return file, nil
}

// unreadableFile makes of a file that cannot be read the error that callers get.
func unreadableFile(err error) error {
	var unreadable *sheet.Error
	if !errors.As(err, &unreadable) {
		return err
	}
	why := saying(&tandemv1.Sentence{Key: unreadable.Key, Args: unreadable.Args})
	return &Error{
		Code: codes.InvalidArgument, Reason: tandemv1.Reason_MALFORMED, says: say("error.import", why), Cause: err,
		Fields: []Violation{{Field: "data", says: why}},
	}
}

// columnOf is the header of the column that a field was read from; empty for a file without columns.
func (f *FirmFile) columnOf(field string) string {
	top, _, _ := strings.Cut(field, "[")
	top, _, _ = strings.Cut(top, ".")
	for _, c := range f.Columns {
		if c.Field == top || strings.HasPrefix(c.Field, top+".") || top == "name" && c.Field == "display_name" {
			return c.Header
		}
	}
	return ""
}

// ReviewFirms gives a file back as a workbook with what is wrong in each row, and changes nothing.
func (s firmService) ReviewFirms(stream tandemv1.FirmService_ReviewFirmsServer) error {
	options, data, err := receiveFile(stream)
	if err != nil {
		return err
	}
	file, err := ReadFirmFile(s.catalog, s.partnership, data, options)
	if err != nil {
		return unreadableFile(err)
	}
	err = s.store.View(stream.Context(), func(tx *store.Tx) error {
		file.settle(s.rules(tx), options.GetPartial())
		return file.noteOwn(tx, options.GetOverwriteSelf())
	})
	if err != nil {
		return err
	}
	workbook, err := file.Reviewed(s.catalog, options.GetLanguage())
	if err != nil {
		return err
	}
	return inParts(workbook, func(part []byte) error { return stream.Send(&tandemv1.ReviewFirmsResponse{Data: part}) })
}

// Reviewed is the file again as a workbook, with what is wrong in each row, in one language.
func (f *FirmFile) Reviewed(cat *catalog.Catalog, l tandemv1.Language) ([]byte, error) {
	if f.table == nil {
		return nil, invalid("format", "error.review.table")
	}
	return sheet.Reviewed(cat, f.table, f.Problems(), languageOf(l))
}

// IsTable tells whether the file is a CSV file or a workbook.
func (f *FirmFile) IsTable() bool { return f.table != nil }

// Speak fills in the text of what is said about the file and its rows, in one language.
func (f *FirmFile) Speak(cat *catalog.Catalog, l tandemv1.Language) {
	speak(cat, l, &tandemv1.ImportFirmsResponse{Notices: f.Notices, Problems: f.Problems()})
}
