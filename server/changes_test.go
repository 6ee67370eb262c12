package server

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// feedOf reads the feed page by page until there is no more.
func feedOf(t testing.TB, conn grpc.ClientConnInterface, after string, size int32) (all []*tandemv1.Change, next string) {
	t.Helper()
	for {
		answer, err := tandemv1.NewChangeServiceClient(conn).ListChanges(t.Context(), &tandemv1.ListChangesRequest{After: after, PageSize: size})
		if err != nil {
			t.Fatal(err)
		}
		if answer.NextPosition < after {
			t.Fatalf("the position goes back from %s to %s", after, answer.NextPosition)
		}
		after = answer.NextPosition
		if len(answer.Changes) == 0 {
			return all, after
		}
		all = append(all, answer.Changes...)
	}
}

// namesOf lists what a part of the feed is about.
func namesOf(changes []*tandemv1.Change) []string {
	var list []string
	for _, c := range changes {
		mark := ""
		if c.Deleted {
			mark = " gone"
		}
		list = append(list, c.Name+mark)
	}
	return list
}

// createFirm creates a firm of a country under an id.
func createFirm(t *testing.T, conn grpc.ClientConnInterface, id, country string) {
	t.Helper()
	_, err := tandemv1.NewFirmServiceClient(conn).CreateFirm(t.Context(), &tandemv1.CreateFirmRequest{
		FirmId: id, Attested: true,
		Firm: &tandemv1.Firm{DisplayName: id, Country: country, Kind: tandemv1.Firm_COMPANY, Offers: []*tandemv1.Offer{{Capability: "naval.build"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The feed has firms, published pairings and runs, each once at its newest change and as that left it, in one order whatever the
// page size, and goes on at any change.
func TestFeed(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24", Top: 3}})
	if _, err := tandemv1.NewMatchRunServiceClient(operator).PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: run.Name}); err != nil {
		t.Fatal(err)
	}
	firmClient := tandemv1.NewFirmServiceClient(operator)
	if _, err := firmClient.DeleteFirm(t.Context(), &tandemv1.DeleteFirmRequest{Name: "firms/telesat"}); err != nil {
		t.Fatal(err)
	}
	whole, next := feedOf(t, operator, "", 500)
	pieces, last := feedOf(t, operator, "", 7)
	if diff := cmp.Diff(namesOf(whole), namesOf(pieces)); diff != "" {
		t.Errorf("pages of 500 (-) and of 7 (+) differ:\n%s", diff)
	}
	if next != last {
		t.Errorf("the feed ends at %s or at %s", next, last)
	}
	kinds := make(map[string]int)
	seen := make(map[string]bool)
	for i, c := range whole {
		collection, _, _ := strings.Cut(c.Name, "/")
		kinds[collection]++
		switch {
		case seen[c.Name]:
			t.Errorf("%s stands twice in the feed", c.Name)
		case i > 0 && c.Position <= whole[i-1].Position:
			t.Errorf("position %s follows %s", c.Position, whole[i-1].Position)
		case c.GetFirm() != nil && c.GetFirm().Revision != c.Revision:
			t.Errorf("%s is as of revision %d at the change of revision %d", c.Name, c.GetFirm().Revision, c.Revision)
		case c.GetPairing() != nil && c.GetPairing().Reasons[0].GetText() == "":
			t.Errorf("%s has a reason without its text", c.Name)
		}
		seen[c.Name] = true
		if i%499 == 0 {
			if rest, _ := feedOf(t, operator, c.Position, 500); !slices.Equal(namesOf(rest), namesOf(whole[i+1:])) {
				t.Errorf("after %s the feed does not go on as it did", c.Position)
			}
		}
	}
	if want := map[string]int{"firms": 217, "matchRuns": 1, "pairings": int(run.Results)}; !cmp.Equal(kinds, want) {
		t.Errorf("got %v in the feed, want %v", kinds, want)
	}
	deleted := whole[len(whole)-1]
	if deleted.Name != "firms/telesat" || !deleted.Deleted || deleted.GetFirm().GetDeleteTime() == nil {
		t.Errorf("got %v as the last change, want the tombstone of firms/telesat with the firm", deleted)
	}

	// A second publication takes away what the first had and the second has not.
	again := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24", Top: 3}})
	if _, err := tandemv1.NewMatchRunServiceClient(operator).PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: again.Name}); err != nil {
		t.Fatal(err)
	}
	more, _ := feedOf(t, operator, next, 500)
	gone, there := 0, 0
	for _, c := range more {
		switch {
		case strings.HasPrefix(c.Name, "pairings/") && c.Deleted:
			gone++
			if _, err := tandemv1.NewPairingServiceClient(operator).GetPairing(t.Context(), &tandemv1.GetPairingRequest{Name: c.Name}); status.Code(err) != codes.NotFound || c.Resource != nil {
				t.Errorf("a tombstone of what is there: %v", c)
			}
		case strings.HasPrefix(c.Name, "pairings/"):
			there++
		}
	}
	if gone == 0 || there != int(again.Results) {
		t.Errorf("got %d pairings and %d tombstones after the second publication, want %d and some", there, gone, again.Results)
	}
}

// A position of another history is refused; one from before the histories parted holds in both.
func TestPositionOfAnotherHistory(t *testing.T) {
	original := filepath.Join(t.TempDir(), "tandem.db")
	s := openServer(t, Config{DB: original})
	createFirm(t, s.Operator(), "first", "CA")
	_, before := feedOf(t, s.Operator(), "", 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(t.TempDir(), "tandem.db")
	for _, suffix := range []string{"", ".key"} {
		content, err := os.ReadFile(original + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(restored+suffix, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	one, two := openServer(t, Config{DB: original}), openServer(t, Config{DB: restored})
	createFirm(t, one.Operator(), "lost", "CA")
	_, lost := feedOf(t, one.Operator(), before, 0)
	ask := func(s *Server, after string) error {
		_, err := tandemv1.NewChangeServiceClient(s.Operator()).ListChanges(t.Context(), &tandemv1.ListChangesRequest{After: after})
		return err
	}
	if err := ask(two, lost); status.Code(err) != codes.OutOfRange {
		t.Errorf("a position beyond the newest revision: got %v, want OUT_OF_RANGE", err)
	}
	createFirm(t, two.Operator(), "other", "CA")
	if err := ask(two, lost); status.Code(err) != codes.OutOfRange {
		t.Errorf("a position of the lost history: got %v, want OUT_OF_RANGE", err)
	}
	if got, _ := feedOf(t, two.Operator(), before, 0); !slices.Equal(namesOf(got), []string{"firms/other"}) {
		t.Errorf("after the common past: got %v, want firms/other", namesOf(got))
	}
	if err := ask(one, lost); err != nil {
		t.Errorf("where the position comes from: %v", err)
	}
}

func TestPositionText(t *testing.T) {
	for _, p := range []position{
		{place: store.Place{Revision: 1, Kind: firms, Name: "firms/algoma-steel"}, mark: "00ff00ff00ff"},
		{place: store.Place{Revision: 0x7fffffff, Kind: pairings, Name: "pairings/a1~b-2"}, mark: "00ff00ff00ff"},
		{place: store.Place{Revision: 12}, mark: "00ff00ff00ff"},
	} {
		if got, err := parsePosition(p.String()); err != nil || got != p {
			t.Errorf("%s: got %v, %v, want %v", p, got, err, p)
		}
	}
	inOrder := []string{
		position{place: store.Place{Revision: 9, Kind: firms, Name: "firms/a"}}.String(),
		position{place: store.Place{Revision: 9, Kind: firms, Name: "firms/a-b"}}.String(),
		position{place: store.Place{Revision: 9, Kind: pairings, Name: "pairings/a~b"}}.String(),
		position{place: store.Place{Revision: 9}}.String(),
		position{place: store.Place{Revision: 16, Kind: firms, Name: "firms/a"}}.String(),
	}
	if !slices.IsSorted(inOrder) {
		t.Errorf("not in the order of the feed: %q", inOrder)
	}
	for _, text := range []string{"1", "firms/a", "00000001-00ff00ff00ff-", "80000000-00ff00ff00ff-~", "00000001-00ff00ff00ff-firms/a\x00", "00000001-00ff00ff00ff-~~"} {
		if _, err := parsePosition(text); asError(err).Code != codes.InvalidArgument {
			t.Errorf("%q: got %v, want INVALID_ARGUMENT", text, err)
		}
	}
}

// untilWaiting returns when so many callers wait for changes.
func untilWaiting(s *Server, n int) {
	for len(s.followers.places) != n {
		runtime.Gosched()
	}
}

func TestListChangesWaits(t *testing.T) {
	s := openServer(t, Config{})
	_, next := feedOf(t, s.Operator(), "", 0)
	type answered struct {
		answer *tandemv1.ListChangesResponse
		err    error
	}
	ask := func(wait time.Duration) chan answered {
		got := make(chan answered, 1)
		go func() {
			answer, err := tandemv1.NewChangeServiceClient(s.Operator()).ListChanges(context.WithoutCancel(t.Context()),
				&tandemv1.ListChangesRequest{After: next, Wait: durationpb.New(wait)})
			got <- answered{answer, err}
		}()
		return got
	}
	waiting := ask(20 * time.Second)
	untilWaiting(s, 1)
	createFirm(t, s.Operator(), "awaited", "CA")
	got := <-waiting
	if got.err != nil || !slices.Equal(namesOf(got.answer.GetChanges()), []string{"firms/awaited"}) {
		t.Fatalf("got %v, %v, want firms/awaited", got.answer, got.err)
	}
	next = got.answer.NextPosition
	if got := <-ask(time.Millisecond); got.err != nil || len(got.answer.Changes) > 0 || got.answer.NextPosition < next {
		t.Errorf("got %v, %v, want no change and where to go on", got.answer, got.err)
	}
	waiting = ask(20 * time.Second)
	untilWaiting(s, 1)
	s.dismiss()
	if got := <-waiting; got.err != nil || len(got.answer.Changes) > 0 {
		t.Errorf("at a stop: got %v, %v, want an answer without changes", got.answer, got.err)
	}
}

// watch opens a stream of changes, over a network.
func watch(t *testing.T, conn *grpc.ClientConn, secret, after string) tandemv1.ChangeService_WatchChangesClient {
	t.Helper()
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+secret))
	t.Cleanup(cancel)
	stream, err := tandemv1.NewChangeServiceClient(conn).WatchChanges(ctx, &tandemv1.WatchChangesRequest{After: after, Language: tandemv1.Language_KO})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func TestWatchChanges(t *testing.T) {
	s, operator := withShipped(t)
	f := serveFaces(t, s)
	want, next := feedOf(t, operator, "", 500)
	revoked, err := tandemv1.NewCredentialServiceClient(operator).CreateCredential(t.Context(), &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_INTEGRATION})
	if err != nil {
		t.Fatal(err)
	}
	stream, doomed := watch(t, f.conn, f.secret(t, tandemv1.Credential_INTEGRATION, ""), ""), watch(t, f.conn, revoked.Secret, next)
	for _, w := range want {
		if got, err := stream.Recv(); err != nil || !proto.Equal(got, w) {
			t.Fatalf("got %v, %v, want %v", got, err, w)
		}
	}
	untilWaiting(s, 2)
	createFirm(t, operator, "awaited", "CA")
	for _, stream := range []tandemv1.ChangeService_WatchChangesClient{stream, doomed} {
		if got, err := stream.Recv(); err != nil || got.Name != "firms/awaited" {
			t.Fatalf("got %v, %v, want firms/awaited", got, err)
		}
	}
	if _, err := tandemv1.NewCredentialServiceClient(operator).RevokeCredential(t.Context(), &tandemv1.RevokeCredentialRequest{Name: revoked.Credential.Name}); err != nil {
		t.Fatal(err)
	}
	if got, err := doomed.Recv(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("with a revoked credential: got %v, %v, want UNAUTHENTICATED", got, err)
	}
	s.dismiss()
	if got, err := stream.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("at a stop: got %v, %v, want UNAVAILABLE", got, err)
	}
}

// A stop does not wait for those who follow: they are told, and come back.
func TestStopWithFollowers(t *testing.T) {
	s := openServer(t, Config{GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"})
	issued, err := tandemv1.NewCredentialServiceClient(s.Operator()).CreateCredential(t.Context(), &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_INTEGRATION})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	address, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(g, _ string) { address <- g }) }()
	conn, err := grpc.NewClient(<-address, grpc.WithTransportCredentials(grpcPlain))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var streams []tandemv1.ChangeService_WatchChangesClient
	for range 50 {
		streams = append(streams, watch(t, conn, issued.Secret, ""))
	}
	untilWaiting(s, len(streams))
	began := time.Now()
	stop()
	if err := <-ended; err != nil || time.Since(began) > stopTimeout {
		t.Errorf("got %v after %s, want a stop within %s", err, time.Since(began), stopTimeout)
	}
	for i, stream := range streams {
		if got, err := stream.Recv(); status.Code(err) != codes.Unavailable {
			t.Errorf("stream %d: got %v, %v, want UNAVAILABLE", i, got, err)
		}
	}
}

// A stream ends with its credential and with its time, by the clock of the server.
func TestWatchChangesEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		ttl  time.Duration
		want codes.Code
	}{
		{"when its credential has", followFor / 2, codes.Unauthenticated},
		{"when its time is over", 2 * followFor, codes.Unavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock := newStepClock()
			s := openServer(t, Config{Now: clock.now})
			f := serveFaces(t, s)
			issued, err := tandemv1.NewCredentialServiceClient(s.Operator()).CreateCredential(t.Context(),
				&tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_AUDITOR, Ttl: durationpb.New(test.ttl)})
			if err != nil {
				t.Fatal(err)
			}
			stream := watch(t, f.conn, issued.Secret, "")
			untilWaiting(s, 1)
			clock.step(followFor)
			createFirm(t, s.Operator(), "tick", "CA")
			for err == nil {
				_, err = stream.Recv()
			}
			if status.Code(err) != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestFollowersAreLimited(t *testing.T) {
	s := openServer(t, Config{})
	for range maxFollowers {
		if _, err := s.followers.enter(); err != nil {
			t.Fatal(err)
		}
	}
	client := tandemv1.NewChangeServiceClient(s.Operator())
	if _, err := client.ListChanges(t.Context(), &tandemv1.ListChangesRequest{Wait: durationpb.New(time.Second)}); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("waiting: got %v, want RESOURCE_EXHAUSTED", err)
	}
	if _, err := client.ListChanges(t.Context(), new(tandemv1.ListChangesRequest)); err != nil {
		t.Errorf("without waiting: %v", err)
	}
	stream, err := client.WatchChanges(t.Context(), new(tandemv1.WatchChangesRequest))
	if err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("watching: got %v, want RESOURCE_EXHAUSTED", err)
	}
}

