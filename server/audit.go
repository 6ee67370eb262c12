package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

const (
	// maxAuditResources is how many names of what was changed an answer shows of one entry.
	maxAuditResources = 20
	// maxAuditNames is how many of them its sentence names; where there are more it counts them.
	maxAuditNames = 3
)

type auditService struct {
	tandemv1.UnimplementedAuditServiceServer
	*Server
}

// ListAuditEntries lists who did what when, and who was refused, newest first.
func (s auditService) ListAuditEntries(ctx context.Context, r *tandemv1.ListAuditEntriesRequest) (*tandemv1.ListAuditEntriesResponse, error) {
	caller := access.FromContext(ctx)
	filter, err := parseFilter(r.Filter, auditFields())
	if err != nil {
		return nil, err
	}
	before, err := s.auditPage(caller, r)
	if err != nil {
		return nil, err
	}
	s.chain.refusals.settle(ctx) // what was counted since is in the answer
	answer := new(tandemv1.ListAuditEntriesResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		answer.Reset()
		about, err := withRelated(tx, filter)
		if err != nil {
			return err
		}
		entries, next, err := tx.ListAudit(store.AuditQuery{Filter: about, Before: before, Limit: pageSize(r)})
		if err != nil {
			return err
		}
		if next > 0 {
			answer.NextPageToken = s.nextToken(caller, r, strconv.FormatInt(next, 10))
		}
		t := auditTeller{tx: tx, cat: s.catalog, language: languageOf(r.Language)}
		for i := range entries {
			answer.AuditEntries = append(answer.AuditEntries, t.entry(&entries[i]))
		}
		return t.err
	})
	return answer, err
}

// auditPage reads where a page begins.
func (s auditService) auditPage(caller access.Caller, r *tandemv1.ListAuditEntriesRequest) (int64, error) {
	key, err := s.after(caller, r)
	if err != nil || key == "" {
		return 0, err
	}
	return strconv.ParseInt(key, 10, 64)
}

// auditFields are the fields that a filter over the audit log may name.
func auditFields() filterFields {
	return filterFields{
		"resource": resourceName, "actor": anyText, "action": anyText, "outcome": anyText, "create_time": timeField,
		"role": oneOf(tandemv1.Role_value),
	}
}

// resourceName is a field that holds the name of a resource, with its collection.
func resourceName(value string) (string, error) {
	if kind, id, ok := strings.Cut(value, "/"); !ok || kind == "" || id == "" {
		return "", say("error.filter.want.resource")
	}
	return value, nil
}

// withRelated widens what a filter says of firms to their credentials and invitations: who looks what happened to a firm means them too.
func withRelated(tx *store.Tx, e store.Expr) (store.Expr, error) {
	widen := func(parts []store.Expr) ([]store.Expr, error) {
		wide := make([]store.Expr, len(parts))
		for i, part := range parts {
			var err error
			if wide[i], err = withRelated(tx, part); err != nil {
				return nil, err
			}
		}
		return wide, nil
	}
	switch e := e.(type) {
	case store.And:
		parts, err := widen(e)
		return store.And(parts), err
	case store.Or:
		parts, err := widen(e)
		return store.Or(parts), err
	case store.Not:
		inner, err := withRelated(tx, e.Expr)
		return store.Not{Expr: inner}, err
	case store.Term:
		firm, ok := strings.CutPrefix(string(e), "resource=firms/")
		if !ok {
			return e, nil
		}
		theirs := store.Or{e}
		for _, kind := range []store.Kind{credentials, invitations} {
			page, err := tx.List(kind, store.Query{Filter: store.Term("firm=" + firm), OrderBy: store.ByPosition, Limit: maxPage})
			if err != nil {
				return nil, err
			}
			for _, row := range page.Rows {
				theirs = append(theirs, store.Term("resource="+row.Name))
			}
		}
		return theirs, nil
	}
	return e, nil
}

// auditTeller says in words what entries of the audit log mean, by the names that resources have now.
type auditTeller struct {
	tx       *store.Tx
	cat      *catalog.Catalog
	language catalog.Language
	err      error // the first thing that could not be read
}

// entry is an entry as a message.
func (t *auditTeller) entry(e *store.Entry) *tandemv1.AuditEntry {
	entry := &tandemv1.AuditEntry{
		Name: fmt.Sprintf("auditEntries/%d", e.Number), CreateTime: timestamppb.New(e.Time), Actor: e.Actor, ActorDisplayName: t.who(e),
		Role: tandemv1.Role(tandemv1.Role_value[e.Role]), Action: e.Method[strings.LastIndex(e.Method, "/")+1:], Outcome: e.Outcome, Count: e.Count,
		Resources: e.Objects[:min(len(e.Objects), maxAuditResources)], ResourceCount: int32(len(e.Objects)), //nolint:gosec // a change has fewer than 2^31 rows
		Revision: e.Revision, RequestId: e.RequestID,
	}
	if strings.HasPrefix(e.Credential, "credentials/") {
		entry.Credential = e.Credential
	}
	entry.Summary = t.what(entry, e.Objects)
	entry.Summary.Text = t.cat.Sentence(t.language, entry.Summary.Key, entry.Summary.Args...)
	return entry
}

