package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// pairing explains a scored pair: the score's own integers, split into parts, and what follows from them.
func (m *Market) pairing(first, second *firm, s scored) Pairing {
	first, second = first.told(), second.told()
	p := Pairing{
		First: first.id, Second: second.id, Tier: s.tier, Score: s.score,
		FirstCoverage:  int32(s.first * fullScore / fullCoverage),  //nolint:gosec // at most 10000
		SecondCoverage: int32(s.second * fullScore / fullCoverage), //nolint:gosec // at most 10000
	}
	if s.core == 0 {
		p.Notices = notices(first, second)
		return p
	}
	p.Band = m.prep.weights.band(s.tier, s.score)
	base := scoreOf(s.core, 0)
	p.Parts = m.prep.parts(first, second, s, base)
	c := m.prep.collaborate(first, second, base, p.Parts)
	p.PrimaryMode = c.primary
	p.Reasons = m.reasons(c, p.Parts)
	p.Frameworks = m.frameworks(c)
	p.FrameworkGaps = m.frameworkGaps(c)
	p.Programs = m.programs(c)
	p.Venue = m.venue(c)
	p.GateItems = m.gates(c)
	p.Gate = worst(p.GateItems)
	p.G2G = c.g2g()
	if p.G2G {
		p.Contacts = m.g2gContacts(c)
	}
	p.Themes, p.Labels = m.themes(c), m.labels(c, p.Frameworks)
	p.Notices = notices(first, second)
	return p
}

// parts splits the score. The base goes to the two coverages as f is to g, within each to its needs by what they bring;
// what the modulator adds goes to its terms. Every split is by largest remainder, so that all points sum to the score.
func (p *preparer) parts(first, second *firm, s scored, base int32) []Part {
	a, b := p.bestAnswers(nil, first, second), p.bestAnswers(nil, second, first)
	shares := split(base, []uint64{s.first, s.second})
	parts := p.needParts(First, first, second, a, shares[0], s.second)
	parts = append(parts, p.needParts(Second, second, first, b, shares[1], s.first)...)
	return append(parts, p.termParts(first, second, a, b, s, base)...)
}

// needParts makes a part for every need of one side.
func (p *preparer) needParts(side Side, seeker, other *firm, answers []answered, share int32, otherCoverage uint64) []Part {
	raws := make([]uint64, len(answers))
	for i, ans := range answers {
		raws[i] = uint64(ans.raw)
	}
	points := split(share, raws)
	parts := make([]Part, len(answers))
	for i, ans := range answers {
		n := &seeker.needs[i]
		part := Part{
			Kind: PartNeed, Side: side, Points: points[i],
			Need: &ItemRef{seeker.id, i, n.code},
		}
		if n.usable[other.class] != 0 {
			part.MaxPoints = max(points[i], p.needAtBest(raws, i, n.weight, otherCoverage))
		}
		if ans.offer >= 0 {
			o := other.offers[ans.offer]
			part.Offer = &ItemRef{other.id, ans.offer, o.code}
			at := p.affinity.at(n.code, o.code)
			part.Relation, part.Via = p.affinity.relation[at], p.affinity.via[at]
			part.Modes = n.usable[other.class] & o.serves
		}
		if seeker.profile.Needs[i].Aim == Customer {
			if n.sold >= 0 {
				part.Sold = &ItemRef{seeker.id, int(n.sold), seeker.offers[n.sold].code}
			}
		}
		part.Sentence = p.needSentence(seeker, other, &part)
		parts[i] = part
	}
	return parts
}

// needAtBest is what a need would bring if it were answered perfectly and all else stayed as it is.
func (p *preparer) needAtBest(raws []uint64, i int, weight uint32, otherCoverage uint64) int32 {
	best := slices.Clone(raws)
	best[i] = uint64(weight) * 255
	var raw uint64
	for _, r := range best {
		raw += r
	}
	own := p.weights.phi(uint32(raw))
	core, _ := p.weights.core(own, otherCoverage)
	share := split(scoreOf(core, 0), []uint64{own, otherCoverage})[0]
	return split(share, best)[i]
}

