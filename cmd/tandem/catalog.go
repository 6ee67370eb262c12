package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) catalogCommand() *cobra.Command {
	return group(&cobra.Command{Use: "catalog"},
		a.suggestCommand(),
		shelfCommand(a, capabilityShelf()),
		shelfCommand(a, frameworkShelf(), a.frameworkStatusCommand(), a.frameworkRaiseCommand()),
		shelfCommand(a, programShelf(), a.programStatusCommand()),
		shelfCommand(a, venueShelf()),
		shelfCommand(a, actorShelf()),
		shelfCommand(a, themeShelf()),
	)
}

func (a *app) suggestCommand() *cobra.Command {
	request := new(tandemv1.SuggestCapabilitiesRequest)
	cmd := &cobra.Command{
		Use:     "suggest TEXT...",
		Example: "  tandem catalog suggest réseau remorqué",
		Args:    wants(1, 100),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Text = strings.Join(args, " ")
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			answer, err := tandemv1.NewCatalogServiceClient(conn).SuggestCapabilities(cmd.Context(), request)
			if err != nil {
				return err
			}
			if err := show(a, answer, answer.GetSuggestions(), suggestionColumns()); err != nil {
				return err
			}
			if a.settings.output == "table" && !answer.GetUnambiguous() && len(answer.GetSuggestions()) > 1 {
				fmt.Fprintln(a.stderr, a.voice().say("cli.suggest.ambiguous"))
			}
			return nil
		},
	}
	cmd.Flags().Int32Var(&request.PageSize, "limit", 0, "")
	return a.prints(a.talks(cmd))
}

func suggestionColumns() []column[*tandemv1.SuggestCapabilitiesResponse_Suggestion] {
	type suggestion = *tandemv1.SuggestCapabilitiesResponse_Suggestion
	return []column[suggestion]{
		{key: "capability", cell: func(_ voice, s suggestion) string { return s.GetCode() }},
		{key: "display_name", cell: func(v voice, s suggestion) string { return v.text(s.GetDisplayName()) }, wide: true},
		{key: "matched_term", cell: func(_ voice, s suggestion) string { return s.GetMatchedTerm() }},
	}
}

func capabilityShelf() shelf[*tandemv1.Capability] {
	type row = *tandemv1.Capability
	return shelf[row]{
		collection: "capabilities",
		list: func(ctx context.Context, c tandemv1.CatalogServiceClient, size int32, token, filter string) ([]row, string, error) {
			p, err := c.ListCapabilities(ctx, &tandemv1.ListCapabilitiesRequest{PageSize: size, PageToken: token, Filter: filter})
			return p.GetCapabilities(), p.GetNextPageToken(), err
		},
		get: func(ctx context.Context, c tandemv1.CatalogServiceClient, name string) (row, error) {
			return c.GetCapability(ctx, &tandemv1.GetCapabilityRequest{Name: name})
		},
		answer: func(rows []row) proto.Message { return &tandemv1.ListCapabilitiesResponse{Capabilities: rows} },
		columns: []column[row]{
			{key: "capability", cell: func(_ voice, r row) string { return r.GetCode() }},
			{key: "display_name", cell: func(v voice, r row) string { return v.text(r.GetDisplayName()) }, wide: true},
		},
		details: []column[row]{
			{key: "synonyms_en", cell: func(_ voice, r row) string { return strings.Join(r.GetSynonymsEn(), ", ") }},
			{key: "synonyms_fr", cell: func(_ voice, r row) string { return strings.Join(r.GetSynonymsFr(), ", ") }},
			{key: "synonyms_ko", cell: func(_ voice, r row) string { return strings.Join(r.GetSynonymsKo(), ", ") }},
			{key: "neighbours", cell: func(v voice, r row) string {
				near := make([]string, len(r.GetNeighbours()))
				for i, n := range r.GetNeighbours() {
					near[i] = v.capability(n.GetCapability())
				}
				return strings.Join(near, "; ")
			}},
		},
	}
}

func frameworkShelf() shelf[*tandemv1.Framework] {
	type row = *tandemv1.Framework
	return shelf[row]{
		collection: "frameworks",
		list: func(ctx context.Context, c tandemv1.CatalogServiceClient, size int32, token, filter string) ([]row, string, error) {
			p, err := c.ListFrameworks(ctx, &tandemv1.ListFrameworksRequest{PageSize: size, PageToken: token, Filter: filter})
			return p.GetFrameworks(), p.GetNextPageToken(), err
		},
		get: func(ctx context.Context, c tandemv1.CatalogServiceClient, name string) (row, error) {
			return c.GetFramework(ctx, &tandemv1.GetFrameworkRequest{Name: name})
		},
		answer: func(rows []row) proto.Message { return &tandemv1.ListFrameworksResponse{Frameworks: rows} },
		columns: []column[row]{
			{key: "name", cell: func(_ voice, r row) string { return r.GetName() }},
			{key: "display_name", cell: func(v voice, r row) string { return v.text(r.GetDisplayName()) }, wide: true},
			{key: "kind", cell: func(v voice, r row) string { return v.enum("framework_kind", r.GetKind()) }},
			{key: "status", cell: func(v voice, r row) string { return v.enum("framework_status", r.GetStatus()) }},
			{key: "as_of", cell: func(_ voice, r row) string { return r.GetAsOf() }},
		},
		details: []column[row]{
			{key: "effect", cell: func(_ voice, r row) string { return r.GetEffect() }},
			{key: "dates", cell: func(_ voice, r row) string { return r.GetDates() }},
			{key: "gates", cell: func(v voice, r row) string {
				words := make([]string, len(r.GetGates()))
				for i, gate := range r.GetGates() {
					words[i] = v.named("rule", gate)
				}
				return strings.Join(words, "; ")
			}},
			{key: "source", cell: func(_ voice, r row) string { return r.GetSource() }},
		},
	}
}

