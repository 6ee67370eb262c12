package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

const watched = "firms/algoma-steel"

// watchPartners opens a stream of a firm's list.
func watchPartners(t *testing.T, conn grpc.ClientConnInterface, secret string, revision int32) tandemv1.PairingService_WatchPartnersClient {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	if secret != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+secret)
	}
	stream, err := tandemv1.NewPairingServiceClient(conn).WatchPartners(ctx, &tandemv1.WatchPartnersRequest{Firm: watched, Revision: revision})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// infoOf is the reason of an error with what programs go by.
func infoOf(err error) *errdetails.ErrorInfo {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// partnersNow is the live answer.
func partnersNow(t *testing.T, conn grpc.ClientConnInterface) *tandemv1.FindPartnersResponse {
	t.Helper()
	answer, err := tandemv1.NewPairingServiceClient(conn).FindPartners(t.Context(), &tandemv1.FindPartnersRequest{Firm: watched})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// placesIn are who is in a list, with the scores.
func placesIn(list []*tandemv1.Pairing) (places []string) {
	for _, p := range list {
		places = append(places, fmt.Sprint(p.Name, p.Tier, p.Score))
	}
	return places
}

// partnerOf is the other firm of a pairing.
func partnerOf(p *tandemv1.Pairing) string {
	if p.First.Name == watched {
		return p.Second.Name
	}
	return p.First.Name
}

// setNeeds replaces what a firm looks for and returns what it was.
func setNeeds(t *testing.T, conn grpc.ClientConnInterface, name string, needs []*tandemv1.Need) []*tandemv1.Need {
	t.Helper()
	client := tandemv1.NewFirmServiceClient(conn)
	firm, err := client.GetFirm(t.Context(), &tandemv1.GetFirmRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateFirm(t.Context(), &tandemv1.UpdateFirmRequest{
		Firm: &tandemv1.Firm{Name: name, Needs: needs, Etag: firm.Etag}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"needs"}}, Attested: true,
	}); err != nil {
		t.Fatal(err)
	}
	return firm.Needs
}

// A stream has the list first and then each new one, which is what FindPartners finds at that revision, with who entered and who left.
func TestWatchPartners(t *testing.T) {
	s, operator := withShipped(t)
	f := serveFaces(t, s)
	stream := watchPartners(t, f.conn, f.secret(t, tandemv1.Credential_AUDITOR, ""), 0)
	first, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	want := partnersNow(t, operator)
	if !slices.Equal(placesIn(first.Pairings), placesIn(want.Pairings)) || len(first.Entered) != len(want.Pairings) || len(first.Left) > 0 {
		t.Fatalf("first list: got %v, want %v", placesIn(first.Pairings), placesIn(want.Pairings))
	}
	for i := range want.Pairings {
		if !proto.Equal(first.Pairings[i], want.Pairings[i]) {
			t.Errorf("pairing %d: got %v, want %v", i, first.Pairings[i], want.Pairings[i])
		}
	}
	last := first
	for range 3 {
		best := partnerOf(last.Pairings[0])
		createFirm(t, operator, "bystander-"+strings.TrimPrefix(best, "firms/"), "CA") // needs are missing: it is in nobody's list
		if _, err := tandemv1.NewFirmServiceClient(operator).SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: best}); err != nil {
			t.Fatal(err)
		}
		next, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if want := partnersNow(t, operator); next.Revision != want.Revision || !slices.Equal(placesIn(next.Pairings), placesIn(want.Pairings)) {
			t.Fatalf("at %d: got %v, want at %d %v", next.Revision, placesIn(next.Pairings), want.Revision, placesIn(want.Pairings))
		}
		if !slices.Equal(next.Left, []string{best}) || len(next.Entered) > 1 || next.Revision <= last.Revision {
			t.Errorf("got left %q, entered %q, revision %d after %d", next.Left, next.Entered, next.Revision, last.Revision)
		}
		last = next
	}
}

