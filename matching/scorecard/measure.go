package scorecard

import "slices"

// Measure names what is measured of a list.
type Measure uint8

// The measures, each 0 to 1 and the higher the better, but for PoorShown.
const (
	// NDCG is the normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen 2002). What nobody judged
	// brings nothing.
	NDCG Measure = iota
	// NDCGJudged is the same over the judged counterparts alone (Sakai 2007), so that a good one that nobody judged does no harm.
	NDCGJudged
	// Hit1 tells whether the first is a strong one; Hit5 and Hit10 whether one of the first five or ten is.
	Hit1
	Hit5
	Hit10
	// MRR is one divided by the place of the first strong one.
	MRR
	// Recall is the share of the strong ones that are among the first ten.
	Recall
	// PoorShown is the share of the poor ones that are among the first ten: the lower the better.
	PoorShown
	measureCount
)

// Measures lists all measures in the order of tables.
func Measures() []Measure {
	return []Measure{NDCG, NDCGJudged, Hit1, Hit5, Hit10, MRR, Recall, PoorShown}
}

// String returns how tables head the measure.
func (m Measure) String() string {
	return []string{"nDCG@10", "nDCG judged", "hit@1", "hit@5", "hit@10", "MRR", "recall@10", "poor@10"}[m]
}

// Values are the measures of one question or the mean of several, in millionths.
type Values [measureCount]int64

const (
	whole = 1_000_000
	depth = 10
)

// discounts are a million divided by log2(place + 1): logarithms of the math package differ between processors.
var discounts = [depth]int64{1000000, 630930, 500000, 430677, 386853, 356207, 333333, 315465, 301030, 289065}

// gains are what a grade brings.
var gains = [...]int64{Poor: 0, Possible: 1, Strong: 3}

// Ask measures one question against a list of counterparts, best first.
func (q *Question) Ask(list []string) Values {
	var v Values
	var places, judged []Grade
	for _, id := range list {
		if q.hidden[id] {
			continue
		}
		places = append(places, q.Grades[id])
		if q.Grades[id] != 0 {
			judged = append(judged, q.Grades[id])
		}
	}
	ideal := q.ideal()
	v[NDCG], v[NDCGJudged] = whole*gain(places)/ideal, whole*gain(judged)/ideal
	if first := slices.Index(places, Strong); first >= 0 {
		v[MRR] = whole / int64(first+1)
		for _, hit := range [...]struct {
			measure Measure
			within  int
		}{{Hit1, 1}, {Hit5, 5}, {Hit10, depth}} {
			if first < hit.within {
				v[hit.measure] = whole
			}
		}
	}
	v[Recall] = q.shown(places, Strong)
	v[PoorShown] = q.shown(places, Poor)
	return v
}

// shown is the share of the counterparts of a grade that are among the first ten.
func (q *Question) shown(places []Grade, g Grade) int64 {
	met := int64(0)
	for _, grade := range places[:min(depth, len(places))] {
		if grade == g {
			met++
		}
	}
	return whole * met / int64(max(1, q.count(g)))
}

// gain is the discounted gain of the first ten.
func gain(places []Grade) int64 {
	sum := int64(0)
	for i, grade := range places[:min(depth, len(places))] {
		if grade != 0 {
			sum += gains[grade] * discounts[i]
		}
	}
	return sum
}

// ideal is the gain of the best order.
func (q *Question) ideal() int64 {
	var best []Grade
	for _, g := range []Grade{Strong, Possible} {
		best = append(best, slices.Repeat([]Grade{g}, q.count(g))...)
	}
	return gain(best)
}

// Mean is the mean of what each question measures.
func Mean(values []Values) Values {
	var sum Values
	for _, v := range values {
		for m := range sum {
			sum[m] += v[m]
		}
	}
	for m := range sum {
		sum[m] /= int64(max(1, len(values)))
	}
	return sum
}
