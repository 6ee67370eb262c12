package server

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// This file serves the dated facts: frameworks (framework.go), programmes and venues, seeded at first start and edited by organisers.
// A change shows in the next answer; finished runs keep the facts of their snapshot.

type catalogService struct {
	tandemv1.UnimplementedCatalogServiceServer
	*Server
}

// fact is a resource that organisers edit.
type fact interface {
	named
	GetEtag() string
	GetRevision() int32
}

// factKind is what the three collections of facts differ in.
type factKind[M fact] struct {
	kind   store.Kind
	empty  func() M
	terms  func(M) []string
	fields filterFields
	check  func(tx *store.Tx, m M) error // what the contract's own rules cannot say
	past   store.Kind                    // where former versions are kept; none where empty
}

func (s *Server) programKind() factKind[*tandemv1.Program] {
	return factKind[*tandemv1.Program]{
		kind: programs, empty: func() *tandemv1.Program { return new(tandemv1.Program) },
		terms: func(p *tandemv1.Program) []string {
			list := terms("owner_country", p.OwnerCountry, "status", p.Status.String(), "award_condition", p.AwardCondition)
			for _, c := range p.Capabilities {
				list = append(list, capabilityTerms(s.catalog, strings.TrimPrefix(c, "capabilities/"))...)
			}
			return compactTerms(list)
		},
		fields: filterFields{
			"owner_country": anyText, "status": oneOf(tandemv1.Program_Status_value), "award_condition": anyText, "capability": s.knownCapability,
		},
		check: func(_ *store.Tx, p *tandemv1.Program) error {
			return s.checkCapabilities("program.capabilities", p.Capabilities)
		},
	}
}

func (s *Server) venueKind() factKind[*tandemv1.Venue] {
	return factKind[*tandemv1.Venue]{
		kind: venues, empty: func() *tandemv1.Venue { return new(tandemv1.Venue) },
		terms: func(v *tandemv1.Venue) []string {
			list := terms("country", v.Country, "kind", v.Kind.String(), "month", fmt.Sprint(v.Month))
			for _, d := range v.Domains {
				list = append(list, "domain="+strings.TrimPrefix(d, "capabilities/"))
			}
			return compactTerms(list)
		},
		fields: filterFields{"country": anyText, "kind": oneOf(tandemv1.Venue_Kind_value), "month": anyText, "domain": idOf("capabilities")},
		check: func(_ *store.Tx, v *tandemv1.Venue) error {
			if err := checkDay("venue.next_start", v.NextStart); err != nil {
				return err
			}
			return s.checkCapabilities("venue.domains", v.Domains)
		},
	}
}

// under puts what an error blames under the field of a request that holds the message.
func under(message string, err error) error {
	e := asError(err)
	for i := range e.Fields {
		e.Fields[i].Field = join(strings.ToLower(message), e.Fields[i].Field)
	}
	return violations(e.Reason, e.Fields...)
}

// checkDay refuses a date that no calendar has. The contract's pattern lets it pass.
func checkDay(field, day string) error {
	if _, err := optionalDate(day); err != nil {
		return invalid(field, "error.date", day)
	}
	return nil
}

// checkCapabilities refuses references to capabilities that do not exist.
func (s *Server) checkCapabilities(field string, names []string) error {
	for i, name := range names {
		code, ok := strings.CutPrefix(name, "capabilities/")
		if _, known := s.catalog.Lookup(code); !ok || !known {
			return unknownCapability(s.catalog, fmt.Sprintf("%s[%d]", field, i), name)
		}
	}
	return nil
}

// seedFact stores a row of facts as shipped.
func seedFact[M fact](c *change, k factKind[M], m M) error {
	m = proto.CloneOf(m)
	c.stamp(m)
	return c.put(k.kind, store.Row{Name: m.GetName(), Message: m, Terms: k.terms(m)})
}

func getFact[M fact](ctx context.Context, s *Server, k factKind[M], name string) (M, error) {
	m := k.empty()
	err := s.store.View(ctx, func(tx *store.Tx) error { return get(tx, k.kind, name, m) })
	return m, err
}

