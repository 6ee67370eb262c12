package server

import (
	"errors"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
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
func unreadableFile(cat *catalog.Catalog, err error) error {
	var unreadable *sheet.Error
	if !errors.As(err, &unreadable) {
		return err
	}
	why := strings.TrimSuffix(cat.Sentence(catalog.EN, unreadable.Key, unreadable.Args...), ".")
	return &Error{
		Code: codes.InvalidArgument, Reason: tandemv1.Reason_MALFORMED, Message: "nothing was imported: " + why, Cause: err,
		Fields: []Violation{{Field: "data", Description: why}},
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
