package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func TestTablesAlignHangul(t *testing.T) {
	firms := []*tandemv1.Firm{
		{Name: "firms/a", DisplayName: "Hanbit", NativeName: "한빛어레이", Country: "KR"},
		{Name: "firms/bcd", DisplayName: "Québec Acoustique", Country: "CA"},
	}
	var out bytes.Buffer
	showTable(&out, voice{catalog: catalog.Embedded(), language: catalog.KO}, 0, firms, firmColumns()[:3])
	var starts []int
	for _, line := range strings.Split(strings.TrimRight(out.String(), "\n"), "\n") {
		for _, country := range []string{"대한민국", "캐나다"} {
			if before, _, found := strings.Cut(line, country); found {
				starts = append(starts, text.StringWidthWithoutEscSequences(before))
			}
		}
	}
	if len(starts) != 2 || starts[0] != starts[1] {
		t.Errorf("the countries begin in columns %v, want the same one twice\n%s", starts, &out)
	}
}

// TestProseStandsBelow checks what becomes of reasons where a terminal has no room for them beside their row.
func TestProseStandsBelow(t *testing.T) {
	pairings := []*tandemv1.Pairing{{
		First: &tandemv1.Firm{Name: "firms/a", DisplayName: "Babcock Canada"}, Second: &tandemv1.Firm{Name: "firms/b", DisplayName: "한화오션"},
		Reasons: []*tandemv1.Sentence{{Text: "한화오션은 Babcock Canada가 상대를 찾고 있는 ‘잠수함’ 분야에서 활동합니다."}},
	}}
	for _, most := range []int{0, 60, 200} {
		var out bytes.Buffer
		showTable(&out, voice{catalog: catalog.Embedded(), language: catalog.KO}, most, pairings, pairingColumns(pairings))
		lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
		if below := len(lines) > 3; below != (most == 60) {
			t.Errorf("of %d columns there are %d lines:\n%s", most, len(lines), &out)
		}
		for _, line := range lines {
			if most > 0 && text.StringWidthWithoutEscSequences(line) > most {
				t.Errorf("%q is wider than %d columns", line, most)
			}
		}
	}
}

func TestFormulaSafe(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+82": "'+82", "@x": "'@x", "-": "-", "-5": "-5", "-5+1": "'-5+1", "＝1": "'＝1", "\tx": "'\tx",
		"한빛": "한빛", "": "", "a=b": "a=b",
	} {
		if got := formulaSafe(cell); got != want {
			t.Errorf("formulaSafe(%q) = %q, want %q", cell, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31mb": "a\ufffd[31mb", "a\nb": "a b", "a\u202eb": "a\ufffdb", "예인선배열": "예인선배열", "é": "é", "a\u009bb": "a\ufffdb",
	} {
		if got := printable(text); got != want {
			t.Errorf("printable(%q) = %q, want %q", text, got, want)
		}
	}
}

// TestColumnsAreNamed finds columns, states and lines that the message catalogue does not have.
func TestColumnsAreNamed(t *testing.T) {
	var keys []string
	keys = append(keys, keysOf(firmColumns())...)
	keys = append(keys, keysOf(mappingColumns())...)
	keys = append(keys, keysOf(partnerColumns(""))...)
	keys = append(keys, keysOf(pairingColumns([]*tandemv1.Pairing{{Score: 1}}))...)
	keys = append(keys, keysOf(componentColumns())...)
	keys = append(keys, keysOf(runColumns())...)
	keys = append(keys, keysOf(credentialColumns())...)
	keys = append(keys, keysOf(suggestionColumns())...)
	keys = append(keys, keysOf(importColumns())...)
	keys = append(keys, shelfKeys(capabilityShelf())...)
	keys = append(keys, shelfKeys(frameworkShelf())...)
	keys = append(keys, shelfKeys(programShelf())...)
	keys = append(keys, shelfKeys(venueShelf())...)
	keys = append(keys, shelfKeys(actorShelf())...)
	keys = append(keys, shelfKeys(themeShelf())...)
	for _, key := range keys {
		if !catalog.Embedded().HasSentence("cli.column." + key) {
			t.Errorf("messages.csv has no row cli.column.%s", key)
		}
	}
}

func keysOf[T any](columns []column[T]) []string {
	keys := make([]string, len(columns))
	for i, c := range columns {
		keys[i] = c.key
	}
	return keys
}

func shelfKeys[T proto.Message](s shelf[T]) []string {
	return append(keysOf(s.columns), keysOf(s.details)...)
}

// TestSentencesAreSaid finds keys in the code without a row in messages.csv, and rows that nothing says.
func TestSentencesAreSaid(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`"((?:cli|demo)\.[a-zA-Z0-9_.]+)"`)
	said := make(map[string]bool)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, found := range literal.FindAllStringSubmatch(string(content), -1) {
			said[found[1]] = !worded(found[1]) // TestHelpIsOfTheCatalogue looks after these
		}
	}
	keys := slices.DeleteFunc(catalog.Embedded().Keys(), func(key string) bool {
		return worded(key) || !strings.HasPrefix(key, "cli.") && !strings.HasPrefix(key, "demo.")
	})
	for _, key := range slices.Sorted(maps.Keys(said)) {
		if said[key] && !slices.ContainsFunc(keys, func(row string) bool { return row == key || strings.HasPrefix(row, strings.TrimSuffix(key, ".")+".") }) {
			t.Errorf("the code says %s, which messages.csv does not have", key)
		}
	}
	for _, row := range keys {
		family := row[:strings.LastIndexByte(row, '.')]
		if !said[row] && !said[family] && !said[family+"."] {
			t.Errorf("nothing says the row %s of messages.csv", row)
		}
	}
}

