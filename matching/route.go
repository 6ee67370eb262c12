package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// covers tells whether a framework speaks of one of the capabilities; one without capabilities speaks of all.
func (m *Market) covers(f *Framework, codes ...catalog.Code) bool {
	return len(f.Capabilities) == 0 || m.specificity(f, codes) > 0
}

// specificity is the depth of the narrowest capability of a framework that one of the codes lies in; 0 if none does.
func (m *Market) specificity(f *Framework, codes []catalog.Code) int {
	depth := 0
	for _, root := range f.Capabilities {
		if slices.ContainsFunc(codes, func(c catalog.Code) bool { return m.prep.tree.within(c, root) }) {
			depth = max(depth, m.prep.tree.depth[root])
		}
	}
	return depth
}

// applies tells whether a framework speaks of what a pairing's main needs are about and of its primary mode, or of
// procurement between governments if that is in play.
func (m *Market) applies(c *collaboration, f *Framework) bool {
	mode := f.Modes == 0 || f.Modes.Has(c.primary) || c.g2g() && f.Modes.Has(G2GProcurement)
	return mode && m.covers(f, c.codes...)
}

// routable tells whether a framework is a way that firms can go: not a policy, a meeting place, or a control regime, and
// meant for industry.
func routable(f *Framework) bool {
	if !f.IndustryFacing || f.Kind == "policy" || f.Kind == "forum" || f.Kind == "trade-show" {
		return false
	}
	return !slices.ContainsFunc(f.Gates, func(gate GateToken) bool {
		switch gate {
		case GateClassified, GateGovernmentOnly, GateExportLicence, GateMTCR, GateThirdCountry, GateSanctions, GateAward:
			return true
		default:
			return false
		}
	})
}

// missing tells whether an instrument is wanted but not there.
func missing(f *Framework) bool {
	return (f.Kind == "mou" || f.Kind == "agreement") && (f.Status == Expected || f.Status == Planned)
}

// frameworks lists what a pairing can use: the umbrella first, then the instruments whose capabilities fit most
// narrowly. An instrument brings the one it was made under. Frameworks that speak of everything say nothing and are left
// out.
func (m *Market) frameworks(c *collaboration) []FrameworkUse {
	specific := map[string]int{}
	for i := range m.facts.Frameworks {
		f := &m.facts.Frameworks[i]
		if !routable(f) || missing(f) || len(f.Capabilities) == 0 || !m.applies(c, f) {
			continue
		}
		depth := m.specificity(f, c.codes)
		specific[f.ID] = max(specific[f.ID], depth)
		for parent := m.framework(f.Parent); parent != nil; parent = m.framework(parent.Parent) {
			if routable(parent) && !missing(parent) {
				specific[parent.ID] = max(specific[parent.ID], depth)
			}
		}
	}
	var uses []FrameworkUse
	for i := range m.facts.Frameworks {
		f := &m.facts.Frameworks[i]
		if _, ok := specific[f.ID]; ok {
			key := "engine.framework"
			if f.ID == m.facts.Umbrella {
				key = "engine.framework.umbrella"
			}
			uses = append(uses, m.frameworkUse(f, key, c.primary))
		}
	}
	rank := func(u FrameworkUse) int {
		f := m.framework(u.ID)
		switch {
		case f.ID == m.facts.Umbrella:
			return 0
		case f.Kind == "mou" || f.Kind == "agreement":
			return 10 - specific[f.ID]
		case f.Kind == "initiative":
			return 20 - specific[f.ID]
		}
		return 30 - specific[f.ID]
	}
	slices.SortStableFunc(uses, func(a, b FrameworkUse) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.ID, b.ID))
	})
	return uses[:min(len(uses), m.prep.weights.maxFrameworks)]
}

// frameworkGaps lists instruments that the pair would need and that are expected or planned, for any mode in play.
func (m *Market) frameworkGaps(c *collaboration) []FrameworkUse {
	var gaps []FrameworkUse
	for i := range m.facts.Frameworks {
		f := &m.facts.Frameworks[i]
		if routable(f) && missing(f) && len(f.Capabilities) > 0 && f.Modes&c.inPlay != 0 && m.covers(f, c.codes...) {
			wanted := primaryMode([modeCount + 1]int64{}, f.Modes&c.inPlay)
			gaps = append(gaps, m.frameworkUse(f, "engine.framework.gap", wanted))
		}
	}
	return gaps
}

func (m *Market) frameworkUse(f *Framework, key string, mode Mode) FrameworkUse {
	return FrameworkUse{
		ID: f.ID, Status: f.Status, Contacts: m.contacts(f),
		Sentence: Sentence{key, []string{
			"fw:" + f.ID, "mode:" + mode.String(), "framework_status:" + string(f.Status), "date:" + f.StatusDate.String(),
		}},
	}
}

func (m *Market) framework(id string) *Framework {
	i := slices.IndexFunc(m.facts.Frameworks, func(f Framework) bool { return f.ID == id })
	if id == "" || i < 0 {
		return nil
	}
	return &m.facts.Frameworks[i]
}

// contacts finds the bodies among a framework's parties that the catalogue knows and that firms may turn to.
func (m *Market) contacts(f *Framework) []string {
	var ids []string
	for _, party := range f.Parties {
		_, body, ok := strings.Cut(party, ":")
		if !ok {
			continue
		}
		id := strings.ReplaceAll(strings.ToLower(body), " ", "-")
		if actor, ok := m.prep.cat.Actor(id); ok && actor.IndustryFacing {
			ids = append(ids, id)
		}
	}
	return ids
}

