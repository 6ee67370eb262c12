package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// layout says how an index is cut. No answer depends on it.
type layout struct {
	answering *answering
	rows      int // of a tile, at most tileRows
	fresh     int // organisations that may wait for a tile; every search looks at each of them one by one
}

// tileRows is how many organisations a tile holds at most: so many that a bit of each fills eight cache lines.
const tileRows = 4096

func defaultLayout(x *answering) layout { return layout{x, tileRows, 256} }

// bitmap has a bit for each row of a tile.
type bitmap []uint64

func (b bitmap) set(row int)      { b[row>>6] |= 1 << (row & 63) }
func (b bitmap) drop(row int)     { b[row>>6] &^= 1 << (row & 63) }
func (b bitmap) has(row int) bool { return b[row>>6]>>(row&63)&1 != 0 }

func (b bitmap) or(other bitmap) {
	other = other[:len(b)]
	for i := range b {
		b[i] |= other[i]
	}
}

// orTwice adds what is in other and in once, and other to once: in the end b has what was in two of the others.
func (b bitmap) orTwice(once, other bitmap) {
	once, other = once[:len(b)], other[:len(b)]
	for i := range b {
		b[i] |= once[i] & other[i]
		once[i] |= other[i]
	}
}

func (b bitmap) and(other bitmap) {
	other = other[:len(b)]
	for i := range b {
		b[i] &= other[i]
	}
}

// levels are the answers for which a tile knows by one bit who answers at least so well.
var levels = [...]uint8{1, 24, 64, 104, 152}

// tile holds what searches look at of up to tileRows organisations of one side: by capability, not by organisation. It
// never changes. Rows are ordered by number of needs, which makes the bounds on what they can gain tight.
type tile struct {
	firms      []*firm
	words      int                   // of a bitmap
	byID       []uint16              // rows by id
	takesPart  bitmap                // approved and complete
	column     []column              // by capability: how well each row answers a need for it
	most       []uint8               // by capability: the best of its column
	above      [len(levels)][]bitmap // by level and capability: who answers at least that well
	answers    [len(levels)][]uint16 // by level and capability: how many do
	wants      []bitmap              // by capability: who needs it
	wanted     []uint16              // by capability: how many do
	repeats    []uint8               // by capability: how often one row needs it, at most
	needs      []packedNeed          // of row i those from start[i] to start[i+1]
	start      []uint32
	odd        bitmap                   // some need of it is not plain
	particular []uint16                 // rows that exclude somebody
	longest    int                      // the largest number of needs of a row
	class      [classCount]bitmap       // by kind
	modes      [2][modeCount + 1]bitmap // accepted in a pair without and with a government body
	terms      [termCount]bool          // of the modulator: whether a row can bring it in
	says       spoken[uint16]           // rows, by the words of their texts
	asks       spoken[uint32]           // words of their needs, by what they are
	wording    needWords
}

// packedNeed is what coverage needs of a need: its capability, its weight, and for which classes of counterparts every
// offer can serve it.
type packedNeed uint32

func pack(n *need) packedNeed {
	p := packedNeed(n.code) | packedNeed(n.weight)<<16
	for c := range classCount {
		if n.plain(c) {
			p |= 1 << (24 + c)
		}
	}
	return p
}

func (p packedNeed) code() int          { return int(p & 0xffff) }
func (p packedNeed) weight() uint32     { return uint32(p >> 16 & 0xff) }
func (p packedNeed) plain(c class) bool { return p>>(24+c)&1 != 0 }

func (p packedNeed) plainForAll() bool { return p>>24&(1<<classCount-1) == 1<<classCount-1 }

// plain tells whether every offer of a counterpart of a class can serve a need: it asks for an undemanding mode.
func (n *need) plain(c class) bool { return n.usable[c]&^demanding != 0 }

// arranged sorts organisations the way tiles hold them, and cuts them into parts of equal size.
func (y layout) arranged(firms []*firm) [][]*firm {
	firms = slices.Clone(firms)
	slices.SortFunc(firms, func(a, b *firm) int {
		return cmp.Or(cmp.Compare(len(a.needs), len(b.needs)), cmp.Compare(a.business(), b.business()), byID(a, b))
	})
	var parts [][]*firm
	for left := (len(firms) + y.rows - 1) / y.rows; left > 0; left-- {
		size := (len(firms) + left - 1) / left
		parts = append(parts, firms[:size:size])
		firms = firms[size:]
	}
	return parts
}

