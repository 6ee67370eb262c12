package report

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// comparison is what differs between the inputs of two reports.
type comparison struct {
	base, now *inventory
	joined    map[string]bool
	left      map[string]bool
	profiles  map[string]bool // of both, changed
	facts     map[string]bool // changed rows
	asked     map[string]bool // changed parameters, by their names as changes
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
	base, now := c.base.Snapshot, c.now.Snapshot
	c.asked = map[string]bool{
		changedWeights: base.GetPartnership().GetWeightsVersion() != now.GetPartnership().GetWeightsVersion(),
		changedCatalog: base.GetCatalogDigest() != now.GetCatalogDigest(),
		changedTop:     base.GetTop() != now.GetTop(),
		changedDate:    base.GetAsOf() != now.GetAsOf(),
	}
}

// causeOf finds whose change caused a difference, and says it.
func (c *comparison) causeOf(d *tandemv1.PairingDifference, effects Effects) ([]string, *tandemv1.Sentence) {
	if moved := effects.on(pairingOf(d).GetName()); len(moved) > 0 {
		only := c.only(moved)
		if causes, reason := only.nearest(d); reason != nil {
			return causes, reason
		}
	}
	if causes, reason := c.nearest(d); reason != nil {
		return causes, reason
	}
	return nil, &tandemv1.Sentence{Key: "compare.others"}
}

// pairingOf is the pairing that a difference is about, as it is or was.
func pairingOf(d *tandemv1.PairingDifference) *tandemv1.Pairing {
	if d.GetNow() != nil {
		return d.GetNow()
	}
	return d.GetBefore()
}

// only is the comparison as if nothing but some of the changes had been made.
func (c *comparison) only(changes map[string]bool) *comparison {
	o := &comparison{base: c.base, now: c.now, asked: map[string]bool{}}
	pick := func(from map[string]bool) map[string]bool {
		picked := map[string]bool{}
		for name := range from {
			if changes[name] {
				picked[name] = true
			}
		}
		return picked
	}
	o.joined, o.left, o.profiles, o.facts, o.asked = pick(c.joined), pick(c.left), pick(c.profiles), pick(c.facts), pick(c.asked)
	for _, name := range c.stirred {
		if changes[name] {
			o.stirred = append(o.stirred, name)
		}
	}
	return o
}

// nearest looks for the cause of a difference from near to far.
func (c *comparison) nearest(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	for _, look := range []func(*tandemv1.PairingDifference) ([]string, *tandemv1.Sentence){
		c.own, c.routes, c.parameters, c.places, c.rarity,
	} {
		if causes, reason := look(d); reason != nil {
			return causes, reason
		}
	}
	return nil, nil
}

// own looks at the two organisations.
func (c *comparison) own(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	p := pairingOf(d)
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

// parameters looks at what the runs were asked for.
func (c *comparison) parameters(d *tandemv1.PairingDifference) ([]string, *tandemv1.Sentence) {
	base, now := c.base.Snapshot, c.now.Snapshot
	rerouted := d.GetKind() == tandemv1.PairingDifference_REROUTED
	switch {
	case c.asked[changedWeights]:
		return nil, &tandemv1.Sentence{Key: "compare.weights", Args: []string{
			catalog.Literal(base.GetPartnership().GetWeightsVersion()), catalog.Literal(now.GetPartnership().GetWeightsVersion()),
		}}
	case c.asked[changedCatalog]:
		return nil, &tandemv1.Sentence{Key: "compare.catalog"}
	case c.asked[changedTop] && !rerouted:
		return nil, &tandemv1.Sentence{Key: "compare.top", Args: []string{catalog.Number(int(base.GetTop())), catalog.Number(int(now.GetTop()))}}
	case c.asked[changedDate] && rerouted:
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
	p := pairingOf(d)
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
