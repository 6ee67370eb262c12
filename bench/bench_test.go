package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// TestMain lets the test's own binary be the process that asks, or the one that serves.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == loadCommand || os.Args[1] == liveServer) {
		main()
		return
	}
	m.Run()
}

// TestServing measures a small register over all four ways: every request must be answered.
func TestServing(t *testing.T) {
	var out bytes.Buffer
	if err := run(strings.Fields("serving --firms 200 --requests 60 --connections 4"), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"gRPC echo", "gRPC findPartners", "gateway echo", "REST findPartners"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %s:\n%s", want, out.String())
		}
	}
}

// TestLive writes and asks for a while: no answer may be stale, and each must be the plain scorer's at its revision.
func TestLive(t *testing.T) {
	var out bytes.Buffer
	err := run(strings.Fields("live --firms 300 --seconds 3 --rate 100 --batch 5 --clients 8 --asks 100 --samples 200"), &out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"stale answers: 0 of 300", "differences from the plain scorer: 0 of 200 lists"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q:\n%s", want, out.String())
		}
	}
}

// TestLiveFindsDifferences is the proof that the replay can fail.
func TestLiveFindsDifferences(t *testing.T) {
	h, err := newHistory(catalog.Embedded(), 20)
	if err != nil {
		t.Fatal(err)
	}
	for revision := range int32(2) {
		versions, _, err := h.next([]int{0, 1, 2, 20, 21, 22})
		if err != nil {
			t.Fatal(err)
		}
		h.written(revision+1, versions)
	}
	oracle, err := newPlain(h.catalog, matching.CurrentWeights(), matching.Flat(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var answers []keptAnswer
	for _, c := range h.commits {
		firms, err := h.settled(c.firms)
		if err != nil {
			t.Fatal(err)
		}
		oracle.put(firms)
		for i := range firms {
			answers = append(answers, keptAnswer{firms[i].ID, c.revision, oracle.listOf(firms[i].ID, 10)})
		}
	}
	if differences, first, err := h.replay(slices.Clone(answers), 10); differences > 0 || err != nil {
		t.Errorf("%d differences from itself: %v, %v", differences, first, err)
	}
	for i := range answers {
		answers[i].revision = 3 - answers[i].revision
	}
	if differences, first, err := h.replay(answers, 10); differences == 0 || first == nil || err != nil {
		t.Errorf("%d differences between two revisions: %v, %v", differences, first, err)
	}
}

// TestScorecard puts BM25 beside the engine.
func TestScorecard(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"scorecard"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"BM25, one way", "BM25, both ways", "tandem, weights "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the scorecard lacks %s:\n%s", want, out.String())
		}
	}
}

// small is a bench that asks few and keeps nothing.
func small() *bench {
	return &bench{catalog: catalog.Embedded(), out: new(bytes.Buffer), cells: &cells{}, seed: 1, k: 10, quick: true}
}

// TestExactPeersAgree runs every peer on small markets of all kinds: compete itself refuses lists that differ.
func TestExactPeersAgree(t *testing.T) {
	b := small()
	clustered := synthetic(b.catalog, 250, true, 1)
	for _, m := range []market{clustered, clustered.withoutNeedText(), synthetic(b.catalog, 250, false, 1)} {
		found, err := b.compete(m, chosen(""))
		if err != nil {
			t.Fatal(err)
		}
		want := len(b.peers()) + 3 // batches with one and two workers, standing lists
		if m.name == "clustered" {
			want += 3 // starts
		}
		if got := len(found); got != want {
			t.Errorf("%s: %d measurements, want %d", m.name, got, want)
		}
		for i := range found {
			switch c := &found[i]; {
			case c.Missing == errNoScipy.Error() && os.Getenv("CI") != "true":
				t.Log(c.Missing)
			case c.Missing != "":
				t.Errorf("%s: %s: %s", m.name, c.Peer, c.Missing)
			case c.CPU <= 0:
				t.Errorf("%s: %s took no time", m.name, c.Peer)
			}
		}
	}
}

