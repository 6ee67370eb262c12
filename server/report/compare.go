package report

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Compare tells what became of each pairing between two reports and whose change caused it, and how many pairings are the same in
// both. Pairings of the later report come in its order, those that left last.
//
// A cause is looked for from near to far: the two organisations themselves, then the programmes or frameworks that the pairing uses,
// then what the runs were asked for (date, weights, length of the lists), then the organisations that took or left the places in the
// two lists, then those whose coming, going or change made what the two look for rarer or more common. If none of them applies,
// only the order among others changed.
func Compare(base, now *Report) (differences []*tandemv1.PairingDifference, unchanged int) {
	c := &comparison{base: inventoryOf(base), now: inventoryOf(now)}
	c.changes()
	for _, p := range ordered(now.Pairings) {
		before := c.base.pairings[p.GetName()]
		d := &tandemv1.PairingDifference{Kind: became(before, p), Now: p, Before: before}
		if d.GetKind() == tandemv1.PairingDifference_KIND_UNSPECIFIED {
			unchanged++
			continue
		}
		d.Causes, d.Reason = c.cause(d)
		differences = append(differences, d)
	}
	for _, p := range ordered(base.Pairings) {
		if c.now.pairings[p.GetName()] == nil {
			d := &tandemv1.PairingDifference{Kind: tandemv1.PairingDifference_LEFT, Before: p}
			d.Causes, d.Reason = c.cause(d)
			differences = append(differences, d)
		}
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

// comparison is what differs between the inputs of two reports.
type comparison struct {
	base, now *inventory
	joined    map[string]bool
	left      map[string]bool
	profiles  map[string]bool // of both, changed
	facts     map[string]bool // changed rows
	// stirred are all firms that joined, left or changed, by name.
	stirred []string
}

// changes finds what differs between the inputs.
func (c *comparison) changes() {
	c.joined, c.left, c.profiles, c.facts = map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for name, f := range c.now.firms {
		before := c.base.firms[name]
		switch {
		case takesPart(f) && !takesPart(before):
			c.joined[name] = true
		case !takesPart(f) && takesPart(before):
			c.left[name] = true
		case takesPart(f) && !proto.Equal(f, before):
			c.profiles[name] = true
		default:
			continue
		}
		c.stirred = append(c.stirred, name)
	}
	for name, f := range c.base.firms {
		if c.now.firms[name] == nil && takesPart(f) {
			c.left[name] = true
			c.stirred = append(c.stirred, name)
		}
	}
	slices.Sort(c.stirred)
	for name, fact := range c.now.facts {
		if before, ok := c.base.facts[name]; !ok || !proto.Equal(before, fact) {
			c.facts[name] = true
		}
	}
	for name := range c.base.facts {
		if c.now.facts[name] == nil {
			c.facts[name] = true
		}
	}
}

// cause finds whose change caused a difference, and says it.
func (c *comparison) cause(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	for _, look := range []func(*tandemv1.PairingDifference) ([]string, *tandemv1.Sentence){
		c.own, c.routes, c.asked, c.places, c.rarity,
	} {
		if causes, reason := look(d); reason != nil {
			return causes, reason
		}
	}
	return nil, &tandemv1.Sentence{Key: "compare.others"}
}

// own looks at the two organisations.
func (c *comparison) own(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	p := d.GetNow()
	if p == nil {
		p = d.GetBefore()
	}
	pair := []string{p.GetFirst().GetName(), p.GetSecond().GetName()}
	for _, why := range []struct {
		key  string
		firm map[string]bool
	}{{"compare.joined", c.joined}, {"compare.left", c.left}, {"compare.profile", c.profiles}} {
		if causes := among(pair, why.firm); len(causes) > 0 {
			key := why.key
			if key == "compare.left" && c.now.firms[causes[0]] != nil {
				key = "compare.suspended"
			}
			return causes, said(key, causes)
		}
	}
	return nil, nil
}

// routes looks at the rows that the pairing uses or used. A changed framework moves no score; only programmes do.
func (c *comparison) routes(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	var programs, others []string
	for _, p := range []*tandemv1.Pairing{d.GetNow(), d.GetBefore()} {
		for _, use := range p.GetPrograms() {
			programs = append(programs, use.GetProgram())
		}
		for _, use := range p.GetFrameworks() {
			others = append(others, use.GetFramework())
		}
		for _, use := range p.GetFrameworkGaps() {
			others = append(others, use.GetFramework())
		}
		for _, item := range p.GetGate().GetItems() {
			others = append(others, item.GetFramework())
		}
		others = append(others, p.GetVenue().GetVenue())
	}
	if causes := among(programs, c.facts); len(causes) > 0 {
		return causes, said("compare.row", causes)
	}
	if causes := among(others, c.facts); len(causes) > 0 && d.GetKind() == tandemv1.PairingDifference_REROUTED {
		return causes, said("compare.row", causes)
	}
	return nil, nil
}

// asked looks at what the runs were asked for.
func (c *comparison) asked(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	base, now := c.base.Snapshot, c.now.Snapshot
	was, is := base.GetPartnership().GetWeightsVersion(), now.GetPartnership().GetWeightsVersion()
	switch {
	case was != is:
		return nil, &tandemv1.Sentence{Key: "compare.weights", Args: []string{catalog.Literal(was), catalog.Literal(is)}}
	case base.GetCatalogDigest() != now.GetCatalogDigest():
		return nil, &tandemv1.Sentence{Key: "compare.catalog"}
	case base.GetTop() != now.GetTop() && d.GetKind() != tandemv1.PairingDifference_REROUTED:
		return nil, &tandemv1.Sentence{Key: "compare.top", Args: []string{catalog.Number(int(base.GetTop())), catalog.Number(int(now.GetTop()))}}
	case base.GetAsOf() != now.GetAsOf() && d.GetKind() == tandemv1.PairingDifference_REROUTED:
		return nil, &tandemv1.Sentence{Key: "compare.as_of", Args: []string{"date:" + base.GetAsOf(), "date:" + now.GetAsOf()}}
	}
	return nil, nil
}

// places looks at who came into the two lists, or left them, because of a change of its own. A pairing whose score changed did not
// move for that.
func (c *comparison) places(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	if d.GetKind() == tandemv1.PairingDifference_MOVED && d.GetNow().GetScore() != d.GetBefore().GetScore() {
		return nil, nil
	}
	p := d.GetNow()
	if p == nil {
		p = d.GetBefore()
	}
	var came, went []string
	for _, name := range []string{p.GetFirst().GetName(), p.GetSecond().GetName()} {
		for _, other := range c.now.lists[name] {
			if c.joined[other] || c.profiles[other] {
				came = append(came, other)
			}
		}
		for _, other := range c.base.lists[name] {
			if c.left[other] || c.profiles[other] {
				went = append(went, other)
			}
		}
	}
	if d.GetKind() == tandemv1.PairingDifference_ENTERED {
		if causes := sorted(went); len(causes) > 0 {
			return causes, said("compare.room", causes)
		}
		return nil, nil
	}
	if causes := sorted(came); len(causes) > 0 {
		return causes, said("compare.pushed", causes)
	}
	if causes := sorted(went); len(causes) > 0 {
		return causes, said("compare.room", causes)
	}
	return nil, nil
}

// rarity looks at all organisations that joined, left or changed: what they offer counts into how rare it is.
func (c *comparison) rarity(*tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	if len(c.stirred) == 0 {
		return nil, nil
	}
	return c.stirred, said("compare.rarity", c.stirred)
}

// among picks the names that are in a set, each once, by name.
func among(names []string, set map[string]bool) []string {
	var picked []string
	for _, name := range names {
		if set[name] {
			picked = append(picked, name)
		}
	}
	return sorted(picked)
}

// sorted is a list by name, each once.
func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// mostNamed is how many causes a sentence names; the difference lists them all.
const mostNamed = 3

// said is a sentence about things by their resource names.
func said(key string, names []string) *tandemv1.Sentence {
	args := make([]string, 0, len(names))
	for _, name := range names[:min(mostNamed, len(names))] {
		args = append(args, typedName(name))
	}
	if more := len(names) - mostNamed; more > 0 {
		return &tandemv1.Sentence{Key: key + ".many", Args: []string{catalog.List(args...), catalog.Number(more)}}
	}
	return &tandemv1.Sentence{Key: key, Args: []string{catalog.List(args...)}}
}

// typedName is a resource name as an argument of a sentence.
func typedName(name string) string {
	for collection, prefix := range map[string]string{"firms/": "firm:", "frameworks/": "fw:", "programs/": "prog:", "venues/": "venue:"} {
		if len(name) > len(collection) && name[:len(collection)] == collection {
			return prefix + name[len(collection):]
		}
	}
	return catalog.Literal(name)
}
