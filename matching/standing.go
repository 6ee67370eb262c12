package matching

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// Standing holds the list of everybody in a market. It never changes; With returns that of a later market and tells whose list became
// another. It takes about 16 bytes a place and 50 an organisation.
//
// Following a market is exact because a full list says of everybody outside it that they come after its last place. So of two markets
// with the same scores, only pairs of organisations that differ between them can change a list, and whether they do is told by the
// last place alone: see Standing.hosts.
type Standing struct {
	market  *Market
	top     int
	workers int
	pages   map[*tile]*page
	fresh   map[*firm][]place // of those who are in no tile
	own     map[*page]bool    // pages that nobody else has yet, while the lists are being made
}

// Standing computes the list of everybody, as long and with as many workers as the options say; so will those that follow from it.
func (m *Market) Standing(ctx context.Context, o RunOptions) (*Standing, error) {
	s := (&Standing{top: clampTop(o.Top), workers: max(1, o.Workers)}).aligned(m)
	var firms []*firm
	for side := range m.sides {
		firms = append(firms, m.firms(Side(side))...)
	}
	return s, s.search(ctx, firms)
}

// Market is the market that the lists are of.
func (s *Standing) Market() *Market { return s.market }

// Top is how long the lists are, as far as there are so many counterparts.
func (s *Standing) Top() int { return s.top }

// Places is an organisation's list, nil if it is not in the market or has none.
func (s *Standing) Places(id string) []Place {
	f := s.market.roster.find(id)
	if f == nil {
		return nil
	}
	return placesOf(s.list(f))
}

// Partners is Market.Partners of the market that the lists are of, faster, because ranks are read and not searched for.
func (s *Standing) Partners(id string, top int, filter Filter) ([]Pairing, error) {
	return s.market.partners(id, top, filter, s)
}

// With returns the lists of another market, and the ids, sorted, of those whose list is not the same as before, the organisations that
// came or went included. It takes as long as there are differences between the markets; where rarity or weights are others, or most
// organisations are, everything is computed anew.
func (s *Standing) With(ctx context.Context, next *Market) (*Standing, []string, error) {
	gone, come := s.market.differences(next)
	if next.prep != s.market.prep || len(gone)+len(come) > next.Len()/4 {
		after, err := next.Standing(ctx, RunOptions{Top: s.top, Workers: s.workers})
		if err != nil {
			return nil, nil, err
		}
		return after, s.moved(after, slices.Concat(s.market.ids(), next.ids())), nil
	}
	if len(gone)+len(come) == 0 {
		after := s.aligned(next)
		after.own = nil
		return after, nil, nil
	}
	after, concerned, err := s.follow(ctx, next, gone, come)
	if err != nil {
		return nil, nil, err
	}
	return after, s.moved(after, concerned), nil
}

// ids lists the ids of all organisations.
func (m *Market) ids() []string {
	ids := make([]string, 0, m.Len())
	for side := range m.sides {
		for _, f := range m.firms(Side(side)) {
			ids = append(ids, f.id)
		}
	}
	return ids
}

// moved lists, sorted, those of some organisations whose list is another in later lists.
func (s *Standing) moved(after *Standing, ids []string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return slices.Equal(s.Places(id), after.Places(id)) })
}

// follow computes the lists of a market that differs by some organisations, and lists whose may be others.
func (s *Standing) follow(ctx context.Context, next *Market, gone, come []*firm) (*Standing, []string, error) {
	left, concerned := make(map[*firm]bool, len(gone)), make([]string, 0, len(gone)+len(come))
	out := s.aligned(next)
	for _, f := range gone {
		left[f] = true
		out.put(f, nil, closed)
	}
	for _, f := range slices.Concat(gone, come) {
		out.put(f, nil, closed) // nobody enters: it is computed anew
		concerned = append(concerned, f.id)
	}
	entered, err := s.visits(ctx, gone)
	if err != nil {
		return nil, nil, err
	}
	arrived, err := out.visits(ctx, come)
	if err != nil {
		return nil, nil, err
	}
	for f := range entered {
		entered[f] = arrived[f]
	}
	maps.Copy(entered, arrived)
	sought := slices.Clone(come)
	for f, newcomers := range entered {
		if !out.has(f) {
			continue // it is among those that differ
		}
		list := out.list(f)
		kept := slices.DeleteFunc(slices.Clone(list), func(p place) bool { return left[p.firm] })
		kept = append(kept, newcomers...)
		concerned = append(concerned, f.id)
		if len(list) == s.top && len(kept) < s.top {
			sought = append(sought, f) // who comes next was never noted
			continue
		}
		slices.SortFunc(kept, comparePlaces)
		kept = slices.Clip(kept[:min(s.top, len(kept))])
		out.put(f, kept, barOver(f, kept, s.top))
	}
	return out, concerned, out.search(ctx, sought)
}

