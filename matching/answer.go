package matching

import "math/bits"

// answering knows how well offers answer needs.
type answering struct {
	*affinities
	sharp [256][256]uint8 // by strength and affinity: see Weights.sharpen
}

func newAnswering(a *affinities, w *Weights) *answering {
	x := &answering{affinities: a}
	for strength := range x.sharp {
		for affinity := range x.sharp[strength] {
			x.sharp[strength][affinity] = uint8(w.sharpen(strength, affinity)) //nolint:gosec // sharpen returns a byte
		}
	}
	return x
}

// by says how well an organisation's best offer answers a need for each capability that any offer can serve. It writes to into if that
// is large enough.
func (x *answering) by(f *firm, into []uint8) []uint8 {
	answers := append(into[:0], make([]uint8, x.size)...)
	for i := range f.offers {
		o := &f.offers[i]
		sharp := &x.sharp[o.strength]
		for _, near := range x.answered[o.code] {
			answers[near.need] = max(answers[near.need], sharp[near.value])
		}
	}
	return answers
}

// column is how well each row of a tile answers a need for one capability. Few answer, so only those have a byte, in the order of rows;
// a bitmap, and the number of bytes before each of its words, tell where.
type column struct {
	has    bitmap // nil where nobody answers
	before []uint16
	values []uint8
}

// at is how well a row answers.
func (c *column) at(row int) uint8 {
	word, bit := c.has[row>>6], uint64(1)<<(row&63)
	if word&bit == 0 {
		return 0
	}
	return c.values[int(c.before[row>>6])+bits.OnesCount64(word&(bit-1))]
}

// pack copies a tile's columns, which were made row by row, to one piece of memory.
func (t *tile) pack() {
	values, columns := 0, 0
	for c := range t.column {
		if values += len(t.column[c].values); t.column[c].has != nil {
			columns++
		}
	}
	bytes, counts := make([]uint8, 0, values), make([]uint16, 0, columns*t.words)
	for i := range t.column {
		c := &t.column[i]
		if c.has == nil {
			continue
		}
		start, first := len(bytes), len(counts)
		bytes = append(bytes, c.values...)
		c.values = bytes[start:len(bytes):len(bytes)]
		sum := uint16(0)
		for _, word := range c.has {
			counts = append(counts, sum)
			sum += uint16(bits.OnesCount64(word)) //nolint:gosec // at most 64
		}
		c.before = counts[first:len(counts):len(counts)]
	}
}