// contactList is the contacts as one argument of a sentence, falling back to the parties as written.
func (m *Market) contactList(f *Framework) string {
	var args []string
	for _, id := range m.contacts(f) {
		args = append(args, "actor:"+id)
	}
	if len(args) == 0 {
		for _, party := range f.Parties {
			args = append(args, catalog.Literal(party))
		}
	}
	return catalog.List(args...)
}

// programs lists the programmes that a pairing serves: those that both organisations name, then those whose needs its
// main needs touch on both ends, most first.
func (m *Market) programs(c *collaboration) []ProgramUse {
	type candidate struct {
		program *Program
		named   bool
		points  int32
	}
	var found []candidate
	for i := range m.facts.Programs {
		p := &m.facts.Programs[i]
		named := slices.Contains(c.first.profile.Programs, p.ID) && slices.Contains(c.second.profile.Programs, p.ID)
		var points int32
		for _, main := range c.main {
			if m.touches(main.need, p.Capabilities) && m.touches(main.offer, p.Capabilities) {
				points += main.points
			}
		}
		if named || points > 0 {
			found = append(found, candidate{p, named, points})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		if a.named != b.named {
			return map[bool]int{true: -1, false: 1}[a.named]
		}
		return cmp.Or(cmp.Compare(b.points, a.points), strings.Compare(a.program.ID, b.program.ID))
	})
	uses := make([]ProgramUse, 0, len(found))
	for _, f := range found[:min(len(found), m.prep.weights.maxPrograms)] {
		uses = append(uses, m.programUse(f.program))
	}
	return uses
}

// touches tells whether a capability is one of a programme's, lies below one, or is the group of one.
func (m *Market) touches(code catalog.Code, capabilities []catalog.Code) bool {
	return slices.ContainsFunc(capabilities, func(c catalog.Code) bool {
		return m.prep.tree.within(code, c) || m.prep.tree.depth[code] > 1 && m.prep.tree.within(c, code)
	})
}

func (m *Market) programUse(p *Program) ProgramUse {
	use := ProgramUse{ID: p.ID, Condition: p.AwardCondition, State: m.programState(p)}
	key := "engine.program." + strings.ToLower(use.State.String())
	if use.State == ProgramActive && p.AwardCondition != "" {
		key = "engine.program.awarded"
	}
	use.Sentence = Sentence{key, []string{"prog:" + p.ID, "program_status:" + p.Status, "country:" + cmp.Or(p.AwardedTo, p.Owner)}}
	return use
}

// programState decides what an award means: it activates a pairing when it went to a side of the partnership and ends
// its reason when it went elsewhere. An award without a named winner leaves the condition open.
func (m *Market) programState(p *Program) ProgramState {
	switch {
	case p.Status == "cancelled":
		return ProgramLapsed
	case p.AwardCondition == "":
		return ProgramActive
	case p.AwardedTo == "" || p.Status == "planned" || p.Status == "competition":
		return ProgramConditional
	case m.belongs(p.AwardedTo):
		return ProgramActive
	}
	return ProgramLapsed
}

// belongs tells whether a country is on a side of the partnership.
func (m *Market) belongs(country string) bool {
	return slices.Contains(m.facts.Sides[First].Countries, country) || slices.Contains(m.facts.Sides[Second].Countries, country)
}

// venue finds the next event for one of a pairing's domains where business is done.
func (m *Market) venue(c *collaboration) *VenueUse {
	var best *VenueUse
	bestShared := 0
	for i := range m.facts.Venues {
		v := &m.facts.Venues[i]
		shared := 0
		for _, code := range c.codes {
			if m.prep.tree.withinAny(code, v.Domains) {
				shared++
			}
		}
		when, ok := v.next(m.facts.AsOf)
		if v.Kind == "dialogue" || shared == 0 || !ok {
			continue
		}
		if order := 0; best != nil {
			order = cmp.Or(when.Compare(best.When), cmp.Compare(bestShared, shared), strings.Compare(v.ID, best.ID))
			if order >= 0 {
				continue
			}
		}
		best, bestShared = &VenueUse{ID: v.ID, When: when}, shared
	}
	if best != nil {
		best.Sentence = Sentence{"engine.venue", []string{"venue:" + best.ID, "date:" + best.When.String()}}
	}
	return best
}

// next is when a venue's next edition is: its known date, or else the next month that its cadence names after the last
// edition.
func (v *Venue) next(from Date) (Date, bool) {
	if !v.Next.IsZero() && v.Next.Compare(from) >= 0 || v.Next.Day == 0 && v.Next.month() == from.month() {
		return v.Next, !v.Next.IsZero()
	}
	cadence, _, _ := strings.Cut(v.Cadence, " ")
	if v.Month == 0 || cadence == "irregular" {
		return Date{}, false
	}
	for year := from.Year; year <= from.Year+3; year++ {
		edition := Date{Year: year, Month: v.Month}
		if cadence == "biennial-odd" && year%2 == 0 || cadence == "biennial-even" && year%2 == 1 {
			continue
		}
		if edition.Compare(from.month()) >= 0 && edition.Compare(v.Last.month()) > 0 {
			return edition, true
		}
	}
	return Date{}, false
}