// frameworkStatusCommand changes the one fact of a framework that changes most.
func (a *app) frameworkStatusCommand() *cobra.Command {
	framework := new(tandemv1.Framework)
	cmd := &cobra.Command{
		Use:     "set-status FRAMEWORK STATUS",
		Example: "  tandem catalog frameworks set-status gsia in-force --as-of 2026-11-01",
		Args:    wants(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if framework.Status, err = enum[tandemv1.Framework_Status](cmd.CommandPath()+" "+args[0], args[1]); err != nil {
				return err
			}
			if err := dated(framework.AsOf); err != nil {
				return err
			}
			if framework.AsOf == "" {
				framework.AsOf = a.today()
			}
			framework.Name = named("frameworks", args[0])
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			answer, err := tandemv1.NewCatalogServiceClient(conn).UpdateFramework(cmd.Context(), &tandemv1.UpdateFrameworkRequest{
				Framework: framework, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"status", "as_of"}}, RequestId: requestID(),
			})
			if err != nil {
				return err
			}
			return show(a, answer, []*tandemv1.Framework{answer}, frameworkShelf().columns)
		},
	}
	cmd.Flags().StringVar(&framework.AsOf, "as-of", "", "")
	return a.prints(a.talks(cmd))
}

func programShelf() shelf[*tandemv1.Program] {
	type row = *tandemv1.Program
	return shelf[row]{
		collection: "programs",
		list: func(ctx context.Context, c tandemv1.CatalogServiceClient, size int32, token, filter string) ([]row, string, error) {
			p, err := c.ListPrograms(ctx, &tandemv1.ListProgramsRequest{PageSize: size, PageToken: token, Filter: filter})
			return p.GetPrograms(), p.GetNextPageToken(), err
		},
		get: func(ctx context.Context, c tandemv1.CatalogServiceClient, name string) (row, error) {
			return c.GetProgram(ctx, &tandemv1.GetProgramRequest{Name: name})
		},
		answer: func(rows []row) proto.Message { return &tandemv1.ListProgramsResponse{Programs: rows} },
		columns: []column[row]{
			{key: "name", cell: func(_ voice, r row) string { return r.GetName() }},
			{key: "display_name", cell: func(v voice, r row) string { return v.text(r.GetDisplayName()) }, wide: true},
			{key: "country", cell: func(v voice, r row) string { return v.named("country", r.GetOwnerCountry()) }},
			{key: "status", cell: func(v voice, r row) string { return v.enum("program_status", r.GetStatus()) }},
			{key: "awarded_to", cell: func(v voice, r row) string { return v.named("country", r.GetAwardedTo()) }},
			{key: "as_of", cell: func(_ voice, r row) string { return r.GetAsOf() }},
			{key: "condition", cell: func(_ voice, r row) string { return r.GetAwardCondition() }},
		},
		details: []column[row]{
			{key: "candidates", cell: func(_ voice, r row) string { return r.GetCandidates() }},
			{key: "capabilities", cell: func(v voice, r row) string { return capabilities(v, r.GetCapabilities()) }},
			{key: "note", cell: func(_ voice, r row) string { return r.GetNote() }},
		},
	}
}

// programStatusCommand records an award.
func (a *app) programStatusCommand() *cobra.Command {
	program := new(tandemv1.Program)
	cmd := &cobra.Command{
		Use:     "set-status PROGRAM STATUS",
		Example: "  tandem catalog programs set-status cpsp awarded --awarded-to others --as-of 2026-11-01",
		Args:    wants(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if program.Status, err = enum[tandemv1.Program_Status](cmd.CommandPath()+" "+args[0], args[1]); err != nil {
				return err
			}
			if err := dated(program.AsOf); err != nil {
				return err
			}
			if program.AsOf == "" {
				program.AsOf = a.today()
			}
			program.Name = named("programs", args[0])
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			answer, err := tandemv1.NewCatalogServiceClient(conn).UpdateProgram(cmd.Context(), &tandemv1.UpdateProgramRequest{
				Program: program, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"status", "awarded_to", "as_of"}}, RequestId: requestID(),
			})
			if err != nil {
				return err
			}
			return show(a, answer, []*tandemv1.Program{answer}, programShelf().columns)
		},
	}
	cmd.Flags().StringVar(&program.AwardedTo, "awarded-to", "", "")
	cmd.Flags().StringVar(&program.AsOf, "as-of", "", "")
	return a.prints(a.talks(cmd))
}

