package report

import (
	"slices"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// materials are the capabilities that the partnership counts as materials; none where it names no theme for them.
func (r *reader) materials() []string {
	theme, _ := r.cat.Theme(id(r.report.Snapshot.GetPartnership().GetMaterialTheme()))
	return theme.Capabilities
}

// below tells whether a capability is another one or stands under it.
func below(code, ancestor string) bool {
	return code == ancestor || strings.HasPrefix(code, ancestor+".")
}

// byMaterial counts for each group of materials who offers it, who looks for it, and the pairings that answer such a need.
func (r *reader) byMaterial(rows []row) grid {
	g := r.grid("materials", "material", "#offered_first", "#offered_second", "#needed_first", "#needed_second", "#pairings")
	for _, code := range r.materials() {
		var offered, needed [2]int
		for side := range 2 {
			for _, f := range r.members(side) {
				if slices.ContainsFunc(f.GetOffers(), func(o *tandemv1.Offer) bool { return below(id(o.GetCapability()), code) }) {
					offered[side]++
				}
				if slices.ContainsFunc(f.GetNeeds(), func(n *tandemv1.Need) bool { return below(id(n.GetCapability()), code) }) {
					needed[side]++
				}
			}
		}
		var own []row
		for _, w := range rows {
			if slices.ContainsFunc(w.GetComponents(), func(c *tandemv1.Component) bool {
				return c.GetKind() == tandemv1.Component_NEED && c.GetPoints() > 0 && below(id(c.GetNeed().GetCapability()), code)
			}) {
				own = append(own, w)
			}
		}
		g.add(r, pairingNames(own), cell{Text: r.name("cap", code), Exact: "capabilities/" + code}, offered[0], offered[1], needed[0], needed[1], len(own))
	}
	return g
}

// singleSources lists the materials that somebody looks for and that exactly one organisation of either side offers.
func (r *reader) singleSources() grid {
	g := r.grid("single", "material", "source", "#needed")
	materials := r.materials()
	needs := newIndex()
	for side := range 2 {
		for _, f := range r.members(side) {
			for _, n := range f.GetNeeds() {
				if code := id(n.GetCapability()); slices.ContainsFunc(materials, func(c string) bool { return below(code, c) }) {
					needs.add(code, f.GetName())
				}
			}
		}
	}
	for _, code := range needs.keys() {
		var sources []*tandemv1.Firm
		for side := range 2 {
			for _, f := range r.members(side) {
				if slices.ContainsFunc(f.GetOffers(), func(o *tandemv1.Offer) bool { return below(id(o.GetCapability()), code) }) {
					sources = append(sources, f)
				}
			}
		}
		if len(sources) == 1 {
			g.add(r, append([]string{sources[0].GetName()}, needs.of(code)...), cell{Text: r.name("cap", code), Exact: "capabilities/" + code},
				r.exactly(r.firm(sources[0]), sources[0].GetName()), len(needs.of(code)))
		}
	}
	return g
}
