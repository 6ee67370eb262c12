package server

import (
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// From a file of organisations to published pairings: the organiser's way.
func TestImportRunPublish(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}})
	if run.FirstFirms != 116 || run.SecondFirms != 101 {
		t.Errorf("sides: got %d and %d firms, want 116 and 101", run.FirstFirms, run.SecondFirms)
	}
	runs := tandemv1.NewMatchRunServiceClient(operator)
	if _, err := runs.PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: run.Name}); err != nil {
		t.Fatal(err)
	}
	page, err := tandemv1.NewPairingServiceClient(operator).ListPairings(t.Context(), &tandemv1.ListPairingsRequest{PageSize: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range page.Pairings {
		var sum int32
		for _, c := range p.Components {
			sum += c.Points
		}
		if sum != p.Score {
			t.Errorf("%s: parts sum to %d, want the score %d", p.Name, sum, p.Score)
		}
		t.Log(p.Name, p.Score, p.PrimaryMode, p.Reasons[0].Text)
	}
}
