package sheet

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// templateRows is how many rows of a template have drop-downs.
const templateRows = 1000

// listsSheet holds the values of the drop-downs; it is hidden.
const listsSheet = "lists"

// templateColumn is a column of the template: its field, its number where a field has several, the list to choose from, and its example.
type templateColumn struct {
	field   string
	number  int
	list    []string
	free    bool // other texts than those of the list are welcome
	example string
}

// Template makes an empty workbook in a language: a header that Read understands, drop-downs of the vocabulary and of the partnership's
// countries and regions, a row that shows how it is filled in, which is never imported, and a sheet of notes.
func Template(c *catalog.Catalog, p *tandemv1.Partnership, l catalog.Language) ([]byte, error) {
	w := newWords(c, p)
	w.writes = l
	sheet, notes := c.Sentence(l, "sheet.template.sheet"), c.Sentence(l, "sheet.template.notes")
	b := newBook(sheet)
	columns := w.templateColumns(p)
	for i, column := range columns {
		header := c.Sentence(l, "field."+column.field)
		if column.number > 0 {
			header = fmt.Sprintf("%s %d", header, column.number)
		}
		b.put(sheet, i, 1, header)
		b.put(sheet, i, 2, column.example)
		b.width(sheet, i, min(widthOf(column.field), 40))
	}
	b.paint(sheet, 0, 1, len(columns)-1, 1, headerStyle())
	example := wrapStyle()
	example.Font = &excelize.Font{Italic: true, Color: "666666"}
	b.paint(sheet, 0, 2, len(columns)-1, 2, example)
	b.freeze(sheet, 1, len(columns))
	b.note(c, l, notes)
	b.lists(sheet, columns)
	return b.bytes()
}

// note writes the sheet that says how to fill the other in.
func (b *book) note(c *catalog.Catalog, l catalog.Language, sheet string) {
	_, err := b.file.NewSheet(sheet)
	b.try(err)
	b.width(sheet, 0, 110)
	for i, key := range []string{"required", "id", "capabilities", "aim", "example", "secret"} {
		b.put(sheet, 0, i+1, c.Sentence(l, "sheet.template.note."+key))
		b.paint(sheet, 0, i+1, 0, i+1, wrapStyle())
	}
}

// lists writes the values of the drop-downs, each list once, and ties the columns to them.
func (b *book) lists(sheet string, columns []templateColumn) {
	_, err := b.file.NewSheet(listsSheet)
	b.try(err)
	places := make(map[string]int)
	for i, column := range columns {
		if len(column.list) == 0 {
			continue
		}
		place, written := places[column.field]
		if column.field == fieldNeeds {
			place, written = places[fieldOffers]
		}
		if !written {
			place = len(places)
			places[column.field] = place
			for row, value := range column.list {
				b.put(listsSheet, place, row+1, value)
			}
		}
		letter := Letter(place)
		drop := excelize.NewDataValidation(true)
		drop.Sqref = fmt.Sprintf("%s2:%s%d", Letter(i), Letter(i), templateRows)
		drop.SetSqrefDropList(fmt.Sprintf("%s!$%s$1:$%s$%d", listsSheet, letter, letter, len(column.list)))
		drop.ShowErrorMessage = !column.free
		b.try(b.file.AddDataValidation(sheet, drop))
	}
	b.try(b.file.SetSheetVisible(listsSheet, false))
}

// templateColumns is the columns with what may be chosen in them.
func (w *words) templateColumns(p *tandemv1.Partnership) []templateColumn {
	say := func(key string) string { return w.catalog.Sentence(w.writes, key) }
	capabilities := make([]string, 0, w.catalog.Len())
	for _, capability := range w.catalog.Capabilities() {
		capabilities = append(capabilities, w.labelled(capability.Code))
	}
	countries, regions := w.places(p)
	columns := []templateColumn{
		{field: fieldName, example: say("sheet.template.example")},
		{field: fieldExternalID, example: "A-001"},
		{field: fieldDisplayName, example: w.catalog.Sentence(catalog.EN, "sheet.template.name")},
		{field: fieldNativeName, example: say("sheet.template.name")},
		{field: fieldCountry, list: countries},
		{field: fieldRegion, list: regions, free: true},
		{field: fieldCity},
		{field: fieldKind, list: w.names("kind", tandemv1.Firm_Kind_name), example: say("kind.COMPANY")},
		{field: fieldSize, list: w.names("size", tandemv1.Firm_Size_name), free: true, example: "45"},
		{field: fieldSummary, example: w.catalog.Sentence(catalog.EN, "sheet.template.summary")},
		{field: fieldSummaryNative, example: say("sheet.template.summary")},
	}
	offer, need := w.example("underwater.sonar.towed-array", 0), w.example("underwater.sonar.processing", 1)
	for n := 1; n <= 3; n++ {
		columns = append(columns, templateColumn{field: fieldOffers, number: n, list: capabilities, free: true, example: first(offer, n)})
	}
	for n := 1; n <= 3; n++ {
		columns = append(columns, templateColumn{field: fieldNeeds, number: n, list: capabilities, free: true, example: first(need, n)})
	}
	return append(columns,
		templateColumn{field: fieldModes, list: w.names("mode", tandemv1.Mode_name), free: true, example: say("mode.CO_DEVELOPMENT")},
		templateColumn{field: fieldPrograms}, templateColumn{field: fieldWomen},
		templateColumn{field: fieldContactName}, templateColumn{field: fieldContactEmail, example: "name@example.com"}, templateColumn{field: fieldContactPhone},
		templateColumn{field: fieldLanguages, list: w.names("language", tandemv1.Language_name), free: true, example: say("language." + w.writes.String())},
		templateColumn{field: fieldDelete, list: []string{say("sheet.yes")}},
	)
}

func first(text string, n int) string {
	if n == 1 {
		return text
	}
	return ""
}

// example is a capability to show how one is written; another catalogue may not have it.
func (w *words) example(code string, otherwise int) string {
	if _, ok := w.catalog.Lookup(code); !ok {
		code = w.catalog.Capabilities()[otherwise].Code
	}
	return w.labelled(code)
}

// names lists the values of an enum in its order.
func (w *words) names(family string, values map[int32]string) []string {
	var list []string
	for number := int32(1); values[number] != ""; number++ {
		value := values[number]
		if family == "language" {
			value = strings.ToLower(value)
		}
		list = append(list, w.catalog.Sentence(w.writes, family+"."+value))
	}
	return list
}

// places lists the countries of the partnership and their regions.
func (w *words) places(p *tandemv1.Partnership) (countries, regions []string) {
	for _, side := range p.GetSides() {
		for _, country := range side.GetCountries() {
			countries = append(countries, w.named("country:", country, func(name string) bool { return w.country(name) == country }))
			for _, region := range w.catalog.Regions() {
				if region.Country == country {
					regions = append(regions, region.Name.In(w.writes))
				}
			}
		}
	}
	return countries, regions
}
