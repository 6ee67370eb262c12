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

// scores count the pairings by score.
type scores struct {
	steps   [maxScore / spreadStep][len(spreadClasses)]int
	classes [len(spreadClasses)]int
	each    [maxScore + 1]int
	highest int
	sum     int
}

func (s *scores) count(w row) {
	score := min(max(int(w.GetScore()), 0), maxScore)
	s.steps[min(score/spreadStep, len(s.steps)-1)][spreadClass(w)]++
	s.classes[spreadClass(w)]++
	s.each[score]++
	s.highest = max(s.highest, score)
	s.sum++
}

// spread draws the pairings by score.
func (r *reader) spread(scores *scores) spread {
	highest := 1
	for _, step := range scores.steps {
		highest = max(highest, total(step))
	}
	s := spread{Height: spreadHeight}
	for i, step := range scores.steps {
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
		s.Keys = append(s.Keys, spreadKey{Class: class, Label: r.say("report.spread." + class), Count: r.number(scores.classes[i])})
	}
	s.Desc = r.spreadInWords(scores)
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
func (r *reader) spreadInWords(s *scores) string {
	if s.sum == 0 {
		return r.say("report.none")
	}
	return r.say("report.spread.desc", catalog.Number(s.classes[0]), catalog.Number(s.classes[1]), catalog.Number(s.classes[2]), catalog.Number(s.classes[3]),
		catalog.Number(s.median()), catalog.Number(s.highest))
}

// median is the lower middle score.
func (s *scores) median() int {
	below := 0
	for score, n := range s.each {
		below += n
		if 2*below >= s.sum {
			return score
		}
	}
	return 0
}
