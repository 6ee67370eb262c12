package sheet

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// columnWidths is how wide a field's column is written, in characters; others are 18.
var columnWidths = map[string]float64{
	fieldDisplayName: 32, fieldNativeName: 28, fieldSummary: 50, fieldSummaryNative: 50, fieldOffers: 60, fieldNeeds: 60, fieldModes: 30,
	fieldPrograms: 30, fieldStatement: 40, fieldContactEmail: 28,
}

func widthOf(field string) float64 {
	if width, ok := columnWidths[field]; ok {
		return width
	}
	return 18
}

// Export writes organisations as a table, XLSX or CSV, with headers and values in a language, that Read and Firms make the same
// organisations of. What the server sets by itself, such as times, is left out.
func Export(c *catalog.Catalog, firms []*tandemv1.Firm, l catalog.Language, format tandemv1.ImportFirmsRequest_Format) ([]byte, error) {
	w := newWords(c, nil)
	w.writes = l
	fields := Fields()
	header := make([]string, len(fields))
	for i, field := range fields {
		header[i] = c.Sentence(l, "field."+field)
	}
	if format == tandemv1.ImportFirmsRequest_CSV {
		return w.exportCSV(header, fields, firms)
	}
	sheet := c.Sentence(l, "sheet.template.sheet")
	b := newBook(sheet)
	for i := range fields {
		b.put(sheet, i, 1, header[i])
		b.width(sheet, i, widthOf(fields[i]))
	}
	for row, firm := range firms {
		for i, field := range fields {
			text := w.write(firm, field)
			if tooLong(text) {
				return nil, refuse("sheet.long", firm.GetDisplayName(), header[i])
			}
			if text != "" {
				b.put(sheet, i, row+2, text)
			}
		}
	}
	if len(firms) > 0 {
		b.paint(sheet, 0, 2, len(fields)-1, len(firms)+1, wrapStyle())
	}
	b.paint(sheet, 0, 1, len(fields)-1, 1, headerStyle())
	b.freeze(sheet, 1, len(fields))
	return b.bytes()
}

// exportCSV writes UTF-8 with the mark by which spreadsheet programs know it.
func (w *words) exportCSV(header, fields []string, firms []*tandemv1.Firm) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	writer := csv.NewWriter(&out)
	writer.UseCRLF = true
	record := make([]string, len(fields))
	copy(record, header)
	err := writer.Write(record)
	for _, firm := range firms {
		for i, field := range fields {
			text := w.write(firm, field)
			if len(text) > maxCell {
				return nil, refuse("sheet.long", firm.GetDisplayName(), header[i])
			}
			record[i] = safe(text, false)
		}
		if err == nil {
			err = writer.Write(record)
		}
	}
	writer.Flush()
	if err == nil {
		err = writer.Error()
	}
	return out.Bytes(), err
}

// write is the text of a field's cell.
func (w *words) write(f *tandemv1.Firm, field string) string {
	switch field {
	case fieldName:
		return strings.TrimPrefix(f.GetName(), "firms/")
	case fieldExternalID:
		return f.GetExternalId()
	case fieldDisplayName:
		return f.GetDisplayName()
	case fieldNativeName:
		return f.GetNativeName()
	case fieldCountry:
		return w.named("country:", f.GetCountry(), func(name string) bool { return w.country(name) == f.GetCountry() })
	case fieldRegion:
		return w.named("region:", f.GetRegion(), func(name string) bool {
			code, _ := w.region(name, f.GetCountry())
			return code == f.GetRegion()
		})
	case fieldCity:
		return f.GetCity()
	case fieldKind:
		return w.enum("kind", int32(f.GetKind()), f.GetKind().String())
	case fieldSize:
		return w.enum("size", int32(f.GetSize()), f.GetSize().String())
	case fieldSummary:
		return f.GetSummary()
	case fieldSummaryNative:
		return f.GetSummaryNative()
	case fieldStatement:
		return f.GetResponsibleUseStatement()
	case fieldWomen:
		if f.WomenPercent != nil {
			return strconv.Itoa(int(f.GetWomenPercent()))
		}
		return ""
	case fieldContactName:
		return f.GetContact().GetDisplayName()
	case fieldContactEmail:
		return f.GetContact().GetEmail()
	case fieldContactPhone:
		return f.GetContact().GetPhone()
	case fieldProvenance:
		return w.enum("provenance", int32(f.GetProvenance()), f.GetProvenance().String())
	}
	return w.writeList(f, field)
}

// writeList is the text of a cell of several values.
func (w *words) writeList(f *tandemv1.Firm, field string) string {
	var list []string
	separator := "; "
	switch field {
	case fieldOffers:
		separator = "\n"
		for _, offer := range f.GetOffers() {
			list = append(list, w.writeOffer(offer))
		}
	case fieldNeeds:
		separator = "\n"
		for _, need := range f.GetNeeds() {
			list = append(list, w.writeNeed(need))
		}
	case fieldModes:
		for _, mode := range f.GetModes() {
			list = append(list, w.enum("mode", int32(mode), mode.String()))
		}
	case fieldLanguages:
		for _, language := range f.GetLanguages() {
			list = append(list, w.enum("language", int32(language), strings.ToLower(language.String())))
		}
	case fieldPrograms:
		list = f.GetPrograms()
	case fieldExclusions:
		list = f.GetExclusions()
	}
	return strings.Join(list, separator)
}

// enum is a value's name in the language of the table.
func (w *words) enum(family string, number int32, value string) string {
	if number == 0 {
		return ""
	}
	return w.catalog.Sentence(w.writes, family+"."+value)
}

// named is the name of a country or region where it reads back as the code, else the code.
func (w *words) named(prefix, code string, reads func(string) bool) string {
	if code == "" {
		return ""
	}
	if name := w.catalog.Name(w.writes, prefix+code); reads(name) {
		return name
	}
	return code
}
