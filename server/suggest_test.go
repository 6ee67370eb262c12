package server

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// suggestedTo asks for suggestions as somebody.
func suggestedTo(t *testing.T, s *Server, c access.Caller, firm string) *tandemv1.SuggestNeedsResponse {
	t.Helper()
	answer, err := firmService{Server: s}.SuggestNeeds(access.WithCaller(t.Context(), c), &tandemv1.SuggestNeedsRequest{Firm: firm, Top: 40})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func needsOf(t *testing.T, operator grpc.ClientConnInterface, firm string, needs ...*tandemv1.Need) {
	t.Helper()
	_, err := tandemv1.NewFirmServiceClient(operator).UpdateFirm(t.Context(), &tandemv1.UpdateFirmRequest{
		Firm: &tandemv1.Firm{Name: firm, Needs: needs}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"needs"}}, Attested: true,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func usesAlike(answer *tandemv1.SuggestNeedsResponse) bool {
	return slices.ContainsFunc(answer.Suggestions, func(n *tandemv1.NeedSuggestion) bool {
		return slices.ContainsFunc(n.Reasons, func(r *tandemv1.Sentence) bool { return r.Key == "engine.suggest.alike" })
	})
}

// A firm's answer stays the same whatever other firms look for; an organiser's does not.
func TestSuggestedNeedsLeakNoRivals(t *testing.T) {
	s, operator := withShipped(t)
	const firm = "firms/algoma-steel"
	own := access.Caller{Role: tandemv1.Role_FIRM, Firm: firm}
	organiser := access.Caller{Role: tandemv1.Role_ORGANISER}
	told, toldStaff := suggestedTo(t, s, own, "firms/me"), suggestedTo(t, s, organiser, firm)
	if len(told.Suggestions) == 0 || usesAlike(told) || !usesAlike(toldStaff) {
		t.Fatalf("the firm is told %v, an organiser %v", told, toldStaff)
	}
	for _, rival := range []string{"dongkuk-steel", "hyundai-steel", "posco-holdings"} {
		needsOf(t, operator, "firms/"+rival, &tandemv1.Need{Capability: "space.launch.site", Aim: tandemv1.Need_SUPPLIER})
	}
	if diff := cmp.Diff(told, suggestedTo(t, s, own, firm), protocmp.Transform()); diff != "" {
		t.Errorf("rivals' needs change what a firm is told (-before +after)\n%s", diff)
	}
	after := suggestedTo(t, s, organiser, firm)
	if !slices.ContainsFunc(after.Suggestions, func(n *tandemv1.NeedSuggestion) bool { return n.Capability == "space.launch.site" }) {
		t.Errorf("an organiser is not told what three similar firms look for: %v", after)
	}
}

// A suggestion counts for nothing until it is a need.
func TestSuggestedNeedsAreNotScored(t *testing.T) {
	s, operator := withShipped(t)
	const firm = "firms/algoma-steel"
	firms, live := tandemv1.NewFirmServiceClient(operator), tandemv1.NewPairingServiceClient(operator)
	get := func() *tandemv1.Firm {
		f, err := firms.GetFirm(t.Context(), &tandemv1.GetFirmRequest{Name: firm})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	before, profile := partners(t, live, firm), get()
	suggested := suggestedTo(t, s, access.Caller{Role: tandemv1.Role_ORGANISER}, firm)
	if diff := cmp.Diff(before, partners(t, live, firm), protocmp.Transform()); diff != "" {
		t.Errorf("asking for suggestions changes partners (-before +after)\n%s", diff)
	}
	if diff := cmp.Diff(profile, get(), protocmp.Transform()); diff != "" {
		t.Errorf("asking for suggestions changes the profile (-before +after)\n%s", diff)
	}
	accepted := suggested.Suggestions[0]
	needsOf(t, operator, firm, append(profile.Needs, &tandemv1.Need{Capability: accepted.Capability, Aim: accepted.Aim, Modes: accepted.Modes})...)
	if cmp.Equal(before.Pairings, partners(t, live, firm).Pairings, protocmp.Transform()) {
		t.Error("an accepted suggestion changes nothing")
	}
	again := suggestedTo(t, s, access.Caller{Role: tandemv1.Role_ORGANISER}, firm)
	if slices.ContainsFunc(again.Suggestions, func(n *tandemv1.NeedSuggestion) bool { return n.Capability == accepted.Capability }) {
		t.Errorf("%s is suggested again after it was accepted", accepted.Capability)
	}
}
