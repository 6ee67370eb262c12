package report

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

const xlsx = tandemv1.DownloadReportRequest_XLSX

func openedBook(t *testing.T, file []byte) *excelize.File {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() }) //nolint:errcheck // it is only read
	return book
}

// TestSameNumbersInWorkbook reads the sheets of the sections back and compares their numbers with those of JSON Lines.
func TestSameNumbersInWorkbook(t *testing.T) {
	r := fixture(t)
	for _, lang := range languages {
		reader := mustReader(t, r, lang)
		book := openedBook(t, write(t, r, xlsx, lang))
		got := map[string]numbers{}
		for _, part := range bestOf {
			sheet := cutUnits(reader.say("report.section."+part.section.String()), excelize.MaxSheetNameLength)
			rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
			if err != nil || len(rows) == 0 {
				continue // a section without a pairing has no sheet; the comparison below misses what is lost
			}
			for _, row := range rows[1:] {
				got[row[1]] = numbersOfCells(t, row)
			}
		}
		if diff := cmp.Diff(numbersOfLines(t, write(t, r, lines, lang)), got); diff != "" {
			t.Errorf("%v: JSON Lines and workbook differ (-jsonl +xlsx):\n%s", lang, diff)
		}
	}
}

func numbersOfCells(t *testing.T, row []string) numbers {
	t.Helper()
	cells := map[string]int{}
	for i, c := range columns() {
		if c.holds() != bookNumber {
			continue
		}
		n, err := strconv.Atoi(row[i])
		if err != nil {
			t.Fatalf("column %s: %v", c.key, err)
		}
		cells[c.key] = n
	}
	n := numbers{
		Position: cells["position"], Score: cells["score"], FirstRank: cells["first_rank"], SecondRank: cells["second_rank"],
		FirstCoverage: cells["first_coverage"], SecondCoverage: cells["second_coverage"],
		Points: []int{cells["first_needs"], cells["second_needs"]},
	}
	for _, kind := range otherKinds() {
		n.Points = append(n.Points, cells["points_"+kind.String()])
	}
	return n
}

// TestWorkbookIsTyped finds numbers that are text, and text that has become a formula.
func TestWorkbookIsTyped(t *testing.T) {
	r := fixture(t)
	book := openedBook(t, write(t, r, xlsx, tandemv1.Language_KO))
	formulas := 0
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for y, row := range rows {
			for x, value := range row {
				cell, err := excelize.CoordinatesToCellName(x+1, y+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := book.GetCellFormula(sheet, cell); err != nil || formula != "" {
					t.Errorf("%s!%s is the formula %q (%v)", sheet, cell, formula, err)
				}
				kind, err := book.GetCellType(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(value, "=") {
					formulas++
					if kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
						t.Errorf("%s!%s: %q has the type %d, want text", sheet, cell, value, kind)
					}
				}
			}
		}
	}
	if formulas == 0 {
		t.Error("the fixture's name that looks like a formula is not in the workbook")
	}
}

func TestWorkbookIsTheSameEachTime(t *testing.T) {
	r := fixture(t)
	want := write(t, r, xlsx, tandemv1.Language_FR)
	for range 5 {
		if !bytes.Equal(want, write(t, r, xlsx, tandemv1.Language_FR)) {
			t.Fatal("the same report gave another workbook")
		}
	}
	if err := r.Write(&failing{left: 5000}, match, xlsx, tandemv1.Language_FR, Options{}); err == nil {
		t.Error("a full disk went unnoticed")
	}
}

func TestSizeOfARealWorkbook(t *testing.T) {
	if size := len(write(t, large(t), xlsx, tandemv1.Language_KO)); size > 5_000_000 {
		t.Errorf("the workbook has %d bytes, want at most 5,000,000", size)
	}
}

