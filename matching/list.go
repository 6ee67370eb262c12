package matching

import (
	"fmt"
	"slices"
)

// rate scores an organisation against one of the other side; the zero place if they do not pair. A floor spares the
// modulator, which is most of the work, where even a full one would not come before it; then, too, the place is zero.
func (m *Market) rate(f, other *firm, floor *place) place {
	if m.blocked(f, other) != NoCause {
		return place{}
	}
	first, second := inOrder(f, other)
	s := m.prep.coverages(first, second)
	if s.core == 0 || floor != nil && !(place{s.tier, scoreOf(s.core, fullModulator), other}).before(*floor) {
		return place{}
	}
	m.prep.modulate(&s, first, second)
	return place{s.tier, s.score, other}
}

// list returns an organisation's best counterparts, at most top, best first.
func (m *Market) list(f *firm, top int) []place { return m.admitted(f, top, nil) }

// admitted is list among the counterparts that admits admits; nil admits everybody.
func (m *Market) admitted(f *firm, top int, admits func(*firm) bool) []place {
	if !f.takes {
		return nil
	}
	s := m.search(f, top)
	s.admits = admits
	s.everywhere(newScratch())
	return s.best.sorted()
}

// everywhere looks through the whole other side.
func (s *search) everywhere(w *scratch) {
	others := s.m.sides[s.firm.side.Other()]
	for i := len(others.layers) - 1; i >= 0 && !s.decided(); i-- {
		s.reciprocal(&others.layers[i], w)
	}
	s.loose(others)
	for i := len(others.layers) - 1; i >= 0 && !s.decided(); i-- {
		s.oneSided(&others.layers[i], w)
	}
}

// loose looks at the organisations that are in no tile yet.
func (s *search) loose(others *index) {
	for _, other := range others.fresh {
		if s.admits != nil && !s.admits(other) {
			continue
		}
		var floor *place
		if s.best.full() {
			last := s.best.last()
			floor = &last
		}
		if p := s.m.rate(s.firm, other, floor); p.tier != 0 {
			s.best.show(p)
		}
	}
}

// rank is the place of a counterpart in an organisation's list of the given length, or 0. The search begins with a list that is full
// of the counterpart's own place, so that it looks only at what comes before it, and ends when that has filled the list.
func (m *Market) rank(f, counterpart *firm, top int, w *scratch) int32 {
	if !f.takes {
		return 0
	}
	own := m.rate(f, counterpart, nil)
	if own.tier == 0 {
		return 0
	}
	s := m.search(f, top)
	s.best.heap, s.sought = slices.Repeat([]place{own}, top), counterpart
	s.everywhere(w)
	rank := int32(1)
	for _, p := range s.best.heap {
		if p.firm != counterpart {
			rank++
		}
	}
	if int(rank) > top {
		return 0
	}
	return rank
}

// clampTop reads a wished length of a list.
func clampTop(top int) int {
	if top <= 0 {
		return DefaultTop
	}
	return min(top, MaxTop)
}

// Partners lists an organisation's best counterparts that pass the filter, best first, at most top. Ranks are those of
// the lists without a filter, of length top.
func (m *Market) Partners(id string, top int, filter Filter) ([]Pairing, error) {
	return m.partners(id, top, filter, nil)
}

// partners answers from standing lists what they know: nil knows nothing.
func (m *Market) partners(id string, top int, filter Filter, known *Standing) ([]Pairing, error) {
	f := m.roster.find(id)
	if f == nil {
		return nil, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	top = clampTop(top)
	if known != nil && known.top < top {
		known = nil
	}
	own := func() []place {
		if known == nil {
			return m.list(f, top)
		}
		list := known.list(f)
		return list[:min(top, len(list))]
	}
	if filter.empty() {
		list := own()
		return m.explained(f, list, list, top, known), nil
	}
	admits := func(other *firm) bool { return filter.admitsFirm(m, other) }
	reach := top
	if filter.narrowsPairings() {
		reach = 4 * top // what only the pairing tells is asked from the best down, in growing parts
	}
	var chosen []place
	for seen := 0; ; seen, reach = reach, 4*reach {
		list := m.admitted(f, reach, admits)
		for _, p := range list[min(seen, len(list)):] {
			if len(chosen) == top {
				break
			}
			if pairing := m.explainPair(f, p.firm); filter.admitsPairing(&pairing) {
				chosen = append(chosen, p)
			}
		}
		if len(chosen) == top || len(list) < reach {
			return m.explained(f, chosen, own(), top, known), nil
		}
	}
}

// explained explains some counterparts of an organisation, whose whole list is given too, with their ranks in both lists.
func (m *Market) explained(f *firm, chosen, list []place, top int, known *Standing) []Pairing {
	own := make(map[*firm]int32, len(list))
	for i, p := range list {
		own[p.firm] = int32(i + 1)
	}
	var out []Pairing
	w := newScratch()
	for _, p := range chosen {
		pairing := m.explainPair(f, p.firm)
		if known != nil {
			pairing.setRanks(f.side, own[p.firm], known.rank(p.firm, f, top))
		} else {
			pairing.setRanks(f.side, own[p.firm], m.rank(p.firm, f, top, w))
		}
		out = append(out, pairing)
	}
	return out
}

func (p *Pairing) setRanks(side Side, own, others int32) {
	p.FirstRank, p.SecondRank = own, others
	if side == Second {
		p.FirstRank, p.SecondRank = others, own
	}
}