// TestEveryValueHasWords finds enum values that would be printed by their names.
func TestEveryValueHasWords(t *testing.T) {
	for _, language := range catalog.Languages() {
		v := voice{catalog: catalog.Embedded(), language: language}
		for family, missing := range map[string][]string{
			"kind":             wordless[tandemv1.Firm_Kind](v, "kind"),
			"size":             wordless[tandemv1.Firm_Size](v, "size"),
			"cli.firm_state":   wordless[tandemv1.Firm_State](v, "cli.firm_state"),
			"cli.run_state":    wordless[tandemv1.MatchRun_State](v, "cli.run_state"),
			"cli.component":    wordless[tandemv1.Component_Kind](v, "cli.component"),
			"cli.relation":     wordless[tandemv1.Component_Relation](v, "cli.relation"),
			"cli.tier":         wordless[tandemv1.Pairing_Tier](v, "cli.tier"),
			"band":             wordless[tandemv1.Pairing_Band](v, "band"),
			"mode":             wordless[tandemv1.Mode](v, "mode"),
			"gate":             wordless[tandemv1.Gate_State](v, "gate"),
			"aim":              wordless[tandemv1.Need_Aim](v, "aim"),
			"priority":         wordless[tandemv1.Need_Priority](v, "priority"),
			"level":            wordless[tandemv1.Offer_Level](v, "level"),
			"provenance":       wordless[tandemv1.Firm_Provenance](v, "provenance"),
			"framework_kind":   wordless[tandemv1.Framework_Kind](v, "framework_kind"),
			"framework_status": wordless[tandemv1.Framework_Status](v, "framework_status"),
			"program_status":   wordless[tandemv1.Program_Status](v, "program_status"),
			"venue_kind":       wordless[tandemv1.Venue_Kind](v, "venue_kind"),
		} {
			if len(missing) > 0 {
				t.Errorf("%s: family %s has no words for %v", language, family, missing)
			}
		}
	}
}

// wordless lists the values of an enum that the voice says by their names.
func wordless[E generatedEnum](v voice, family string) []string {
	var missing []string
	values := E(0).Descriptor().Values()
	for i := range values.Len() {
		if value := values.Get(i); value.Number() != 0 && v.enum(family, E(value.Number())) == string(value.Name()) {
			missing = append(missing, string(value.Name()))
		}
	}
	return missing
}
