package server

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// computed is a report over a snapshot.
func computed(t *testing.T, s *tandemv1.Snapshot) *report.Report {
	t.Helper()
	pairings, err := Match(t.Context(), catalog.Embedded(), s, MatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return &report.Report{Catalog: catalog.Embedded(), Snapshot: s, Digest: "d", Pairings: pairings}
}

// someFirms is a snapshot of every third shipped organisation.
func someFirms(t *testing.T) *tandemv1.Snapshot {
	t.Helper()
	var file []byte
	for i, text := range strings.SplitAfter(string(shippedFirms(t)), "\n") {
		if i%3 == 0 {
			file = append(file, text...)
		}
	}
	s := openServer(t, Config{})
	if _, err := importFile(t.Context(), s.Operator(), file, &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
		t.Fatal(err)
	}
	name := finishRun(t, s, s.Operator(), &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-06-01", Top: 4}}).GetName()
	run, err := s.report(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return run.Snapshot
}

// randomChange changes one thing of a snapshot and names it.
func randomChange(chance *rand.Rand, s *tandemv1.Snapshot) string {
	i := chance.Intn(len(s.Firms))
	f := s.Firms[i]
	switch chance.Intn(6) {
	case 0:
		s.Firms = slices.Delete(s.Firms, i, i+1)
		return f.Name
	case 1:
		f.State = tandemv1.Firm_SUSPENDED
		return f.Name
	case 2:
		other := s.Firms[chance.Intn(len(s.Firms))]
		f.Needs = append(f.Needs, proto.CloneOf(other.Needs[chance.Intn(len(other.Needs))]))
		return f.Name
	case 3:
		f.Offers = f.Offers[:max(1, len(f.Offers)-1)]
		f.Summary += " "
		return f.Name
	case 4:
		p := s.Programs[chance.Intn(len(s.Programs))]
		p.Status, p.AwardedTo = tandemv1.Program_AWARDED, "KR"
		p.AsOf = "2026-05-01"
		return p.Name
	default:
		w := s.Frameworks[chance.Intn(len(s.Frameworks))]
		w.Status, w.AsOf = tandemv1.Framework_UNKNOWN, "2026-05-02"
		return w.Name
	}
}

// TestCausesAreProved makes random changes, and then takes back by hand what each difference names: without it the pairing must be
// another one than it is.
func TestCausesAreProved(t *testing.T) {
	base := computed(t, someFirms(t))
	chance := rand.New(rand.NewSource(20261124))
	proved, together, keys := 0, 0, map[string]int{}
	for trial := range 12 {
		changed := proto.CloneOf(base.Snapshot)
		var changes []string
		for range 1 + trial%3 {
			changes = append(changes, randomChange(chance, changed))
		}
		now := computed(t, changed)
		effects, err := Effects(t.Context(), catalog.Embedded(), base, now)
		if err != nil || effects == nil && len(report.Changes(base, now)) > 0 {
			t.Fatalf("trial %d: %v, %v", trial, effects, err)
		}
		differences, unchanged := report.Compare(base, now, effects)
		if len(differences)+unchanged < len(now.Pairings) {
			t.Errorf("trial %d: %d differences and %d unchanged of %d", trial, len(differences), unchanged, len(now.Pairings))
		}
		without := map[string]map[string]bool{}
		for _, d := range differences {
			keys[d.Reason.Key]++
			for _, cause := range d.Causes {
				if !slices.Contains(changes, cause) {
					t.Errorf("trial %d: %s is named, changed were %q", trial, cause, changes)
				}
				if without[cause] == nil {
					without[cause] = report.Differing(computed(t, report.Undo(base.Snapshot, changed, cause)).Pairings, now.Pairings)
				}
			}
			name := d.GetNow().GetName()
			if name == "" {
				name = d.GetBefore().GetName()
			}
			alone := slices.ContainsFunc(changes, func(c string) bool { return effects[c][name] })
			switch proven := slices.ContainsFunc(d.Causes, func(c string) bool { return without[c][name] }); {
			case proven:
				proved++
			case alone:
				t.Errorf("trial %d: %s %v is put down to %v (%s), and is the same without; changed were %q", trial, d.Kind, name, d.Causes, d.Reason.Key, changes)
			default:
				together++
			}
		}
	}
	if proved < 100 || together > proved/10 {
		t.Errorf("%d differences proved, %d that no change makes alone; want many and few: %v", proved, together, keys)
	}
	for _, key := range []string{"compare.left", "compare.suspended", "compare.profile", "compare.row", "compare.pushed", "compare.room", "compare.rarity"} {
		if keys[key]+keys[key+".many"] == 0 {
			t.Errorf("no difference was told by %s: %v", key, keys)
		}
	}
}