// Who comes back with a revision is told what changed since and nothing else.
func TestWatchPartnersResumes(t *testing.T) {
	s, operator := withShipped(t)
	first, err := watchPartners(t, operator, "", 0).Recv()
	if err != nil {
		t.Fatal(err)
	}
	best := partnerOf(first.Pairings[0])
	stream := watchPartners(t, operator, "", first.Revision)
	untilWaiting(s, 2)
	createFirm(t, operator, "bystander", "CA")
	needs := setNeeds(t, operator, best, nil)
	next, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(placesIn(next.Pairings), placesIn(first.Pairings)) || next.Revision <= first.Revision {
		t.Errorf("got the same list at %d", next.Revision)
	}
	again, err := watchPartners(t, operator, "", first.Revision).Recv()
	if err != nil || !proto.Equal(again, next) {
		t.Errorf("from %d again: got %v, %v, want %v", first.Revision, again, err, next)
	}
	setNeeds(t, operator, best, needs)
	if got, err := stream.Recv(); err != nil || !slices.Equal(placesIn(got.Pairings), placesIn(first.Pairings)) {
		t.Errorf("got %v, %v, want the first list", got, err)
	}
}

// A revision that is not remembered, or is still to come, is refused with where to begin; so is a firm that is not there.
func TestWatchPartnersRefuses(t *testing.T) {
	s, operator := withShipped(t)
	first, err := watchPartners(t, operator, "", 0).Recv()
	if err != nil {
		t.Fatal(err)
	}
	for _, revision := range []int32{first.Revision - 1, first.Revision + 1000} {
		got, err := watchPartners(t, operator, "", revision).Recv()
		if e := infoOf(err); status.Code(err) != codes.OutOfRange || e.GetReason() != "POSITION_GONE" || e.GetMetadata()["restart_revision"] != "0" {
			t.Errorf("from %d: got %v, %v, want OUT_OF_RANGE and where to begin", revision, got, err)
		}
	}
	client := tandemv1.NewPairingServiceClient(operator)
	if got, err := client.AwaitPartners(t.Context(), &tandemv1.AwaitPartnersRequest{Firm: "firms/nobody"}); status.Code(err) != codes.NotFound {
		t.Errorf("an unknown firm: got %v, %v, want NOT_FOUND", got, err)
	}
	s.standing.limit = 10
	if got, err := client.AwaitPartners(t.Context(), &tandemv1.AwaitPartnersRequest{Firm: watched}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("a large register: got %v, %v, want FAILED_PRECONDITION", got, err)
	}
}

