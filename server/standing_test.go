package server

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// The first question has everybody's list made, and one that comes after enough others have searched has it follow what was written;
// who is answered from the lists is told what who searched was told. A register that is too large has none.
func TestStandingListsServeQuestions(t *testing.T) {
	s, operator := withShipped(t)
	client := tandemv1.NewPairingServiceClient(operator)
	served := func() bool {
		m, latest := s.live.current.Load(), s.standing.latest.Load()
		return latest != nil && latest.market == m.market
	}
	settled := func(what string, want bool) {
		t.Helper()
		searched := partners(t, client, watched)
		s.standing.work.Wait()
		if served() != want {
			t.Fatalf("%s: there are lists of the market: %t, want %t", what, !want, want)
		}
		if listed := partners(t, client, watched); !proto.Equal(searched, listed) {
			t.Errorf("%s: searched and listed differ:\n%s", what, cmp.Diff(searched, listed, protocmp.Transform()))
		}
	}
	s.standing.limit = 10
	settled("a large register", false)
	s.standing.limit = maxStanding
	settled("the first question", true)
	best := partners(t, client, watched).Pairings[0]
	setNeeds(t, operator, partnerOf(best), nil)
	settled("as many searched as changed", false)
	s.standing.work.Wait() // the second of those questions was one more
	if !served() {
		t.Error("one more question: the lists do not follow")
	}
	settled("the lists that followed", true)
}

// The lists that are told explain with the facts of the day, though no write tells of a new one, and a day is no other list.
func TestStandingListsKnowTheDay(t *testing.T) {
	var day atomic.Int64
	s := openServer(t, Config{Now: func() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC).AddDate(0, 0, int(day.Load())) }})
	operator := s.Operator()
	if _, err := importFile(t.Context(), operator, shippedFirms(t), &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
		t.Fatal(err)
	}
	client := tandemv1.NewPairingServiceClient(operator)
	var before *tandemv1.FindPartnersResponse
	for _, later := range []int64{0, 1, 366} { // in a year the next meeting is another
		day.Store(later)
		told, err := client.AwaitPartners(t.Context(), &tandemv1.AwaitPartnersRequest{Firm: watched})
		if err != nil {
			t.Fatal(err)
		}
		want := partnersNow(t, operator)
		if diff := cmp.Diff(want.Pairings, told.List.Pairings, protocmp.Transform()); diff != "" || told.List.Revision != want.Revision {
			t.Errorf("%d days later, at revision %d, want %d:\n%s", later, told.List.Revision, want.Revision, diff)
		}
		if l := s.standing.latest.Load(); !s.isNow(l.liveMarket) || len(s.standing.history) > 0 {
			t.Errorf("%d days later: lists of %s, %d steps, want today's and none", later, l.asOf, len(s.standing.history))
		}
		if later == 366 && cmp.Equal(before.Pairings, want.Pairings, protocmp.Transform()) {
			t.Error("a year later nothing is explained otherwise")
		}
		if same, err := client.AwaitPartners(t.Context(), &tandemv1.AwaitPartnersRequest{Firm: watched, Revision: want.Revision}); err != nil || same.List != nil {
			t.Errorf("%d days later, from the same revision: got %v, %v, want no list", later, same, err)
		}
		before = want
	}
}
