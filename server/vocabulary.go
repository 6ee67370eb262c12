package server

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// This file serves the embedded vocabulary: capabilities, actors, themes, labels of outside lists and regions. They never change
// while the server runs.

// vocabulary holds the embedded resources as messages, each collection by name.
type vocabulary struct {
	capabilities collection[*tandemv1.Capability]
	actors       collection[*tandemv1.Actor]
	themes       collection[*tandemv1.Theme]
	crosswalks   collection[*tandemv1.Crosswalk]
	regions      collection[*tandemv1.Region]
}

// newVocabulary shows the catalogue; of actors and regions only those of the partnership's countries, and multilateral ones.
func newVocabulary(cat *catalog.Catalog, p *tandemv1.Partnership) *vocabulary {
	v := new(vocabulary)
	for _, c := range cat.Capabilities() {
		m := capabilityMessage(c)
		v.capabilities.add(m, append(capabilityTerms(cat, c.Code), terms("code", c.Code, "parent", c.Parent, "kic", c.KIC, "roadshow_area", c.RoadshowArea)...)...)
		for _, class := range c.KoreaClasses {
			v.capabilities.addTerm("korea_class=" + class)
		}
	}
	for _, a := range cat.Actors() {
		if _, ours := sideOf(p, a.Country); ours || a.Country == multilateral {
			v.actors.add(actorMessage(a), terms("country", a.Country, "kind", a.Kind, "industry_facing", truth(a.IndustryFacing))...)
		}
	}
	for _, t := range cat.Themes() {
		v.themes.add(themeMessage(t), terms("kind", t.Kind, "industry_facing", truth(t.IndustryFacing))...)
		for _, c := range cat.Capabilities() {
			if slices.ContainsFunc(t.Capabilities, func(above string) bool { return strings.HasPrefix(c.Code+".", above+".") }) {
				v.themes.addTerm("capability=" + c.Code)
			}
		}
	}
	for _, l := range cat.Labels() {
		v.crosswalks.add(crosswalkMessage(l), terms("scheme", l.Scheme)...)
	}
	for _, r := range cat.Regions() {
		if _, ours := sideOf(p, r.Country); ours {
			m := regionMessage(r)
			v.regions.add(m, terms("country", r.Country, "coast", m.Coast.String())...)
		}
	}
	v.capabilities.sort()
	v.actors.sort()
	v.themes.sort()
	v.crosswalks.sort()
	v.regions.sort()
	return v
}