// A stream ends with the caller's credential, with the firm, and with the server.
func TestWatchPartnersEnds(t *testing.T) {
	s, operator := withShipped(t)
	f := serveFaces(t, s)
	revoked, err := tandemv1.NewCredentialServiceClient(operator).CreateCredential(t.Context(), &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_INTEGRATION})
	if err != nil {
		t.Fatal(err)
	}
	doomed, kept := watchPartners(t, f.conn, revoked.Secret, 0), watchPartners(t, f.conn, f.secret(t, tandemv1.Credential_ORGANISER, ""), 0)
	for _, stream := range []tandemv1.PairingService_WatchPartnersClient{doomed, kept} {
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tandemv1.NewCredentialServiceClient(operator).RevokeCredential(t.Context(), &tandemv1.RevokeCredentialRequest{Name: revoked.Credential.Name}); err != nil {
		t.Fatal(err)
	}
	if got, err := doomed.Recv(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("with a revoked credential: got %v, %v, want UNAUTHENTICATED", got, err)
	}
	if _, err := tandemv1.NewFirmServiceClient(operator).DeleteFirm(t.Context(), &tandemv1.DeleteFirmRequest{Name: watched}); err != nil {
		t.Fatal(err)
	}
	if got, err := kept.Recv(); status.Code(err) != codes.NotFound {
		t.Errorf("of a deleted firm: got %v, %v, want NOT_FOUND", got, err)
	}
	last, err := tandemv1.NewPairingServiceClient(operator).WatchPartners(t.Context(), &tandemv1.WatchPartnersRequest{Firm: "firms/hanwha-ocean"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := last.Recv(); err != nil {
		t.Fatal(err)
	}
	s.dismiss()
	if got, err := last.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("at a stop: got %v, %v, want UNAVAILABLE", got, err)
	}
}

// Over REST one asks and waits.
func TestAwaitPartners(t *testing.T) {
	s, operator := withShipped(t)
	f := serveFaces(t, s)
	a := f.both(t, call{method: "PairingService/AwaitPartners", request: `{"firm": "` + watched + `"}`, credential: f.secret(t, tandemv1.Credential_ORGANISER, "")})
	if list, _ := a.Body.(map[string]any)["list"].(map[string]any); list["revision"] == nil || list["entered"] == nil {
		t.Fatalf("got %v, want the list", a)
	}
	client := tandemv1.NewPairingServiceClient(operator)
	first, err := client.AwaitPartners(t.Context(), &tandemv1.AwaitPartnersRequest{Firm: watched})
	if err != nil {
		t.Fatal(err)
	}
	same, err := client.AwaitPartners(t.Context(), &tandemv1.AwaitPartnersRequest{Firm: watched, Revision: first.NextRevision, Wait: durationpb.New(time.Millisecond)})
	if err != nil || same.List != nil || same.NextRevision < first.NextRevision {
		t.Errorf("got %v, %v, want no list", same, err)
	}
	type answered struct {
		answer *tandemv1.AwaitPartnersResponse
		err    error
	}
	got := make(chan answered, 1)
	go func() {
		answer, err := client.AwaitPartners(context.WithoutCancel(t.Context()), &tandemv1.AwaitPartnersRequest{Firm: watched, Revision: same.NextRevision, Wait: durationpb.New(20 * time.Second)})
		got <- answered{answer, err}
	}()
	untilWaiting(s, 1)
	setNeeds(t, operator, partnerOf(first.List.Pairings[0]), nil)
	if a := <-got; a.err != nil || a.answer.List == nil {
		t.Errorf("got %v, %v, want another list", a.answer, a.err)
	}
}

// Who waits is told nothing any more once the credential has ended.
func TestAwaitPartnersEnds(t *testing.T) {
	s, operator := withShipped(t)
	f := serveFaces(t, s)
	made, err := tandemv1.NewCredentialServiceClient(operator).CreateCredential(t.Context(), &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_INTEGRATION})
	if err != nil {
		t.Fatal(err)
	}
	client := tandemv1.NewPairingServiceClient(f.conn)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+made.Secret)
	first, err := client.AwaitPartners(ctx, &tandemv1.AwaitPartnersRequest{Firm: watched})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := client.AwaitPartners(ctx, &tandemv1.AwaitPartnersRequest{Firm: watched, Revision: first.NextRevision, Wait: durationpb.New(20 * time.Second)})
		ended <- err
	}()
	untilWaiting(s, 1)
	if _, err := tandemv1.NewCredentialServiceClient(operator).RevokeCredential(t.Context(), &tandemv1.RevokeCredentialRequest{Name: made.Credential.Name}); err != nil {
		t.Fatal(err)
	}
	setNeeds(t, operator, partnerOf(first.List.Pairings[0]), nil)
	if err := <-ended; status.Code(err) != codes.Unauthenticated {
		t.Errorf("with a credential that was revoked meanwhile: got %v, want UNAUTHENTICATED", err)
	}
}

