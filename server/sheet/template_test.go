package sheet

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func TestTemplate(t *testing.T) {
	c := catalog.Embedded()
	for _, l := range catalog.Languages() {
		t.Run(l.String(), func(t *testing.T) {
			data, err := Template(c, roadshow(), l)
			if err != nil {
				t.Fatal(err)
			}
			again, err := Template(c, roadshow(), l)
			if err != nil || !bytes.Equal(data, again) {
				t.Errorf("a second template differs (error %v)", err)
			}
			if rows := readFirms(t, data); len(rows) != 0 {
				t.Errorf("the example was read as %v", rows)
			}
			table, err := Read(data, Options{})
			if err != nil {
				t.Fatal(err)
			}
			columns, err := Columns(c, table, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, column := range columns {
				if column.GetField() == "" {
					t.Errorf("column %s %q of the template is not understood", column.GetLetter(), column.GetHeader())
				}
			}
			fillIn(t, data, l, columns)
		})
	}
}

// fillIn chooses the first value of every drop-down, as a person does, and reads the row.
func fillIn(t *testing.T, data []byte, l catalog.Language, columns []*tandemv1.ImportFirmsResponse_ColumnGuess) {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	sheet := file.GetSheetList()[0]
	if visible, err := file.GetSheetVisible(listsSheet); err != nil || visible {
		t.Errorf("the sheet of lists is visible: %t, %v", visible, err)
	}
	drops, err := file.GetDataValidations(sheet)
	if err != nil || len(drops) < 12 {
		t.Fatalf("%d drop-downs, error %v", len(drops), err)
	}
	put := func(cell, value string) {
		if err := file.SetCellStr(sheet, cell, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, drop := range drops {
		letter := drop.Sqref[:strings.IndexByte(drop.Sqref, '2')]
		field := columns[Column(letter)].GetField()
		if field == fieldDelete {
			continue
		}
		place, _, _ := strings.Cut(strings.TrimPrefix(drop.Formula1, listsSheet+"!$"), "$")
		value, err := file.GetCellValue(listsSheet, place+"1")
		if err != nil || value == "" {
			t.Fatalf("drop-down %s of %s has no first value (%v)", drop.Formula1, field, err)
		}
		put(letter+"3", value)
	}
	name := slices.IndexFunc(columns, func(g *tandemv1.ImportFirmsResponse_ColumnGuess) bool { return g.GetField() == fieldDisplayName })
	put(Letter(name)+"3", "Filled In")
	buffer, err := file.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	rows := readFirms(t, buffer.Bytes())
	if len(rows) != 1 || len(rows[0].Problems) > 0 {
		t.Fatalf("%s: rows %v, want one without problems", l, rows)
	}
	f := rows[0].Firm
	got := []string{f.GetName(), f.GetCountry(), f.GetRegion(), f.GetKind().String(), f.GetSize().String(), f.GetOffers()[0].GetCapability(), f.GetNeeds()[0].GetCapability(), f.GetModes()[0].String(), f.GetLanguages()[0].String()}
	if diff := cmp.Diff([]string{"firms/filled-in", "CA", "CA-AB", "COMPANY", "MICRO", "naval", "naval", "CO_DEVELOPMENT", "EN"}, got); diff != "" {
		t.Errorf("%s: the first of every drop-down (-want +got):\n%s", l, diff)
	}
}

// TestEveryLabelReadsBack makes sure that no capability of a drop-down is taken for another.
func TestEveryLabelReadsBack(t *testing.T) {
	c := catalog.Embedded()
	w := newWords(c, nil)
	for _, w.writes = range catalog.Languages() {
		for _, capability := range c.Capabilities() {
			got := w.items(fieldOffers, w.labelled(capability.Code))
			if len(got) != 1 || got[0].code != capability.Code || !got[0].exact {
				t.Errorf("%s: %q was read as %+v", w.writes, w.labelled(capability.Code), got)
			}
		}
		for _, region := range c.Regions() {
			if code, _ := w.region(region.Name.In(w.writes), region.Country); code != region.Code {
				t.Errorf("%s: region %q was read as %q, want %q", w.writes, region.Name.In(w.writes), code, region.Code)
			}
		}
	}
}

// TestTermsAreUnique finds a header or a value that two lines of the word lists claim.
func TestTermsAreUnique(t *testing.T) {
	for name, list := range map[string]string{"headers.csv": headerTerms, "words.csv": valueTerms} {
		owner := make(map[string]string)
		for _, line := range strings.Split(strings.TrimSpace(list), "\n")[1:] {
			value, terms, _ := strings.Cut(line, ",")
			family := ""
			if name == "words.csv" {
				family, _, _ = strings.Cut(value, ".")
			}
			for term := range strings.SplitSeq(terms, "|") {
				key := family + " " + wordKey(term)
				if before, ok := owner[key]; ok && before != value {
					t.Errorf("%s: %q stands for %s and for %s", name, term, before, value)
				}
				owner[key] = value
			}
		}
	}
	for _, field := range fieldOrder {
		for _, l := range catalog.Languages() {
			if got, _ := knownHeader(catalog.Embedded().Sentence(l, "field."+field)); got != field {
				t.Errorf("%s: the header %q is read as %q, want %q", l, catalog.Embedded().Sentence(l, "field."+field), got, field)
			}
		}
	}
}