// TestTextChangesListsOnlyByText proves that the market without need texts asks something else, but of the same core.
func TestTextChangesListsOnlyByText(t *testing.T) {
	b := small()
	m := synthetic(b.catalog, 250, true, 1)
	with, err := b.compete(m, chosen("plain"))
	if err != nil {
		t.Fatal(err)
	}
	without, err := b.compete(m.withoutNeedText(), chosen("plain"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range with {
		if same := with[i].Checksum == without[i].Checksum; same != (with[i].Computes == coreOf) {
			t.Errorf("%s: same lists without need texts: %t", with[i].Peer, same)
		}
	}
}

// TestPlainScorerAgreesOnShippedOrganisations takes the real profiles, with all their modes, kinds and languages.
func TestPlainScorerAgreesOnShippedOrganisations(t *testing.T) {
	b := small()
	m, err := readMarket(b.catalog, "../cmd/tandem/demo/firms.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	found, err := b.compete(m, func(name string) bool {
		return strings.HasPrefix(name, "plain") || strings.HasPrefix(name, "engine") || name == "sqlite"
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		if c := &found[i]; (c.Missing != "") != (c.Peer == "sqlite") { // a join cannot say who may work with whom
			t.Errorf("%s: missing: %q", c.Peer, c.Missing)
		}
	}
}

// TestDisagreementIsRefused is the proof that the checks above can fail.
func TestDisagreementIsRefused(t *testing.T) {
	c := &contest{found: []cell{
		{Peer: "a", Computes: fullScoreOf, Checksum: "1"}, {Peer: "b", Computes: coreOf, Checksum: "2"}, {Peer: "c", Computes: bm25Of, Checksum: "3"},
	}}
	if err := c.agree(); err != nil {
		t.Errorf("peers that compute different things must not agree: %v", err)
	}
	c.found = append(c.found, cell{Peer: "d", Computes: coreOf, Checksum: "4"})
	if err := c.agree(); !errors.Is(err, errDisagree) {
		t.Errorf("got %v, want errDisagree", err)
	}
}

// TestBrokenLine refuses a market file with the number of the line and the reason.
func TestBrokenLine(t *testing.T) {
	shipped, err := os.ReadFile("../cmd/tandem/demo/firms.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := bytes.Cut(shipped, []byte("\n"))
	for _, test := range []struct{ name, line, want string }{
		{"no JSON", "{\"name\": \"firms/x\"", ":2: "},
		{"unknown capability", `{"name": "firms/xenon", "display_name": "Xenon", "country": "KR", "kind": "COMPANY", "offers": [{"capability": "naval.bild"}]}`, "naval.bild"},
	} {
		file := filepath.Join(t.TempDir(), "market.jsonl")
		if err := os.WriteFile(file, slices.Concat(first, []byte("\n"+test.line+"\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := readMarket(catalog.Embedded(), file)
		if err == nil || !strings.Contains(err.Error(), file+":2: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want line 2 and %q", test.name, err, test.want)
		}
	}
	if _, err := readMarket(catalog.Embedded(), filepath.Join(t.TempDir(), "none.jsonl")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestResumes goes on after a run that was stopped in the middle of a line, and measures nothing twice.
func TestResumes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.jsonl")
	m := synthetic(catalog.Embedded(), 60, true, 1)
	measure := func() []cell {
		b := small()
		var err error
		if b.cells, err = openCells(file); err != nil {
			t.Fatal(err)
		}
		found, err := b.compete(m, chosen("plain"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	first := measure()
	if diff := cmp.Diff(first, measure()); diff != "" { // CPU times would not be the same
		t.Errorf("measured again:\n%s", diff)
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, kept[:len(kept)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	third := measure()
	if last := len(first) - 1; !cmp.Equal(first[:last], third[:last]) || first[last].CPU == third[last].CPU {
		t.Errorf("after a stop in the last line:\n%s", cmp.Diff(first, third))
	}
	if diff := cmp.Diff(third, measure()); diff != "" {
		t.Errorf("measured again:\n%s", diff)
	}
}

// TestSyntheticMarket holds the shape of the market against what the README says of it.
func TestSyntheticMarket(t *testing.T) {
	cat := catalog.Embedded()
	one, two := synthetic(cat, 300, true, 7), synthetic(cat, 300, true, 7)
	if !cmp.Equal(one.profiles, two.profiles) {
		t.Error("the same seed gives two markets")
	}
	if cmp.Equal(one.profiles, synthetic(cat, 300, true, 8).profiles) {
		t.Error("another seed gives the same market")
	}
	for _, p := range one.profiles {
		if len(p.Offers) < 4 || len(p.Offers) > 8 || len(p.Needs) < 2 || len(p.Needs) > 6 {
			t.Fatalf("%s has %d offers and %d needs", p.ID, len(p.Offers), len(p.Needs))
		}
	}
	// Codes that most offer make the difference between the two kinds.
	if c, u := commonest(one), commonest(synthetic(cat, 300, false, 7)); c < 2*u {
		t.Errorf("the commonest code is offered %d times, unclustered %d times", c, u)
	}
}

// commonest is how often the capability is offered that most offer.
func commonest(m market) (most int) {
	count := map[catalog.Code]int{}
	for _, p := range m.profiles {
		for _, o := range p.Offers {
			count[o.Capability]++
			most = max(most, count[o.Capability])
		}
	}
	return most
}

// TestSample visits everybody once, and a shorter sample is the beginning of a longer one.
func TestSample(t *testing.T) {
	for _, size := range []int{1, 2, 50, 217, 2000, 20000} {
		all := sample(0, size)
		if seen := slices.Compact(slices.Sorted(slices.Values(all))); len(seen) != size {
			t.Errorf("%d: %d are visited", size, len(seen))
		}
		if short := sample(size/3, size); size >= 3 && !slices.Equal(short, all[:len(short)]) {
			t.Errorf("%d: a sample of a third is not the beginning of all", size)
		}
	}
}

// TestVerdict reads goals of both directions.
func TestVerdict(t *testing.T) {
	atLeast, atMost := goal{floor: 25, stretch: 50}, goal{floor: 2, stretch: 1.5, most: true}
	for _, test := range []struct {
		goal     goal
		measured float64
		want     string
	}{
		{atLeast, 24.9, "below floor"}, {atLeast, 25, "floor"}, {atLeast, 50, "stretch"},
		{atMost, 2.1, "below floor"}, {atMost, 2, "floor"}, {atMost, 1.5, "stretch"},
	} {
		if got := test.goal.verdict(test.measured); got != test.want {
			t.Errorf("%v of %v to %v: %s, want %s", test.measured, test.goal.floor, test.goal.stretch, got, test.want)
		}
	}
}

// TestBadCalls refuses calls that ask for nothing that exists.
func TestBadCalls(t *testing.T) {
	for _, test := range []struct {
		args string
		want string
	}{
		{"", "want one of"}, {"race", `"race" is unknown`}, {"engines --k 0", "want 1 to 1000"}, {"engines --k 1001", "want 1 to 1000"},
		{"engines --sizes many", `"many" is no number`}, {"engines --markets flat", `"flat" is unknown`},
	} {
		if err := run(strings.Fields(test.args), new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("bench %s: %v, want %q", test.args, err, test.want)
		}
	}
}

// BenchmarkPlainPair is the cost of one pair in the plain scorer.
func BenchmarkPlainPair(b *testing.B) {
	cat := catalog.Embedded()
	m, w := synthetic(cat, 500, true, 1), matching.CurrentWeights()
	p, err := newPlain(cat, w, matching.Count(cat, w, m.profiles), m.profiles)
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		p.rate(&p.sides[0][i%500], &p.sides[1][i/500%500], matching.First, 0, nil)
		i++
	}
}
