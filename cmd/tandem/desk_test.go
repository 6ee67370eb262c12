package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/server"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
)

// spoilt is an organisation of which every text is one that spreadsheet programs are known to change.
const spoilt = `{"name": "firms/odd", "display_name": "=1+1 Systems", "native_name": "'@한빛", "country": "KR", "region": "KR-48", "kind": "COMPANY", "external_id": "0012", ` +
	`"contact": {"phone": "+82 51 000 0000", "display_name": "-김"}, "summary": "2026-11-24", "summary_native": "1,200\n둘째 줄; \"따옴표\"", "city": "1/2", ` +
	`"offers": [{"capability": "underwater.sonar.towed-array", "detail": "a | b: c", "trl": 8}], "needs": [{"capability": "naval.submarine", "detail_native": "=합계(A1)"}]}
{"name": "firms/accents", "display_name": "Énergie « nouvelle » — Côté", "country": "CA", "kind": "COMPANY", "external_id": "1e5", "summary": "TRUE", "offers": [{"capability": "naval.submarine"}]}
`

// halfRight is a list of which some cells are wrong, as a spreadsheet program saves it.
const halfRight = "기관명;국가;기관 구분;규모;보유 기술;협력 희망 분야\n" +
	"=한빛어레이;한국;업체;45;예인선배열소나;소나 신호처리\n" +
	"Énergie Côté;캐나다;업체;많음;소나 신호처리;예인선배열소나\n" +
	"새벽조선;한국;;;알 수 없는 것;\n"

// TestLibreOffice has a spreadsheet program open every workbook that we write and save it as its own, as a workbook and as CSV: what is
// read of them is what we wrote.
func TestLibreOffice(t *testing.T) {
	if _, err := exec.LookPath("soffice"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("soffice is not installed: nobody has opened our workbooks (Debian: libreoffice-calc)")
		}
		t.Skip("soffice is not installed (Debian: libreoffice-calc)")
	}
	dir := t.TempDir()
	lists, reports := writeWorkbooks(t, dir)
	saved := filepath.Join(dir, "saved")
	soffice(t, dir, saved, "xlsx")
	soffice(t, dir, saved, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1")
	for _, name := range append(lists, reports...) {
		t.Run(name, func(t *testing.T) {
			ours, theirs := openBook(t, filepath.Join(dir, name)), openBook(t, filepath.Join(saved, name))
			if diff := cmp.Diff(contents(t, ours), contents(t, theirs)); diff != "" {
				t.Errorf("cells (-written +saved by LibreOffice):\n%s", diff)
			}
			choices := dropDowns(t, ours)
			if strings.HasPrefix(name, "template") && len(choices) < 10 {
				t.Errorf("the template has %d drop-downs", len(choices))
			}
			if diff := cmp.Diff(choices, dropDowns(t, theirs)); diff != "" {
				t.Errorf("drop-downs (-written +saved by LibreOffice):\n%s", diff)
			}
		})
	}
	for _, name := range lists {
		t.Run("read "+name, func(t *testing.T) {
			want := readList(t, filepath.Join(dir, name))
			if empty := strings.HasPrefix(name, "template"); (len(want) == 0) != empty {
				t.Errorf("%d organisations in the list", len(want))
			}
			table, err := filepath.Glob(filepath.Join(saved, strings.TrimSuffix(name, ".xlsx")+"-"+sheetOf(t, filepath.Join(dir, name))+".csv"))
			if err != nil || len(table) != 1 {
				t.Fatalf("LibreOffice saved %q as CSV of the list (%v)", table, err)
			}
			for _, file := range []string{filepath.Join(saved, name), table[0]} {
				if diff := cmp.Diff(want, readList(t, file), protocmp.Transform()); diff != "" {
					t.Errorf("%s (-written +saved by LibreOffice):\n%s", filepath.Base(file), diff)
				}
			}
		})
	}
	for _, name := range reports {
		t.Run("CSV of "+name, func(t *testing.T) { sameTexts(t, dir, saved, name) })
	}
}