func listFacts[M fact](ctx context.Context, s *Server, k factKind[M], r filteredRequest) ([]M, string, error) {
	caller := access.FromContext(ctx)
	filter, err := parseFilter(r.GetFilter(), k.fields)
	if err != nil {
		return nil, "", err
	}
	after, err := s.after(caller, r)
	if err != nil {
		return nil, "", err
	}
	var rows []M
	var next string
	err = s.store.View(ctx, func(tx *store.Tx) error {
		rows, next, err = list[M](tx, k.kind, store.Query{Filter: filter, After: after, Limit: pageSize(r)})
		return err
	})
	return rows, s.nextToken(caller, r, next), err
}

// updateFact changes a row of facts. With allowMissing it creates one that is not there.
func updateFact[M fact](ctx context.Context, s *Server, k factKind[M], r proto.Message, changed M, asked *fieldmaskpb.FieldMask, allowMissing bool) (M, error) {
	answer := k.empty()
	mask, err := updateMask(asked, changed)
	if err != nil {
		return answer, err
	}
	_, err = write(ctx, s, r, answer, func(c *change) error {
		m := proto.CloneOf(changed)
		old := k.empty()
		err := get(c.Tx, k.kind, changed.GetName(), old)
		switch absent := err != nil && asError(err).Code == codes.NotFound; {
		case absent && allowMissing && changed.GetEtag() == "":
			old = k.empty()
		case err != nil:
			return err
		default:
			if err := checkEtag(changed.GetName(), changed.GetEtag(), old.GetEtag()); err != nil {
				return err
			}
			m = merged(old, changed, mask)
		}
		if err := holdTo(s.chain.validator, m); err != nil {
			return under(string(m.ProtoReflect().Descriptor().Name()), err)
		}
		if err := k.check(c.Tx, m); err != nil {
			return err
		}
		if err := keepPast(c, k, old); err != nil {
			return err
		}
		c.stamp(m)
		proto.Merge(answer, m)
		return c.put(k.kind, store.Row{Name: m.GetName(), Message: m, Terms: k.terms(m)})
	})
	return answer, err
}

// GetProgram reads one programme.
func (s catalogService) GetProgram(ctx context.Context, r *tandemv1.GetProgramRequest) (*tandemv1.Program, error) {
	return getFact(ctx, s.Server, s.programKind(), r.Name)
}

// ListPrograms lists programmes.
func (s catalogService) ListPrograms(ctx context.Context, r *tandemv1.ListProgramsRequest) (*tandemv1.ListProgramsResponse, error) {
	rows, next, err := listFacts(ctx, s.Server, s.programKind(), r)
	return &tandemv1.ListProgramsResponse{Programs: rows, NextPageToken: next}, err
}

// UpdateProgram changes a programme.
func (s catalogService) UpdateProgram(ctx context.Context, r *tandemv1.UpdateProgramRequest) (*tandemv1.Program, error) {
	return updateFact(ctx, s.Server, s.programKind(), r, r.Program, r.UpdateMask, false)
}

// GetVenue reads one venue.
func (s catalogService) GetVenue(ctx context.Context, r *tandemv1.GetVenueRequest) (*tandemv1.Venue, error) {
	return getFact(ctx, s.Server, s.venueKind(), r.Name)
}

// ListVenues lists venues.
func (s catalogService) ListVenues(ctx context.Context, r *tandemv1.ListVenuesRequest) (*tandemv1.ListVenuesResponse, error) {
	rows, next, err := listFacts(ctx, s.Server, s.venueKind(), r)
	return &tandemv1.ListVenuesResponse{Venues: rows, NextPageToken: next}, err
}

// UpdateVenue changes a venue.
func (s catalogService) UpdateVenue(ctx context.Context, r *tandemv1.UpdateVenueRequest) (*tandemv1.Venue, error) {
	return updateFact(ctx, s.Server, s.venueKind(), r, r.Venue, r.UpdateMask, false)
}
