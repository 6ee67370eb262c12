package matching

import (
	"context"
	"fmt"
)

// Place is a counterpart in an organisation's list, without the explanation.
type Place struct {
	ID    string
	Tier  Tier
	Score int32
}

// Places lists an organisation's best counterparts, best first, at most top, and explains none of them.
func (m *Market) Places(id string, top int) ([]Place, error) {
	f := m.roster.find(id)
	if f == nil {
		return nil, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	return placesOf(m.list(f, clampTop(top))), nil
}

// Lists is Run without rows and explanations: it gives the list of every organisation of both sides to show, one call at a
// time, in an order that depends on the workers.
func (m *Market) Lists(ctx context.Context, o RunOptions, show func(id string, list []Place)) (Totals, error) {
	work := m.newBatch(o)
	for side := range m.sides {
		err := work.lists(ctx, m, Side(side), func(f *firm, list []place) { show(f.id, placesOf(list)) })
		if err != nil {
			return Totals{}, err
		}
	}
	return work.totals, nil
}

// ListsOf is Lists for some organisations, and tells how far their searches had to look at pairs.
func (m *Market) ListsOf(ctx context.Context, ids []string, o RunOptions, show func(id string, list []Place)) (Bounds, error) {
	var sides [2][]*firm
	for _, id := range ids {
		f := m.roster.find(id)
		if f == nil {
			return Bounds{}, fmt.Errorf("%s: %w", id, ErrNotFound)
		}
		sides[f.side] = append(sides[f.side], f)
	}
	work := m.newBatch(o)
	work.total = len(ids)
	for _, firms := range sides {
		err := work.listsOf(ctx, m, firms, func(f *firm, list []place) { show(f.id, placesOf(list)) })
		if err != nil {
			return Bounds{}, err
		}
	}
	return work.passed, nil
}

func placesOf(list []place) []Place {
	places := make([]Place, len(list))
	for i, p := range list {
		places[i] = Place{p.firm.id, p.tier, p.score}
	}
	return places
}
