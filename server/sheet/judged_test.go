package sheet

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// judgedWords is what one person who knows the vocabulary, and had not seen what the reader chooses, takes each piece of the sample of
// TestJudgedCells to mean: any of these codes, or "open" where the words do not say enough and nothing must be chosen.
//
//go:embed testdata/judged.csv
var judgedWords string

// sampleSize is how many cells of free text are judged.
const sampleSize = 100

// verdict is what became of one piece of free text, the worst first.
type verdict int

const (
	wrong     verdict = iota // a code of another branch, or any where nothing should be chosen
	branch                   // a code of the right branch and not the right one
	missed                   // left to the writer, though the words say enough
	leftOpen                 // left to the writer, who has not said enough
	right                    // what the person chose
	nVerdicts                // how many verdicts there are
)

func (v verdict) String() string {
	return [...]string{"wrong", "another of the branch", "left open though clear", "left open rightly", "right"}[v]
}

// TestJudgedCells counts, on 100 cells of the messy lists, how often what is chosen is right. A wrong code is worse than none, which the
// writer is asked about, so that is what is held low.
func TestJudgedCells(t *testing.T) {
	judged := readJudged(t)
	w := newWords(catalog.Embedded(), nil)
	var pieces, cells [nVerdicts]int
	among := 0
	for _, cell := range sampleCells(t) {
		worst := right
		for _, piece := range strings.FieldsFunc(cell.text, func(r rune) bool { return r == ';' || r == '\n' }) {
			piece = strings.TrimSpace(piece)
			want, ok := judged[piece]
			if !ok {
				t.Fatalf("testdata/judged.csv has no line for %q", piece)
			}
			v, chosen, offered := w.judge(cell.field, piece, want)
			if v == missed && offered {
				among++
			}
			if v < leftOpen {
				t.Logf("%s: %q: chosen %v, judged %v", v, piece, chosen, want)
			}
			pieces[v]++
			worst = min(worst, v)
		}
		cells[worst]++
	}
	var said []string
	for v := right; v >= wrong; v-- {
		said = append(said, fmt.Sprintf("%s %d", v, pieces[v]))
	}
	t.Logf("%d cells, %d without any fault, %d with a wrong code; their pieces: %s (of which %d have the right code among those offered)",
		sampleSize, cells[right]+cells[leftOpen], cells[wrong], strings.Join(said, ", "), among)
	if pieces[wrong] > 2 || pieces[right] < 113 || pieces[branch] > 3 {
		t.Errorf("%d pieces wrong, %d right, %d in the branch; want at most 2, at least 113, at most 3", pieces[wrong], pieces[right], pieces[branch])
	}
}

// judge compares what is chosen for a piece with what a person would choose, and tells whether that is among what is offered.
func (w *words) judge(field, piece string, want []string) (v verdict, chosen []string, offered bool) {
	worst := right
	for _, i := range w.items(field, piece) {
		if i.code == "" {
			offered = offered || slices.ContainsFunc(i.near, func(code string) bool { return slices.Contains(want, code) })
			continue
		}
		chosen = append(chosen, i.code)
		switch {
		case slices.Contains(want, i.code):
		case slices.ContainsFunc(want, func(code string) bool { return branchOf(code) == branchOf(i.code) }):
			worst = min(worst, branch)
		default:
			worst = wrong
		}
	}
	switch {
	case len(chosen) > 0:
		return worst, chosen, offered
	case slices.Contains(want, "open"):
		return leftOpen, nil, offered
	}
	return missed, nil, offered
}

// branchOf is the first two steps of a code.
func branchOf(code string) string {
	steps := strings.SplitN(code, ".", 3)
	return strings.Join(steps[:min(len(steps), 2)], ".")
}

func readJudged(t *testing.T) map[string][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(judgedWords)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	judged := make(map[string][]string)
	for _, record := range records[1:] {
		judged[record[0]] = strings.Fields(record[1])
		for _, code := range judged[record[0]] {
			if _, ok := catalog.Embedded().Lookup(code); !ok && code != "open" {
				t.Errorf("testdata/judged.csv: %q: the catalogue has no %q", record[0], code)
			}
		}
	}
	return judged
}

// sampled is a cell of free text.
type sampled struct{ field, text string }

// sampleCells takes 100 cells of offers and needs, evenly out of all that the three workbooks have.
func sampleCells(t *testing.T) []sampled {
	t.Helper()
	var all, sample []sampled
	for _, list := range messyLists(t) {
		if list.twin != "" {
			continue
		}
		table, err := Read(list.data, Options{})
		if err != nil {
			t.Fatal(err)
		}
		columns, err := Columns(catalog.Embedded(), table, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range table.Rows {
			for i, column := range columns {
				if field := column.GetField(); (field == fieldOffers || field == fieldNeeds) && line.Cell(i) != "" {
					all = append(all, sampled{field, line.Cell(i)})
				}
			}
		}
	}
	for i, cell := range all {
		if i*sampleSize/len(all) != (i+1)*sampleSize/len(all) {
			sample = append(sample, cell)
		}
	}
	if len(sample) != sampleSize {
		t.Fatalf("%d cells in the sample", len(sample))
	}
	return sample
}
