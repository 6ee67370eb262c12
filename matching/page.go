package matching

import (
	"math"
	"slices"
)

// page has the standing lists of a tile's organisations, by row, and what a newcomer must reach to enter them.
type page struct {
	lists [][]place
	bars  []bar
	least bar // the lowest of them
}

// bar is what a place must reach to stand in a full list, tier and score in one number; ids decide between equals. It is 0 where
// a list is not full, so that whoever finds something enters.
type bar uint32

// closed is the bar of who has no list that anybody could enter.
const closed = bar(math.MaxUint32)

func barOf(tier Tier, score int32) bar { return bar(OneSided+1-tier)<<16 | bar(score) } //nolint:gosec // 1 or 2, and 0 to 10000

// score is what a pair of a tier must score to reach the bar; not open if no score is enough.
func (b bar) score(tier Tier) (least int32, open bool) {
	switch lowest, highest := barOf(tier, 0), barOf(tier, fullScore); {
	case b <= lowest:
		return 0, true
	case b > highest:
		return 0, false
	}
	return int32(b & 0xffff), true
}

// barOver is the bar of an organisation's list.
func barOver(f *firm, list []place, top int) bar {
	switch {
	case !f.takes:
		return closed
	case len(list) < top:
		return 0
	}
	last := list[len(list)-1]
	return barOf(last.tier, last.score)
}

// settle finds the lowest bar, after changes.
func (p *page) settle() { p.least = slices.Min(p.bars) }
