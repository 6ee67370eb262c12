package scorecard

import (
	"math/bits"
	"slices"
)

// Difference is how much better one way is than another, in millionths: the mean over the questions and the interval that
// 95 of 100 samples of as many questions fall into. An interval around 0 is noise.
type Difference struct{ Mean, Low, High int64 }

// samples is how often the bootstrap draws.
const samples = 2000

// Compare is the paired bootstrap (Efron 1979; Sakai 2006 for rankings): both ways answer the same questions, and the
// questions are drawn with replacement, from a seeded source.
func Compare(one, other []Values, m Measure) Difference {
	n := len(one)
	if n == 0 {
		return Difference{}
	}
	apart := make([]int64, n)
	var sum int64
	for i := range apart {
		apart[i] = one[i][m] - other[i][m]
		sum += apart[i]
	}
	var chance chance
	means := make([]int64, samples)
	for s := range means {
		var drawn int64
		for range n {
			drawn += apart[chance.below(n)]
		}
		means[s] = drawn / int64(n)
	}
	slices.Sort(means)
	return Difference{sum / int64(n), means[samples*25/1000], means[samples*975/1000-1]}
}

// Noise tells whether the interval contains 0.
func (d Difference) Noise() bool { return d.Low <= 0 && d.High >= 0 }

// chance is SplitMix64 (Steele, Lea and Flood 2014) from 0: numbers that look random and are the same every time.
type chance uint64

// below returns a number from 0 to n-1.
func (c *chance) below(n int) int {
	*c += 0x9e3779b97f4a7c15
	z := uint64(*c)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	index, _ := bits.Mul64(z^z>>31, uint64(n)) //nolint:gosec // a length
	return int(index)                          //nolint:gosec // below n
}