// terms makes filter terms of fields and values; empty values give none.
func terms(pairs ...string) []string {
	var list []string
	for pair := range slices.Chunk(pairs, 2) {
		if field, value := pair[0], pair[1]; value != "" {
			list = append(list, field+"="+value)
		}
	}
	return list
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// named is a message with a resource name.
type named interface {
	proto.Message
	GetName() string
}

// collection is a list of resources that never changes.
type collection[M named] struct {
	rows []collected[M]
}

type collected[M named] struct {
	message M
	terms   []string
}

func (c *collection[M]) add(m M, terms ...string) {
	c.rows = append(c.rows, collected[M]{m, terms})
}

// addTerm adds a term to the row added last.
func (c *collection[M]) addTerm(term string) {
	last := &c.rows[len(c.rows)-1]
	last.terms = append(last.terms, term)
}

func (c *collection[M]) sort() {
	slices.SortFunc(c.rows, func(a, b collected[M]) int { return strings.Compare(a.message.GetName(), b.message.GetName()) })
}

// get finds a resource by its name. Answers are filtered in place, so a copy is given out.
func (c *collection[M]) get(name string) (M, error) {
	i, ok := slices.BinarySearchFunc(c.rows, name, func(r collected[M], name string) int { return strings.Compare(r.message.GetName(), name) })
	if !ok {
		var none M
		return none, notFound(name)
	}
	return proto.CloneOf(c.rows[i].message), nil
}

// filteredRequest is a list request with a filter.
type filteredRequest interface {
	listRequest
	GetFilter() string
}

// pageOf lists a page of a collection.
func pageOf[M named](ctx context.Context, s *Server, c *collection[M], r filteredRequest, fields filterFields) ([]M, string, error) {
	caller := access.FromContext(ctx)
	filter, err := parseFilter(r.GetFilter(), fields)
	if err != nil {
		return nil, "", err
	}
	after, err := s.after(caller, r)
	if err != nil {
		return nil, "", err
	}
	var list []M
	for _, row := range c.rows {
		if row.message.GetName() <= after || !finds(filter, row.terms) {
			continue
		}
		if len(list) == pageSize(r) {
			return list, s.nextToken(caller, r, list[len(list)-1].GetName()), nil
		}
		list = append(list, proto.CloneOf(row.message))
	}
	return list, "", nil
}

// GetCapability reads one capability with what completes it.
func (s catalogService) GetCapability(_ context.Context, r *tandemv1.GetCapabilityRequest) (*tandemv1.Capability, error) {
	m, err := s.vocabulary.capabilities.get(r.Name)
	if err != nil {
		nearest := s.catalog.Nearest(strings.TrimPrefix(r.Name, "capabilities/"), 3)
		return nil, notFound(r.Name).with("candidates", strings.Join(nearest, ","))
	}
	code, _ := s.catalog.Lookup(m.Code)
	m.Neighbours = neighbours(s.catalog, code)
	return m, nil
}

// ListCapabilities lists capabilities.
func (s catalogService) ListCapabilities(ctx context.Context, r *tandemv1.ListCapabilitiesRequest) (*tandemv1.ListCapabilitiesResponse, error) {
	list, next, err := pageOf(ctx, s.Server, &s.vocabulary.capabilities, r, filterFields{
		"code": anyText, "parent": idOf("capabilities"), "capability": s.knownCapability, "kic": anyText, "korea_class": anyText, "roadshow_area": anyText,
	})
	return &tandemv1.ListCapabilitiesResponse{Capabilities: list, NextPageToken: next}, err
}

// SuggestCapabilities says what words may mean.
func (s catalogService) SuggestCapabilities(_ context.Context, r *tandemv1.SuggestCapabilitiesRequest) (*tandemv1.SuggestCapabilitiesResponse, error) {
	limit := int(r.PageSize)
	if limit == 0 {
		limit = 10
	}
	found := s.catalog.Suggest(r.Text, limit)
	chosen, unambiguous := s.catalog.Resolve(r.Text).Chosen()
	if unambiguous { // what registration would take comes first
		slices.SortStableFunc(found, func(a, b catalog.Suggestion) int {
			return strings.Compare(truth(a.Code != chosen), truth(b.Code != chosen))
		})
	}
	answer := &tandemv1.SuggestCapabilitiesResponse{Unambiguous: unambiguous}
	for _, f := range found {
		code, _ := s.catalog.Lookup(f.Code)
		answer.Suggestions = append(answer.Suggestions, &tandemv1.SuggestCapabilitiesResponse_Suggestion{
			Code: f.Code, DisplayName: localized(s.catalog.Capability(code).Name), MatchedTerm: f.Matched,
		})
	}
	return answer, nil
}

// GetActor reads one actor.
func (s catalogService) GetActor(_ context.Context, r *tandemv1.GetActorRequest) (*tandemv1.Actor, error) {
	return s.vocabulary.actors.get(r.Name)
}

// ListActors lists actors.
func (s catalogService) ListActors(ctx context.Context, r *tandemv1.ListActorsRequest) (*tandemv1.ListActorsResponse, error) {
	list, next, err := pageOf(ctx, s.Server, &s.vocabulary.actors, r, filterFields{"country": anyText, "kind": anyText, "industry_facing": yesNo})
	return &tandemv1.ListActorsResponse{Actors: list, NextPageToken: next}, err
}

// GetTheme reads one theme.
func (s catalogService) GetTheme(_ context.Context, r *tandemv1.GetThemeRequest) (*tandemv1.Theme, error) {
	return s.vocabulary.themes.get(r.Name)
}

// ListThemes lists themes.
func (s catalogService) ListThemes(ctx context.Context, r *tandemv1.ListThemesRequest) (*tandemv1.ListThemesResponse, error) {
	list, next, err := pageOf(ctx, s.Server, &s.vocabulary.themes, r, filterFields{
		"kind": anyText, "industry_facing": yesNo, "capability": s.knownCapability,
	})
	return &tandemv1.ListThemesResponse{Themes: list, NextPageToken: next}, err
}

// GetCrosswalk reads one label of an outside list.
func (s catalogService) GetCrosswalk(_ context.Context, r *tandemv1.GetCrosswalkRequest) (*tandemv1.Crosswalk, error) {
	return s.vocabulary.crosswalks.get(r.Name)
}

// ListCrosswalks lists labels of outside lists.
func (s catalogService) ListCrosswalks(ctx context.Context, r *tandemv1.ListCrosswalksRequest) (*tandemv1.ListCrosswalksResponse, error) {
	list, next, err := pageOf(ctx, s.Server, &s.vocabulary.crosswalks, r, filterFields{"scheme": anyText})
	return &tandemv1.ListCrosswalksResponse{Crosswalks: list, NextPageToken: next}, err
}

// GetRegion reads one region.
func (s catalogService) GetRegion(_ context.Context, r *tandemv1.GetRegionRequest) (*tandemv1.Region, error) {
	return s.vocabulary.regions.get(r.Name)
}

// ListRegions lists regions.
func (s catalogService) ListRegions(ctx context.Context, r *tandemv1.ListRegionsRequest) (*tandemv1.ListRegionsResponse, error) {
	list, next, err := pageOf(ctx, s.Server, &s.vocabulary.regions, r, filterFields{"country": anyText, "coast": oneOf(tandemv1.Region_Coast_value)})
	return &tandemv1.ListRegionsResponse{Regions: list, NextPageToken: next}, err
}
