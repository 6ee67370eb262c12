package server

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// partners asks for a firm's partners.
func partners(t *testing.T, c tandemv1.PairingServiceClient, firm string) *tandemv1.FindPartnersResponse {
	t.Helper()
	answer, err := c.FindPartners(t.Context(), &tandemv1.FindPartnersRequest{Firm: firm})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// After a run, live answers for unchanged firms are the run's own rows.
func TestLiveAnswersEqualTheLatestRun(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{})
	file, err := s.report(t.Context(), run.Name)
	if err != nil {
		t.Fatal(err)
	}
	inRun := make(map[string]*tandemv1.Pairing)
	for _, p := range file.Pairings {
		inRun[p.Name] = p
	}
	client := tandemv1.NewPairingServiceClient(operator)
	for _, f := range file.Snapshot.Firms {
		answer := partners(t, client, f.Name)
		if answer.RarityRun != run.Name {
			t.Fatalf("%s: rarity of %q, want that of %s", f.Name, answer.RarityRun, run.Name)
		}
		for _, live := range answer.Pairings {
			walk(live.ProtoReflect(), func(m proto.Message) {
				if sentence, ok := m.(*tandemv1.Sentence); ok {
					sentence.Text = "" // stored rows have no language
				}
			})
			if !proto.Equal(inRun[live.Name], live) {
				t.Fatalf("%s: the run's row and the live answer differ:\n%s", live.Name, cmp.Diff(inRun[live.Name], live, protocmp.Transform()))
			}
		}
	}
}

// A committed write is in the next answer, and what follows the change log equals what is built anew.
func TestLiveFollowsEveryWrite(t *testing.T) {
	s, operator := withShipped(t)
	pairings, firmClient := tandemv1.NewPairingServiceClient(operator), tandemv1.NewFirmServiceClient(operator)
	catalogClient := tandemv1.NewCatalogServiceClient(operator)
	partners(t, pairings, "firms/defence-research-and-development-canada") // the market is built before the writes
	writes := []func() error{
		func() error {
			_, err := firmClient.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: "firms/hanwha-ocean"})
			return err
		},
		func() error {
			_, err := firmClient.DeleteFirm(t.Context(), &tandemv1.DeleteFirmRequest{Name: "firms/innospace"})
			return err
		},
		func() error {
			_, err := firmClient.UpdateFirm(t.Context(), &tandemv1.UpdateFirmRequest{
				Firm: &tandemv1.Firm{Name: "firms/telesat"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"needs"}}, Attested: true,
			})
			return err
		},
		func() error {
			_, err := firmClient.CreateFirm(t.Context(), &tandemv1.CreateFirmRequest{
				Firm: &tandemv1.Firm{
					DisplayName: "New", Country: "KR", Kind: tandemv1.Firm_COMPANY, Offers: []*tandemv1.Offer{{Capability: "space.launch.vehicle"}},
					Needs: []*tandemv1.Need{{Capability: "space.launch.site"}},
				},
				FirmId: "new-firm", Attested: true,
			})
			return err
		},
		func() error {
			_, err := catalogClient.UpdateFramework(t.Context(), &tandemv1.UpdateFrameworkRequest{
				Framework: &tandemv1.Framework{Name: "frameworks/rd-mou", Status: tandemv1.Framework_PLANNED},
			})
			return err
		},
		func() error {
			finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{})
			return nil
		},
	}
	for i, write := range writes {
		if err := write(); err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
		asked := []string{"firms/nordspace", "firms/defence-research-and-development-canada", "firms/algoma-steel", "firms/telesat", "firms/agency-for-defense-development"}
		followed := make(map[string]*tandemv1.FindPartnersResponse)
		for _, firm := range asked {
			followed[firm] = partners(t, pairings, firm)
		}
		kept := s.live.current.Load()
		s.live.current.Store(nil) // no other question is under way: the next one builds the market anew
		for _, firm := range asked {
			if rebuilt := partners(t, pairings, firm); !proto.Equal(rebuilt, followed[firm]) {
				t.Fatalf("after write %d, %s: built anew and followed differ:\n%s", i, firm, cmp.Diff(rebuilt, followed[firm], protocmp.Transform()))
			}
		}
		s.live.current.Store(kept) // the next write is followed from the market that was followed
	}
	for _, p := range partners(t, pairings, "firms/nordspace").Pairings {
		if p.Second.Name == "firms/innospace" {
			t.Error("a deleted firm is still proposed")
		}
	}
}

