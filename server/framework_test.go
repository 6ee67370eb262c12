package server

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// frameworksFound lists the frameworks that a filter finds.
func frameworksFound(t *testing.T, c tandemv1.CatalogServiceClient, filter string) []string {
	t.Helper()
	answer, err := c.ListFrameworks(t.Context(), &tandemv1.ListFrameworksRequest{Filter: filter, PageSize: 500})
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	var names []string
	for _, f := range answer.Frameworks {
		names = append(names, f.Name)
	}
	return names
}

// TestStrategyHoldsItsDialogues (S03, S23): a strategy's filter gives what stands under it, and none of it is for firms.
func TestStrategyHoldsItsDialogues(t *testing.T) {
	c := tandemv1.NewCatalogServiceClient(openServer(t, Config{}).Operator())
	want := []string{"frameworks/indo-pacific-dialogue", "frameworks/ipicc"}
	if diff := cmp.Diff(want, frameworksFound(t, c, `parent = "indo-pacific-strategy"`)); diff != "" {
		t.Errorf("under the strategy (-want +got):\n%s", diff)
	}
	if got := frameworksFound(t, c, `parent = "indo-pacific-strategy" AND industry_facing`); len(got) > 0 {
		t.Errorf("%q are shown to firms", got)
	}
}

// TestOverdueDialoguesAreListed (S87, S16): who is overdue follows from the day, the cadence and the dates, all of them data.
func TestOverdueDialoguesAreListed(t *testing.T) {
	today := time.Date(2026, 8, 25, 12, 0, 0, 0, time.UTC)
	s := openServer(t, Config{Now: func() time.Time { return today }})
	c := tandemv1.NewCatalogServiceClient(s.Operator())
	const ministers, materiel = "frameworks/two-plus-two-ministerial", "frameworks/joint-meeting-materiel"
	see := func(when string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, frameworksFound(t, c, "overdue = true")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	see("on the day on which it is due", materiel)
	today = today.AddDate(0, 0, 1)
	see("a day later", materiel, ministers)
	if got := frameworksFound(t, c, `kind = "DIALOGUE" AND NOT overdue`); slices.Contains(got, ministers) || !slices.Contains(got, "frameworks/fadpt") {
		t.Errorf("in time are %q", got)
	}
	change := func(f *tandemv1.Framework, path string) {
		t.Helper()
		if _, err := c.UpdateFramework(t.Context(), &tandemv1.UpdateFrameworkRequest{Framework: f, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}}}); err != nil {
			t.Fatal(err)
		}
	}
	change(&tandemv1.Framework{Name: ministers, Dates: "2026-02-25 second; 2026-10-05 third, Seoul"}, "dates")
	see("the next date is known", materiel)
	change(&tandemv1.Framework{Name: materiel, Cadence: "biennial"}, "cadence")
	see("another cadence")
}

// TestFormerVersionsAreRead (S25): a change makes a new revision, the old one can still be read.
func TestFormerVersionsAreRead(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	c := tandemv1.NewCatalogServiceClient(f.server.Operator())
	const name = "frameworks/gsia"
	at := func(revision int32) *tandemv1.Framework {
		t.Helper()
		got, err := c.GetFramework(t.Context(), &tandemv1.GetFrameworkRequest{Name: name, Revision: revision})
		if err != nil {
			t.Fatalf("revision %d: %v", revision, err)
		}
		return got
	}
	seeded := at(0)
	days := []string{"2026-09-01", "2026-10-01", "2026-11-01"}
	revisions := []int32{seeded.Revision}
	for _, day := range days {
		changed, err := c.UpdateFramework(t.Context(), &tandemv1.UpdateFrameworkRequest{
			Framework: &tandemv1.Framework{Name: name, Status: tandemv1.Framework_IN_FORCE, AsOf: day}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"status", "as_of"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		revisions = append(revisions, changed.Revision)
	}
	for i, want := range append([]string{seeded.AsOf}, days...) {
		if got := at(revisions[i]); got.AsOf != want || got.Revision != revisions[i] {
			t.Errorf("revision %d: as of %s, revision %d, want %s", revisions[i], got.AsOf, got.Revision, want)
		}
	}
	if got := at(0); got.AsOf != days[2] || got.Revision != revisions[3] {
		t.Errorf("now: as of %s, revision %d", got.AsOf, got.Revision)
	}
	auditor := f.secret(t, tandemv1.Credential_AUDITOR, "")
	old := f.both(t, call{method: "CatalogService/GetFramework", credential: auditor, request: `{"name": "frameworks/gsia", "revision": 1}`})
	if old.Code != codes.OK || old.Body.(map[string]any)["status"] != "SIGNED_NOT_IN_FORCE" {
		t.Errorf("revision 1 over both protocols: %v", old)
	}
}

// TestNewDialogueIsData (S24, S18): a dialogue that the two sides agree on is added as a row of its own; the next report has it, with
// the pairings of the instrument that it reviews, and nothing was restarted.
func TestNewDialogueIsData(t *testing.T) {
	s, conn := withShipped(t)
	c, runs := tandemv1.NewCatalogServiceClient(conn), tandemv1.NewMatchRunServiceClient(conn)
	added := &tandemv1.Framework{
		Name: "frameworks/shipyard-talks", DisplayName: &tandemv1.LocalizedText{En: "Shipyard talks", Fr: "Pourparlers", Ko: "조선 대화"},
		Kind: tandemv1.Framework_DIALOGUE, Status: tandemv1.Framework_ACTIVE, Parent: "frameworks/dmc-mou", Parties: []string{"CA:DND", "KR:DAPA"},
	}
	if _, err := c.UpdateFramework(t.Context(), &tandemv1.UpdateFrameworkRequest{Framework: added}); status.Code(err) != codes.NotFound {
		t.Errorf("without allow_missing: %v, want NOT_FOUND", err)
	}
	if _, err := c.UpdateFramework(t.Context(), &tandemv1.UpdateFrameworkRequest{Framework: added, AllowMissing: true}); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []*tandemv1.Framework{
		{Name: "frameworks/Talks", DisplayName: added.DisplayName, Kind: added.Kind, Status: added.Status},
		{Name: "frameworks/nameless", Kind: added.Kind, Status: added.Status},
		{Name: "frameworks/orphan", DisplayName: added.DisplayName, Kind: added.Kind, Status: added.Status, Parent: "frameworks/nothing"},
	} {
		if _, err := c.UpdateFramework(t.Context(), &tandemv1.UpdateFrameworkRequest{Framework: wrong, AllowMissing: true}); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v, want INVALID_ARGUMENT", wrong.Name, err)
		}
	}
	run := finishRun(t, s, conn, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}}).GetName()
	file := download(t, runs, &tandemv1.DownloadReportRequest{Name: run, Kind: tandemv1.DownloadReportRequest_PARTNERSHIP, Format: tandemv1.DownloadReportRequest_JSONL})
	rows := map[string][]string{}
	for _, l := range linesOf(t, file, "dialogues") {
		rows[l.text("dialogue")] = l.ids
	}
	got, old := rows[added.Name], rows["frameworks/joint-meeting-materiel"]
	if len(got) == 0 || !cmp.Equal(got, old) {
		t.Errorf("the new talks have %d pairings before them, the joint meeting on the same memorandum %d", len(got), len(old))
	}
}
