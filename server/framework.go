package server

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// frameworkName is how a framework that an organiser adds is named.
var frameworkName = regexp.MustCompile(`^frameworks/[a-z0-9][a-z0-9-]{0,79}$`)

func (s *Server) frameworkKind() factKind[*tandemv1.Framework] {
	return factKind[*tandemv1.Framework]{
		kind: frameworks, past: frameworkVersions, empty: func() *tandemv1.Framework { return new(tandemv1.Framework) },
		terms: func(f *tandemv1.Framework) []string {
			list := terms("kind", f.Kind.String(), "status", f.Status.String(), "parent", strings.TrimPrefix(f.Parent, "frameworks/"),
				"industry_facing", truth(f.IndustryFacing))
			for _, m := range f.Modes {
				list = append(list, "mode="+m.String())
			}
			for _, c := range f.Capabilities {
				list = append(list, capabilityTerms(s.catalog, strings.TrimPrefix(c, "capabilities/"))...)
			}
			return compactTerms(list)
		},
		fields: filterFields{
			"kind": oneOf(tandemv1.Framework_Kind_value), "status": oneOf(tandemv1.Framework_Status_value), "parent": idOf("frameworks"),
			"industry_facing": yesNo, "mode": oneOf(tandemv1.Mode_value), "capability": s.knownCapability, "overdue": yesNo,
		},
		check: func(tx *store.Tx, f *tandemv1.Framework) error {
			if !frameworkName.MatchString(f.Name) {
				return invalid("framework.name", "error.framework.name", f.Name)
			}
			if f.Parent != "" && (f.Parent == f.Name || get(tx, frameworks, f.Parent, new(tandemv1.Framework)) != nil) {
				return invalid("framework.parent", "error.framework.parent", f.Parent)
			}
			if err := checkDay("framework.as_of", f.AsOf); err != nil {
				return err
			}
			return s.checkCapabilities("framework.capabilities", f.Capabilities)
		},
	}
}

// GetFramework reads one framework, as it is or as it was at a revision of the register.
func (s catalogService) GetFramework(ctx context.Context, r *tandemv1.GetFrameworkRequest) (*tandemv1.Framework, error) {
	f := new(tandemv1.Framework)
	err := s.store.View(ctx, func(tx *store.Tx) error {
		err := get(tx, frameworks, r.Name, f)
		if err == nil && r.Revision != 0 && f.Revision > r.Revision {
			f, err = pastFramework(tx, f, r.Revision)
		}
		return err
	})
	return f, err
}

// ListFrameworks lists frameworks. Whether a dialogue is overdue depends on the day, so the list is filtered on the spot.
func (s catalogService) ListFrameworks(ctx context.Context, r *tandemv1.ListFrameworksRequest) (*tandemv1.ListFrameworksResponse, error) {
	kind := s.frameworkKind()
	var today collection[*tandemv1.Framework]
	err := s.store.View(ctx, func(tx *store.Tx) error {
		rows, err := allOf[*tandemv1.Framework](tx, frameworks)
		today = collection[*tandemv1.Framework]{}
		for _, f := range rows {
			today.add(f, append(kind.terms(f), "overdue="+truth(report.Overdue(f, tx.Now().UTC().Format(dateOnly))))...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	today.sort()
	rows, next, err := pageOf(ctx, s.Server, &today, r, kind.fields)
	return &tandemv1.ListFrameworksResponse{Frameworks: rows, NextPageToken: next}, err
}

// UpdateFramework changes a framework, or adds one.
func (s catalogService) UpdateFramework(ctx context.Context, r *tandemv1.UpdateFrameworkRequest) (*tandemv1.Framework, error) {
	return updateFact(ctx, s.Server, s.frameworkKind(), r, r.Framework, r.UpdateMask, r.AllowMissing)
}

// keepPast keeps what a row of facts was before a change, under its revision; nothing for a new one.
func keepPast[M fact](c *change, k factKind[M], old M) error {
	if k.past == "" || old.GetName() == "" {
		return nil
	}
	return c.Put(k.past, store.Row{Name: fmt.Sprintf("%s/revisions/%010d", old.GetName(), old.GetRevision()), Message: old})
}

// pastFramework reads a framework as it was at a revision of the register: its newest version that is not after that.
func pastFramework(tx *store.Tx, now *tandemv1.Framework, revision int32) (*tandemv1.Framework, error) {
	first := now.Revision
	for after, more := "", true; more; more = after != "" {
		versions, next, err := list[*tandemv1.Framework](tx, frameworkVersions, store.Query{Parent: now.Name, Desc: true, After: after, Limit: 100})
		if err != nil {
			return nil, err
		}
		for _, version := range versions {
			if first = version.Revision; first <= revision {
				return version, nil
			}
		}
		after = next
	}
	return nil, invalid("revision", "error.framework.revision", now.Name, int(first), int(revision))
}