// split divides points in proportion to weights by largest remainder (Hamilton's method); equal remainders go to the
// earlier. With no weights nothing is given.
func split(points int32, weights []uint64) []int32 {
	shares := make([]int32, len(weights))
	var total uint64
	for _, w := range weights {
		total += w
	}
	if total == 0 {
		return shares
	}
	left := points
	order := make([]int, len(weights))
	for i, w := range weights {
		shares[i] = int32(uint64(points) * w / total) //nolint:gosec // points are 0 to 10000
		left -= shares[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(uint64(points)*weights[b]%total, uint64(points)*weights[a]%total) //nolint:gosec // points are 0 to 10000
	})
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

// termParts makes a part for every term of the modulator that could bring something.
func (p *preparer) termParts(first, second *firm, a, b []answered, s scored, base int32) []Part {
	values := make([]uint64, termCount)
	for t, v := range s.terms.value {
		values[t] = uint64(v) //nolint:gosec // not negative
	}
	points := split(s.score-base, values)
	var parts []Part
	for t := range termCount {
		if !s.terms.applies[t] {
			continue
		}
		limit := scoreOf(s.core, p.weights.terms[t]) - base
		part := Part{Kind: PartText + PartKind(t), Points: points[t], MaxPoints: max(points[t], limit)}
		p.tell(&part, t, first, second, a, b)
		parts = append(parts, part)
	}
	return parts
}

// capArg is a capability as an argument of a sentence.
func (p *preparer) capArg(code catalog.Code) string { return "cap:" + p.cat.Capability(code).Code }

func firmArg(f *firm) string { return "firm:" + f.id }

// needSentence says how a need is answered. Arguments: whose need, by whom, the need's capability, the offer's, what is
// sold, what both complete.
func (p *preparer) needSentence(seeker, other *firm, part *Part) Sentence {
	aim := seeker.profile.Needs[part.Need.Index].Aim
	if aim == 0 {
		aim = Partner
	}
	key := "engine.need." + strings.ToLower(aim.String()) + "."
	args := []string{firmArg(seeker), firmArg(other), p.capArg(part.Need.Capability)}
	if part.Offer == nil {
		return Sentence{key + "unmet", args}
	}
	args = append(args, p.capArg(part.Offer.Capability))
	relation := strings.ToLower(strings.ReplaceAll(part.Relation.String(), "_", "-"))
	switch {
	case aim == Customer && part.Sold == nil:
		return Sentence{key + "unsold", args}
	case aim == Customer:
		args = append(args, p.capArg(part.Sold.Capability))
		if part.Relation != Exact {
			relation = "beside"
			if p.downstream(part.Offer.Capability, part.Need.Capability) {
				relation = "near"
			}
		}
	case part.Relation == SecondHop:
		args = append(args, p.capArg(part.Via))
	}
	return Sentence{key + relation, args}
}

// reasons are up to three sentences that may be shown to the counterpart: the best answer in each direction, and in what
// way they could work together. They name coarse capabilities only, no needs' words and no numbers.
func (m *Market) reasons(c *collaboration, parts []Part) []Sentence {
	var out []Sentence
	for _, side := range [...]Side{First, Second} {
		var best *Part
		for i := range parts {
			if p := &parts[i]; p.Kind == PartNeed && p.Side == side && p.Offer != nil && (best == nil || p.Points > best.Points) {
				best = p
			}
		}
		if best == nil {
			continue
		}
		seeker, other := c.first, c.second
		if side == Second {
			seeker, other = c.second, c.first
		}
		key, brought := "engine.reason.brings", best.Offer.Capability
		if best.Sold != nil {
			key = "engine.reason.customer"
		}
		if best.Relation == Adjacent || best.Relation == SecondHop {
			key += ".completes"
		}
		out = append(out, Sentence{key, []string{firmArg(seeker), firmArg(other), m.prep.capArg(m.prep.cat.Group(brought))}})
	}
	return append(out, Sentence{"engine.reason.mode", []string{"mode:" + c.primary.String()}})
}

// g2gContacts are the bodies through which governments buy from each other.
func (m *Market) g2gContacts(c *collaboration) []string {
	var ids []string
	for i := range m.facts.Frameworks {
		f := &m.facts.Frameworks[i]
		if f.has(GateG2G) && m.applies(c, f) {
			ids = append(ids, m.contacts(f)...)
		}
	}
	return ids
}

// themes lists the fields of work and focus domains that a good part of the main needs, by points, belongs to.
func (m *Market) themes(c *collaboration) []string {
	var ids []string
	for i, t := range m.prep.cat.Themes() {
		if t.Kind != "theme" && t.Kind != "focus" || !t.IndustryFacing {
			continue
		}
		var inside, all int32
		covers := m.prep.tree.themes[i]
		for _, main := range c.main {
			all += main.points
			if covers[main.need] || covers[main.offer] || slices.ContainsFunc(main.passes, func(c catalog.Code) bool { return covers[c] }) {
				inside += main.points
			}
		}
		if inside > 0 && int(inside)*100 >= int(all)*m.prep.weights.themeShare {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// labels are the entries of external lists under which a pairing is filed: industrial capabilities and classes of
// materiel of what it is about, and the workstream of the resilience partnership.
func (m *Market) labels(c *collaboration, frameworks []FrameworkUse) []string {
	var labels []string
	for _, code := range c.codes {
		node := m.prep.cat.Capability(code)
		if node.KIC != "" {
			labels = append(labels, "kic:"+node.KIC)
		}
		for _, class := range node.KoreaClasses {
			labels = append(labels, "korea-class:"+class)
		}
		if node.RoadshowArea != "" {
			labels = append(labels, "roadshow-2025:"+node.RoadshowArea)
		}
	}
	for _, use := range frameworks {
		if slug := workstreams[c.primary]; slug != "" {
			if _, ok := m.prep.cat.Label(use.ID, slug); ok {
				labels = append(labels, use.ID+":"+slug)
			}
		}
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// workstreams are how a framework that sorts its work into workstreams, and whose id is a scheme of the catalogue's
// labels, calls the work of a mode.
var workstreams = map[Mode]string{
	CoSustainment: "sustainment", CoProduction: "production", LocalManufacturing: "production", Supply: "supply-chain-resilience",
}

// notices say what must be said of a pair wherever it is shown.
func notices(first, second *firm) []Sentence {
	var args []string
	for _, f := range [...]*firm{first, second} {
		if f.profile.Provenance == Compiled {
			args = append(args, firmArg(f))
		}
	}
	switch len(args) {
	case 0:
		return nil
	case 1:
		return []Sentence{{"engine.notice.compiled", args}}
	}
	return []Sentence{{"engine.notice.compiled.both", args}}
}
