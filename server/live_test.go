package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
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
	if err := file.Hold(); err != nil {
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
	sealFrom := sealFrom(s.live.current.Load().market.Len())
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

// A panic in what is done beside the calls is logged, with its stack; the server goes on, and its market is the one before.
func TestPanicsBesideTheCallsAreLogged(t *testing.T) {
	s, operator := withShipped(t)
	pairings := tandemv1.NewPairingServiceClient(operator)
	want := partners(t, pairings, "firms/algoma-steel")
	s.live.work.Wait()
	good := s.live.current.Load()
	var lines bytes.Buffer
	s.log = slog.New(slog.NewTextHandler(&lines, nil))
	logged := func(what string) {
		t.Helper()
		if log := lines.String(); strings.Count(log, what) != 1 || !strings.Contains(log, "panic: ") || !strings.Contains(log, "live.go") && !strings.Contains(log, "image.go") {
			t.Errorf("the log is %q, want %q, once, with the panic and where it was", log, what)
		}
		lines.Reset()
	}

	// A market without a book of its firms, that has much to lay out anew and all firms to follow.
	profiles, err := profilesOf(s.catalog, s.partnership, good.byName())
	if err != nil {
		t.Fatal(err)
	}
	bad := *good
	if bad.market, err = good.market.With(profiles, nil); err != nil {
		t.Fatal(err)
	}
	bad.firms, bad.revision = nil, 0
	<-s.live.turn
	s.live.current.Store(&bad)
	s.live.seal(s)
	s.live.leave()
	s.live.work.Wait()
	logged("sealing the live market")
	if s.live.sealing {
		t.Error("the market is never laid out anew any more")
	}

	s.live.imageFrom = 0
	s.live.current.Store(&liveMarket{staged: staged{market: new(matching.Market)}, revision: good.revision})
	s.keepImage(t.Context())
	logged("no image of the live market was written")

	s.live.imageFrom = imageFrom
	s.live.current.Store(nil)
	if got := partners(t, pairings, "firms/algoma-steel"); !proto.Equal(got, want) {
		t.Errorf("afterwards the answer differs:\n%s", cmp.Diff(want, got, protocmp.Transform()))
	}
}

// A question takes what is published and waits for nobody, also while somebody else has the turn for long.
func TestLiveQuestionsDoNotLock(t *testing.T) {
	s, operator := withShipped(t)
	pairings := tandemv1.NewPairingServiceClient(operator)
	before := partners(t, pairings, "firms/algoma-steel")
	<-s.live.turn
	defer s.live.leave()
	if after := partners(t, pairings, "firms/algoma-steel"); !proto.Equal(after, before) {
		t.Errorf("the answer changed:\n%s", cmp.Diff(before, after, protocmp.Transform()))
	}
}

// renamed writes another name of a firm.
func renamed(s *Server, name string) func(*change) error {
	return func(c *change) error {
		f := new(tandemv1.Firm)
		if err := get(c.Tx, firms, "firms/algoma-steel", f); err != nil {
			return err
		}
		f.DisplayName = name
		return c.putFirm(s.catalog, f)
	}
}

// A write that nobody could follow is in the next answer all the same, and what was not committed is in none.
func TestLiveLosesNothing(t *testing.T) {
	s, operator := withShipped(t)
	pairings := tandemv1.NewPairingServiceClient(operator)
	nameNow := func() string { return partners(t, pairings, "firms/algoma-steel").Pairings[0].First.DisplayName }
	first := nameNow()
	broken := errors.New("thought better of it")
	err := s.system(t.Context(), "test", func(c *change) error { return errors.Join(renamed(s, "Uncommitted")(c), broken) })
	if got := nameNow(); !errors.Is(err, broken) || got != first {
		t.Errorf("after a change that was given up (%v): %q, want %q", err, got, first)
	}
	err = s.update(t.Context(), func(tx *store.Tx) error { return renamed(s, "Unaudited")(&change{Tx: tx, revision: 1}) })
	if got := nameNow(); !errors.Is(err, store.ErrMisuse) || got != first {
		t.Errorf("after a commit that failed (%v): %q, want %q", err, got, first)
	}
	// Followed by nobody, as after a failure in the middle of following.
	err = s.store.Update(t.Context(), func(tx *store.Tx) error {
		c := &change{Tx: tx, revision: 1}
		return errors.Join(renamed(s, "Unfollowed")(c), tx.Audit(c.entry(t.Context(), "test")))
	})
	if got := nameNow(); err != nil || got != "Unfollowed" {
		t.Errorf("after a write that was not followed (%v): %q", err, got)
	}
	if err := s.system(t.Context(), "test", renamed(s, "Followed")); err != nil {
		t.Fatal(err)
	}
	if m := s.live.current.Load(); !s.isNow(m) || m.firms.find("algoma-steel").DisplayName != "Followed" {
		t.Errorf("a write left the market at revision %d of %d", m.revision, s.store.Committed())
	}
	if got := nameNow(); got != "Followed" {
		t.Errorf("after a write that was followed: %q", got)
	}
}

// The facts of the day are read anew when the day is over, without a write.
func TestLiveKnowsTheDay(t *testing.T) {
	now := time.Date(2026, 11, 24, 23, 59, 59, 0, time.UTC)
	s := openServer(t, Config{Now: func() time.Time { return now }})
	for _, want := range []string{"2026-11-24", "2026-11-25"} {
		m, err := s.liveNow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if day := m.market.Facts().AsOf.String(); m.asOf != want || day != want {
			t.Errorf("the market is of %s with facts of %s, want %s", m.asOf, day, want)
		}
		now = now.Add(time.Second)
	}
}

// grown imports the shipped firms and puts copies of them beside them, until there are so many.
func grown(t testing.TB, size int) (*Server, []string) {
	t.Helper()
	s, _ := withShipped(t)
	var names []string
	err := s.system(t.Context(), "test", func(c *change) error {
		list, err := allOf[*tandemv1.Firm](c.Tx, firms)
		if err != nil {
			return err
		}
		for i := range size {
			f := list[i%len(list)]
			if i >= len(list) {
				f = proto.CloneOf(f)
				f.Name, f.ExternalId = fmt.Sprintf("%s-%d", f.Name, i), ""
				if err := c.putFirm(s.catalog, f); err != nil {
					return err
				}
			}
			names = append(names, f.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, names
}

// Many ask a large register before its market is built: it is built once, and who cannot wait is told to come again.
func TestLiveIsBuiltOnce(t *testing.T) {
	s, names := grown(t, 10000)
	pairings := tandemv1.NewPairingServiceClient(s.Operator())
	s.live.patience = time.Millisecond
	if err := comeAgain(t.Context(), pairings, names[0]); err != nil {
		t.Error(err)
	}
	s.live.patience = buildPatience
	var asking sync.WaitGroup
	for i := range 50 {
		asking.Go(func() {
			for range 3 {
				if _, err := pairings.FindPartners(t.Context(), &tandemv1.FindPartnersRequest{Firm: names[i*97]}); err != nil && status.Code(err) != codes.Unavailable {
					t.Errorf("%s: %v", names[i], err)
				}
			}
		})
		if i%10 == 0 { // written meanwhile
			if err := s.system(t.Context(), "test", renamed(s, fmt.Sprint("Renamed ", i))); err != nil {
				t.Error(err)
			}
		}
	}
	asking.Wait()
	s.live.work.Wait()
	if got := partners(t, pairings, "firms/algoma-steel"); got.Pairings[0].First.DisplayName != "Renamed 40" || got.Revision != s.store.Committed() {
		t.Errorf("afterwards: %s at revision %d of %d", got.Pairings[0].First.DisplayName, got.Revision, s.store.Committed())
	}
	if builds := buildsOf(t, s); builds != 1 {
		t.Errorf("the market was built %v times", builds)
	}
}

// buildsOf is how often a server has built its market.
func buildsOf(t *testing.T, s *Server) (builds float64) {
	t.Helper()
	families, err := s.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "tandem_live_builds_total" {
			builds = family.Metric[0].Counter.GetValue()
		}
	}
	return builds
}

// comeAgain wants to be told when to ask again.
func comeAgain(ctx context.Context, pairings tandemv1.PairingServiceClient, firm string) error {
	_, err := pairings.FindPartners(ctx, &tandemv1.FindPartnersRequest{Firm: firm})
	for _, detail := range status.Convert(err).Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok && retry.RetryDelay.AsDuration() >= time.Second && status.Code(err) == codes.Unavailable {
			return nil
		}
	}
	return fmt.Errorf("for a market that is being built: got %w, want UNAVAILABLE with the time after which to come again", err)
}
