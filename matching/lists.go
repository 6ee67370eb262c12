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
		err := work.lists(ctx, m, Side(side), func(f *firm, list []place) { show(f.profile.ID, placesOf(list)) })
		if err != nil {
			return Totals{}, err
		}
	}
	return work.totals, nil
}

func placesOf(list []place) []Place {
	places := make([]Place, len(list))
	for i, p := range list {
		places[i] = Place{p.firm.profile.ID, p.tier, p.score}
	}
	return places
}