// search computes lists anew and ends the making.
func (s *Standing) search(ctx context.Context, firms []*firm) error {
	slices.SortFunc(firms, func(a, b *firm) int {
		return cmp.Or(cmp.Compare(a.side, b.side), cmp.Compare(a.business(), b.business()), byID(a, b))
	})
	cut := len(firms)
	if i := slices.IndexFunc(firms, func(f *firm) bool { return f.side == Second }); i >= 0 {
		cut = i
	}
	groups := slices.Concat(slices.Collect(slices.Chunk(firms[:cut], groupSize)), slices.Collect(slices.Chunk(firms[cut:], groupSize)))
	work := s.market.newBatch(RunOptions{Workers: s.workers})
	if err := work.each(ctx, len(groups), func(i int, w *scratch) {
		lists := s.market.group(ctx, groups[i], s.top, w)
		work.mu.Lock()
		defer work.mu.Unlock()
		for k, f := range groups[i] {
			list := slices.Clip(lists[k])
			s.put(f, list, barOver(f, list, s.top))
		}
	}); err != nil {
		return err
	}
	for p := range s.own {
		p.settle()
	}
	s.own = nil
	return nil
}

// visits finds in whose lists each of some organisations of the market has a place.
func (s *Standing) visits(ctx context.Context, firms []*firm) (map[*firm][]place, error) {
	hosts := make(map[*firm][]place)
	work := s.market.newBatch(RunOptions{Workers: s.workers})
	err := work.each(ctx, len(firms), func(i int, w *scratch) {
		if !firms[i].takes {
			return
		}
		search := s.market.search(firms[i], s.top)
		note := func(host *firm, list []place, at place) {
			if len(list) < s.top || !list[len(list)-1].before(at) {
				work.mu.Lock()
				defer work.mu.Unlock()
				hosts[host] = append(hosts[host], at)
			}
		}
		others := s.market.sides[firms[i].side.Other()]
		for l := range others.layers {
			layer := &others.layers[l]
			p := s.pages[layer.tile]
			search.hosts(layer, p, w, func(row int, at place) { note(layer.firms[row], p.lists[row], at) })
		}
		for _, other := range others.fresh {
			if list, ok := s.fresh[other]; ok {
				if at := s.market.rate(other, firms[i], nil); at.tier != 0 {
					note(other, list, at)
				}
			}
		}
	})
	return hosts, err
}

// aligned returns the same lists laid out as another market is. Nobody can enter those of organisations that have none yet.
func (s *Standing) aligned(next *Market) *Standing {
	out := &Standing{market: next, top: s.top, workers: s.workers, pages: map[*tile]*page{}, fresh: map[*firm][]place{}, own: map[*page]bool{}}
	for _, x := range next.sides {
		for i := range x.layers {
			out.pages[x.layers[i].tile] = s.pages[x.layers[i].tile]
		}
	}
	loose := maps.Clone(s.fresh)
	if loose == nil {
		loose = make(map[*firm][]place)
	}
	for t, p := range s.pages {
		if _, kept := out.pages[t]; !kept {
			for row, f := range t.firms {
				loose[f] = p.lists[row]
			}
		}
	}
	for _, x := range next.sides {
		for i := range x.layers {
			if t := x.layers[i].tile; out.pages[t] == nil {
				p := s.newPage(t, loose)
				out.pages[t], out.own[p] = p, true
			}
		}
		for _, f := range x.fresh {
			if list, ok := loose[f]; ok {
				out.fresh[f] = list
			}
		}
	}
	return out
}

// newPage writes a tile's page from lists that were elsewhere before.
func (s *Standing) newPage(t *tile, lists map[*firm][]place) *page {
	p := &page{lists: make([][]place, len(t.firms)), bars: make([]bar, len(t.firms))}
	for row, f := range t.firms {
		p.bars[row] = closed
		if list, ok := lists[f]; ok {
			p.lists[row], p.bars[row] = list, barOver(f, list, s.top)
		}
	}
	p.settle()
	return p
}

// put notes an organisation's list while the lists are being made; somebody who is nowhere any more has none.
func (s *Standing) put(f *firm, list []place, b bar) {
	x := s.market.sides[f.side]
	if slices.Contains(x.fresh, f) {
		if s.fresh[f] = list; b == closed {
			delete(s.fresh, f)
		}
		return
	}
	at, row, ok := x.where(f)
	if !ok {
		return
	}
	t := x.layers[at].tile
	p := s.pages[t]
	if !s.own[p] {
		p = &page{lists: slices.Clone(p.lists), bars: slices.Clone(p.bars), least: p.least}
		s.own[p], s.pages[t] = true, p
	}
	p.lists[row], p.bars[row] = list, b
	p.least = min(p.least, b)
}

// list is the list of an organisation of the market.
func (s *Standing) list(f *firm) []place {
	if list, ok := s.fresh[f]; ok {
		return list
	}
	x := s.market.sides[f.side]
	if at, row, ok := x.where(f); ok {
		return s.pages[x.layers[at].tile].lists[row]
	}
	return nil
}

// has tells whether an organisation has a list that others can enter.
func (s *Standing) has(f *firm) bool {
	if _, ok := s.fresh[f]; ok {
		return true
	}
	x := s.market.sides[f.side]
	at, row, ok := x.where(f)
	return ok && s.pages[x.layers[at].tile].bars[row] != closed
}

// rank is the place of a counterpart in an organisation's list, of which the first top count; 0 if it is not among them.
func (s *Standing) rank(f, counterpart *firm, top int) int32 {
	list := s.list(f)
	for i, p := range list[:min(top, len(list))] {
		if p.firm == counterpart {
			return int32(i + 1)
		}
	}
	return 0
}