// who says who did it.
func (t *auditTeller) who(e *store.Entry) string {
	actor := e.Actor
	kind, id, _ := strings.Cut(actor, "/")
	switch {
	case kind == "firms":
		return t.cat.Name(t.language, t.named(actor))
	case kind == "credentials":
		name := t.cat.Name(t.language, "role:"+e.Role)
		if held := t.credential(actor).GetDisplayName(); held != "" {
			return t.cat.Sentence(t.language, "audit.who.credential", catalog.Literal(held), catalog.Literal(name))
		}
		return t.cat.Sentence(t.language, "audit.who.credential", catalog.Literal(name), catalog.Literal(id[:min(len(id), 6)]))
	case actor == otherAddresses:
		return t.cat.Sentence(t.language, "audit.who.others")
	case kind == "addresses":
		return t.cat.Sentence(t.language, "audit.who.address", catalog.Literal(id))
	case t.cat.HasSentence("audit.who." + actor):
		return t.cat.Sentence(t.language, "audit.who."+actor)
	}
	return actor
}

// what says what was done.
func (t *auditTeller) what(e *tandemv1.AuditEntry, objects []string) *tandemv1.Sentence {
	if e.Outcome != "OK" {
		key := "audit.refused." + e.Outcome
		if !t.cat.HasSentence(key) {
			key = "audit.refused." + tandemv1.Reason_ROLE_NOT_ALLOWED.String()
		}
		return &tandemv1.Sentence{Key: key, Args: []string{catalog.Number(int(e.Count)), catalog.Literal(e.Action)}}
	}
	key := "audit.did." + e.Action
	if !t.cat.HasSentence(key) {
		return &tandemv1.Sentence{Key: "audit.did.other", Args: []string{catalog.Literal(e.Action)}}
	}
	if key == "audit.did.BatchInviteFirms" && len(objects) == 0 {
		return &tandemv1.Sentence{Key: "audit.nobody"}
	}
	return &tandemv1.Sentence{Key: key, Args: []string{t.things(objects)}}
}

// things names what was changed: those of the kind that comes first below, each once, or how many there are.
func (t *auditTeller) things(objects []string) string {
	found := make(map[string][]string)
	for _, object := range objects {
		if kind, _, _ := strings.Cut(object, "/"); kind == string(invitations) && len(objects) <= maxAuditNames {
			object = t.invited(object)
		}
		kind, _, _ := strings.Cut(object, "/")
		if !slices.Contains(found[kind], object) || len(found[kind]) > maxAuditNames {
			found[kind] = append(found[kind], object)
		}
	}
	for _, kind := range []store.Kind{firms, invitations, matchRuns, frameworks, programs, venues, credentials} {
		names := found[string(kind)]
		switch {
		case len(names) == 0:
		case len(names) <= maxAuditNames:
			args := make([]string, len(names))
			for i, name := range names {
				args[i] = t.named(name)
			}
			return catalog.List(args...)
		default:
			return catalog.Literal(t.cat.Sentence(t.language, "audit.many.firms", catalog.Number(len(names))))
		}
	}
	return catalog.Literal(t.cat.Sentence(t.language, "audit.nothing"))
}

// named is the name of a resource as an argument of a sentence. What is not there any more stands for itself.
func (t *auditTeller) named(name string) string {
	kind, id, _ := strings.Cut(name, "/")
	switch store.Kind(kind) {
	case firms:
		if f := new(tandemv1.Firm); t.read(firms, name, f) {
			return catalog.Literal(catalog.OwnName(f.DisplayName, f.NativeName).In(t.language))
		}
	case matchRuns:
		if run := new(tandemv1.MatchRun); t.read(matchRuns, name, run) {
			day := "date:" + run.CreateTime.AsTime().Format(dateOnly)
			return catalog.Literal(t.cat.Sentence(t.language, "audit.of.run", day))
		}
	case credentials:
		held := t.credential(name)
		holder := catalog.Literal(held.GetDisplayName())
		switch {
		case held.GetFirm() != "":
			holder = t.named(held.Firm)
		case held.GetDisplayName() == "":
			holder = "role:" + held.GetRole().String()
		}
		return catalog.Literal(t.cat.Sentence(t.language, "audit.of.credential", holder))
	case invitations:
		if firm := t.invited(name); firm != name {
			return t.named(firm)
		}
	case frameworks:
		if f := new(tandemv1.Framework); t.read(frameworks, name, f) {
			return catalog.Literal(textOf(f.DisplayName).In(t.language))
		}
	case programs:
		if p := new(tandemv1.Program); t.read(programs, name, p) {
			return catalog.Literal(textOf(p.DisplayName).In(t.language))
		}
	case venues:
		if v := new(tandemv1.Venue); t.read(venues, name, v) {
			return catalog.Literal(textOf(v.DisplayName).In(t.language))
		}
	}
	return catalog.Literal(id)
}

// credential is a credential as it is now; empty where it is gone.
func (t *auditTeller) credential(name string) *tandemv1.Credential {
	c := new(tandemv1.Credential)
	t.read(credentials, name, c)
	return c
}

// invited is the firm that an invitation is for; the invitation where it is gone.
func (t *auditTeller) invited(name string) string {
	i := new(tandemv1.Invitation)
	if !t.read(invitations, name, i) {
		return name
	}
	return i.Firm
}

// read reads a resource and tells whether it is there.
func (t *auditTeller) read(kind store.Kind, name string, into protoreflect.ProtoMessage) bool {
	err := t.tx.Get(kind, name, into)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.err = errors.Join(t.err, err)
	}
	return err == nil
}
