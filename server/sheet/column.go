package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// The fields that a column can hold: paths of Firm, and what a list says about its rows.
const (
	fieldName          = "name"
	fieldExternalID    = "external_id"
	fieldDisplayName   = "display_name"
	fieldNativeName    = "native_name"
	fieldCountry       = "country"
	fieldRegion        = "region"
	fieldCity          = "city"
	fieldKind          = "kind"
	fieldSize          = "size"
	fieldSummary       = "summary"
	fieldSummaryNative = "summary_native"
	fieldOffers        = "offers"
	fieldNeeds         = "needs"
	fieldModes         = "modes"
	fieldPrograms      = "programs"
	fieldExclusions    = "exclusions"
	fieldStatement     = "responsible_use_statement"
	fieldWomen         = "women_percent"
	fieldContactName   = "contact.display_name"
	fieldContactEmail  = "contact.email"
	fieldContactPhone  = "contact.phone"
	fieldLanguages     = "languages"
	fieldProvenance    = "provenance"
	fieldDelete        = "delete"
	fieldProblem       = "problem"
	fieldNearest       = "nearest_code"
)

// fieldOrder is every field in the order of a written table; the two of a reviewed one are last.
var fieldOrder = []string{
	fieldName, fieldExternalID, fieldDisplayName, fieldNativeName, fieldCountry, fieldRegion, fieldCity, fieldKind, fieldSize,
	fieldSummary, fieldSummaryNative, fieldOffers, fieldNeeds, fieldModes, fieldPrograms, fieldExclusions, fieldStatement, fieldWomen,
	fieldContactName, fieldContactEmail, fieldContactPhone, fieldLanguages, fieldProvenance, fieldDelete, fieldProblem, fieldNearest,
}

// listFields may stand above several columns, whose cells are read as one list.
var listFields = []string{fieldOffers, fieldNeeds, fieldModes, fieldPrograms, fieldExclusions, fieldLanguages}

// Fields lists what a column can be said to hold, for `--map`.
func Fields() []string { return slices.Clone(fieldOrder[:len(fieldOrder)-2]) }

// Columns tells what each column holds: as the corrections say, else by its header, else by its values. A correction is "C=needs" or
// "Header=needs"; "C=-" or "C=" passes the column over. The error names the headers where none is understood, or the wrong correction.
func Columns(c *catalog.Catalog, t *Table, corrections []string) ([]*tandemv1.ImportFirmsResponse_ColumnGuess, error) {
	columns := make([]*tandemv1.ImportFirmsResponse_ColumnGuess, len(t.Headers))
	for i, header := range t.Headers {
		columns[i] = &tandemv1.ImportFirmsResponse_ColumnGuess{Letter: Letter(i), Header: shorten(header), Field: headerField(header, t.below[i])}
	}
	for _, correction := range corrections {
		if err := correct(t, columns, correction); err != nil {
			return nil, err
		}
	}
	twoNames(t, columns, fieldDisplayName, fieldNativeName)
	twoNames(t, columns, fieldSummary, fieldSummaryNative)
	onePerField(columns)
	guessByValues(newWords(c, nil), t, columns)
	if !slices.ContainsFunc(columns, func(g *tandemv1.ImportFirmsResponse_ColumnGuess) bool {
		return g.GetField() != "" && g.GetField() != fieldProblem && g.GetField() != fieldNearest
	}) {
		return nil, refuse("sheet.headers", strings.Join(seen(t.Headers), ", "))
	}
	return columns, nil
}