// What is remembered has an end: in steps, and in ids.
func TestStandingListsForget(t *testing.T) {
	for _, c := range []struct {
		name         string
		steps        int32
		moved, ids   int // in a step: whose list became another, and who was in one
		keeps, since int32
	}{
		{"no more than can be kept", maxSteps, 1, 10, maxSteps, 0},
		{"many steps", maxSteps + 3, 1, 10, maxSteps, 3},
		{"as many ids as can be kept", 4, maxRemembered / 40, 9, 4, 0},
		{"many ids", 5, maxRemembered / 40, 9, 4, 1},
		{"many lists that were empty", 3, maxRemembered / 2, 0, 2, 1},
		{"one step too large", 1, maxRemembered/10 + 1, 9, 0, 1},
	} {
		before := make(map[string][]string, c.moved)
		for i := range c.moved {
			before[fmt.Sprint(i)] = make([]string, c.ids)
		}
		l := new(standingLists)
		for revision := int32(1); revision <= c.steps; revision++ {
			l.remember(revision, before)
		}
		if n := int32(len(l.history)); n != c.keeps || l.since != c.since {
			t.Errorf("%s: %d steps since %d, want %d since %d", c.name, n, l.since, c.keeps, c.since)
		}
		if n := len(l.history); n > 0 && l.history[n-1].revision != c.steps {
			t.Errorf("%s: the latest is of revision %d, want %d", c.name, l.history[n-1].revision, c.steps)
		}
	}
}

// While many firms change, every list that a stream tells is what FindPartners finds at that revision, and one caller who stays and one
// who hangs up after every list end with the same.
func TestWatchPartnersUnderWrites(t *testing.T) {
	s, operator := withShipped(t)
	first, err := watchPartners(t, operator, "", 0).Recv()
	if err != nil {
		t.Fatal(err)
	}
	// The writer is the only one, so what it finds after a write is the list at that revision.
	truth := map[int32][]string{first.Revision: placesIn(first.Pairings)}
	var ends sync.WaitGroup
	told := make([][]*tandemv1.PartnerList, 2)
	last := make(chan []string) // the list after the last write
	for i, hangsUp := range []bool{false, true} {
		ends.Go(func() { told[i] = follows(t, operator, first.Revision, hangsUp, last) })
	}
	untilWaiting(s, 3)
	for i, p := range slices.Concat(first.Pairings, first.Pairings[:5]) {
		needs := []*tandemv1.Need{{Capability: "naval.build"}}
		if i%3 == 0 {
			needs = nil
		}
		setNeeds(t, operator, partnerOf(p), needs)
		now := partnersNow(t, operator)
		truth[now.Revision] = placesIn(now.Pairings)
	}
	setNeeds(t, operator, watched, []*tandemv1.Need{{Capability: "naval.build"}})
	final := partnersNow(t, operator)
	truth[final.Revision] = placesIn(final.Pairings)
	for range told {
		last <- truth[final.Revision]
	}
	ends.Wait()
	for i, lists := range told {
		for _, list := range lists {
			if want, known := truth[list.Revision]; !known || !slices.Equal(placesIn(list.Pairings), want) {
				t.Errorf("caller %d at %d: got %v, want %v", i, list.Revision, placesIn(list.Pairings), want)
			}
		}
		if len(lists) == 0 || lists[len(lists)-1].Revision > final.Revision {
			t.Errorf("caller %d: got %d lists", i, len(lists))
		}
	}
}

// follows collects lists from a revision on, until it has been told one that it is then sent as the last.
func follows(t *testing.T, conn grpc.ClientConnInterface, revision int32, hangsUp bool, last <-chan []string) (told []*tandemv1.PartnerList) {
	lists, ended := make(chan *tandemv1.PartnerList), make(chan struct{})
	ctx, leave := context.WithCancel(t.Context())
	defer func() { leave(); <-ended }()
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			stream, err := tandemv1.NewPairingServiceClient(conn).WatchPartners(ctx, &tandemv1.WatchPartnersRequest{Firm: watched, Revision: revision})
			for err == nil {
				var list *tandemv1.PartnerList
				if list, err = stream.Recv(); err != nil {
					break
				}
				revision = list.Revision
				select {
				case lists <- list:
				case <-ctx.Done():
				}
				if hangsUp {
					break
				}
			}
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	}()
	var final []string
	for final == nil || len(told) == 0 || !slices.Equal(placesIn(told[len(told)-1].Pairings), final) {
		select {
		case list := <-lists:
			told = append(told, list)
		case final = <-last:
			last = nil // the other's is not ours
		case <-ended:
			return told
		}
	}
	return told
}
