package server

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

type pairingService struct {
	tandemv1.UnimplementedPairingServiceServer
	*Server
}

// FindPartners finds the best partners of a firm, live.
func (s pairingService) FindPartners(ctx context.Context, r *tandemv1.FindPartnersRequest) (*tandemv1.FindPartnersResponse, error) {
	filter, err := filterOf(s.catalog, r)
	if err != nil {
		return nil, err
	}
	m, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	if m.firms.find(firmSlug(r.Firm)) == nil {
		return nil, notFound(r.Firm)
	}
	answer := &tandemv1.FindPartnersResponse{Revision: m.revision, RarityRun: m.rarityRun}
	if _, placed := m.market.Profile(firmSlug(r.Firm)); !placed {
		return answer, nil // no country, no side, no counterparts
	}
	partners := m.market.Partners
	if known := s.standing.of(m, s.Server); known != nil {
		partners = known.Partners // the same, sooner
	}
	found, err := partners(firmSlug(r.Firm), listLength(r.Top), filter)
	if err != nil {
		return nil, err
	}
	for i := range found {
		answer.Pairings = append(answer.Pairings, m.scene.pairing(&found[i]))
	}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}

// listLength is how long a list is, where a request leaves it out.
func listLength(top int32) int {
	if top == 0 {
		return defaultTop
	}
	return int(top)
}

// ExplainPairing explains any two firms, live.
func (s pairingService) ExplainPairing(ctx context.Context, r *tandemv1.ExplainPairingRequest) (*tandemv1.ExplainPairingResponse, error) {
	m, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	a, b := pairOf(r.Name)
	for _, name := range []string{a, b} {
		if m.firms.find(firmSlug(name)) == nil {
			return nil, notFound(name)
		}
	}
	if a == b {
		return nil, invalid("name", "error.pairing.twice", a)
	}
	for _, name := range []string{a, b} {
		if _, placed := m.market.Profile(firmSlug(name)); !placed {
			return m.unplaced(s.catalog, r, a, b), nil
		}
	}
	e, err := m.market.Explain(firmSlug(a), firmSlug(b), listLength(r.Top))
	if err != nil {
		return nil, err
	}
	answer := &tandemv1.ExplainPairingResponse{
		Pairing: m.scene.pairing(&e.Pairing), Proposed: e.Proposed, Cause: tandemv1.ExplainPairingResponse_Cause(e.Cause),
		CauseReason: sentence(e.Why), Revision: m.revision, RarityRun: m.rarityRun,
	}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}

// unplaced explains a pair of which one firm is on no side yet, since its country is missing.
func (m *liveMarket) unplaced(cat *catalog.Catalog, r *tandemv1.ExplainPairingRequest, a, b string) *tandemv1.ExplainPairingResponse {
	var missing []string
	for _, name := range []string{a, b} {
		if len(m.firms.find(firmSlug(name)).Missing) > 0 {
			missing = append(missing, "firm:"+firmSlug(name))
		}
	}
	answer := &tandemv1.ExplainPairingResponse{
		Pairing: &tandemv1.Pairing{Name: r.Name, First: basic(m.firms.find(firmSlug(a))), Second: basic(m.firms.find(firmSlug(b)))}, Cause: tandemv1.ExplainPairingResponse_INCOMPLETE,
		CauseReason: &tandemv1.Sentence{Key: "engine.cause.INCOMPLETE", Args: []string{catalog.List(missing...)}}, Revision: m.revision, RarityRun: m.rarityRun,
	}
	speak(cat, r.Language, answer)
	return answer
}

// pairOf splits a pairing's name into the names of its firms.
func pairOf(name string) (a, b string) {
	a, b, _ = strings.Cut(strings.TrimPrefix(name, "pairings/"), "~")
	return "firms/" + a, "firms/" + b
}

