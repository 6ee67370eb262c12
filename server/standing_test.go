package server

import (
	"testing"

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
