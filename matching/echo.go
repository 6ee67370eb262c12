package matching

// This file bounds the text term, which is most of the modulator: how many of the needs' words the other's text contains.
// Both directions are looked up for a whole tile at once, through spoken.

// needWords are the words of all needs of a tile, one after the other.
type needWords struct {
	start  []uint32 // of need i of the tile's needs the words from start[i] to start[i+1]
	weight []uint32 // of words
	sum    []uint32 // of need i: of its words' weights
}

func (w *needWords) add(f *firm, n *need) {
	if len(w.start) == 0 {
		w.start = append(w.start, 0)
	}
	for _, word := range f.wording(n) {
		w.weight = append(w.weight, word.weight)
	}
	w.start = append(w.start, uint32(len(w.weight))) //nolint:gosec // a tile's words are fewer
	w.sum = append(w.sum, n.weights)
}

// wanted is a word of an organisation's own needs.
type wanted struct {
	need   int
	bit    uint64 // among the words that are looked up; 0 for one too many, which then counts as found
	weight uint32
}

// ownWords lists an organisation's need words, and what to look up: each word once, at most 64.
func (q *query) ownWords() {
	bits := map[uint64]uint64{}
	for i := range q.firm.needs {
		for _, word := range q.firm.wording(&q.firm.needs[i]) {
			bit, known := bits[word.hash]
			if !known && len(q.lookUp) < 64 {
				bit = 1 << len(q.lookUp)
				q.lookUp = append(q.lookUp, word.hash)
				bits[word.hash] = bit
			}
			q.more = q.more || bit == 0
			q.wanted = append(q.wanted, wanted{i, bit, word.weight})
		}
	}
}

// listen finds the words of the organisation's needs in the texts of a tile, and its own words in their needs.
func (q *query) listen(t *tile, w *scratch) {
	w.heard = append(w.heard[:0], make([]uint64, len(t.firms))...)
	for i, hash := range q.lookUp {
		for _, row := range t.says.find(hash) {
			w.heard[row] |= 1 << i
		}
	}
	w.matched = append(w.matched[:0], make(bitmap, (len(t.wording.weight)+63)/64)...)
	for _, hash := range q.firm.text {
		for _, at := range t.asks.find(hash) {
			w.matched.set(int(at))
		}
	}
}

// textAtMost bounds the text term of the pair with a row, of which both raw coverages are known.
func (s *search) textAtMost(t *tile, row int, total uint32, w *scratch) int {
	p := s.m.prep
	var fits uint64
	heard := w.heard[row]
	for i := 0; i < len(s.wanted) && (heard != 0 || s.more); {
		need, met := s.wanted[i].need, uint32(0)
		for ; i < len(s.wanted) && s.wanted[i].need == need; i++ {
			if word := &s.wanted[i]; heard&word.bit != 0 || word.bit == 0 {
				met += word.weight
			}
		}
		if met == 0 {
			continue
		}
		n := s.needs[need]
		if column := &t.column[n.code()]; column.has != nil && column.has.has(row) {
			fits += uint64(n.weight()) * uint64(column.at(row)) * uint64(p.textShare(met, s.firm.needs[need].weights)) //nolint:gosec // not negative
		}
	}
	answer := s.answer
	for i := t.start[row]; i < t.start[row+1]; i++ {
		n := t.needs[i]
		x := answer[n.code()]
		if x == 0 {
			continue
		}
		met := uint32(0)
		for at := t.wording.start[i]; at < t.wording.start[i+1]; at++ {
			if w.matched.has(int(at)) {
				met += t.wording.weight[at]
			}
		}
		if met > 0 {
			fits += uint64(n.weight()) * uint64(x) * uint64(p.textShare(met, t.wording.sum[i])) //nolint:gosec // not negative
		}
	}
	return p.termValue(termText, fits, uint64(total))
}