// Changing a status changes the next answer, never a finished run (S01, S25).
func TestStatusChangesTheNextAnswerOnly(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{})
	before, err := s.report(t.Context(), run.Name)
	if err != nil {
		t.Fatal(err)
	}
	var old bytes.Buffer
	if err := WriteSnapshot(&old, before.Snapshot); err != nil {
		t.Fatal(err)
	}
	live := tandemv1.NewPairingServiceClient(operator)
	statusOf := func() (status, asOf string) {
		answer, err := live.ExplainPairing(t.Context(), &tandemv1.ExplainPairingRequest{Name: "pairings/defence-research-and-development-canada~agency-for-defense-development"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range answer.Pairing.Frameworks {
			if f.Framework == "frameworks/sdcp" {
				return f.Status, f.AsOf
			}
		}
		t.Fatalf("the umbrella is not among %v", answer.Pairing.Frameworks)
		return "", ""
	}
	if status, _ := statusOf(); status != "ACTIVE" {
		t.Errorf("status before: got %s, want ACTIVE", status)
	}
	_, err = tandemv1.NewCatalogServiceClient(operator).UpdateFramework(t.Context(), &tandemv1.UpdateFrameworkRequest{
		Framework: &tandemv1.Framework{Name: "frameworks/sdcp", Status: tandemv1.Framework_IN_FORCE, AsOf: "2026-11-01"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if status, asOf := statusOf(); status != "IN_FORCE" || asOf != "2026-11-01" {
		t.Errorf("status after: got %s as of %s, want IN_FORCE as of 2026-11-01", status, asOf)
	}
	after, err := s.report(t.Context(), run.Name)
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(before.Snapshot, after.Snapshot) {
		t.Error("the finished run's snapshot changed")
	}
	for i := range before.Pairings {
		if !proto.Equal(before.Pairings[i], after.Pairings[i]) {
			t.Fatalf("%s changed in a finished run", before.Pairings[i].Name)
		}
	}
}

// Many writes leave the market loose, and it is laid out anew beside the questions: the answers stay those of a market built anew, also
// for what is written meanwhile.
func TestLiveIsLaidOutAnew(t *testing.T) {
	s, operator := withShipped(t)
	pairings, firmClient := tandemv1.NewPairingServiceClient(operator), tandemv1.NewFirmServiceClient(operator)
	partners(t, pairings, "firms/algoma-steel") // the market is built before the writes
	for i, f := range s.live.current.Load().byName()[:3*sealFrom] {
		update := &tandemv1.UpdateFirmRequest{
			Firm: &tandemv1.Firm{Name: f.Name, Needs: f.Needs[:min(len(f.Needs), 1)]}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"needs"}}, Attested: true,
		}
		if _, err := firmClient.UpdateFirm(t.Context(), update); err != nil {
			t.Fatal(err)
		}
		if i%7 == 0 {
			partners(t, pairings, f.Name)
		}
	}
	s.live.work.Wait()
	followed := partners(t, pairings, "firms/algoma-steel")
	s.live.work.Wait()
	if left := s.live.current.Load().market.Loose(); left >= sealFrom {
		t.Errorf("of %d firms that were written %d are loose: want fewer than %d", 3*sealFrom, left, sealFrom)
	}
	s.live.current.Store(nil)
	if rebuilt := partners(t, pairings, "firms/algoma-steel"); !proto.Equal(rebuilt, followed) {
		t.Errorf("built anew and laid out anew differ:\n%s", cmp.Diff(rebuilt, followed, protocmp.Transform()))
	}
}