// writeWorkbooks writes each kind of workbook in each language, as a user does.
func writeWorkbooks(t *testing.T, dir string) (lists, reports []string) {
	t.Helper()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"odd.jsonl": spoilt, "half.csv": halfRight} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command(t, "import", "demo/firms.jsonl", "--db", at("register.db"), "--attest")
	command(t, "import", at("odd.jsonl"), "--db", at("register.db"), "--attest")
	for _, l := range catalog.Languages() {
		lang := l.String()
		command(t, "firm", "export", "--db", at("register.db"), "--lang", lang, "-o", at("export-"+lang+".xlsx"))
		command(t, "template", "--lang", lang, "-o", at("template-"+lang+".xlsx"))
		command(t, "match", at("half.csv"), "--lang", lang, "-o", at("half.html"), "--review", at("reviewed-"+lang+".xlsx"))
		command(t, "match", "demo/firms.jsonl", "--as-of", "2026-11-24", "--top", "2", "--lang", lang, "-o", at("report-"+lang+".xlsx"))
		lists = append(lists, "export-"+lang+".xlsx", "template-"+lang+".xlsx", "reviewed-"+lang+".xlsx")
		reports = append(reports, "report-"+lang+".xlsx")
	}
	return lists, reports
}

// soffice converts every workbook of a directory.
func soffice(t *testing.T, dir, to, form string) {
	t.Helper()
	books, err := filepath.Glob(filepath.Join(dir, "*.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-env:UserInstallation=file://" + filepath.Join(dir, "profile"), "--headless", "--convert-to", form, "--outdir", to}, books...)
	cmd := exec.Command("soffice", args...)
	cmd.Env = environment("LC_ALL=C.UTF-8") // else it cannot name a file after a sheet
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
}

func openBook(t *testing.T, name string) *excelize.File {
	t.Helper()
	book, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() }) //nolint:errcheck // it is only read
	return book
}

// contents is every cell that holds something, with whether it is a number, and which sheets are hidden.
func contents(t *testing.T, book *excelize.File) map[string]string {
	t.Helper()
	cells := make(map[string]string)
	for _, name := range book.GetSheetList() {
		visible, err := book.GetSheetVisible(name)
		if err != nil {
			t.Fatal(err)
		}
		cells[name] = fmt.Sprint("visible: ", visible)
		rows, err := book.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, value := range row {
				if value == "" {
					continue
				}
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				sort, err := book.GetCellType(name, at)
				if err != nil {
					t.Fatal(err)
				}
				text := sort == excelize.CellTypeSharedString || sort == excelize.CellTypeInlineString
				if number, err := strconv.ParseFloat(value, 64); err == nil && !text {
					value = strconv.FormatFloat(number, 'g', 12, 64) // both write a double with another number of digits
				}
				cells[name+"!"+at] = fmt.Sprintf("text %t: %s", text, value)
			}
		}
	}
	return cells
}

// dropDowns is what may be chosen where.
func dropDowns(t *testing.T, book *excelize.File) map[string]string {
	t.Helper()
	lists := make(map[string]string)
	for _, name := range book.GetSheetList() {
		found, err := book.GetDataValidations(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range found {
			lists[name+"!"+one.Sqref] = one.Type + " " + strings.ReplaceAll(one.Formula1, "'", "")
		}
	}
	return lists
}

// readList is the organisations of a list as our reader understands them, without what is noticed of the file.
func readList(t *testing.T, name string) []sheet.Row {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	table, err := sheet.Read(data, sheet.Options{})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	columns, err := sheet.Columns(catalog.Embedded(), table, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return sheet.Firms(catalog.Embedded(), server.DefaultPartnership(), table, columns)
}

func sheetOf(t *testing.T, name string) string {
	t.Helper()
	return openBook(t, name).GetSheetList()[0]
}

// sameTexts compares the texts of a report's sheets with those that LibreOffice shows; numbers are shown with the signs of a language.
func sameTexts(t *testing.T, dir, saved, name string) {
	t.Helper()
	book := openBook(t, filepath.Join(dir, name))
	for _, tab := range book.GetSheetList() {
		data, err := os.ReadFile(filepath.Join(saved, strings.TrimSuffix(name, ".xlsx")+"-"+tab+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		reader := csv.NewReader(bytes.NewReader(data))
		reader.FieldsPerRecord = -1
		got, err := reader.ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", tab, err)
		}
		rows, err := book.GetRows(tab, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, want := range row {
				if json.Valid([]byte(want)) || want == "" { // a number
					continue
				}
				if i >= len(got) || j >= len(got[i]) || got[i][j] != want {
					t.Fatalf("%s row %d column %d: %q is not what LibreOffice shows", tab, i+1, j+1, want)
				}
			}
		}
	}
}
