package sheet

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/korean"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// messyDir receives the lists as files: go test ./server/sheet -run "Messy|BadFiles" -messy DIR
var messyDir = flag.String("messy", "", "write the messy lists of TestMessy and the files of TestBadFiles to this directory")

// messyList is a list as an organiser keeps one, and what must be read from it.
type messyList struct {
	file    string
	data    []byte
	rows    int
	partial int // rows with a problem
	notices []string
	twin    string // the list that says the same in another form
}

// TestMessy reads four lists as organisers keep them: half-filled English, Korean as a workbook and as CP949, French with merged headers.
func TestMessy(t *testing.T) {
	c := catalog.Embedded()
	read := make(map[string][]Row)
	for _, list := range messyLists(t) {
		if *messyDir != "" {
			if err := os.WriteFile(filepath.Join(*messyDir, list.file), list.data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		table, err := Read(list.data, Options{})
		if err != nil {
			t.Fatalf("%s: %v", list.file, err)
		}
		columns, err := Columns(c, table, nil)
		if err != nil {
			t.Fatalf("%s: %v", list.file, err)
		}
		rows := Firms(c, roadshow(), table, columns)
		read[list.file] = rows
		var problems []*tandemv1.ImportFirmsResponse_RowProblem
		partial := 0
		for _, row := range rows {
			problems = append(problems, row.Problems...)
			if len(row.Problems) > 0 {
				partial++
			}
		}
		var notices []string
		for _, n := range table.Notices {
			notices = append(notices, strings.TrimPrefix(n.GetKey(), "sheet.notice."))
		}
		if len(rows) != list.rows || partial != list.partial || !slices.Equal(notices, list.notices) {
			t.Errorf("%s: %d rows, %d with problems, notices %v; want %d, %d, %v", list.file, len(rows), partial, notices, list.rows, list.partial, list.notices)
		}
		if list.twin != "" {
			for i, row := range read[list.twin] {
				if a, b := fmt.Sprint(row.Firm), fmt.Sprint(rows[i].Firm); a != b {
					t.Errorf("%s row %d differs from %s:\n%s\n%s", list.file, row.Number, list.twin, a, b)
				}
			}
		}
		checkReview(t, list.file, table, problems)
	}
}

// checkReview gives a list back in three languages: the same rows are read from it, and every row with a problem says so.
func checkReview(t *testing.T, file string, table *Table, problems []*tandemv1.ImportFirmsResponse_RowProblem) {
	t.Helper()
	c := catalog.Embedded()
	data := []byte(nil)
	for _, l := range catalog.Languages() {
		source := *table
		var err error
		if data, err = Reviewed(c, &source, problems, l); err != nil {
			t.Fatalf("%s: reviewed: %v", file, err)
		}
		if *messyDir != "" {
			if err := os.WriteFile(filepath.Join(*messyDir, file+".reviewed."+l.String()+".xlsx"), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again, err := Read(data, Options{})
		if err != nil {
			t.Fatalf("%s: reviewed and read: %v", file, err)
		}
		problem, nearest := reviewColumns(again)
		if nearest >= len(again.Headers) {
			t.Fatalf("%s: the reviewed list has no column of problems: %q", file, again.Headers)
		}
		for _, line := range again.Rows {
			has := slices.ContainsFunc(problems, func(p *tandemv1.ImportFirmsResponse_RowProblem) bool { return int(p.GetRow()) == line.Number })
			if said := line.Cell(problem) != ""; said != has {
				t.Errorf("%s row %d: says %q, has a problem: %t", file, line.Number, line.Cell(problem), has)
			}
		}
		for i, line := range table.Rows {
			for column := range line.Cells {
				if got, want := again.Rows[i].Cell(column), line.Cell(column); got != want {
					t.Errorf("%s row %d column %s: %q came back as %q", file, line.Number, Letter(column), want, got)
				}
			}
		}
	}
	// A second review takes the place of the first.
	table, err := Read(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if data, err = Reviewed(c, table, nil, catalog.EN); err != nil {
		t.Fatal(err)
	}
	if table, err = Read(data, Options{}); err != nil {
		t.Fatal(err)
	}
	problem, _ := reviewColumns(table)
	for _, line := range table.Rows {
		if line.Cell(problem) != "" {
			t.Errorf("%s row %d: a problem that is mended is still said: %q", file, line.Number, line.Cell(problem))
		}
	}
}

// messyLists makes the lists out of the shipped organisations, each spoilt in its own way.
func messyLists(t *testing.T) []messyList {
	t.Helper()
	var canadian, koreans, francophone []*tandemv1.Firm
	for _, firm := range shipped(t) {
		if offers := firm.GetOffers(); firm.GetCountry() == "CA" && len(offers) > 0 && offers[0].GetDetailNative() != "" {
			francophone = append(francophone, firm)
		}
		if firm.GetCountry() == "CA" {
			canadian = append(canadian, firm)
		} else {
			koreans = append(koreans, firm)
		}
	}
	// CP949 has no accents, so a list that was saved in it has none.
	plain := slices.DeleteFunc(slices.Clone(canadian), func(f *tandemv1.Firm) bool {
		_, err := korean.EUCKR.NewEncoder().String(f.GetDisplayName() + f.GetNativeName() + offered(f, false, "") + needed(f, false, ""))
		return err != nil
	})
	koreanRows := koreanList(slices.Concat(koreans[:25], plain[:15]))
	return []messyList{
		{file: "english.xlsx", data: englishList(t, slices.Concat(canadian[:60], koreans[:50])), rows: 110, partial: 97, notices: []string{"hidden", "formulas", "above"}},
		{file: "korean.xlsx", data: plainBook(t, "참가기관", koreanRows), rows: 40, partial: 40, notices: nil},
		{file: "korean.csv", data: must(korean.EUCKR.NewEncoder().Bytes([]byte(joined(koreanRows)))), rows: 40, partial: 40, notices: []string{"encoding"}, twin: "korean.xlsx"},
		{file: "french.xlsx", data: frenchList(t, slices.Concat(francophone[:20], koreans[30:40])), rows: 30, partial: 29, notices: []string{"merged", "joined", "above"}},
	}
}

// offered and needed are what an organisation brings and looks for, in the words of the people who described it, two of each.
func offered(f *tandemv1.Firm, native bool, separator string) string {
	var list []string
	for _, o := range f.GetOffers() {
		list = append(list, worded(o.GetDetail(), o.GetDetailNative(), native))
	}
	return strings.Join(list[:min(len(list), 2)], separator)
}

func needed(f *tandemv1.Firm, native bool, separator string) string {
	var list []string
	for _, n := range f.GetNeeds() {
		list = append(list, worded(n.GetDetail(), n.GetDetailNative(), native))
	}
	return strings.Join(list[:min(len(list), 2)], separator)
}

func worded(detail, detailNative string, native bool) string {
	if native && detailNative != "" {
		return detailNative
	}
	return detail
}

// englishList is 110 rows below a title, half of them half-filled, with a formula and a hidden sheet.
func englishList(t *testing.T, firms []*tandemv1.Firm) []byte {
	t.Helper()
	rows := [][]string{{"Roadshow 2026: participants (DRAFT v7)"}, {"Company *", "Nation", "Prov.", "TYPE", "Employees", "What you offer", "Looking for", "E-mail", "Remarks"}}
	for i, f := range firms {
		row := []string{f.GetDisplayName(), f.GetCountry(), f.GetRegion(), "Company", "120", offered(f, false, "; "), needed(f, false, "\n"), "", "called twice"}
		switch {
		case i%10 == 3:
			row[5], row[6] = "", ""
		case i%10 == 5:
			row[3], row[1], row[2] = "", "", ""
		case i%10 == 7:
			row[6] = "partners for growth" // says nothing that can be matched
		case i%22 == 9:
			row[4] = "many"
		}
		rows = append(rows, row)
	}
	b := bookOf(t, "Sheet A", rows)
	b.try(b.file.SetCellFormula("Sheet A", "E3", "100+20"))
	b.try(b.file.SetCellValue("Sheet A", "E4", 15))
	_, err := b.file.NewSheet("old list")
	b.try(err)
	b.try(b.file.SetSheetVisible("old list", false))
	return finished(t, b)
}

// koreanList is 40 rows with values as Korean lists have them.
func koreanList(firms []*tandemv1.Firm) [][]string {
	rows := [][]string{{"기관명(국문)", "영문명", "국가", "기관 구분", "기업규모", "보유 기술", "협력 희망 분야", "담당자 이메일"}}
	for i, f := range firms {
		row := []string{f.GetNativeName(), f.GetDisplayName(), map[string]string{"CA": "캐나다", "KR": "한국"}[f.GetCountry()], "업체", "대기업", offered(f, f.GetCountry() == "KR", "\n"), needed(f, f.GetCountry() == "KR", "; "), "info@example.com"}
		if i%4 == 1 {
			row[4] = "중소기업" // small or medium: nobody can tell
		}
		rows = append(rows, row)
	}
	return rows
}

// frenchList has a title over all columns and a header of two rows, with merged cells over several columns and down.
func frenchList(t *testing.T, firms []*tandemv1.Firm) []byte {
	t.Helper()
	rows := [][]string{
		{"Liste des participants"},
		{"Organisation", "", "Lieu", "", "Personne-ressource", "", "Offres", "Besoins"},
		{"Raison sociale", "Type", "Pays", "Province", "Nom", "Courriel"},
	}
	for i, f := range firms {
		row := []string{f.GetDisplayName(), "entreprise", map[string]string{"CA": "Canada", "KR": "Corée du Sud"}[f.GetCountry()], f.GetRegion(), "Zoé Côté", "zoe@example.com", offered(f, true, " ; "), needed(f, true, " ; ")}
		if i%6 == 2 {
			row[5] = "à venir"
		}
		rows = append(rows, row)
	}
	b := bookOf(t, "Feuille1", rows)
	for _, m := range [][2]string{{"A1", "H1"}, {"A2", "B2"}, {"C2", "D2"}, {"E2", "F2"}, {"G2", "G3"}, {"H2", "H3"}} {
		b.try(b.file.MergeCell("Feuille1", m[0], m[1]))
	}
	return finished(t, b)
}

func bookOf(t *testing.T, sheet string, rows [][]string) *book {
	t.Helper()
	b := &book{file: excelize.NewFile()}
	b.try(b.file.SetSheetName("Sheet1", sheet))
	for i, row := range rows {
		for j, text := range row {
			if text != "" {
				b.put(sheet, j, i+1, text)
			}
		}
	}
	return b
}

func plainBook(t *testing.T, sheet string, rows [][]string) []byte {
	return finished(t, bookOf(t, sheet, rows))
}

func finished(t *testing.T, b *book) []byte {
	t.Helper()
	data, err := b.bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// joined is rows as CSV, every value in quotes.
func joined(rows [][]string) string {
	var out bytes.Buffer
	for _, row := range rows {
		for i, text := range row {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
		}
		out.WriteString("\r\n")
	}
	return out.String()
}

// TestOwnWordsOfShippedFirms counts, over the offers of the shipped organisations, whose words and codes were written by people apart from
// this package, how often a code is chosen from the words and how often it is the people's one, or lies in its branch.
func TestOwnWordsOfShippedFirms(t *testing.T) {
	c := catalog.Embedded()
	w := newWords(c, nil)
	cells, chosen, same, branch := 0, 0, 0, 0
	for i, firm := range shipped(t) {
		if i%2 == 1 || len(firm.GetOffers()) == 0 || cells == 100 {
			continue
		}
		offer := firm.GetOffers()[0]
		cells++
		found := w.items(fieldOffers, offer.GetDetail())
		for _, item := range found {
			if item.code == "" {
				continue
			}
			chosen++
			got, _ := c.Lookup(item.code)
			want, _ := c.Lookup(offer.GetCapability())
			switch {
			case got == want:
				same++
			case c.Root(got) == c.Root(want):
				branch++
			default:
				t.Logf("%q: chose %s, people chose %s", item.words, item.code, offer.GetCapability())
			}
		}
	}
	t.Logf("%d cells: %d codes chosen, %d the same as people chose, %d others of the same branch", cells, chosen, same, branch)
	if cells != 100 || (same+branch)*10 < chosen*8 {
		t.Errorf("%d cells: %d codes chosen, of which %d the same and %d of the same branch: want 8 of 10 in the branch", cells, chosen, same, branch)
	}
}
