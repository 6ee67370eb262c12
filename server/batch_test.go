package server

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// shippedSnapshot is a snapshot of the shipped organisations, given in the order of shuffle.
func shippedSnapshot(t testing.TB, shuffle *rand.Rand) *tandemv1.Snapshot {
	t.Helper()
	file, err := ReadFirmFile(catalog.Embedded(), DefaultPartnership(), shippedFirms(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	file.Settle(catalog.Embedded(), DefaultPartnership(), false)
	if err := file.Refused(); err != nil {
		t.Fatal(err)
	}
	list := file.Accepted()
	if shuffle != nil {
		shuffle.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	s, err := NewSnapshot(catalog.Embedded(), DefaultPartnership(), list, "2026-11-24", 10)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// written matches a snapshot and writes its report.
func written(t testing.TB, s *tandemv1.Snapshot, workers int, f tandemv1.DownloadReportRequest_Format, l tandemv1.Language) []byte {
	t.Helper()
	found, err := Match(t.Context(), catalog.Embedded(), s, MatchOptions{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	digest, err := Digest(s)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := report.Report{Catalog: catalog.Embedded(), Snapshot: s, Digest: digest, Pairings: found}
	if err := r.Write(&out, tandemv1.DownloadReportRequest_MATCH, f, l, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Neither the order in which organisations come nor the number of workers changes a byte of a report.
func TestReportBytesAreTheSame(t *testing.T) {
	for _, format := range []tandemv1.DownloadReportRequest_Format{tandemv1.DownloadReportRequest_HTML, tandemv1.DownloadReportRequest_CSV, tandemv1.DownloadReportRequest_JSONL} {
		want := written(t, shippedSnapshot(t, nil), 1, format, tandemv1.Language_FR)
		for seed, workers := range []int{1, 2, 8} {
			shuffled := shippedSnapshot(t, rand.New(rand.NewPCG(uint64(seed), 1)))
			if got := written(t, shuffled, workers, format, tandemv1.Language_FR); !bytes.Equal(got, want) {
				t.Errorf("%s with %d workers, order %d: the bytes differ", format, workers, seed)
			}
		}
	}
}

// A report made of pairings that nobody holds has the bytes of one that holds them all, also where two organisations differ in
// nothing but an id that begins with the other's.
func TestStreamedReportIsTheHeldOne(t *testing.T) {
	s := shippedSnapshot(t, nil)
	for _, f := range s.Firms[:len(s.Firms):len(s.Firms)] {
		twin := proto.CloneOf(f)
		twin.Name += "-b"
		s.Firms = append(s.Firms, twin)
	}
	sortedFirms(s.Firms)
	found, err := Rank(t.Context(), catalog.Embedded(), s, MatchOptions{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	var streamed bytes.Buffer
	r := report.Report{Catalog: catalog.Embedded(), Snapshot: s, Source: found.Source(t.Context())}
	if r.Digest, err = Digest(s); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(&streamed, tandemv1.DownloadReportRequest_MATCH, tandemv1.DownloadReportRequest_JSONL, tandemv1.Language_EN, report.Options{}); err != nil {
		t.Fatal(err)
	}
	held := written(t, s, 1, tandemv1.DownloadReportRequest_JSONL, tandemv1.Language_EN)
	if !bytes.Equal(streamed.Bytes(), held) {
		t.Error("the bytes differ")
	}
	if lines := bytes.Count(held, []byte("\n")); lines != found.Len() || lines < 1000 {
		t.Errorf("%d lines of %d pairings, want as many and at least 1000", lines, found.Len())
	}
}

// Parts sum to the score on every pair that can be scored, and both orders of asking give one answer.
func TestEveryShippedPair(t *testing.T) {
	s := shippedSnapshot(t, nil)
	all, err := Match(t.Context(), catalog.Embedded(), s, MatchOptions{AllPairs: true})
	if err != nil {
		t.Fatal(err)
	}
	m, err := marketOf(catalog.Embedded(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		var sum int32
		for _, c := range p.Components {
			if sum += c.Points; c.Points > c.MaxPoints || c.Points < 0 {
				t.Errorf("%s: %s has %d of at most %d points", p.Name, c.Kind, c.Points, c.MaxPoints)
			}
		}
		if sum != p.Score {
			t.Errorf("%s: parts sum to %d, want the score %d", p.Name, sum, p.Score)
		}
		a, b := pairOf(p.Name)
		one, err := m.market.Explain(firmSlug(a), firmSlug(b), 10)
		if err != nil {
			t.Fatal(err)
		}
		two, err := m.market.Explain(firmSlug(b), firmSlug(a), 10)
		if err != nil {
			t.Fatal(err)
		}
		if one.Score != p.Score || two.Score != p.Score {
			t.Errorf("%s: score %d, asked for in both orders %d and %d", p.Name, p.Score, one.Score, two.Score)
		}
	}
	if len(all) < 5000 {
		t.Errorf("only %d pairs can be scored; this test says little", len(all))
	}
	if !slices.IsSortedFunc(all, func(a, b *tandemv1.Pairing) int {
		if a.Tier != b.Tier {
			return int(a.Tier - b.Tier)
		}
		if a.Score != b.Score {
			return int(b.Score - a.Score)
		}
		return strings.Compare(a.Name, b.Name)
	}) {
		t.Error("pairings are not in the order tier, score, id")
	}
}

// A snapshot that is written and read again is the same snapshot.
func TestSnapshotFile(t *testing.T) {
	s := shippedSnapshot(t, nil)
	var one, two bytes.Buffer
	if err := WriteSnapshot(&one, s); err != nil {
		t.Fatal(err)
	}
	if err := WriteSnapshot(&two, s); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same snapshot gives two files")
	}
	back, err := ReadSnapshot(catalog.Embedded(), &one)
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(back, s) {
		t.Error("the snapshot that was read is another one")
	}
	s.CatalogDigest = "other"
	var other bytes.Buffer
	if err := WriteSnapshot(&other, s); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSnapshot(catalog.Embedded(), &other); err == nil || !strings.Contains(err.Error(), "catalog_digest") {
		t.Errorf("a snapshot of another catalogue: got error %v, want one about catalog_digest", err)
	}
}

// Digests hold over the content only: what the store adds to a row does not change a run.
func TestDigestIgnoresTheStore(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}})
	want, err := Digest(shippedSnapshot(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	if run.SnapshotDigest != want {
		t.Errorf("digest: the server's run has %s, the same file without a server %s", run.SnapshotDigest, want)
	}
}

func TestRejectsUnknownWeights(t *testing.T) {
	s := shippedSnapshot(t, nil)
	s.Partnership.WeightsVersion = "v999"
	if _, err := Match(t.Context(), catalog.Embedded(), s, MatchOptions{}); err == nil || !strings.Contains(err.Error(), matching.CurrentWeights().Version) {
		t.Errorf("got error %v, want one that names the known versions", err)
	}
}