// Pages are small enough for a client with common limits, whatever firms are.
func TestLargeChangesArePaged(t *testing.T) {
	s := openServer(t, Config{})
	long := strings.Repeat("긴", 4000)
	var file strings.Builder
	for i := range 200 {
		fmt.Fprintf(&file, `{"name": "firms/large-%03d", "display_name": "L", "country": "CA", "kind": "COMPANY", "responsible_use_statement": %q}`+"\n", i, long)
	}
	if _, err := importFile(t.Context(), s.Operator(), []byte(file.String()), &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
		t.Fatal(err)
	}
	answer, err := tandemv1.NewChangeServiceClient(s.Operator()).ListChanges(t.Context(), &tandemv1.ListChangesRequest{PageSize: 500})
	if err != nil {
		t.Fatal(err)
	}
	if size := proto.Size(answer); size > 2*maxMessage {
		t.Errorf("a page has %d bytes, want at most %d", size, 2*maxMessage)
	}
	if all, _ := feedOf(t, s.Operator(), "", 500); len(all) != 200 {
		t.Errorf("got %d changes in all, want 200", len(all))
	}
}

// stepClock is a clock that a test moves on.
type stepClock struct {
	mu sync.Mutex
	at time.Time
}

func newStepClock() *stepClock { return &stepClock{at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)} }

func (c *stepClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *stepClock) step(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// What cannot be read over REST is said of the field, not of the server.
func TestListChangesQuery(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	secret := f.secret(t, tandemv1.Credential_INTEGRATION, "")
	for query, fields := range map[string][]string{
		"wait=soon":                             {"wait"},
		"wait=-1s":                              {"wait"},
		"page_size=ten":                         {"page_size"},
		"after=" + strings.Repeat("0", 251):     {"after"},
		"after=%00":                             {"after"},
		"until=00000001-00ff00ff00ff-~":         {"until"},
		"after=00000001-00ff00ff00ff-~&after=x": {"after"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/changes?"+query, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+secret)
		_, a := f.do(t, r)
		if a.Code != codes.InvalidArgument || !slices.Equal(a.fields(), fields) {
			t.Errorf("%s: got %s, blaming %q (%s), want INVALID_ARGUMENT blaming %q", query, a.Code, a.fields(), a.Message, fields)
		}
	}
}
