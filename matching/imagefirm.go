package matching

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// This file writes and reads what preparing computes of an organisation, so that an image need not prepare anybody. What the record
// says already, such as programmes, is read from it.

// writeFirm appends what firmReader.firm reads.
func writeFirm(w *recordWriter, f *firm) {
	w.number(int(f.side), int(f.class), int(f.coast)+1, int(f.modes[0]), int(f.modes[1]))
	w.truth(f.approved)
	w.truth(f.takes)
	w.truth(len(f.materials)+len(f.programs)+len(f.excluded) > 0)
	w.number(len(f.offers))
	for i := range f.offers {
		o := &f.offers[i]
		w.number(int(o.code), int(o.serves), int(o.strength), int(o.trl), int(o.material))
	}
	w.number(len(f.needs))
	for i := range f.needs {
		n := &f.needs[i]
		w.number(int(n.code), int(n.usable[0]), int(n.usable[1]), int(n.usable[2]), int(n.weight), int(n.weights))
		w.number(int(n.words[1]), int(n.sold)+1, int(n.material))
		w.truth(n.supplier)
		w.truth(n.single)
		w.truth(n.coastal)
	}
	w.number(len(f.words))
	for _, word := range f.words {
		w.bytes = binary.LittleEndian.AppendUint64(w.bytes, word.hash)
		w.number(int(word.weight))
	}
	w.number(len(f.text))
	for _, hash := range f.text {
		w.bytes = binary.LittleEndian.AppendUint64(w.bytes, hash)
	}
}

// firmReader reads the organisations of one frame. Their parts stand in a few pieces of memory, which stay as long as one of them does.
type firmReader struct {
	recordReader
	capabilities int
	offers       []offer
	needs        []need
	words        []needWord
	text         []uint64
}

// errFirm is returned for organisations that no market could have prepared.
var errFirm = errors.New("an organisation is not prepared as it should be")

// readFirms reads the organisations of two frames: their records, and what was prepared of them.
func readFirms(records, prepared string, capabilities int) ([]*firm, error) {
	texts := &recordReader{rest: records}
	r := &firmReader{recordReader: recordReader{rest: prepared}, capabilities: capabilities}
	slab := make([]firm, r.number(frameFirms))
	r.offers, r.needs = make([]offer, 0, r.number(len(prepared))), make([]need, 0, r.number(len(prepared)))
	r.words, r.text = make([]needWord, 0, r.number(len(prepared))), make([]uint64, 0, r.number(len(prepared)))
	firms := make([]*firm, len(slab))
	for i := range slab {
		f := &slab[i]
		f.record = texts.text()
		f.id, firms[i] = idOf(f.record), f
		if err := r.firm(f); err != nil {
			return nil, fmt.Errorf("%w: %w: %q", ErrImage, err, f.id)
		}
	}
	if texts.broken || r.broken || texts.rest != "" || r.rest != "" {
		return nil, fmt.Errorf("%w: %w", ErrImage, errRecord)
	}
	return firms, nil
}

// writeFirms appends what readFirms reads.
func writeFirms(firms []*firm) (records, prepared []byte) {
	texts, w := &recordWriter{}, &recordWriter{}
	var offers, needs, words, text int
	for _, f := range firms {
		offers, needs, words, text = offers+len(f.offers), needs+len(f.needs), words+len(f.words), text+len(f.text)
	}
	w.number(len(firms), offers, needs, words, text)
	for _, f := range firms {
		texts.text(f.record)
		writeFirm(w, f)
	}
	return texts.bytes, w.bytes
}

func (r *firmReader) firm(f *firm) error {
	f.side, f.class, f.coast = Side(r.number(1)), class(r.number(int(classCount)-1)), int16(r.number(256))-1 //nolint:gosec // small
	f.modes = [2]ModeSet{r.modes(), r.modes()}
	f.approved, f.takes = r.truth(), r.truth()
	if r.truth() {
		p, err := profileOf(f.record)
		if err != nil {
			return err
		}
		f.keep(&p)
	}
	start := len(r.offers)
	for range r.number(MaxOffers) {
		r.offers = append(r.offers, offer{r.capability(), r.modes(), r.small(), r.small(), uint8(r.number(len(f.materials)))}) //nolint:gosec // small
	}
	f.offers = r.offers[start:len(r.offers):len(r.offers)]
	start = len(r.needs)
	last := uint32(0)
	for range r.number(MaxNeeds) {
		n := need{code: r.capability(), usable: [classCount]ModeSet{r.modes(), r.modes(), r.modes()}}
		n.weight, n.weights = uint32(r.small()), uint32(r.number(math.MaxInt32))                 //nolint:gosec // below the limits
		n.words = [2]uint32{last, uint32(r.number(math.MaxInt32))}                               //nolint:gosec // below the limit
		n.sold, n.material = int16(r.number(len(f.offers)))-1, uint8(r.number(len(f.materials))) //nolint:gosec // small
		n.supplier, n.single, n.coastal = r.truth(), r.truth(), r.truth()
		if n.words[1] < last || n.weight == 0 {
			return errFirm
		}
		last = n.words[1]
		r.needs = append(r.needs, n)
	}
	f.needs = r.needs[start:len(r.needs):len(r.needs)]
	start = len(r.words)
	for range r.number(len(r.rest) / 9) {
		r.words = append(r.words, needWord{r.hash(), uint32(r.number(math.MaxInt32))}) //nolint:gosec // below the limit
	}
	f.words = r.words[start:len(r.words):len(r.words)]
	start = len(r.text)
	for range r.number(len(r.rest) / 8) {
		r.text = append(r.text, r.hash())
	}
	f.text = r.text[start:len(r.text):len(r.text)]
	if r.broken || int(last) != len(f.words) || !slices.IsSorted(f.text) {
		return errFirm
	}
	return nil
}

// capability is a code of the catalogue.
func (r *firmReader) capability() catalog.Code { return catalog.Code(r.number(r.capabilities - 1)) } //nolint:gosec // below the limit

func (r *recordReader) hash() uint64 {
	if len(r.rest) < 8 {
		r.rest, r.broken = "", true
		return 0
	}
	s := r.rest
	r.rest = s[8:]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
