package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func TestInertCells(t *testing.T) {
	for _, test := range []struct{ cell, want string }{
		{"", ""},
		{"Hanwha Ocean", "Hanwha Ocean"},
		{"=1+1", "'=1+1"},
		{"+82-2-0000", "'+82-2-0000"},
		{"-5", "'-5"},
		{"@cmd", "'@cmd"},
		{"\tx", "'\tx"},
		{"\rx", "'\rx"},
		{"\x00x", "'\x00x"},
		{"＝1", "'＝1"},
		{"＋1", "'＋1"},
		{"－1", "'－1"},
		{"＠1", "'＠1"},
		{"'=1", "'=1"},
		{"a=b", "a=b"},
		{"two\r\nlines\nmore", "two lines more"},
		{"\n=1", " =1"},
	} {
		if got := inert(test.cell); got != test.want {
			t.Errorf("inert(%q) = %q, want %q", test.cell, got, test.want)
		}
	}
}

func TestCSVForm(t *testing.T) {
	r := fixture(t)
	for _, lang := range languages {
		var plain, marked bytes.Buffer
		for out, bom := range map[*bytes.Buffer]bool{&plain: false, &marked: true} {
			if err := r.Write(out, match, csvs, lang, Options{BOM: bom}); err != nil {
				t.Fatal(err)
			}
		}
		if want := byteOrderMark + plain.String(); marked.String() != want {
			t.Errorf("%v: with a byte order mark the file must be the same behind the mark", lang)
		}
		file := plain.String()
		if strings.Count(file, "\n") != strings.Count(file, "\r\n") || strings.Count(file, "\r\n") != 1+len(r.Pairings) {
			t.Errorf("%v: want %d lines, each ended by CR LF", lang, 1+len(r.Pairings))
		}
		records, err := csv.NewReader(&plain).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, header := range records[0] {
			if header == "" || seen[header] {
				t.Errorf("%v: header %q is empty or stands twice", lang, header)
			}
			seen[header] = true
		}
		for _, record := range records {
			for i, cell := range record {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\x00") {
					t.Errorf("%v: a spreadsheet takes %q in column %q for a formula", lang, cell, records[0][i])
				}
			}
		}
		if !strings.Contains(file, "'=Boreal Array & Sons") {
			t.Errorf("%v: the name that begins with = must stand there with an apostrophe", lang)
		}
	}
}

func TestHeadersAreInTheLanguage(t *testing.T) {
	r := fixture(t)
	for lang, want := range map[tandemv1.Language]string{
		tandemv1.Language_EN: "Canada: organisation", tandemv1.Language_FR: "République de Corée\u00a0: organisation", tandemv1.Language_KO: "대한민국: 기관",
	} {
		first, _, _ := strings.Cut(string(write(t, r, csvs, lang)), "\r\n")
		if !strings.Contains(first, want) {
			t.Errorf("%v: no header %q in %s", lang, want, first)
		}
	}
}
