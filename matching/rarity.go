package matching

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// Rarity is what one epoch counted: how many organisations of each side take part, offer a capability, or use a word in
// describing what they do. What few offer weighs more, as in the inverse document frequency of Spärck Jones (1972).
// Live answers count it again from the snapshot of the latest finished run, so that they and its report agree. It must not be
// changed once a Market uses it.
type Rarity struct {
	Firms [2]int32            // approved organisations of each side
	Codes map[string][2]int32 // by capability: organisations that offer it or something below it
	Words map[string][2]int32 // by word: organisations whose offers or summary use it
}

// Flat is the table before anything was counted: every need and every word weighs the same.
func Flat() Rarity { return Rarity{} }

// Count counts the profiles that take part: approved and complete.
func Count(cat *catalog.Catalog, w *Weights, profiles []Profile) Rarity {
	r := Rarity{Codes: map[string][2]int32{}, Words: map[string][2]int32{}}
	lex := newLexicon(cat, w)
	for i := range profiles {
		p := &profiles[i]
		if !p.takesPart() {
			continue
		}
		r.Firms[p.Side]++
		codes := map[string]bool{}
		for _, o := range p.Offers {
			codes[cat.Capability(o.Capability).Code] = true
			for _, above := range cat.Ancestors(o.Capability) {
				codes[cat.Capability(above).Code] = true
			}
		}
		for code := range codes {
			count(r.Codes, code, p.Side)
		}
		for _, word := range lex.read(ownWords(p)...).words {
			count(r.Words, word.word, p.Side)
		}
	}
	return r
}

func count(counts map[string][2]int32, key string, side Side) {
	n := counts[key]
	n[side]++
	counts[key] = n
}

// ownWords are the texts in which an organisation says what it does.
func ownWords(p *Profile) []string {
	texts := []string{p.Summary.EN, p.Summary.Native}
	for _, o := range p.Offers {
		texts = append(texts, o.Detail.EN, o.Detail.Native)
	}
	return texts
}

// isFlat tells whether nothing was counted.
func (r Rarity) isFlat() bool { return r.Firms == [2]int32{} }

// of returns how rare something is in sixteenths of a halving, -1 when nothing was counted: 16 means that half of the
// organisations have it.
func (r Rarity) of(n [2]int32) int {
	if r.isFlat() {
		return -1
	}
	return log16(uint64(r.Firms[0])+uint64(r.Firms[1])+1, uint64(n[0])+uint64(n[1])+1) //nolint:gosec // counts are not negative
}

// log16 is floor(16 x log2(a/b)) for a >= b >= 1, and 0 for a < b, by repeated squaring of the ratio in 32.31 fixed
// point. Logarithms of the math package differ between processors.
func log16(a, b uint64) int {
	if a < b {
		return 0
	}
	whole := 0
	for a >= 2*b {
		b *= 2
		whole++
	}
	high, low := bits.Mul64(a, 1<<31)
	ratio, _ := bits.Div64(high, low, b) // 1..2 as 2^31..2^32
	result := whole
	for range 4 {
		ratio = ratio * ratio >> 31
		result *= 2
		if ratio >= 1<<32 {
			ratio >>= 1
			result++
		}
	}
	return result
}

// MarshalText writes the table in a canonical form: equal tables give equal bytes.
func (r Rarity) MarshalText() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "firms\t\t%d\t%d\n", r.Firms[0], r.Firms[1])
	for _, part := range []struct {
		name   string
		counts map[string][2]int32
	}{{"code", r.Codes}, {"word", r.Words}} {
		for _, key := range slices.Sorted(maps.Keys(part.counts)) {
			fmt.Fprintf(&b, "%s\t%s\t%d\t%d\n", part.name, key, part.counts[key][0], part.counts[key][1])
		}
	}
	return b.Bytes(), nil
}

// UnmarshalText is the inverse of MarshalText.
func (r *Rarity) UnmarshalText(text []byte) error {
	*r = Rarity{Codes: map[string][2]int32{}, Words: map[string][2]int32{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 4 {
			return fmt.Errorf("rarity: line %d: %d fields: want 4", number, len(fields))
		}
		var n [2]int32
		for i, field := range fields[2:] {
			v, err := strconv.ParseInt(field, 10, 32)
			if err != nil || v < 0 {
				return fmt.Errorf("rarity: line %d: %q: want a count", number, field)
			}
			n[i] = int32(v)
		}
		switch fields[0] {
		case "firms":
			r.Firms = n
		case "code":
			r.Codes[fields[1]] = n
		case "word":
			r.Words[fields[1]] = n
		default:
			return fmt.Errorf("rarity: line %d: %q: want firms, code or word", number, fields[0])
		}
	}
	return lines.Err()
}
