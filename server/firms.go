package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.einride.tech/aip/fieldmask"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

type firmService struct {
	tandemv1.UnimplementedFirmServiceServer
	*Server
}

// RegisterFirm registers a newcomer and issues its credential.
func (s firmService) RegisterFirm(ctx context.Context, r *tandemv1.RegisterFirmRequest) (*tandemv1.RegisterFirmResponse, error) {
	if !s.partnership.RegistrationOpen {
		return nil, registrationClosed()
	}
	if err := attested(r.Attested); err != nil {
		return nil, err
	}
	if err := ownProvenance(r.Firm); err != nil {
		return nil, err
	}
	id, secret, err := s.newcomer()
	if err != nil {
		return nil, err
	}
	answer, from := new(tandemv1.RegisterFirmResponse), originOf(ctx).address
	replayed, err := write(ctx, s.Server, r, answer, func(c *change) error {
		if err := s.newcomers.admit(from, s.config.Now()); err != nil {
			return err
		}
		firm := proto.CloneOf(r.Firm)
		firm.Name, firm.Provenance = "firms/"+id, tandemv1.Firm_SELF
		mappings, err := s.settle(c.Tx, firm)
		if err != nil {
			return err
		}
		firm.State = tandemv1.Firm_PENDING
		if err := c.putFirm(s.catalog, firm); err != nil {
			return err
		}
		credential, err := c.issueOwn(s.key, secret, firm)
		if err != nil {
			return err
		}
		answer.Firm, answer.Mappings, answer.CredentialExpireTime = firm, mappings, credential.ExpireTime
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !replayed && !r.ValidateOnly {
		s.newcomers.count(from, s.config.Now())
		answer.Credential = secret
	}
	return answer, nil
}

// newcomer draws the id and the secret of a firm that registers itself. The id is random, so that it tells nobody who is
// registered.
func (s *Server) newcomer() (id, secret string, err error) {
	raw := make([]byte, 10)
	if _, err := rand.Read(raw); err != nil {
		return "", "", err
	}
	secret, err = access.NewSecret(rand.Reader)
	return "f-" + strings.ToLower(base32.StdEncoding.EncodeToString(raw)), secret, err
}

// CreateFirm creates an approved firm on its behalf.
func (s firmService) CreateFirm(ctx context.Context, r *tandemv1.CreateFirmRequest) (*tandemv1.Firm, error) {
	if err := attested(r.Attested); err != nil {
		return nil, err
	}
	answer := new(tandemv1.Firm)
	_, err := write(ctx, s.Server, r, answer, func(c *change) error {
		firm := proto.CloneOf(r.Firm)
		firm.Name = "firms/" + r.FirmId
		old, err := c.existing(firm.Name)
		if err != nil {
			return err
		}
		if old != nil && old.DeleteTime == nil {
			return alreadyExists(firm.Name)
		}
		if _, err := s.settle(c.Tx, firm); err != nil {
			return err
		}
		enter(firm, old)
		if err := c.putFirm(s.catalog, firm); err != nil {
			return err
		}
		proto.Merge(answer, firm)
		return nil
	})
	return answer, err
}

// enter decides state and provenance of a firm that an organiser enters: approved, unless parts are missing or it was
// suspended before.
func enter(firm, old *tandemv1.Firm) {
	if firm.Provenance == tandemv1.Firm_PROVENANCE_UNSPECIFIED {
		firm.Provenance = tandemv1.Firm_ORGANISER
	}
	switch {
	case old.GetState() == tandemv1.Firm_SUSPENDED:
		firm.State = tandemv1.Firm_SUSPENDED
	case old.GetState() == tandemv1.Firm_PENDING && old.GetProvenance() == tandemv1.Firm_SELF:
		firm.State = tandemv1.Firm_PENDING // a newcomer is approved by an organiser, not by a file
	case len(firm.Missing) > 0:
		firm.State = tandemv1.Firm_PENDING
	default:
		firm.State = tandemv1.Firm_APPROVED
	}
}

// GetFirm reads one firm; `firms/me` is the caller's own.
func (s firmService) GetFirm(ctx context.Context, r *tandemv1.GetFirmRequest) (*tandemv1.Firm, error) {
	caller := access.FromContext(ctx)
	name := r.Name
	if name == "firms/me" && caller.Firm != "" {
		name = caller.Firm
	}
	if !caller.Staff() && !caller.Is(name) {
		return nil, notFound(name)
	}
	firm := new(tandemv1.Firm)
	err := s.store.View(ctx, func(tx *store.Tx) error { return get(tx, firms, name, firm) })
	if err == nil && firm.DeleteTime != nil && !caller.Staff() {
		err = notFound(name)
	}
	return firm, err
}

// BatchGetFirms reads several firms, all or none.
func (s firmService) BatchGetFirms(ctx context.Context, r *tandemv1.BatchGetFirmsRequest) (*tandemv1.BatchGetFirmsResponse, error) {
	answer := new(tandemv1.BatchGetFirmsResponse)
	return answer, s.store.View(ctx, func(tx *store.Tx) error {
		proto.Reset(answer)
		for _, name := range r.Names {
			firm := new(tandemv1.Firm)
			if err := get(tx, firms, name, firm); err != nil {
				return err
			}
			answer.Firms = append(answer.Firms, firm)
		}
		return nil
	})
}

// ListFirms lists firms.
func (s firmService) ListFirms(ctx context.Context, r *tandemv1.ListFirmsRequest) (*tandemv1.ListFirmsResponse, error) {
	query, err := s.firmQuery(ctx, r)
	if err != nil {
		return nil, err
	}
	answer := new(tandemv1.ListFirmsResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		proto.Reset(answer)
		total, err := tx.Count(firms, query)
		if err != nil {
			return err
		}
		answer.TotalSize = int32(total) //nolint:gosec // a register has fewer than 2^31 firms
		list, next, err := list[*tandemv1.Firm](tx, firms, query)
		answer.Firms, answer.NextPageToken = list, s.nextToken(access.FromContext(ctx), r, next)
		return err
	})
	return answer, err
}

func (s firmService) firmQuery(ctx context.Context, r *tandemv1.ListFirmsRequest) (store.Query, error) {
	filter, err := parseFilter(r.Filter, s.firmFields())
	if err != nil {
		return store.Query{}, err
	}
	order, desc, err := parseOrder(r.OrderBy, store.ByName, store.ByDisplayName, store.ByUpdateTime)
	if err != nil {
		return store.Query{}, err
	}
	after, err := s.after(access.FromContext(ctx), r)
	return store.Query{Filter: filter, OrderBy: order, Desc: desc, After: after, Limit: pageSize(r), ShowDeleted: r.ShowDeleted}, err
}

// UpdateFirm changes the fields that the mask names; see upsert.go for firms that are found by external_id, or created.
func (s firmService) UpdateFirm(ctx context.Context, r *tandemv1.UpdateFirmRequest) (*tandemv1.Firm, error) {
	if err := attested(r.Attested); err != nil {
		return nil, err
	}
	caller := access.FromContext(ctx)
	own := caller.Is(r.Firm.GetName())
	if !caller.Staff() && !own {
		return nil, notFound(r.Firm.GetName())
	}
	if r.Firm == nil {
		return nil, invalid("firm", "error.firm.empty")
	}
	mask, err := updateMask(r.UpdateMask, r.Firm)
	if err != nil {
		return nil, err
	}
	if own {
		if err := ownProvenance(r.Firm); err != nil {
			return nil, err
		}
	}
	answer := new(tandemv1.Firm)
	_, err = write(ctx, s.Server, r, answer, func(c *change) error {
		old, name, err := c.updateTarget(r)
		if err != nil {
			return err
		}
		firm := updated(old, r, name, mask)
		if err := holdTo(s.chain.validator, &tandemv1.CreateFirmRequest{Firm: firm, FirmId: firmSlug(firm.Name), Attested: true}); err != nil {
			return err
		}
		if _, err := s.settle(c.Tx, firm); err != nil {
			return err
		}
		if old == nil {
			deleted, err := c.existing(name)
			if err != nil {
				return err
			}
			enter(firm, deleted)
		}
		if own {
			firm.Provenance, firm.NeedsInferred = tandemv1.Firm_SELF, false
		}
		if len(firm.Missing) > 0 && firm.State == tandemv1.Firm_APPROVED {
			firm.State = tandemv1.Firm_PENDING
		}
		if old != nil && sameContent(old, firm) {
			proto.Merge(answer, old) // a system that sends what it was told must not hear of it again
			return nil
		}
		if err := c.putFirm(s.catalog, firm); err != nil {
			return err
		}
		proto.Merge(answer, firm)
		return nil
	})
	return answer, err
}

// merged applies a masked change to a stored message and keeps what only the server sets.
func merged[M proto.Message](old, changed M, mask *fieldmaskpb.FieldMask) M {
	m := proto.CloneOf(old)
	fieldmask.Update(mask, m, changed)
	from, to := old.ProtoReflect(), m.ProtoReflect()
	for _, field := range serverFields(from.Descriptor()) {
		if from.Has(field) {
			to.Set(field, from.Get(field))
		} else {
			to.Clear(field)
		}
	}
	return m
}

// DeleteFirm deletes a firm softly.
func (s firmService) DeleteFirm(ctx context.Context, r *tandemv1.DeleteFirmRequest) (*tandemv1.Firm, error) {
	return s.transition(ctx, r, r.Name, r.Etag, func(c *change, f *tandemv1.Firm) error {
		f.DeleteTime = timestamppb.New(c.Now())
		return c.shutOut(f.Name)
	})
}

// shutOut takes from everybody the ways into a firm.
func (c *change) shutOut(firm string) error {
	return errors.Join(c.revokeAll(firm), c.withdraw(firm))
}

// UndeleteFirm brings a deleted firm back as it was.
func (s firmService) UndeleteFirm(ctx context.Context, r *tandemv1.UndeleteFirmRequest) (*tandemv1.Firm, error) {
	answer := new(tandemv1.Firm)
	_, err := write(ctx, s.Server, r, answer, func(c *change) error {
		firm, err := c.firm(r.Name)
		if err != nil {
			return err
		}
		if firm.DeleteTime == nil {
			return alreadyExists(firm.Name)
		}
		if err := checkEtag(firm.Name, r.Etag, firm.Etag); err != nil {
			return err
		}
		firm.DeleteTime = nil
		if err := c.putFirm(s.catalog, firm); err != nil {
			return err
		}
		proto.Merge(answer, firm)
		return nil
	})
	return answer, err
}

// ApproveFirm approves a pending or suspended firm.
func (s firmService) ApproveFirm(ctx context.Context, r *tandemv1.ApproveFirmRequest) (*tandemv1.Firm, error) {
	return s.transition(ctx, r, r.Name, r.Etag, func(_ *change, f *tandemv1.Firm) error {
		if e := approve(f); e != nil {
			return e
		}
		return nil
	})
}

// BatchApproveFirms approves many firms, all or none.
func (s firmService) BatchApproveFirms(ctx context.Context, r *tandemv1.BatchApproveFirmsRequest) (*tandemv1.BatchApproveFirmsResponse, error) {
	answer := new(tandemv1.BatchApproveFirmsResponse)
	_, err := write(ctx, s.Server, r, answer, func(c *change) error {
		var lacking []Violation
		for i, name := range r.Names {
			old, err := c.liveFirm(name, "")
			if err != nil {
				return err
			}
			firm := proto.CloneOf(old)
			if e := approve(firm); e != nil {
				lacking = append(lacking, Violation{Field: fmt.Sprintf("names[%d]", i), says: e.says})
				continue
			}
			if old.State != firm.State {
				if err := c.putFirm(s.catalog, firm); err != nil {
					return err
				}
			}
			answer.Firms = append(answer.Firms, firm)
		}
		if len(lacking) > 0 {
			e := violations(tandemv1.Reason_WRONG_STATE, lacking...)
			e.Code = codes.FailedPrecondition
			return e
		}
		return nil
	})
	return answer, err
}

// approve makes a firm take part; one that lacks what it cannot be matched without does not.
func approve(f *tandemv1.Firm) *Error {
	if len(f.Missing) > 0 {
		return wrongState(f.Name, "error.firm.lacks", f.Name, term(catalog.List(prefixAll("field:", f.Missing)...)))
	}
	f.State = tandemv1.Firm_APPROVED
	return nil
}

// SuspendFirm suspends a firm.
func (s firmService) SuspendFirm(ctx context.Context, r *tandemv1.SuspendFirmRequest) (*tandemv1.Firm, error) {
	return s.transition(ctx, r, r.Name, r.Etag, func(_ *change, f *tandemv1.Firm) error {
		f.State = tandemv1.Firm_SUSPENDED
		return nil
	})
}

// transition changes the state of a firm.
func (s firmService) transition(ctx context.Context, r proto.Message, name, etag string, to func(*change, *tandemv1.Firm) error) (*tandemv1.Firm, error) {
	answer := new(tandemv1.Firm)
	_, err := write(ctx, s.Server, r, answer, func(c *change) error {
		old, err := c.liveFirm(name, etag)
		if err != nil {
			return err
		}
		firm := proto.CloneOf(old)
		if err := to(c, firm); err != nil {
			return err
		}
		if err := c.putFirm(s.catalog, firm); err != nil {
			return err
		}
		proto.Merge(answer, firm)
		return nil
	})
	return answer, err
}

// rules are the rules for profiles of this register.
func (s *Server) rules(tx *store.Tx) *profileRules {
	return &profileRules{cat: s.catalog, partnership: s.partnership, hasProgram: func(name string) bool {
		return get(tx, programs, name, new(tandemv1.Program)) == nil
	}}
}

// settle checks and completes a profile against the register.
func (s *Server) settle(tx *store.Tx, firm *tandemv1.Firm) ([]*tandemv1.CapabilityMapping, error) {
	mappings, problem := s.rules(tx).settle(firm)
	if problem != nil {
		return nil, problem
	}
	return mappings, nil
}

// firm reads a firm, deleted ones too.
func (c *change) firm(name string) (*tandemv1.Firm, error) {
	f := new(tandemv1.Firm)
	return f, get(c.Tx, firms, name, f)
}

// existing reads a firm, deleted ones too; nil where there is none.
func (c *change) existing(name string) (*tandemv1.Firm, error) {
	f, err := c.firm(name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return f, err
}

// liveFirm reads a firm that is not deleted, at the etag given.
func (c *change) liveFirm(name, etag string) (*tandemv1.Firm, error) {
	f, err := c.firm(name)
	if err == nil && f.DeleteTime != nil {
		err = notFound(name)
	}
	if err == nil {
		err = checkEtag(name, etag, f.Etag)
	}
	return f, err
}

// putFirm stores a firm with everything that it can be found by.
func (c *change) putFirm(cat *catalog.Catalog, firm *tandemv1.Firm) error {
	c.stamp(firm)
	row := store.Row{
		Name: firm.Name, Message: firm, Terms: firmTerms(cat, firm), DisplayName: firm.DisplayName, Deleted: firm.DeleteTime != nil,
	}
	if firm.ExternalId != "" {
		row.Unique = []string{"external_id=" + firm.ExternalId}
	}
	err := c.put(firms, row)
	if errors.Is(err, store.ErrExists) {
		return asError(err) // so that an import names the field
	}
	return err
}

// firmTerms lists what a filter can find a firm by; see firmFields.
func firmTerms(cat *catalog.Catalog, f *tandemv1.Firm) []string {
	terms := []string{
		"country=" + f.Country, "kind=" + f.Kind.String(), "state=" + f.State.String(), "provenance=" + f.Provenance.String(),
		"display_name=" + f.DisplayName,
	}
	if f.Region != "" {
		terms = append(terms, "region="+f.Region)
	}
	if f.Size != tandemv1.Firm_SIZE_UNSPECIFIED {
		terms = append(terms, "size="+f.Size.String())
	}
	if f.ExternalId != "" {
		terms = append(terms, "external_id="+f.ExternalId)
	}
	for _, o := range f.Offers {
		terms = append(terms, capabilityTerms(cat, o.Capability)...)
	}
	return compactTerms(terms)
}

// capabilityTerms lists a capability and all above it, so that a filter for a branch finds everything in it.
func capabilityTerms(cat *catalog.Catalog, code string) []string {
	index, ok := cat.Lookup(code)
	if !ok {
		return nil
	}
	terms := []string{"capability=" + code}
	for _, above := range cat.Ancestors(index) {
		terms = append(terms, "capability="+cat.Capability(above).Code)
	}
	return terms
}

// firmFields are the fields that a filter over firms may name.
func (s *Server) firmFields() filterFields {
	return filterFields{
		"country": anyText, "region": anyText, "display_name": anyText, "external_id": anyText, "capability": s.knownCapability,
		"kind": oneOf(tandemv1.Firm_Kind_value), "size": oneOf(tandemv1.Firm_Size_value), "state": oneOf(tandemv1.Firm_State_value),
		"provenance": oneOf(tandemv1.Firm_Provenance_value), "update_time": timeField,
	}
}

// attested refuses a write of free text without its writer's statement.
func attested(yes bool) error {
	if yes {
		return nil
	}
	return invalidAs(tandemv1.Reason_ATTESTATION_MISSING, "attested", "error.attest")
}

// ownProvenance keeps a firm from saying that somebody else wrote its profile, and from taking the id of another in an outside system.
func ownProvenance(f *tandemv1.Firm) error {
	if f.ExternalId != "" { // it would tell who is registered, and let a firm pass for another in the next import
		return invalid("firm.external_id", "error.external_id.staff")
	}
	if f.Provenance == tandemv1.Firm_PROVENANCE_UNSPECIFIED || f.Provenance == tandemv1.Firm_SELF {
		return nil
	}
	return invalid("firm.provenance", "error.provenance.own")
}

// updateMask checks a mask against the resource: its paths exist and are not the server's to set. Without a mask, all fields that
// are set are meant.
func updateMask(mask *fieldmaskpb.FieldMask, m proto.Message) (*fieldmaskpb.FieldMask, error) {
	for _, path := range mask.GetPaths() {
		one := &fieldmaskpb.FieldMask{Paths: []string{path}}
		if fieldmask.Validate(one, m) != nil || fieldmask.Validate(mask, m) != nil && path == fieldmask.WildcardPath {
			return nil, invalid("update_mask", "error.mask.path", path, string(m.ProtoReflect().Descriptor().Name()))
		}
	}
	fields := m.ProtoReflect().Descriptor().Fields()
	fixed := serverFields(m.ProtoReflect().Descriptor())
	// The gateway names in the mask whatever a PATCH has in its body: the name and the etag are not meant as changes.
	paths := slices.DeleteFunc(slices.Clone(mask.GetPaths()), func(path string) bool { return path == "name" || path == "etag" })
	for _, path := range paths {
		top, _, _ := strings.Cut(path, ".")
		if field := fields.ByTextName(top); field != nil && slices.Contains(fixed, field) {
			return nil, invalid("update_mask", "error.mask.fixed", path)
		}
	}
	if len(paths) > 0 {
		return &fieldmaskpb.FieldMask{Paths: paths}, nil
	}
	mask = new(fieldmaskpb.FieldMask)
	m.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		if !slices.Contains(fixed, field) {
			mask.Paths = append(mask.Paths, field.TextName())
		}
		return true
	})
	slices.Sort(mask.Paths)
	if len(mask.Paths) == 0 {
		return nil, invalid("update_mask", "error.mask.empty")
	}
	return mask, nil
}

// serverFields lists the fields of a resource that only the server sets.
func serverFields(d protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	var fields []protoreflect.FieldDescriptor
	for i := range d.Fields().Len() {
		if f := d.Fields().Get(i); f.TextName() == "name" || f.TextName() == "etag" || outputOnly(f) {
			fields = append(fields, f)
		}
	}
	return fields
}

func registrationClosed() *Error {
	return precondition(tandemv1.Reason_REGISTRATION_CLOSED, partnershipName, "error.registration.closed")
}

// firmSlug is the last segment of a firm's name.
func firmSlug(name string) string { return strings.TrimPrefix(name, "firms/") }

func pairingName(first, second string) string {
	return fmt.Sprintf("pairings/%s~%s", first, second)
}