// GetPairing reads one published pairing.
func (s pairingService) GetPairing(ctx context.Context, r *tandemv1.GetPairingRequest) (*tandemv1.Pairing, error) {
	caller := access.FromContext(ctx)
	var pairing *tandemv1.Pairing
	err := s.store.View(ctx, func(tx *store.Tx) error {
		current, err := publicationOf(tx)
		if err != nil {
			return err
		}
		if pairing, err = current.pairing(tx, r.Name); err != nil {
			return err
		}
		shown, err := shows(tx, caller, pairing)
		if err == nil && !shown {
			err = notFound(r.Name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	speak(s.catalog, r.Language, pairing)
	return pairing, nil
}

// shows tells whether a caller may see a published pairing: staff every one, a firm those of its own list that no gate holds, as
// long as both firms take part.
func shows(tx *store.Tx, c access.Caller, p *tandemv1.Pairing) (bool, error) {
	if c.Staff() {
		return true, nil
	}
	if !inListOf(p, c.Firm) || p.Gate.GetState() >= tandemv1.Gate_HOLD {
		return false, nil
	}
	for _, name := range []string{p.First.GetName(), p.Second.GetName()} {
		f := new(tandemv1.Firm)
		switch err := get(tx, firms, name, f); {
		case errors.Is(err, store.ErrNotFound):
			return false, nil
		case err != nil:
			return false, err
		case f.State != tandemv1.Firm_APPROVED || f.DeleteTime != nil:
			return false, nil
		}
	}
	return true, nil
}

// inListOf tells whether a pairing is in the list of one of its firms.
func inListOf(p *tandemv1.Pairing, firm string) bool {
	return firm != "" && (p.First.GetName() == firm && p.FirstRank > 0 || p.Second.GetName() == firm && p.SecondRank > 0)
}

// ListPairings lists published pairings: all pages those of the publication of the first one, of which the tokens tell the run.
func (s pairingService) ListPairings(ctx context.Context, r *tandemv1.ListPairingsRequest) (*tandemv1.ListPairingsResponse, error) {
	caller := access.FromContext(ctx)
	query, err := s.pairingQuery(ctx, r, r.Filter)
	if err != nil {
		return nil, err
	}
	if !caller.Staff() {
		if r.Filter != "" {
			return nil, invalid("filter", "error.pairing.filter")
		}
		query.Filter = store.Term("list=" + firmSlug(caller.Firm))
	}
	query.Parent, query.After = ofPublication(query.After)
	answer := new(tandemv1.ListPairingsResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		proto.Reset(answer)
		current, err := publicationOf(tx)
		if err != nil || current.run == nil {
			return err
		}
		listed, query := current, query
		if query.Parent == "" {
			query.Parent = current.run.Name
		} else if listed, err = current.earlier(tx, query.Parent); err != nil {
			return err
		}
		rows, next, err := list[*tandemv1.MatchResult](tx, results, query)
		if err != nil {
			return err
		}
		for _, result := range rows {
			p := listed.published(result)
			shown, err := current.stillShows(tx, caller, listed, p)
			if err != nil {
				return err
			}
			if shown {
				answer.Pairings = append(answer.Pairings, p)
			}
		}
		if next != "" {
			answer.NextPageToken = s.nextToken(caller, r, query.Parent+publicationEnd+next)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}

// publicationEnd parts, in the key of a page, the name of the run from the key of its last row.
const publicationEnd = "\n"

// ofPublication takes the key of a page apart. There is no run in that of the first page.
func ofPublication(key string) (run, after string) {
	run, after, _ = strings.Cut(key, publicationEnd)
	return run, after
}

// earlier is the publication of the run that an earlier page is of, whichever run is published by now.
func (p publication) earlier(tx *store.Tx, name string) (publication, error) {
	if name == p.run.Name {
		return p, nil
	}
	run := new(tandemv1.MatchRun)
	err := get(tx, matchRuns, name, run)
	if errors.Is(err, store.ErrNotFound) {
		err = invalidPageToken()
	}
	return publication{run: run}, err
}

// stillShows tells whether a caller may see a pairing of the publication that it lists. A firm must be allowed to see it in this one,
// the present one, too: what a new publication takes away or holds is not told from an old one.
func (p publication) stillShows(tx *store.Tx, c access.Caller, listed publication, pairing *tandemv1.Pairing) (bool, error) {
	shown, err := shows(tx, c, pairing)
	if err != nil || !shown || c.Staff() || listed.run.Name == p.run.Name {
		return shown, err
	}
	now := new(tandemv1.MatchResult)
	switch err := tx.Get(results, resultName(p.run.Name, pairing.Name), now); {
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	return shows(tx, c, p.published(now))
}

// pairingQuery is a query over pairings or results, best first.
func (s *Server) pairingQuery(ctx context.Context, r listRequest, text string) (store.Query, error) {
	filter, err := parseFilter(text, pairingFields)
	if err != nil {
		return store.Query{}, err
	}
	after, err := s.after(access.FromContext(ctx), r)
	return store.Query{Filter: filter, OrderBy: store.ByPosition, After: after, Limit: pageSize(r)}, err
}

// pairingFields are the fields that a filter over pairings may name.
var pairingFields = filterFields{
	"firm": idOf("firms"), "tier": oneOf(tandemv1.Pairing_Tier_value), "band": oneOf(tandemv1.Pairing_Band_value),
	"primary_mode": oneOf(tandemv1.Mode_value), "section": oneOf(tandemv1.Pairing_Section_value), "gate": oneOf(tandemv1.Gate_State_value),
	"condition": anyText, "program": idOf("programs"), "framework": idOf("frameworks"), "framework_gap": idOf("frameworks"), "theme": idOf("themes"),
	"tag": idOf("crosswalks"),
}

// pairingTerms lists what a filter can find a pairing by; see pairingFields. `list` finds a firm's own list, as far as it may see it.
func pairingTerms(p *tandemv1.Pairing) []string {
	first, second := firmSlug(p.First.Name), firmSlug(p.Second.Name)
	terms := []string{
		"firm=" + first, "firm=" + second, "tier=" + p.Tier.String(), "band=" + p.Band.String(), "primary_mode=" + p.PrimaryMode.String(),
		"section=" + p.Section.String(), "gate=" + p.Gate.GetState().String(),
	}
	for _, firm := range []string{first, second} {
		if inListOf(p, "firms/"+firm) && p.Gate.GetState() < tandemv1.Gate_HOLD {
			terms = append(terms, "list="+firm)
		}
	}
	for _, u := range p.Programs {
		terms = append(terms, "program="+strings.TrimPrefix(u.Program, "programs/"))
		if u.Condition != "" {
			terms = append(terms, "condition="+u.Condition)
		}
	}
	for _, u := range p.Frameworks {
		terms = append(terms, "framework="+strings.TrimPrefix(u.Framework, "frameworks/"))
	}
	for _, u := range p.FrameworkGaps {
		terms = append(terms, "framework_gap="+strings.TrimPrefix(u.Framework, "frameworks/"))
	}
	for _, t := range p.Tags {
		terms = append(terms, "tag="+strings.TrimPrefix(t, "crosswalks/"))
	}
	for _, t := range p.Themes {
		terms = append(terms, "theme="+strings.TrimPrefix(t, "themes/"))
	}
	return compactTerms(terms)
}
