package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	utf16 "golang.org/x/text/encoding/unicode"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func asError(err error, into **Error) bool { return errors.As(err, into) }

// parts is the files of a workbook; those that are not given are the plain ones.
type parts map[string]string

const sheetHead = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`

// workbookOf makes a workbook by hand, so that it can be wrong in every way.
func workbookOf(t testing.TB, p parts) []byte {
	t.Helper()
	all := parts{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
			`<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/>` +
			`<Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml":            `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;년&quot; m"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml": sheetOf([]string{"Name", "Country"}, []string{"Acme", "Canada"}),
	}
	for name, content := range p {
		all[name] = content
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	var names []string
	for name, content := range all {
		if content != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		f, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(f, all[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sheetOf is a worksheet of texts; a text that begins with "<" is a cell as it stands.
func sheetOf(rows ...[]string) string {
	var b strings.Builder
	b.WriteString(sheetHead)
	for i, row := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, text := range row {
			switch {
			case strings.HasPrefix(text, "<"):
				b.WriteString(text)
			case text != "":
				fmt.Fprintf(&b, `<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>`, Letter(j), i+1, text)
			}
		}
		b.WriteString("</row>")
	}
	return b.String() + "</sheetData></worksheet>"
}

func TestBadFiles(t *testing.T) {
	whole := workbookOf(t, nil)
	long := strings.Repeat("x", 1<<20)
	for _, test := range []struct {
		name string
		data []byte
		key  string
	}{
		{"nothing", nil, "sheet.empty"},
		{"white space", []byte(" \n\n"), "sheet.empty"},
		{"an empty sheet", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetOf()}), "sheet.empty"},
		{"a header and no rows", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetOf([]string{"Name", "Country"})}), "sheet.norows"},
		{"a password", append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1........"), utf16Text("EncryptedPackage")...), "sheet.password"},
		{"the old form", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 Workbook"), "sheet.old"},
		{"truncated at the end", whole[:len(whole)-40], "sheet.truncated"},
		{"truncated in the middle", whole[:len(whole)/2], "sheet.truncated"},
		{"a sheet that ends too early", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetHead + `<row r="1"><c r="A1"`}), "sheet.truncated"},
		{"a macro", workbookOf(t, parts{"xl/vbaProject.bin": "x"}), "sheet.macro"},
		{"a macro by its type", workbookOf(t, parts{"[Content_Types].xml": `<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`}), "sheet.macro"},
		{"a macro by its ending", workbookOf(t, parts{"xl/code.bin": "x", "[Content_Types].xml": declaresBin}), "sheet.macro"},
		{"a binary workbook", workbookOf(t, parts{"xl/workbook.bin": "x"}), "sheet.binary"},
		{"a document of LibreOffice", workbookOf(t, parts{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "sheet.other"},
		{"a PDF", []byte("%PDF-1.7 ..."), "sheet.unknown"},
		{"a web page", []byte("<html><table>"), "sheet.unknown"},
		{"an image", append([]byte("GIF89a"), 0, 1, 0, 0, 1, 0), "sheet.unknown"},
		{"some archive", archive(t, "readme.txt", 10), "sheet.unknown"},
		{"an outside entity", workbookOf(t, parts{"xl/worksheets/sheet1.xml": `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + sheetOf([]string{"Name"}, []string{"&e;"})}), "sheet.entity"},
		{"an entity that nobody declared", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetOf([]string{"Name"}, []string{"&e;"})}), "sheet.entity"},
		{"a bomb by its ratio", workbookOf(t, parts{"xl/media/a": strings.Repeat("0", 20<<20)}), "sheet.bomb"},
		{"a bomb by its number of files", manyFiles(t), "sheet.bomb"},
		{"2 million rows", workbookOf(t, parts{"xl/worksheets/sheet1.xml": manyRows(2_000_000)}), "sheet.rows"},
		{"2 million rows of CSV", []byte("name,country\n" + strings.Repeat("a,b\n", 2_000_000)), "sheet.rows"},
		{"40,000 columns", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetOf([]string{"Name"}, slices.Repeat([]string{"x"}, 40_000))}), "sheet.columns"},
		{"40,000 columns of CSV", []byte("name" + strings.Repeat(",x", 40_000) + "\na\n"), "sheet.columns"},
		{"a cell of 1 MB", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetOf([]string{"Name", "Country"}, []string{"A", long})}), "sheet.cell"},
		{"a cell of 1 MB among the shared texts", workbookOf(t, parts{"xl/sharedStrings.xml": "<sst><si><t>" + long + "</t></si></sst>"}), "sheet.cell.any"},
		{"a cell of 1 MB of CSV", []byte("name,country\nA," + long + "\n"), "sheet.cell"},
		{"a text that is not there", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetOf([]string{`<c r="A1" t="s"><v>7</v></c>`})}), "sheet.broken"},
		{"cells out of order", workbookOf(t, parts{"xl/worksheets/sheet1.xml": sheetHead + `<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></sheetData></worksheet>`}), "sheet.broken"},
		{"a quotation mark that stays open", []byte("name,country\n\"Acme,Canada\nB,Canada\n"), "sheet.quote"},
		{"letters of an unknown encoding", must(charmap.Macintosh.NewEncoder().Bytes([]byte("nom,pays\nÉnergie Côté,Canada\n"))), "sheet.encoding.ask"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if *messyDir != "" {
				if err := os.WriteFile(filepath.Join(*messyDir, "bad "+test.name), test.data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			table, err := Read(test.data, Options{})
			var refused *Error
			if !errors.As(err, &refused) || refused.Key != test.key {
				t.Fatalf("got table %v and error %v, want %s", table, err, test.key)
			}
			checkSentence(t, refused)
		})
	}
}

// declaresBin is what some programs write into every workbook, with macros or without.
const declaresBin = `<Types><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>`

// TestDeclaredAndAbsentMacros reads a workbook that says what a macro would be and has none.
func TestDeclaredAndAbsentMacros(t *testing.T) {
	if _, err := Read(workbookOf(t, parts{"[Content_Types].xml": declaresBin}), Options{}); err != nil {
		t.Error(err)
	}
}

// checkSentence makes sure that a person can read an error in every language.
func checkSentence(t *testing.T, e *Error) {
	t.Helper()
	c := catalog.Embedded()
	if !c.HasSentence(e.Key) || c.Placeholders(e.Key) != len(e.Args) {
		t.Errorf("%s with %d arguments: the catalogue has a sentence: %t, with %d", e.Key, len(e.Args), c.HasSentence(e.Key), c.Placeholders(e.Key))
	}
}

// TestLyingSize opens a workbook whose directory says that a sheet is small while it is not.
func TestLyingSize(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	small := workbookOf(t, parts{"xl/worksheets/sheet1.xml": ""})
	files, err := zip.NewReader(bytes.NewReader(small), int64(len(small)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files.File {
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	content := []byte(sheetHead + `<row r="1"><c r="A1" t="inlineStr"><is><t>` + strings.Repeat("a", 8<<20))
	raw, err := w.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Store, CRC32: crc32.ChecksumIEEE(content), CompressedSize64: uint64(len(content)), UncompressedSize64: 100})
	if err == nil {
		_, err = raw.Write(content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(out.Bytes(), Options{}); err == nil {
		t.Error("a sheet larger than its directory says was read")
	}
}

// TestHostileMemory measures what the largest refused files make the reader hold.
func TestHostileMemory(t *testing.T) {
	const bound = 64 << 20
	for name, data := range map[string][]byte{
		"rows":    workbookOf(t, parts{"xl/worksheets/sheet1.xml": manyRows(2_000_000)}),
		"strings": workbookOf(t, parts{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si><t>a text of some length that repeats itself</t></si>", 1_200_000) + "</sst>"}),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		table, err := Read(data, Options{})
		if err == nil {
			t.Errorf("%s: read as a table of %d rows", name, len(table.Rows))
		}
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapInuse) - int64(before.HeapInuse); grown > bound {
			t.Errorf("%s: the heap grew by %d MiB, want at most %d", name, grown>>20, bound>>20)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "기관명,국가,제공 역량\r\n한빛어레이,대한민국,예인선배열소나\r\n\"줄\n바꿈\",한국,\r\n"
	little := utf16.UTF16(utf16.LittleEndian, utf16.UseBOM)
	for _, test := range []struct {
		name    string
		data    []byte
		said    string
		key     string
		notices int
	}{
		{"UTF-8", []byte(text), "", "", 0},
		{"UTF-8 with its mark", []byte("\ufeff" + text), "", "", 0},
		{"UTF-16 little", must(little.NewEncoder().Bytes([]byte(text))), "", "", 1},
		{"UTF-16 big", must(utf16.UTF16(utf16.BigEndian, utf16.UseBOM).NewEncoder().Bytes([]byte(text))), "", "", 1},
		{"UTF-16 without a mark", must(little.NewEncoder().Bytes([]byte(text)))[2:], "", "", 1},
		{"CP949", must(korean.EUCKR.NewEncoder().Bytes([]byte(text))), "", "", 1},
		{"CP949 as said", must(korean.EUCKR.NewEncoder().Bytes([]byte(text))), "cp949", "", 1},
		{"CP949 said to be UTF-8", must(korean.EUCKR.NewEncoder().Bytes([]byte(text))), "utf-8", "sheet.encoding.wrong", 0},
		{"UTF-8 said to be CP949", []byte(text), "cp949", "sheet.encoding.wrong", 0},
		{"an encoding that nobody knows", []byte(text), "ebcdic", "sheet.encoding.unknown", 0},
		{"half a letter", must(little.NewEncoder().Bytes([]byte(text)))[:31], "", "sheet.encoding.ask", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			table, err := Read(test.data, Options{Encoding: test.said})
			if test.key != "" {
				var refused *Error
				if !errors.As(err, &refused) || refused.Key != test.key {
					t.Fatalf("got error %v, want %s", err, test.key)
				}
				checkSentence(t, refused)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := []Line{{2, []string{"한빛어레이", "대한민국", "예인선배열소나"}}, {3, []string{"줄\n바꿈", "한국"}}}
			if diff := cmp.Diff(want, table.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if len(table.Notices) != test.notices {
				t.Errorf("notices %v, want %d", table.Notices, test.notices)
			}
		})
	}
}

// TestWesternEncodings reads what a spreadsheet program saves in Canada, and asks about its likes, which would be garbled.
func TestWesternEncodings(t *testing.T) {
	const text = "nom;pays\nÉnergie nouvelle « Côté » inc.;Canada\nL’Œuvre française;Québec\n"
	for _, test := range []struct {
		name string
		data []byte
		said string
		key  string
	}{
		{"Windows-1252", must(charmap.Windows1252.NewEncoder().Bytes([]byte(text))), "", ""},
		{"Windows-1252 as said", must(charmap.Windows1252.NewEncoder().Bytes([]byte(text))), "windows-1252", ""},
		{"the Mac's", must(charmap.Macintosh.NewEncoder().Bytes([]byte(text))), "", "sheet.encoding.ask"},
		{"Polish", must(charmap.Windows1250.NewEncoder().Bytes([]byte("nom;pays\nŁódź Spółka;Pologne\n"))), "", "sheet.encoding.ask"},
		{"Greek", must(charmap.Windows1253.NewEncoder().Bytes([]byte("nom;pays\nΝαυπηγεία Ελευσίνας;Athens\n"))), "", "sheet.encoding.ask"},
		{"said to be UTF-8", must(charmap.Windows1252.NewEncoder().Bytes([]byte(text))), "utf-8", "sheet.encoding.wrong"},
	} {
		table, err := Read(test.data, Options{Encoding: test.said})
		if test.key != "" {
			if refused := new(Error); !asError(err, &refused) || refused.Key != test.key {
				t.Errorf("%s: got error %v and %v, want %s", test.name, err, table, test.key)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		want := []Line{{2, []string{"Énergie nouvelle « Côté » inc.", "Canada"}}, {3, []string{"L’Œuvre française", "Québec"}}}
		if diff := cmp.Diff(want, table.Rows); diff != "" || len(table.Notices) != 1 {
			t.Errorf("%s: notices %v, rows (-want +got):\n%s", test.name, table.Notices, diff)
		}
	}
}

// TestWorkbookOddities reads what is odd and not wrong, and says so.
func TestWorkbookOddities(t *testing.T) {
	book := `<workbook><sheets><sheet name="Old" state="hidden" r:id="rId3"/><sheet name="List" r:id="rId1"/></sheets></workbook>`
	merged := strings.Replace(sheetOf(
		[]string{"Participants 2026"},
		[]string{"Contact", "", "Company", "Region", "Founded"},
		[]string{"Name", "E-mail"},
		[]string{"담당자명", "이메일", "기관명", "지역", ""},
		[]string{"Kim", "kim@example.com", "Acme", "Ontario", `<c r="E5" s="1"><v>45000</v></c>`},
		[]string{"Lee", "", `<c r="C6" t="str"><f>UPPER("b")</f><v>B</v></c>`, "", `<c r="E6" s="2"><v>45000.5</v></c>`},
		[]string{"", "", `<c r="C7"><f>NOW()</f></c>`, `<c r="D7" t="e"><v>#N/A</v></c>`},
		[]string{}, []string{},
	), "</sheetData>", `</sheetData><mergeCells><mergeCell ref="A1:E1"/><mergeCell ref="A2:B2"/><mergeCell ref="C2:C3"/><mergeCell ref="D5:D6"/></mergeCells>`, 1)
	data := workbookOf(t, parts{
		"xl/workbook.xml": book, "xl/worksheets/sheet1.xml": merged, "xl/worksheets/sheet2.xml": sheetOf([]string{"Name", "Country"}, []string{"Secret", "Canada"}),
	})
	table, err := Read(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantHeaders := []string{"Contact / Name", "Contact / E-mail", "Company", "Region", "Founded"}
	if diff := cmp.Diff(wantHeaders, table.Headers); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	wantRows := []Line{
		{5, []string{"Kim", "kim@example.com", "Acme", "Ontario", "2023-03-15"}},
		{6, []string{"Lee", "", "B", "Ontario", "2023-03-15 12:00"}},
	}
	if diff := cmp.Diff(wantRows, table.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var keys []string
	for _, n := range table.Notices {
		keys = append(keys, strings.TrimPrefix(n.GetKey(), "sheet.notice."))
		checkSentence(t, &Error{Key: n.GetKey(), Args: n.GetArgs()})
	}
	if diff := cmp.Diff([]string{"hidden", "formulas", "uncomputed", "failed", "dates", "merged", "joined", "second", "above"}, keys); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	columns, err := Columns(catalog.Embedded(), table, nil)
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, c := range columns {
		fields = append(fields, c.GetField())
	}
	if diff := cmp.Diff([]string{fieldContactName, fieldContactEmail, fieldDisplayName, fieldRegion, ""}, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestSeparators(t *testing.T) {
	for _, data := range []string{
		"name;country;offers\nAcme, Inc.;Canada;a, b, c\n\nB;Korea\n",
		"name\tcountry\toffers\nAcme, Inc.\tCanada\ta, b, c\n\nB\tKorea\n",
		"name,country,offers\n\"Acme, Inc.\",Canada,\"a, b, c\"\n\nB,Korea\n",
	} {
		table, err := Read([]byte(data), Options{})
		if err != nil {
			t.Fatalf("%q: %v", data, err)
		}
		want := []Line{{2, []string{"Acme, Inc.", "Canada", "a, b, c"}}, {4, []string{"B", "Korea"}}}
		if diff := cmp.Diff(want, table.Rows); diff != "" {
			t.Errorf("%q (-want +got):\n%s", data, diff)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("name,country\nAcme,Canada\n"))
	f.Add([]byte("기관명\t국가\n한빛\t대한민국\n"))
	f.Add(workbookOf(f, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Read(data, Options{})
		if err != nil {
			var refused *Error
			if !errors.As(err, &refused) {
				t.Fatalf("an error that no person can read: %v", err)
			}
			checkSentence(t, refused)
			return
		}
		columns, err := Columns(catalog.Embedded(), table, nil)
		if err != nil {
			return
		}
		for _, row := range Firms(catalog.Embedded(), roadshow(), table, columns) {
			if !row.Refused() && row.Firm.GetName() == "" {
				t.Fatalf("row %d was taken without a name", row.Number)
			}
		}
	})
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

func archive(t *testing.T, name string, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(make([]byte, size))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func manyFiles(t *testing.T) []byte {
	p := parts{}
	for i := range 3000 {
		p[fmt.Sprintf("xl/media/%d", i)] = "x"
	}
	return workbookOf(t, p)
}

// manyRows is a worksheet of so many rows with a text each.
func manyRows(n int) string {
	var b strings.Builder
	b.Grow(n * 70)
	b.WriteString(sheetHead)
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, `<row r="%d"><c r="A%d" t="str"><v>n%d</v></c></row>`, i, i, i)
	}
	return b.String() + "</sheetData></worksheet>"
}