func TestSheetNames(t *testing.T) {
	b := &book{names: map[string]bool{}}
	for _, test := range []struct{ name, want string }{
		{"R&D: test/evaluation [all]", "R&D test-evaluation (all)"},
		{"r&d test-evaluation (ALL)", "r&d test-evaluation (ALL) 2"},
		{"Approvisionnement et autres formes de coopération", "Approvisionnement et autres for"},
		{"공급 및 기타 협력", "공급 및 기타 협력"},
	} {
		if got := b.free(test.name); got != test.want {
			t.Errorf("free(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}

// TestUnmetNeeds counts the needs of the fixture plainly: answered and unmet ones are all there are.
func TestUnmetNeeds(t *testing.T) {
	reader := mustReader(t, fixture(t), tandemv1.Language_EN)
	c, err := reader.census()
	if err != nil {
		t.Fatal(err)
	}
	answers := c.answers.list
	for side := range 2 {
		sum, met := 0, 0
		for _, line := range reader.unmet(side, answers) {
			if line.open < 0 {
				t.Errorf("%s: %d unmet needs", line.Domain, line.open)
			}
			sum, met = sum+line.open+line.answered, met+line.answered
		}
		own := 0
		for _, a := range answers {
			if a.side == side {
				own++
			}
		}
		if sum != reader.needs(side) || met != own {
			t.Errorf("side %d: %d needs, %d answered; want %d and %d", side, sum, met, reader.needs(side), own)
		}
	}
}

// TestSheetOfAllPairings compares the sheet of all pairings with JSON Lines, and finds the marks of compiled profiles.
func TestSheetOfAllPairings(t *testing.T) {
	r := fixture(t)
	for _, lang := range languages {
		reader := mustReader(t, r, lang)
		rows, err := openedBook(t, write(t, r, xlsx, lang)).GetRows(reader.say("report.heading.all"), excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for _, n := range numbersOfLines(t, write(t, r, lines, lang)) {
			want[digits(n.Position)] = digits(n.Score)
		}
		got := map[string]string{}
		for i, w := range reader.rows() {
			row := rows[i+1]
			got[row[0]] = row[10]
			for side, f := range w.firms {
				if strings.HasSuffix(row[1+side], "\u00a0†") != compiled(f) {
					t.Errorf("%v, row %d: %q, compiled %v", lang, i+2, row[1+side], compiled(f))
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: scores by place (-jsonl +xlsx):\n%s", lang, diff)
		}
	}
}

// TestWideSheetsKeepTheirNames: a sheet of a section is wider than a screen and a page; its first columns stay on both.
func TestWideSheetsKeepTheirNames(t *testing.T) {
	r := fixture(t)
	reader := mustReader(t, r, tandemv1.Language_FR)
	book := openedBook(t, write(t, r, xlsx, tandemv1.Language_FR))
	name := cutUnits(reader.say("report.section.DEVELOPMENT"), excelize.MaxSheetNameLength)
	panes, err := book.GetPanes(name)
	if err != nil || !panes.Freeze || panes.XSplit != 2 || panes.YSplit != 1 {
		t.Errorf("panes of %q: %+v (%v), want two columns and the header frozen", name, panes, err)
	}
	layout, err := book.GetPageLayout(name)
	if err != nil || layout.FitToWidth == nil || *layout.FitToWidth < 3 {
		t.Errorf("%q is printed %+v (%v), want on several pages side by side", name, layout, err)
	}
	for _, d := range book.GetDefinedName() {
		if d.Name == "_xlnm.Print_Titles" && d.Scope == name && strings.Contains(d.RefersTo, "$A:$B") {
			return
		}
	}
	t.Errorf("the first columns of %q do not stand on every page: %+v", name, book.GetDefinedName())
}

// TestSameUnmetNeedsInAllFormats compares the table below the picture of unmet needs with the workbook's sheets.
func TestSameUnmetNeedsInAllFormats(t *testing.T) {
	eachPage(t, func(t *testing.T, r *Report, lang tandemv1.Language, page *element) {
		reader := mustReader(t, r, lang)
		want := map[string][2][2]string{} // by domain, for each side the unmet and the answered needs
		book := openedBook(t, write(t, r, xlsx, lang))
		for side := range 2 {
			sheet := reader.say("report.unmet.side", catalog.Literal(reader.side(side)))
			rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows[1:] {
				both, ok := want[row[0]]
				if !ok {
					both = [2][2]string{{"0", "0"}, {"0", "0"}}
				}
				both[side] = [2]string{row[2], row[1]}
				want[row[0]] = both
			}
		}
		got := map[string][2][2]string{}
		page.all(func(e *element) {
			if e.name != "tr" || !e.inside("tbody") || !e.inFigure("unmet") {
				return
			}
			var cells []string
			for _, cell := range e.children {
				cells = append(cells, digitsOnly(cell.text()))
			}
			name := e.children[0].text()
			got[name] = [2][2]string{{cells[1], cells[2]}, {cells[3], cells[4]}}
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("unmet needs differ (-xlsx +html):\n%s", diff)
		}
	})
}
