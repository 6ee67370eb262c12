package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// This file is the batch computation that match runs and `tandem match` share: a snapshot in, ordered pairings out. It knows no
// store, no clock and no caller, so the same snapshot gives the same pairings wherever it is computed.

// snapshotFormat is the version of the Snapshot message that this binary writes and reads.
const snapshotFormat = 1

// defaultTop is the length of a firm's list where none is asked for.
const defaultTop = 10

// NewSnapshot makes a snapshot of settled firms, as FirmFile.Accepted gives them, with the seed rows of a partnership:
// all are approved but those that lack parts.
func NewSnapshot(cat *catalog.Catalog, p *tandemv1.Partnership, list []*tandemv1.Firm, asOf string, top int32) (*tandemv1.Snapshot, error) {
	d := dated{frameworks: seedFrameworks(cat, p), programs: seedPrograms(cat, p), venues: seedVenues(cat, p)}
	for _, f := range list {
		enter(f, nil)
	}
	return snapshotOf(cat, p, list, d, asOf, top)
}

// snapshotOf puts everything that a run depends on into canonical order.
func snapshotOf(cat *catalog.Catalog, p *tandemv1.Partnership, list []*tandemv1.Firm, d dated, asOf string, top int32) (*tandemv1.Snapshot, error) {
	if _, err := matching.ParseDate(asOf); err != nil {
		return nil, invalid("as_of", "error.date", asOf)
	}
	if top == 0 {
		top = defaultTop
	}
	s := &tandemv1.Snapshot{
		Format: snapshotFormat, Partnership: withoutSeeds(p), AsOf: asOf, Top: top, CatalogDigest: cat.Digest(),
		Firms: contents(list), Frameworks: contents(d.frameworks), Programs: contents(d.programs), Venues: contents(d.venues),
	}
	sortedFirms(s.Firms)
	for i := 1; i < len(s.Firms); i++ {
		if s.Firms[i].Name == s.Firms[i-1].Name {
			return nil, invalid("firms", "error.firms.twice", s.Firms[i].Name)
		}
	}
	return s, nil
}

// contents copies messages without what the store adds to them.
func contents[M proto.Message](rows []M) []M {
	copies := make([]M, len(rows))
	for i, row := range rows {
		copies[i] = proto.CloneOf(row)
		unstamp(copies[i])
	}
	return copies
}

// Digest is the SHA-256 of a snapshot, in hexadecimal. Snapshots have no maps and no unknown fields, so their deterministic wire
// form is canonical.
func Digest(s *tandemv1.Snapshot) (string, error) {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(s)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// WriteSnapshot writes a snapshot as one line of JSON with the contract's field names.
func WriteSnapshot(w io.Writer, s *tandemv1.Snapshot) error {
	text, err := compactJSON(s)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text+"\n")
	return err
}

// compact takes the spaces out of JSON; protojson varies them on purpose.
func compact(b []byte) (string, error) {
	var line bytes.Buffer
	err := json.Compact(&line, b)
	return line.String(), err
}

// seedRules are the rules for profiles of a new register of a partnership.
func seedRules(cat *catalog.Catalog, p *tandemv1.Partnership) *profileRules {
	rows := seedPrograms(cat, p)
	return &profileRules{cat: cat, partnership: p, hasProgram: func(name string) bool {
		return slices.ContainsFunc(rows, func(r *tandemv1.Program) bool { return r.Name == name })
	}}
}

// ReadSnapshot reads what WriteSnapshot wrote. A snapshot of another format or of another catalogue is refused: its pairings could
// not be the same.
func ReadSnapshot(cat *catalog.Catalog, r io.Reader) (*tandemv1.Snapshot, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	s := new(tandemv1.Snapshot)
	if err := protojson.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("not a snapshot: %w", err)
	}
	switch {
	case s.Format != snapshotFormat:
		return nil, fmt.Errorf("format: this program reads snapshots of format %d, not %d", snapshotFormat, s.Format)
	case s.CatalogDigest != cat.Digest():
		return nil, errors.New("catalog_digest: the snapshot was made with another edition of the catalogue; use the program that made it")
	case len(s.Partnership.GetSides()) != 2:
		return nil, errors.New("partnership.sides: want two sides")
	}
	return s, nil
}

// MatchOptions say how a snapshot is matched; none of them changes a pairing but AllPairs.
type MatchOptions struct {
	// Workers is how many goroutines compute; 0 means one for each processor.
	Workers int
	// AllPairs lists every pair that can be scored, not only those in somebody's list.
	AllPairs bool
	// Progress is told how many firms are done.
	Progress func(done, total int)
}

// Match computes the pairings of a snapshot, in order: tier, score, id.
func Match(ctx context.Context, cat *catalog.Catalog, s *tandemv1.Snapshot, o MatchOptions) ([]*tandemv1.Pairing, error) {
	found, err := Rank(ctx, cat, s, o)
	if err != nil {
		return nil, err
	}
	var pairings []*tandemv1.Pairing
	err = found.Each(ctx, func(p *tandemv1.Pairing) error {
		pairings = append(pairings, p)
		return nil
	})
	return pairings, err
}

