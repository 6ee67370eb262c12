package matching

import (
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// collaboration is what two organisations would do together, read off their answered needs: the ground on which modes,
// routes and gates are chosen.
type collaboration struct {
	first, second  *firm
	common         ModeSet
	primary        Mode
	inPlay         ModeSet // modes that answered needs ask for and that can be served
	main           []mainNeed
	codes          []catalog.Code // what the main needs are about, sorted
	flows          []flow
	brought        [2][]int // by side: the offers it brings to the main needs
	classification Classification
}

// mainNeed is a need that brings enough of the score to say what the pairing is about.
type mainNeed struct {
	need, offer catalog.Code
	passes      []catalog.Code // what would cross the border
	points      int32
}

// flow is what would cross the border for one main need.
type flow struct {
	codes []catalog.Code
	modes ModeSet
	from  [2]bool // the sides that something leaves
	civil bool    // work that needs no defence export gate
}

// g2g tells whether a government would buy.
func (c *collaboration) g2g() bool { return c.inPlay.Has(G2GProcurement) }

// downstream tells whether who does one capability is a user of another: it is the same or lies above or below it in the
// tree, or an edge runs from the other to it or joins both as equals.
func (p *preparer) downstream(business, of catalog.Code) bool {
	if p.tree.within(business, of) || p.tree.within(of, business) {
		return true
	}
	for _, a := range append(p.cat.Ancestors(of), of) {
		for _, b := range append(p.cat.Ancestors(business), business) {
			if e, ok := p.cat.EdgeBetween(a, b); ok && (e.From == a || !e.Directed()) {
				return true
			}
		}
	}
	return false
}

// collaborate reads a pair's parts.
func (p *preparer) collaborate(first, second *firm, base int32, parts []Part) *collaboration {
	c := &collaboration{first: first, second: second, common: commonModes(first, second)}
	firms := [2]*firm{first, second}
	var votes [modeCount + 1]int64
	threshold := min(base*int32(p.weights.routeShare)/100, largestNeed(parts)) //nolint:gosec // a percentage
	for i := range parts {
		part := &parts[i]
		if part.Kind != PartNeed || part.Offer == nil {
			continue
		}
		seeker := firms[part.Side]
		c.classification = max(c.classification, seeker.profile.Needs[part.Need.Index].Classification)
		for _, m := range (part.Modes & c.common).List() {
			votes[m] += int64(part.Points) * int64(p.weights.modes[m])
		}
		if part.Points >= threshold {
			c.addMain(p, seeker, part)
		}
	}
	c.primary = primaryMode(votes, c.common)
	slices.Sort(c.codes)
	c.codes = slices.Compact(c.codes)
	return c
}

func largestNeed(parts []Part) int32 {
	var largest int32
	for _, part := range parts {
		if part.Kind == PartNeed {
			largest = max(largest, part.Points)
		}
	}
	return largest
}

// addMain notes what a main need is about, what it would send across the border and who brings what.
func (c *collaboration) addMain(p *preparer, seeker *firm, part *Part) {
	c.inPlay |= part.Modes & c.common
	f := flow{modes: passing(part.Modes & c.common), civil: p.isCivil[part.Need.Capability]}
	us, them := part.Side, part.Side.Other()
	switch aim := seeker.profile.Needs[part.Need.Index].Aim; {
	case aim == Customer && part.Sold != nil:
		f.codes = []catalog.Code{part.Sold.Capability}
		f.from[us] = true
		c.brought[us] = append(c.brought[us], part.Sold.Index)
	case aim == Customer:
		f.codes = []catalog.Code{part.Need.Capability}
		f.from[us] = true
	default:
		f.codes = []catalog.Code{part.Need.Capability, part.Offer.Capability}
		f.from[them] = true
		f.from[us] = aim != Supplier
		c.brought[them] = append(c.brought[them], part.Offer.Index)
	}
	if part.Modes.Has(TechTransfer) {
		f.from = [2]bool{true, true}
	}
	c.codes = append(c.codes, part.Need.Capability)
	if !f.civil { // civil work is routed by what it is for, not by the defence branch that its tools come from
		c.codes = append(append(c.codes, part.Offer.Capability), f.codes...)
	}
	c.flows = append(c.flows, f)
	c.main = append(c.main, mainNeed{part.Need.Capability, part.Offer.Capability, f.codes, part.Points})
}

// sharing are the modes of working together in which technical data cross the border, whatever else does.
const sharing = ModeSet(1<<CoDevelopment | 1<<CoProduction | 1<<CoSustainment | 1<<JointRD | 1<<TestEvaluation | 1<<LocalManufacturing)

// passing are the modes that control regimes look at: technical data that are shared count as transferred.
func passing(modes ModeSet) ModeSet {
	if modes&sharing != 0 {
		return modes.With(TechTransfer)
	}
	return modes
}

// primaryMode is the mode that the answered needs stand behind most: each gives its points to every mode it asks for that
// the answer serves and that both accept, times the mode's standing in the weights, which puts co-development and joint
// research first. Equal modes fall to the order of the reports' sections. Where no need's wish is accepted by both, the
// first mode that both accept stands.
func primaryMode(votes [modeCount + 1]int64, common ModeSet) Mode {
	var best Mode
	for _, m := range sections {
		if common.Has(m) && (best == 0 || votes[m] > votes[best]) {
			best = m
		}
	}
	return best
}
