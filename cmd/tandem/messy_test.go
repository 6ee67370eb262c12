package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// TestMessyListsInOneCommand makes three lists as organisers keep them, and the twin of one as CSV in CP949, and has each matched by one
// command: how many rows are matched, how many come back with something said of them, and in whose language.
func TestMessyListsInOneCommand(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("go", "test", "../../server/sheet", "-run", "^TestMessy$", "-count=1", "-messy", dir).CombinedOutput(); err != nil {
		t.Fatalf("making the lists: %v\n%s", err, out)
	}
	for _, list := range []struct {
		file, lang, header   string
		rows, matched, noted int
		says                 *regexp.Regexp // what a sentence of the column looks like in its language
	}{
		{"english.xlsx", "en", "problem", 110, 78, 98, regexp.MustCompile(`^[^\p{Hangul}]*\b(is|are|may|Write|says|means)\b`)},
		{"korean.xlsx", "ko", "문제", 40, 37, 40, regexp.MustCompile(`(니다|시오|랍니다)\.`)},
		{"korean.csv", "ko", "문제", 40, 37, 40, regexp.MustCompile(`(니다|시오|랍니다)\.`)},
		{"french.xlsx", "fr", "problème", 30, 28, 29, regexp.MustCompile(`n'est pas|Écrivez|peut désigner`)},
	} {
		t.Run(list.file, func(t *testing.T) {
			page, back := filepath.Join(dir, list.file+".html"), filepath.Join(dir, list.file+".back.xlsx")
			cmd := exec.Command("tandem", "match", filepath.Join(dir, list.file), "--as-of", "2026-11-24", "--lang", list.lang, "-o", page, "--review", back)
			cmd.Env = environment()
			said, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			counted := regexp.MustCompile(`(?m)^\D*(\d+)\D+(\d+)`).FindStringSubmatch(summaryOf(string(said), list.rows))
			if counted == nil {
				t.Fatalf("no line says how many rows count:\n%s", said)
			}
			numbers := []int{number(t, counted[1]), number(t, counted[2])}
			slices.Sort(numbers) // each language has its own order
			if numbers[0] != list.matched || numbers[1] != list.rows {
				t.Errorf("%d of %d rows are matched, want %d of %d", numbers[0], numbers[1], list.matched, list.rows)
			}
			noted, sample := notes(t, back, list.header)
			if noted != list.noted {
				t.Errorf("%d rows come back with something said of them, want %d", noted, list.noted)
			}
			if !list.says.MatchString(sample) {
				t.Errorf("the column %s says %q", list.header, sample)
			}
		})
	}
}

// summaryOf is the line that says how many of so many rows are matched: the last that has their number.
func summaryOf(said string, rows int) (summary string) {
	all := regexp.MustCompile(`(^|\D)` + strconv.Itoa(rows) + `\D`)
	for line := range strings.Lines(said) {
		if all.MatchString(line) {
			summary = line
		}
	}
	return summary
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// notes counts the rows of a returned workbook with something in the column under a header, and gives the first of them.
func notes(t *testing.T, name, header string) (count int, first string) {
	t.Helper()
	book, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() // it is only read
	rows, err := book.GetRows(book.GetSheetName(book.GetActiveSheetIndex()))
	if err != nil {
		t.Fatal(err)
	}
	column := -1
	for _, row := range rows {
		if column < 0 {
			column = slices.Index(row, header)
			continue
		}
		if column < len(row) && row[column] != "" {
			if count++; count == 1 {
				first = row[column]
			}
		}
	}
	if column < 0 {
		t.Fatalf("%s has no column %q", name, header)
	}
	return count, first
}