func venueShelf() shelf[*tandemv1.Venue] {
	type row = *tandemv1.Venue
	return shelf[row]{
		collection: "venues",
		list: func(ctx context.Context, c tandemv1.CatalogServiceClient, size int32, token, filter string) ([]row, string, error) {
			p, err := c.ListVenues(ctx, &tandemv1.ListVenuesRequest{PageSize: size, PageToken: token, Filter: filter})
			return p.GetVenues(), p.GetNextPageToken(), err
		},
		get: func(ctx context.Context, c tandemv1.CatalogServiceClient, name string) (row, error) {
			return c.GetVenue(ctx, &tandemv1.GetVenueRequest{Name: name})
		},
		answer: func(rows []row) proto.Message { return &tandemv1.ListVenuesResponse{Venues: rows} },
		columns: []column[row]{
			{key: "name", cell: func(_ voice, r row) string { return r.GetName() }},
			{key: "display_name", cell: func(v voice, r row) string { return v.text(r.GetDisplayName()) }, wide: true},
			{key: "kind", cell: func(v voice, r row) string { return v.enum("venue_kind", r.GetKind()) }},
			{key: "city", cell: func(_ voice, r row) string { return r.GetCity() }},
			{key: "country", cell: func(v voice, r row) string { return v.named("country", r.GetCountry()) }},
			{key: "next_edition", cell: func(_ voice, r row) string { return r.GetNextEdition() }, wide: true},
		},
		details: []column[row]{
			{key: "last_edition", cell: func(_ voice, r row) string { return r.GetLastEdition() }},
			{key: "cadence", cell: func(_ voice, r row) string { return r.GetCadence() }},
			{key: "capabilities", cell: func(v voice, r row) string { return capabilities(v, r.GetDomains()) }},
			{key: "source", cell: func(_ voice, r row) string { return r.GetSource() }},
		},
	}
}

func actorShelf() shelf[*tandemv1.Actor] {
	type row = *tandemv1.Actor
	return shelf[row]{
		collection: "actors",
		list: func(ctx context.Context, c tandemv1.CatalogServiceClient, size int32, token, filter string) ([]row, string, error) {
			p, err := c.ListActors(ctx, &tandemv1.ListActorsRequest{PageSize: size, PageToken: token, Filter: filter})
			return p.GetActors(), p.GetNextPageToken(), err
		},
		get: func(ctx context.Context, c tandemv1.CatalogServiceClient, name string) (row, error) {
			return c.GetActor(ctx, &tandemv1.GetActorRequest{Name: name})
		},
		answer: func(rows []row) proto.Message { return &tandemv1.ListActorsResponse{Actors: rows} },
		columns: []column[row]{
			{key: "name", cell: func(_ voice, r row) string { return r.GetName() }},
			{key: "display_name", cell: func(v voice, r row) string { return v.text(r.GetDisplayName()) }, wide: true},
			{key: "country", cell: func(v voice, r row) string { return v.named("country", r.GetCountry()) }},
			{key: "kind", cell: func(v voice, r row) string { return v.named("actor_kind", r.GetKind()) }},
		},
		details: []column[row]{{key: "role", cell: func(_ voice, r row) string { return r.GetRole() }}},
	}
}

func themeShelf() shelf[*tandemv1.Theme] {
	type row = *tandemv1.Theme
	return shelf[row]{
		collection: "themes",
		list: func(ctx context.Context, c tandemv1.CatalogServiceClient, size int32, token, filter string) ([]row, string, error) {
			p, err := c.ListThemes(ctx, &tandemv1.ListThemesRequest{PageSize: size, PageToken: token, Filter: filter})
			return p.GetThemes(), p.GetNextPageToken(), err
		},
		get: func(ctx context.Context, c tandemv1.CatalogServiceClient, name string) (row, error) {
			return c.GetTheme(ctx, &tandemv1.GetThemeRequest{Name: name})
		},
		answer: func(rows []row) proto.Message { return &tandemv1.ListThemesResponse{Themes: rows} },
		columns: []column[row]{
			{key: "name", cell: func(_ voice, r row) string { return r.GetName() }},
			{key: "display_name", cell: func(v voice, r row) string { return v.text(r.GetDisplayName()) }, wide: true},
			{key: "kind", cell: func(v voice, r row) string { return v.named("theme_kind", r.GetKind()) }},
		},
		details: []column[row]{
			{key: "capabilities", cell: func(v voice, r row) string { return capabilities(v, r.GetCapabilities()) }},
			{key: "note", cell: func(_ voice, r row) string { return r.GetNote() }},
		},
	}
}

// capabilities lists codes in words.
func capabilities(v voice, codes []string) string {
	words := make([]string, len(codes))
	for i, code := range codes {
		words[i] = v.capability(code)
	}
	return strings.Join(words, "; ")
}

// today is the date in UTC, so that it is the same for whoever asks.
func (a *app) today() string { return a.now().UTC().Format("2006-01-02") }
