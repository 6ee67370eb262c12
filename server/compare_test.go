package server

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestCompareRuns changes one profile by hand between two runs of the shipped organisations.
func TestCompareRuns(t *testing.T) {
	s, conn := withShipped(t)
	runs, firms := tandemv1.NewMatchRunServiceClient(conn), tandemv1.NewFirmServiceClient(conn)
	run := func() string {
		return finishRun(t, s, conn, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}}).GetName()
	}
	base := run()
	same, err := runs.CompareMatchRuns(t.Context(), &tandemv1.CompareMatchRunsRequest{Name: run(), Base: base})
	if err != nil || len(same.GetDifferences()) != 0 || same.GetUnchanged() == 0 {
		t.Fatalf("nothing changed: %d differences, %d unchanged, %v", len(same.GetDifferences()), same.GetUnchanged(), err)
	}
	const changed = "firms/algoma-steel"
	if _, err := firms.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: changed}); err != nil {
		t.Fatal(err)
	}
	now := run()
	answer, err := runs.CompareMatchRuns(t.Context(), &tandemv1.CompareMatchRunsRequest{Name: now, Base: base, Language: tandemv1.Language_FR})
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, d := range answer.GetDifferences() {
		if !slices.Contains(d.GetCauses(), changed) {
			t.Errorf("%v of %s%s is put down to %v", d.GetKind(), d.GetNow().GetName(), d.GetBefore().GetName(), d.GetCauses())
		}
		if strings.HasPrefix(d.GetBefore().GetName(), "pairings/algoma-steel~") && d.GetKind() == tandemv1.PairingDifference_LEFT {
			left++
			if got := d.GetReason().GetText(); !strings.Contains(got, "Algoma Steel") || !strings.Contains(got, "participe") {
				t.Errorf("the reason in French: %q", got)
			}
		}
	}
	if left == 0 {
		t.Error("no pairing of the suspended organisation left")
	}
	for _, kind := range []tandemv1.DownloadReportRequest_Kind{
		tandemv1.DownloadReportRequest_PARTNERSHIP, tandemv1.DownloadReportRequest_EXPOSURE, tandemv1.DownloadReportRequest_COMPLETENESS,
		tandemv1.DownloadReportRequest_COMPARISON,
	} {
		request := &tandemv1.DownloadReportRequest{Name: now, Kind: kind, Base: base, Format: tandemv1.DownloadReportRequest_JSONL}
		file := download(t, runs, request)
		if len(file) == 0 || bytes.Contains(file, []byte(now)) || !bytes.Equal(file, download(t, runs, request)) {
			t.Errorf("%v: %d bytes, which differ or name the run", kind, len(file))
		}
	}
}

func download(t *testing.T, runs tandemv1.MatchRunServiceClient, r *tandemv1.DownloadReportRequest) []byte {
	t.Helper()
	stream, err := runs.DownloadReport(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	var file []byte
	for {
		part, err := stream.Recv()
		if err != nil {
			if err.Error() != "EOF" {
				t.Fatalf("%v: %v", r.GetKind(), err)
			}
			return file
		}
		file = append(file, part.GetData()...)
	}
}

// TestEveryShippedOrganisationIsShown (S47, S81): each appears in somebody's list, or the report says why not.
func TestEveryShippedOrganisationIsShown(t *testing.T) {
	s, conn := withShipped(t)
	now := finishRun(t, s, conn, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}}).GetName()
	file := download(t, tandemv1.NewMatchRunServiceClient(conn), &tandemv1.DownloadReportRequest{
		Name: now, Kind: tandemv1.DownloadReportRequest_EXPOSURE, Format: tandemv1.DownloadReportRequest_JSONL,
	})
	seen := 0
	for line := range bytes.Lines(file) {
		if !bytes.Contains(line, []byte(`"table":"shown"`)) {
			continue
		}
		seen++
		if bytes.Contains(line, []byte(`"shown":0,`)) == bytes.Contains(line, []byte(`"why":""`)) {
			t.Errorf("shown to nobody without a reason, or with one to somebody: %s", line)
		}
	}
	if want := bytes.Count(shippedFirms(t), []byte("\n")); seen != want {
		t.Errorf("%d organisations, want %d", seen, want)
	}
}
