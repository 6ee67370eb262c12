package server

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// listedPairings counts the published pairings by the run that they are of.
func listedPairings(t *testing.T, s *Server) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	for token := ""; ; {
		page, err := tandemv1.NewPairingServiceClient(s.Operator()).ListPairings(t.Context(), &tandemv1.ListPairingsRequest{PageSize: 500, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Pairings {
			counts[store.ParentOf(p.Result)]++
		}
		if token = page.NextPageToken; token == "" {
			return counts
		}
	}
}

// A publication is there for readers at once and as a whole, while the feed ends before it until all of it is told, at whichever step
// the telling stops and is begun again.
func TestFeedWaitsForAPublication(t *testing.T) {
	s, operator := withShipped(t)
	first := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}})
	if _, err := tandemv1.NewMatchRunServiceClient(operator).PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: first.Name}); err != nil {
		t.Fatal(err)
	}
	second := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24", Top: 4}})
	_, before := feedOf(t, operator, "", 500)
	// As PublishMatchRun does, but for waking the teller.
	err := s.system(t.Context(), "test", func(c *change) error {
		c.objects = append(c.objects, second.Name)
		return c.publish(second)
	})
	if err != nil {
		t.Fatal(err)
	}
	createFirm(t, operator, "latecomer", "CA")
	pages := 0
	for _, do := range []func(*change, string, string) (string, error){putTold, dropTold} {
		for after, more := "", true; more; pages++ {
			if told, now := feedOf(t, operator, before, 500); len(told) > 0 || now != before {
				t.Fatalf("after %d steps the feed tells %d changes and goes from %s to %s, want it to wait", pages, len(told), before, now)
			}
			if listed := listedPairings(t, s); len(listed) != 1 || listed[second.Name] != int(second.Results) {
				t.Fatalf("after %d steps %v are listed, want the %d of %s", pages, listed, second.Results, second.Name)
			}
			err := s.teller.step(t.Context(), second.Name, func(c *change) (err error) {
				after, err = do(c, second.Name, after)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			more = after != ""
		}
	}
	if pages < 4 {
		t.Errorf("told in %d steps; this test says little", pages)
	}
	s.teller.ask()
	s.teller.wait(t.Context())
	told, _ := feedOf(t, operator, before, 500)
	there, gone, others := 0, 0, 0
	for _, c := range told {
		switch {
		case !strings.HasPrefix(c.Name, "pairings/"):
			others++
		case c.Deleted:
			gone++
		default:
			there++
		}
	}
	if there != int(second.Results) || gone == 0 || others != 1 {
		t.Errorf("the feed tells %d pairings, %d tombstones and %d others, want %d, some and the new firm", there, gone, others, second.Results)
	}
}

// A run that is published while an earlier one is being told takes its place.
func TestTellingGivesWay(t *testing.T) {
	s, operator := withShipped(t)
	var runs []*tandemv1.MatchRun
	for _, top := range []int32{5, 3} {
		run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24", Top: top}})
		runs = append(runs, run)
		if err := s.system(t.Context(), "test", func(c *change) error {
			c.objects = append(c.objects, run.Name)
			return c.publish(run)
		}); err != nil {
			t.Fatal(err)
		}
	}
	err := s.teller.steps(t.Context(), runs[0].Name, putTold)
	if !errors.Is(err, errElse) {
		t.Errorf("telling %s while %s is published: %v", runs[0].Name, runs[1].Name, err)
	}
	s.teller.ask()
	s.teller.wait(t.Context())
	told, _ := feedOf(t, operator, "", 500)
	there := 0
	for _, c := range told {
		if c.GetPairing() != nil {
			there++
		}
	}
	if there != int(runs[1].Results) {
		t.Errorf("the feed tells %d pairings, want the %d of the run published last", there, runs[1].Results)
	}
}

// A run that is cancelled while its results are written stops with the step at hand, shows none of them, and leaves none.
func TestCancelWhileResultsAreWritten(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}})
	snapshot := new(tandemv1.Snapshot)
	if err := s.store.View(t.Context(), func(tx *store.Tx) error { return get(tx, snapshots, run.Name, snapshot) }); err != nil {
		t.Fatal(err)
	}
	half := &tandemv1.MatchRun{Name: "matchRuns/half", State: tandemv1.MatchRun_RUNNING, CreateTime: run.CreateTime}
	put := func(state tandemv1.MatchRun_State) {
		half.State = state
		if err := s.system(t.Context(), "test", func(c *change) error { return c.putRun(half) }); err != nil {
			t.Fatal(err)
		}
	}
	put(tandemv1.MatchRun_RUNNING)
	found, err := Rank(t.Context(), s.catalog, snapshot, MatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, stop := range map[string]func(context.CancelFunc){
		"by its context": func(cancel context.CancelFunc) { cancel() },
		"by its state":   func(context.CancelFunc) { put(tandemv1.MatchRun_CANCELLED) },
	} {
		put(tandemv1.MatchRun_RUNNING)
		ctx, cancel := context.WithCancel(t.Context())
		steps := 0
		err := s.storeResults(ctx, half.Name, found, func(int) {
			if steps++; steps == 2 {
				stop(cancel)
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) && !errors.Is(err, errNotRunning) {
			t.Errorf("%s: %v", name, err)
		}
		count := func() (n int) {
			if err := s.store.View(t.Context(), func(tx *store.Tx) (err error) {
				n, err = tx.Count(results, store.Query{Parent: half.Name, Limit: 1})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count(); n != 2*resultStep || found.Len() <= n {
			t.Errorf("%s: %d of %d results are written, want %d", name, n, found.Len(), 2*resultStep)
		}
		page, err := tandemv1.NewMatchRunServiceClient(operator).ListMatchResults(t.Context(), &tandemv1.ListMatchResultsRequest{Parent: half.Name})
		if err != nil || len(page.Results) > 0 {
			t.Errorf("%s: %d results are shown: %v", name, len(page.GetResults()), err)
		}
		if err := s.clearResults(t.Context(), half.Name); err != nil || count() > 0 {
			t.Errorf("%s: %d results are left: %v", name, count(), err)
		}
	}
}

// pairingsFrom lists what a caller is shown page by page, from a page on.
func pairingsFrom(t *testing.T, s *Server, caller access.Caller, token string) (names []string, err error) {
	t.Helper()
	ctx := access.WithCaller(t.Context(), caller)
	for {
		page, err := pairingService{Server: s}.ListPairings(ctx, &tandemv1.ListPairingsRequest{PageSize: 3, PageToken: token})
		if err != nil {
			return names, err
		}
		for _, p := range page.Pairings {
			names = append(names, p.Result)
		}
		if token = page.NextPageToken; token == "" {
			return names, nil
		}
	}
}

// firstPage is the token after the first page of what a caller is shown.
func firstPage(t *testing.T, s *Server, caller access.Caller) string {
	t.Helper()
	page, err := pairingService{Server: s}.ListPairings(access.WithCaller(t.Context(), caller), &tandemv1.ListPairingsRequest{PageSize: 3})
	if err != nil || page.NextPageToken == "" {
		t.Fatalf("the first page: %v, %v; want one that is not the last", page, err)
	}
	return page.NextPageToken
}

// Pages that were begun in one publication end in it, when another one is published meanwhile; but a firm is shown nothing that the
// present one takes from it, and nothing of a firm that was suspended.
func TestPagesAreOfOnePublication(t *testing.T) {
	s, operator := withShipped(t)
	runs := tandemv1.NewMatchRunServiceClient(operator)
	published := func(top int32) *tandemv1.MatchRun {
		run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24", Top: top}})
		if _, err := runs.PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: run.Name}); err != nil {
			t.Fatal(err)
		}
		return run
	}
	staff, firm := access.Caller{Role: tandemv1.Role_ORGANISER}, access.Caller{Role: tandemv1.Role_FIRM, Firm: "firms/algoma-steel"}
	first := published(10)
	staffToken, firmToken := firstPage(t, s, staff), firstPage(t, s, firm)
	want, err := pairingsFrom(t, s, staff, staffToken)
	if err != nil {
		t.Fatal(err)
	}
	before, err := pairingsFrom(t, s, firm, firmToken)
	if err != nil {
		t.Fatal(err)
	}

	second := published(5)
	if got, err := pairingsFrom(t, s, staff, staffToken); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v; the pages after the first one differ once another run is published:\n%s", err, cmp.Diff(want, got))
	}
	now, err := pairingsFrom(t, s, firm, "")
	if err != nil {
		t.Fatal(err)
	}
	var allowed []string // of the first publication, what the second one shows too
	for _, name := range before {
		for _, other := range now {
			if strings.TrimPrefix(name, first.Name) == strings.TrimPrefix(other, second.Name) {
				allowed = append(allowed, name)
			}
		}
	}
	got, err := pairingsFrom(t, s, firm, firmToken)
	if err != nil || !cmp.Equal(got, allowed) || len(got) == 0 || len(got) == len(before) {
		t.Fatalf("%v; a firm is shown %v, want %v, which are some of %v", err, got, allowed, before)
	}

	_, pair, _ := strings.Cut(got[0], "/results/")
	a, b := pairOf("pairings/" + pair)
	if a == firm.Firm {
		a = b
	}
	if _, err := tandemv1.NewFirmServiceClient(operator).SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: a}); err != nil {
		t.Fatal(err)
	}
	if got, err := pairingsFrom(t, s, firm, firmToken); err != nil || !cmp.Equal(got, allowed[1:]) {
		t.Errorf("%v; after %s was suspended a firm is shown %v, want %v", err, a, got, allowed[1:])
	}

	err = s.system(t.Context(), "test", func(c *change) error {
		c.objects = append(c.objects, first.Name)
		return c.Delete(matchRuns, first.Name)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pairingsFrom(t, s, staff, staffToken); asError(err).Reason != tandemv1.Reason_PAGE_TOKEN_INVALID {
		t.Errorf("reading on in a run that is gone: %v, want PAGE_TOKEN_INVALID", err)
	}
}
