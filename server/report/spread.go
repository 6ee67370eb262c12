package report

import (
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// spread is the picture of how scores are spread: bars by score, each cut by what kind of pairing stands in it.
type spread struct {
	Desc   string
	Height int
	Bars   []bar
	Ticks  []tick
	Keys   []spreadKey
}

// bar is one step of scores.
type bar struct {
	Range string
	X     int // left edge in hundredths of a percent of the width
	Total string
	Cuts  []cut
	Crown int      // height at which the total stands
	Cells []string // the counts by key, of the table

	counts [len(spreadClasses)]int
}

// Middle is where the bar's total stands.
func (b bar) Middle() int { return b.X + spreadStep/2 }

// cut is the part of a bar that one kind of pairing fills.
type cut struct {
	Class string
	Y, H  int
}

// tick is a mark of the score axis.
type tick struct {
	X     int
	Label string
	Align string
}

// spreadKey is one kind of pairing in the legend.
type spreadKey struct {
	Class, Label, Count string
}

const (
	maxScore     = 10000
	spreadStep   = 500
	spreadHeight = 190
	spreadTop    = 20 // room above for the totals
)

// spreadClasses are the kinds of pairing that a bar tells apart, from the bottom up.
var spreadClasses = [...]string{"strong", "good", "possible", "one-sided"}

func spreadClass(w row) int {
	switch {
	case w.GetTier() == tandemv1.Pairing_ONE_SIDED:
		return 3
	case w.GetBand() == tandemv1.Pairing_STRONG:
		return 0
	case w.GetBand() == tandemv1.Pairing_GOOD:
		return 1
	}
	return 2
}

// spread counts the pairings by score.
func (r *reader) spread(rows []row) spread {
	var counts [maxScore / spreadStep][len(spreadClasses)]int
	var classes [len(spreadClasses)]int
	for _, w := range rows {
		step := min(int(w.GetScore())/spreadStep, len(counts)-1)
		counts[step][spreadClass(w)]++
		classes[spreadClass(w)]++
	}
	highest := 1
	for _, step := range counts {
		highest = max(highest, total(step))
	}
	s := spread{Height: spreadHeight}
	for i, step := range counts {
		s.Bars = append(s.Bars, r.bar(i, step, highest))
	}
	for score := 0; score <= maxScore; score += 2000 {
		t := tick{X: score, Label: r.number(score), Align: "middle"}
		switch score {
		case 0:
			t.Align = "start"
		case maxScore:
			t.Align = "end"
		}
		s.Ticks = append(s.Ticks, t)
	}
	for i, class := range spreadClasses {
		s.Keys = append(s.Keys, spreadKey{Class: class, Label: r.say("report.spread." + class), Count: r.number(classes[i])})
	}
	s.Desc = r.spreadInWords(rows, classes)
	return s
}

func total(step [len(spreadClasses)]int) int {
	sum := 0
	for _, n := range step {
		sum += n
	}
	return sum
}

func (r *reader) bar(i int, step [len(spreadClasses)]int, highest int) bar {
	last := (i+1)*spreadStep - 1
	if last == maxScore-1 {
		last = maxScore
	}
	b := bar{X: i * spreadStep, counts: step, Range: r.say("report.range", catalog.Number(i*spreadStep), catalog.Number(last))}
	below := 0
	for class, n := range step {
		b.Cells = append(b.Cells, r.number(n))
		if n == 0 {
			continue
		}
		foot := spreadHeight * below / highest
		below += n
		head := max(foot+1, spreadHeight*below/highest)
		b.Cuts = append(b.Cuts, cut{Class: spreadClasses[class], Y: spreadHeight - head, H: head - foot})
	}
	if below > 0 {
		b.Total = r.number(below)
		b.Crown = spreadHeight + spreadTop - max(1, spreadHeight*below/highest) - 5
	}
	return b
}

// spreadInWords says what the picture shows: the kinds of pairing, and the middle and the highest score.
func (r *reader) spreadInWords(rows []row, classes [len(spreadClasses)]int) string {
	if len(rows) == 0 {
		return r.say("report.none")
	}
	return r.say("report.spread.desc", catalog.Number(classes[0]), catalog.Number(classes[1]), catalog.Number(classes[2]), catalog.Number(classes[3]),
		catalog.Number(median(rows)), catalog.Number(highestScore(rows)))
}

func highestScore(rows []row) int {
	highest := 0
	for _, w := range rows {
		highest = max(highest, int(w.GetScore()))
	}
	return highest
}

// median is the lower middle score.
func median(rows []row) int {
	var count [maxScore + 1]int
	for _, w := range rows {
		count[min(max(int(w.GetScore()), 0), maxScore)]++
	}
	below := 0
	for score, n := range count {
		below += n
		if 2*below >= len(rows) {
			return score
		}
	}
	return 0
}
