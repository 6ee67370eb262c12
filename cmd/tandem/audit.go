package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) auditCommand() *cobra.Command {
	return group(&cobra.Command{Use: "audit"}, a.auditListCommand())
}

func (a *app) auditListCommand() *cobra.Command {
	var about auditFilter
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Example: "  tandem audit list --resource firms/algoma-steel\n  tandem audit list --refused --since 2026-11-24 --output json",
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			request := &tandemv1.ListAuditEntriesRequest{Language: a.protoLanguage()}
			var err error
			if request.Filter, err = about.text(); err != nil {
				return err
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			answer := new(tandemv1.ListAuditEntriesResponse)
			answer.AuditEntries, err = all(limit, func(size int32, token string) ([]*tandemv1.AuditEntry, string, error) {
				request.PageSize, request.PageToken = size, token
				page, err := tandemv1.NewAuditServiceClient(conn).ListAuditEntries(cmd.Context(), request)
				return page.GetAuditEntries(), page.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			return show(a, answer, answer.AuditEntries, auditColumns())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&about.resource, "resource", "", "")
	flags.StringVar(&about.actor, "actor", "", "")
	flags.StringVar(&about.action, "action", "", "")
	flags.StringVar(&about.since, "since", "", "")
	flags.BoolVar(&about.refused, "refused", false, "")
	return limited(a.prints(a.talks(cmd)), &limit)
}

// auditFilter is what of the audit log somebody wants to see.
type auditFilter struct {
	resource, actor, action, since string
	refused                        bool
}

// text writes the filter as the API has it.
func (f auditFilter) text() (string, error) {
	var parts []string
	for _, part := range []struct{ field, value string }{{"resource", f.resource}, {"actor", f.actor}, {"action", f.action}} {
		if part.value != "" {
			parts = append(parts, fmt.Sprintf("%s = %q", part.field, part.value))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, `actor != "system"`) // a run and its publication take it hundreds of steps
	}
	if f.since != "" {
		if _, err := time.Parse(time.DateOnly, f.since); err != nil {
			return "", usage(asIn("--since 2026-11-24"), tell("cli.wrong.since", f.since))
		}
		parts = append(parts, fmt.Sprintf("create_time >= %q", f.since+"T00:00:00Z"))
	}
	if f.refused {
		parts = append(parts, `outcome != "OK"`)
	}
	return strings.Join(parts, " AND "), nil
}

func auditColumns() []column[*tandemv1.AuditEntry] {
	type entry = *tandemv1.AuditEntry
	return []column[entry]{
		{key: "time", cell: func(v voice, e entry) string { return v.moment(e.GetCreateTime()) }},
		{key: "who", cell: func(_ voice, e entry) string { return e.GetActorDisplayName() }},
		{key: "what", cell: func(_ voice, e entry) string { return e.GetSummary().GetText() }},
		{key: "name", cell: func(_ voice, e entry) string { return e.GetName() }, wide: true},
		{key: "actor", cell: func(_ voice, e entry) string { return e.GetActor() }, wide: true},
		{key: "action", cell: func(_ voice, e entry) string { return e.GetAction() }, wide: true},
		{key: "outcome", cell: func(_ voice, e entry) string { return e.GetOutcome() }, wide: true},
		{key: "count", cell: func(v voice, e entry) string { return v.number(e.GetCount()) }, wide: true},
		{key: "resources", cell: func(_ voice, e entry) string { return shortly(e.GetResources(), e.GetResourceCount()) }, wide: true},
		{key: "request_id", cell: func(_ voice, e entry) string { return e.GetRequestId() }, wide: true},
	}
}

// shortly names the first of what was changed, and how many more there are.
func shortly(resources []string, count int32) string {
	const most = 3
	if count <= most {
		return strings.Join(resources, " ")
	}
	return fmt.Sprintf("%s +%d", strings.Join(resources[:most], " "), count-most)
}
