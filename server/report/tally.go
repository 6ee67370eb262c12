package report

import (
	"cmp"
	"slices"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// tally counts pairings by a key and remembers for how many each stands.
type tally struct {
	counts map[string]int
}

func newTally() *tally { return &tally{counts: map[string]int{}} }

func (t *tally) add(key string) { t.counts[key]++ }

// sorted lists the keys, most counted first, then by key.
func (t *tally) sorted() []string {
	keys := make([]string, 0, len(t.counts))
	for key := range t.counts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.counts[b], t.counts[a]), cmp.Compare(a, b))
	})
	return keys
}

// totals are the counts that a report, or one focus domain of it, states about its pairings.
type totals struct {
	pairings   int
	reciprocal int
	bands      map[tandemv1.Pairing_Band]int
	gates      map[tandemv1.Gate_State]int
	g2g        int
	// firms holds the organisations that have a pairing, by side.
	firms [2]map[string]bool
	// frameworks, gaps and venues count pairings by resource name, demands by token, programs by name and state of the award.
	frameworks, gaps, demands, programs, venues *tally
}

func sumUp(rows []row) *totals {
	t := newTotals()
	for _, w := range rows {
		t.count(w)
	}
	return t
}

func newTotals() *totals {
	return &totals{
		bands:      map[tandemv1.Pairing_Band]int{},
		gates:      map[tandemv1.Gate_State]int{},
		firms:      [2]map[string]bool{{}, {}},
		frameworks: newTally(),
		gaps:       newTally(),
		demands:    newTally(),
		venues:     newTally(),
		programs:   newTally(),
	}
}

func (t *totals) count(w row) {
	t.pairings++
	if w.GetTier() == tandemv1.Pairing_RECIPROCAL {
		t.reciprocal++
	}
	t.bands[w.GetBand()]++
	t.gates[w.GetGate().GetState()]++
	if w.GetG2G() {
		t.g2g++
	}
	for side, f := range w.firms {
		t.firms[side][f.GetName()] = true
	}
	for _, use := range w.GetFrameworks() {
		t.frameworks.add(use.GetFramework())
	}
	for _, use := range w.GetFrameworkGaps() {
		t.gaps.add(use.GetFramework())
	}
	for _, token := range demanded(w) {
		t.demands.add(token)
	}
	for _, use := range w.GetPrograms() {
		t.programs.add(use.GetProgram() + " " + use.GetState().String())
	}
	if venue := w.GetVenue().GetVenue(); venue != "" {
		t.venues.add(venue)
	}
}

// demanded lists what a pairing's gate still asks for, each token once however many frameworks ask it.
func demanded(w row) []string {
	var tokens []string
	for _, item := range w.GetGate().GetItems() {
		if item.GetState() > tandemv1.Gate_CLEAR {
			tokens = append(tokens, item.GetToken())
		}
	}
	slices.Sort(tokens)
	return slices.Compact(tokens)
}