// correct applies one correction.
func correct(t *Table, columns []*tandemv1.ImportFirmsResponse_ColumnGuess, correction string) error {
	i := strings.LastIndexByte(correction, '=')
	if i < 0 {
		return refuse("sheet.map.form", shorten(correction))
	}
	which, field := strings.TrimSpace(correction[:i]), strings.TrimSpace(correction[i+1:])
	if field == "-" { // a field of nothing is easily taken for one that was forgotten
		field = ""
	}
	if field != "" && !slices.Contains(Fields(), field) {
		known, _ := knownHeader(field)
		if known == "" {
			return refuse("sheet.map.field", shorten(field), strings.Join(Fields(), ", "))
		}
		field = known
	}
	column := slices.IndexFunc(t.Headers, func(header string) bool {
		return header != "" && headerKey(header) == headerKey(which) && headerKey(which) != ""
	})
	if letter := Column(which); which != "" && letter >= 0 && letter < len(columns) {
		column = letter
	}
	if column < 0 {
		return refuse("sheet.map.column", shorten(which), Letter(len(columns)-1))
	}
	columns[column].Field, columns[column].Given = field, true
	return nil
}

// twoNames tells two columns for one field apart by their script: of two with names, the one in another alphabet is the native one.
func twoNames(t *Table, columns []*tandemv1.ImportFirmsResponse_ColumnGuess, usual, native string) {
	var both []int
	for i, column := range columns {
		if column.GetField() == native {
			return
		}
		if column.GetField() == usual && !column.GetGiven() {
			both = append(both, i)
		}
	}
	if len(both) != 2 {
		return
	}
	first, second := mostlyHangul(t, both[0]), mostlyHangul(t, both[1])
	switch {
	case first && !second:
		columns[both[0]].Field = native
	case second && !first:
		columns[both[1]].Field = native
	}
}

// mostlyHangul tells whether most texts of a column hold Hangul.
func mostlyHangul(t *Table, column int) bool {
	with, filled := 0, 0
	for _, line := range t.Rows {
		if cell := line.Cell(column); cell != "" {
			filled++
			if hasHangul(cell) {
				with++
			}
		}
	}
	return with*2 > filled
}

func hasHangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}

// onePerField leaves a field of one value to one column: the one that the caller named, else the first.
func onePerField(columns []*tandemv1.ImportFirmsResponse_ColumnGuess) {
	taken := make(map[string]bool)
	for _, given := range []bool{true, false} {
		for _, column := range columns {
			field := column.GetField()
			if column.GetGiven() != given || field == "" || slices.Contains(listFields, field) {
				continue
			}
			if taken[field] {
				column.Field = ""
			}
			taken[field] = true
		}
	}
}

var (
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	phoneForm = regexp.MustCompile(`^[+(]?[0-9][0-9 ().+/-]{6,24}$`)
)

// guessByValues finds columns by what stands in them, where their header says nothing: three values and four in five of all must be of
// one sort, and the field must be free.
func guessByValues(w *words, t *Table, columns []*tandemv1.ImportFirmsResponse_ColumnGuess) {
	sorts := []struct {
		field string
		is    func(string) bool
	}{
		{fieldContactEmail, emailForm.MatchString},
		{fieldCountry, func(s string) bool { return w.country(s) != "" }},
		{fieldRegion, func(s string) bool { return len(w.regions(s)) > 0 }},
		{fieldKind, func(s string) bool { _, ok := w.kind(s); return ok }},
		{fieldSize, func(s string) bool { _, ok := w.size(s); return ok && !isNumber(s) }},
		{fieldContactPhone, phoneForm.MatchString},
	}
	taken := make(map[string]bool)
	for _, column := range columns {
		taken[column.GetField()] = true
	}
	for i, column := range columns {
		if column.GetField() != "" || column.GetGiven() {
			continue
		}
		for _, sort := range sorts {
			if taken[sort.field] {
				continue
			}
			filled, fits := 0, 0
			for _, line := range t.Rows {
				if cell := line.Cell(i); cell != "" {
					filled++
					if len(cell) <= 200 && sort.is(cell) {
						fits++
					}
				}
			}
			if fits >= 3 && fits*5 >= filled*4 {
				column.Field, taken[sort.field] = sort.field, true
				break
			}
		}
	}
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789,. ") == "" }