// Matched is what Match finds while nobody holds it: which pairs, and in what order. Each pairing is made when it is asked for.
type Matched struct {
	ranking *matching.Ranking
	scene   *scene
}

// Rank finds what Match finds.
func Rank(ctx context.Context, cat *catalog.Catalog, s *tandemv1.Snapshot, o MatchOptions) (*Matched, error) {
	m, err := marketOf(cat, s)
	if err != nil {
		return nil, err
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	ranking, err := m.market.Rank(ctx, matching.RunOptions{Top: int(s.Top), Workers: o.Workers, AllPairs: o.AllPairs, Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	return &Matched{ranking: ranking, scene: m.scene}, nil
}

// Len is how many pairings there are.
func (m *Matched) Len() int { return m.ranking.Len() }

// Each gives the pairings to visit, which may keep them, in the order of Match.
func (m *Matched) Each(ctx context.Context, visit func(*tandemv1.Pairing) error) error {
	return m.ranking.Explain(ctx, m.ranking.All(), func(_ int, p *matching.Pairing) error { return visit(m.scene.pairing(p)) })
}

// Source gives the pairings in the order of reports, whose names decide between equals where the engine's ids do: of "a" and "a-b",
// the one is first by id and last by a name such as "a~x".
func (m *Matched) Source(ctx context.Context) report.Source {
	order := m.ranking.All()
	slices.SortStableFunc(order, func(i, j int32) int {
		aTier, aScore, aFirst, aSecond := m.ranking.At(int(i))
		bTier, bScore, bFirst, bSecond := m.ranking.At(int(j))
		return cmp.Or(cmp.Compare(aTier, bTier), cmp.Compare(bScore, aScore), compareNames(aFirst, aSecond, bFirst, bSecond))
	})
	at := make([]int, len(order)) // of each pair, its place in reports
	for i, pair := range order {
		at[pair] = i
	}
	return func(wanted func(i int) bool, visit func(i int, p *tandemv1.Pairing) error) error {
		places := order
		if wanted != nil {
			places = nil
			for i, pair := range order {
				if wanted(i) {
					places = append(places, pair)
				}
			}
		}
		return m.ranking.Explain(ctx, places, func(pair int, p *matching.Pairing) error { return visit(at[pair], m.scene.pairing(p)) })
	}
}

// compareNames compares the names of two pairings by their firms' ids.
func compareNames(aFirst, aSecond, bFirst, bSecond string) int {
	if aFirst == bFirst {
		return strings.Compare(aSecond, bSecond)
	}
	return strings.Compare(aFirst+"~", bFirst+"~")
}

// staged is a market with the scene that its pairings are shown against.
type staged struct {
	market *matching.Market
	scene  *scene
}

// marketOf sets up the market of a snapshot, with the rarity that the snapshot itself counts.
func marketOf(cat *catalog.Catalog, s *tandemv1.Snapshot) (*staged, error) {
	weights, err := matching.WeightsByVersion(s.Partnership.WeightsVersion)
	if err != nil {
		return nil, err
	}
	profiles, err := profilesOf(cat, s.Partnership, s.Firms)
	if err != nil {
		return nil, err
	}
	d := dated{frameworks: s.Frameworks, programs: s.Programs, venues: s.Venues}
	facts, err := factsOf(cat, s.Partnership, d, s.AsOf)
	if err != nil {
		return nil, err
	}
	market, err := matching.NewMarket(cat, weights, matching.Count(cat, weights, profiles), facts, profiles)
	if err != nil {
		return nil, err
	}
	return &staged{market: market, scene: newScene(cat, s.Firms, d)}, nil
}

// profilesOf are the firms as the engine sees them. A half-filled one that says no country is on no side yet, so it is left out.
func profilesOf(cat *catalog.Catalog, p *tandemv1.Partnership, list []*tandemv1.Firm) ([]matching.Profile, error) {
	profiles := make([]matching.Profile, 0, len(list))
	for _, f := range list {
		if f.Country == "" {
			continue
		}
		profile, err := profileOf(cat, p, f)
		if err != nil {
			return nil, err
		}
		profiles = append(profiles, profile)
	}
	return profiles, nil
}

// Profiles are the firms of a snapshot as the engine sees them, for whoever holds the engine against something else.
func Profiles(cat *catalog.Catalog, s *tandemv1.Snapshot) ([]matching.Profile, error) {
	return profilesOf(cat, s.Partnership, s.Firms)
}

// sidesOf counts the approved firms of each side.
func sidesOf(p *tandemv1.Partnership, list []*tandemv1.Firm) (counts [2]int32) {
	for _, f := range list {
		if side, ok := sideOf(p, f.Country); ok && f.State == tandemv1.Firm_APPROVED && len(f.Missing) == 0 {
			counts[side]++
		}
	}
	return counts
}

// noFirms refuses a run that could pair nobody.
func noFirms(p *tandemv1.Partnership, counts [2]int32) error {
	for i, n := range counts {
		if n == 0 {
			return precondition(tandemv1.Reason_NO_FIRMS, partnershipName, "error.no_firms", p.Sides[i].Id, strings.Join(p.Sides[i].Countries, ", "))
		}
	}
	return nil
}