// business is the capability that an organisation names first: like beside like makes for denser words in bitmaps.
func (f *firm) business() catalog.Code {
	if len(f.offers) > 0 {
		return f.offers[0].code
	}
	if len(f.needs) > 0 {
		return f.needs[0].code
	}
	return 0
}

// newTile lays out organisations of one side, at most tileRows.
func newTile(x *answering, firms []*firm) *tile {
	capabilities := x.size
	t := &tile{
		firms: firms, words: (len(firms) + 63) / 64, column: make([]column, capabilities), most: make([]uint8, capabilities),
		odd: make(bitmap, (len(firms)+63)/64), wants: make([]bitmap, capabilities), wanted: make([]uint16, capabilities),
		repeats: make([]uint8, capabilities), start: make([]uint32, 1, len(firms)+1),
	}
	t.takesPart = make(bitmap, t.words)
	for l := range levels {
		t.above[l], t.answers[l] = make([]bitmap, capabilities), make([]uint16, capabilities)
	}
	var answers []uint8
	for row, f := range firms {
		t.byID = append(t.byID, uint16(row))
		if f.takes {
			t.takesPart.set(row)
		}
		answers = x.by(f, answers)
		t.addAnswers(row, answers)
		t.addNeeds(row, f)
		t.addModes(row, f)
		if len(f.excluded) > 0 {
			t.particular = append(t.particular, uint16(row))
		}
		for i, may := range f.mayBring() {
			t.terms[i] = t.terms[i] || may
		}
	}
	for c := range t.column {
		t.column[c].has = t.above[0][c]
	}
	t.pack()
	t.says = newSpoken[uint16](len(firms), func(row int, use func(uint64)) {
		for _, hash := range firms[row].text {
			use(hash)
		}
	})
	var asked []uint64
	for _, f := range firms {
		for i := range f.needs {
			t.wording.add(f, &f.needs[i])
			for _, word := range f.wording(&f.needs[i]) {
				asked = append(asked, word.hash)
			}
		}
	}
	t.asks = newSpoken[uint32](len(asked), func(at int, use func(uint64)) { use(asked[at]) })
	slices.SortFunc(t.byID, func(a, b uint16) int { return byID(firms[a], firms[b]) })
	return t
}

// mark sets a row's bit in a bitmap that is made when it is first needed.
func (t *tile) mark(b *bitmap, row int) {
	if *b == nil {
		*b = make(bitmap, t.words)
	}
	b.set(row)
}

func (t *tile) addAnswers(row int, answers []uint8) {
	for c, x := range answers {
		if x == 0 {
			continue
		}
		t.column[c].values = append(t.column[c].values, x)
		t.most[c] = max(t.most[c], x)
		for l, least := range levels {
			if x >= least {
				t.mark(&t.above[l][c], row)
				t.answers[l][c]++
			}
		}
	}
}

func (t *tile) addNeeds(row int, f *firm) {
	for i := range f.needs {
		n := &f.needs[i]
		packed := pack(n)
		t.needs = append(t.needs, packed)
		if !packed.plainForAll() {
			t.odd.set(row)
		}
		same := uint8(0)
		for j := range f.needs {
			if f.needs[j].code == n.code {
				same++
			}
		}
		t.repeats[n.code] = max(t.repeats[n.code], same)
		if t.wants[n.code] == nil || !t.wants[n.code].has(row) {
			t.mark(&t.wants[n.code], row)
			t.wanted[n.code]++
		}
	}
	t.start = append(t.start, uint32(len(t.needs))) //nolint:gosec // at most 4096 x 40
	t.longest = max(t.longest, len(f.needs))
}

func (t *tile) addModes(row int, f *firm) {
	t.mark(&t.class[f.class], row)
	for i := range t.modes {
		for m := CoDevelopment; int(m) <= modeCount; m++ {
			if f.modes[i].Has(m) {
				t.mark(&t.modes[i][m], row)
			}
		}
	}
}

// row finds an organisation of the tile by id.
func (t *tile) row(id string) (row int, ok bool) {
	k, ok := slices.BinarySearchFunc(t.byID, id, func(row uint16, id string) int { return strings.Compare(t.firms[row].id, id) })
	if !ok {
		return 0, false
	}
	return int(t.byID[k]), true
}
