package server

import (
	"context"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// SuggestNeeds suggests needs that a firm may have and has not stated; `firms/me` is the caller's own. What organisations like
// it look for is for staff only: a firm would read its rivals' needs in it.
func (s firmService) SuggestNeeds(ctx context.Context, r *tandemv1.SuggestNeedsRequest) (*tandemv1.SuggestNeedsResponse, error) {
	caller := access.FromContext(ctx)
	name := r.Firm
	if name == "firms/me" && caller.Firm != "" {
		name = caller.Firm
	}
	if !caller.Staff() && !caller.Is(name) {
		return nil, notFound(name)
	}
	m, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	if m.firms.find(firmSlug(name)) == nil {
		return nil, notFound(name)
	}
	answer := new(tandemv1.SuggestNeedsResponse)
	if _, placed := m.market.Profile(firmSlug(name)); !placed {
		return answer, nil // no country, no side: its profile is not read yet
	}
	found, err := m.market.SuggestNeeds(firmSlug(name), caller.Staff(), listLength(r.Top))
	if err != nil {
		return nil, err
	}
	for _, n := range found {
		answer.Suggestions = append(answer.Suggestions, suggestedNeed(s.catalog, n))
	}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}
