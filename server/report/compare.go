package report

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Compare tells what became of each pairing between two reports and whose change caused it, and how many pairings are the same in
// both. Pairings of the later report come in its order, those that left last.
//
// A cause is looked for from near to far: the two organisations themselves, then the programmes or frameworks that the pairing uses,
// then what the runs were asked for (date, weights, length of the lists), then the organisations that took or left the places in the
// two lists, then those whose coming, going or change made what the two look for rarer or more common. If none of them applies,
// only the order among others changed.
//
// Where effects are given, only such changes are named without which the pairing would not be as it is: each was undone and all was
// computed again. A pairing that none of the changes moves alone has its causes named as without effects.
func Compare(base, now *Report, effects Effects) (differences []*tandemv1.PairingDifference, unchanged int) {
	c := &comparison{base: inventoryOf(base), now: inventoryOf(now)}
	c.changes()
	for _, p := range ordered(now.Pairings) {
		before := c.base.pairings[p.GetName()]
		d := &tandemv1.PairingDifference{Kind: became(before, p), Now: p, Before: before}
		if d.GetKind() == tandemv1.PairingDifference_KIND_UNSPECIFIED {
			unchanged++
			continue
		}
		differences = append(differences, d)
	}
	for _, p := range ordered(base.Pairings) {
		if c.now.pairings[p.GetName()] == nil {
			differences = append(differences, &tandemv1.PairingDifference{Kind: tandemv1.PairingDifference_LEFT, Before: p})
		}
	}
	for _, d := range differences {
		d.Causes, d.Reason = c.causeOf(d, effects)
	}
	return differences, unchanged
}

// ordered puts pairings as a report does: by tier, score and name.
func ordered(pairings []*tandemv1.Pairing) []*tandemv1.Pairing {
	list := slices.Clone(pairings)
	slices.SortStableFunc(list, func(a, b *tandemv1.Pairing) int {
		return cmp.Or(cmp.Compare(a.GetTier(), b.GetTier()), cmp.Compare(b.GetScore(), a.GetScore()), cmp.Compare(a.GetName(), b.GetName()))
	})
	return list
}

// became tells what became of a pairing that the later report has; unspecified for one that is as it was.
func became(before, now *tandemv1.Pairing) tandemv1.PairingDifference_Kind {
	switch {
	case before == nil:
		return tandemv1.PairingDifference_ENTERED
	case before.GetScore() != now.GetScore(), before.GetTier() != now.GetTier(), before.GetFirstRank() != now.GetFirstRank(),
		before.GetSecondRank() != now.GetSecondRank():
		return tandemv1.PairingDifference_MOVED
	case !proto.Equal(routesOf(before), routesOf(now)):
		return tandemv1.PairingDifference_REROUTED
	default:
		return tandemv1.PairingDifference_KIND_UNSPECIFIED
	}
}

// routesOf is a pairing without what is no route: who the two are, how it scores, and how it is told.
func routesOf(p *tandemv1.Pairing) *tandemv1.Pairing {
	return &tandemv1.Pairing{
		PrimaryMode: p.GetPrimaryMode(), Section: p.GetSection(), Frameworks: p.GetFrameworks(), FrameworkGaps: p.GetFrameworkGaps(),
		Programs: p.GetPrograms(), Venue: p.GetVenue(), Gate: p.GetGate(), G2G: p.GetG2G(), Contacts: p.GetContacts(),
	}
}

// inventory is a report with its contents by name.
type inventory struct {
	*Report
	pairings map[string]*tandemv1.Pairing
	firms    map[string]*tandemv1.Firm
	facts    map[string]proto.Message // frameworks, programmes and venues
	lists    map[string][]string      // of each firm: its partners by rank
}

func inventoryOf(r *Report) *inventory {
	v := &inventory{
		Report: r, pairings: map[string]*tandemv1.Pairing{}, firms: map[string]*tandemv1.Firm{}, facts: map[string]proto.Message{},
		lists: map[string][]string{},
	}
	for _, f := range r.Snapshot.GetFirms() {
		v.firms[f.GetName()] = f
	}
	for _, f := range r.Snapshot.GetFrameworks() {
		v.facts[f.GetName()] = f
	}
	for _, p := range r.Snapshot.GetPrograms() {
		v.facts[p.GetName()] = p
	}
	for _, venue := range r.Snapshot.GetVenues() {
		v.facts[venue.GetName()] = venue
	}
	for _, p := range ordered(r.Pairings) {
		v.pairings[p.GetName()] = p
		first, second := p.GetFirst().GetName(), p.GetSecond().GetName()
		if p.GetFirstRank() > 0 {
			v.lists[first] = append(v.lists[first], second)
		}
		if p.GetSecondRank() > 0 {
			v.lists[second] = append(v.lists[second], first)
		}
	}
	return v
}

// takesPart tells whether a firm is matched.
func takesPart(f *tandemv1.Firm) bool {
	return f.GetState() == tandemv1.Firm_APPROVED && len(f.GetMissing()) == 0
}
