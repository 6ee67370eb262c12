package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// partnership writes what the two governments read for their talks: two pages of figures on paper, and behind each figure the
// names of the pairings or organisations that it counts. It is for governments only: principles and dialogues that firms are not
// routed to stand in it.
func (r *reader) partnership(period Period) *paper {
	rows := r.rows()
	t := sumUp(rows)
	p := r.paper(tandemv1.DownloadReportRequest_PARTNERSHIP)
	p.Dense = true
	p.Intro = []string{r.say("partnership.intro", catalog.Literal(r.side(0)), catalog.Literal(r.side(1)), "date:"+r.report.Snapshot.GetAsOf())}
	overdue := r.overdue()
	p.Figures = []figure{
		{Value: r.number(t.pairings), Label: r.say("report.figure.pairings", catalog.Number(t.pairings)), Note: r.scope()},
		{Value: r.number(t.reciprocal), Label: r.say("report.figure.reciprocal", catalog.Number(t.reciprocal))},
		{Value: r.number(t.unsettled()), Label: r.say("report.figure.unsettled", catalog.Number(t.unsettled()))},
		{Value: r.number(len(t.gaps.counts)), Label: r.say("report.figure.gaps", catalog.Number(len(t.gaps.counts)))},
		{Value: r.number(len(overdue.Records)), Label: r.say("partnership.figure.overdue", catalog.Number(len(overdue.Records)))},
	}
	p.Grids = []grid{
		r.byFramework(rows), r.byGap(rows), r.issues(rows), r.dialogues(rows), overdue, r.byDemand(rows), r.byProgram(rows), r.byTheme(rows), r.byMode(rows),
		r.byMaterial(rows), r.singleSources(), r.workstreams(rows), r.byLabel(rows), r.policies(rows), r.byVenue(rows), r.participation(rows),
		r.principles(),
	}
	if period.First != "" {
		p.Grids = append(p.Grids, r.calendar(period))
	}
	if women := r.women(rows); len(women.Records) > 0 {
		p.Grids = append(p.Grids, women)
	}
	if sums := r.investments(rows); len(sums.Records) > 0 {
		p.Grids = append(p.Grids, sums)
	}
	p.Notes = []string{r.say("partnership.note"), r.say("report.footer")}
	p.Compiled = r.compiledNote()
	return p
}

// statusCells are a framework's status and its date.
func (r *reader) statusCells(name string) (status, asOf cell) {
	f := r.frameworks[name]
	return cell{Text: r.frameworkStatus(f.GetStatus().String()), Exact: f.GetStatus().String(), Class: "brief"}, dayCell(f.GetAsOf())
}

// dayCell is a date, which is short so that its column is narrow.
func dayCell(day string) cell { return cell{Text: day, Class: "day"} }

// factCell names a row of the facts, with its resource name for programs.
func (r *reader) factCell(prefix, name string) cell {
	return cell{Text: capitalised(r.name(prefix, id(name))), Exact: name}
}

// byFramework counts the pairings that can use each framework that is no dialogue and no policy.
func (r *reader) byFramework(rows []row) grid {
	g := r.grid("frameworks", "framework", "status", "since", "reviewed_in", "#pairings")
	g.Most = 6
	uses := newIndex()
	for _, w := range rows {
		for _, use := range w.GetFrameworks() {
			uses.add(use.GetFramework(), w.GetName())
		}
	}
	for _, name := range uses.keys() {
		if kind := r.frameworks[name].GetKind(); kind != tandemv1.Framework_DIALOGUE && kind != tandemv1.Framework_POLICY {
			status, asOf := r.statusCells(name)
			g.add(r, uses.of(name), r.factCell("fw", name), status, asOf, r.reviewedIn(name), len(uses.of(name)))
		}
	}
	return g
}

func (r *reader) byGap(rows []row) grid {
	g := r.grid("gaps", "framework", "status", "since", "#pairings")
	wanted := newIndex()
	for _, w := range rows {
		for _, use := range w.GetFrameworkGaps() {
			wanted.add(use.GetFramework(), w.GetName())
		}
	}
	for _, name := range wanted.keys() {
		status, asOf := r.statusCells(name)
		g.add(r, wanted.of(name), r.factCell("fw", name), status, asOf, len(wanted.of(name)))
	}
	return g
}

// byProgram counts the pairings of each programme by what its award means for them.
func (r *reader) byProgram(rows []row) grid {
	g := r.grid("programs", "program", "status", "since", "award", "#pairings")
	g.Most = 6
	uses := newIndex()
	for _, w := range rows {
		for _, use := range w.GetPrograms() {
			uses.add(use.GetProgram()+" "+use.GetState().String(), w.GetName())
		}
	}
	for _, key := range uses.keys() {
		name, state, _ := strings.Cut(key, " ")
		program := r.programs[name]
		g.add(r, uses.of(key), r.factCell("prog", name),
			cell{Text: r.name("program_status", token(program.GetStatus().String())), Exact: program.GetStatus().String(), Class: "brief"}, dayCell(program.GetAsOf()),
			cell{Text: r.say("report.award." + state), Exact: state}, len(uses.of(key)))
	}
	return g
}

// byTheme counts the pairings of each domain and theme of the partnership; the focus domains come first, then who has most.
// Pairings are never filed under themes that are not for industry, so those have no row.
func (r *reader) byTheme(rows []row) grid {
	g := r.grid("themes", "theme", "#pairings", "#strong", "#first_firms", "#second_firms")
	g.Most = 12
	own := map[string][]row{}
	for _, w := range rows {
		for _, theme := range w.GetThemes() {
			own[theme] = append(own[theme], w)
		}
	}
	order := slices.Clone(r.report.Snapshot.GetPartnership().GetFocusThemes())
	for _, theme := range r.cat.Themes() {
		if name := "themes/" + theme.ID; theme.Kind == "theme" && theme.IndustryFacing && len(theme.Capabilities) > 0 && !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	slices.SortStableFunc(order[len(r.report.Snapshot.GetPartnership().GetFocusThemes()):], func(a, b string) int {
		return cmp.Compare(len(own[b]), len(own[a]))
	})
	for _, theme := range order {
		t := sumUp(own[theme])
		g.add(r, pairingNames(own[theme]), r.factCell("theme", theme), t.pairings, t.bands[tandemv1.Pairing_STRONG], len(t.firms[0]), len(t.firms[1]))
	}
	return g
}

func pairingNames(rows []row) []string {
	var list []string
	for _, w := range rows {
		list = append(list, w.GetName())
	}
	return sorted(list)
}

func (r *reader) byMode(rows []row) grid {
	g := r.grid("modes", "mode", "#pairings")
	best := newIndex()
	for _, w := range rows {
		best.add(w.GetPrimaryMode().String(), w.GetName())
	}
	for _, mode := range best.keys() {
		g.add(r, best.of(mode), cell{Text: capitalised(r.name("mode", mode)), Exact: mode}, len(best.of(mode)))
	}
	return g
}

// byLabel counts the pairings under each label of the lists of both sides and of the partnership's others.
func (r *reader) byLabel(rows []row) grid {
	g := r.grid("labels", "list", "label", "#pairings")
	g.Most = 6
	tagged := labelled(rows)
	for _, tag := range tagged.keys() {
		scheme, _, _ := strings.Cut(id(tag), ".")
		if r.frameworks["frameworks/"+scheme] != nil {
			continue // a workstream
		}
		list := scheme
		if key := "paper.list." + scheme; r.cat.HasSentence(key) {
			list = r.say(key)
		}
		g.add(r, tagged.of(tag), list, cell{Text: r.label(tag), Exact: tag}, len(tagged.of(tag)))
	}
	return g
}

// workstreams counts the pairings in each workstream of the frameworks that sort their work: the labels of a list whose name is a
// framework's id.
func (r *reader) workstreams(rows []row) grid {
	g := r.grid("workstreams", "framework", "workstream", "#pairings")
	tagged := labelled(rows)
	for _, tag := range tagged.keys() {
		scheme, _, _ := strings.Cut(id(tag), ".")
		if name := "frameworks/" + scheme; r.frameworks[name] != nil {
			g.add(r, tagged.of(tag), r.factCell("fw", name), cell{Text: r.label(tag), Exact: tag}, len(tagged.of(tag)))
		}
	}
	return g
}

// labelled counts the pairings of each label of an outside list.
func labelled(rows []row) *behind {
	tagged := newIndex()
	for _, w := range rows {
		for _, tag := range w.GetTags() {
			tagged.add(tag, w.GetName())
		}
	}
	return tagged
}

// answered lists what a pairing is about: each need that it answers with what answers it, the one that counts most first.
func answered(w row) []*tandemv1.Component {
	var list []*tandemv1.Component
	for _, c := range w.GetComponents() {
		if c.GetKind() == tandemv1.Component_NEED && c.GetPoints() > 0 {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *tandemv1.Component) int { return cmp.Compare(b.GetPoints(), a.GetPoints()) })
	return list
}

// about tells whether the need that counts most in a pairing, or what answers it, is among capabilities or below them. None stated
// are all.
func about(w row, capabilities []string) bool {
	if len(capabilities) == 0 {
		return true
	}
	list := answered(w)
	return len(list) > 0 && slices.ContainsFunc(capabilities, func(wanted string) bool {
		return below(id(list[0].GetNeed().GetCapability()), id(wanted)) || below(id(list[0].GetOffer().GetCapability()), id(wanted))
	})
}

// served tells whether a pairing is what a policy asks for. Like a framework, a policy speaks of ways of working together and of
// capabilities.
func served(policy *tandemv1.Framework, w row) bool {
	return (len(policy.GetModes()) == 0 || slices.Contains(policy.GetModes(), w.GetPrimaryMode())) && about(w, policy.GetCapabilities())
}

// policies counts the pairings that each policy of the two sides asks for.
func (r *reader) policies(rows []row) grid {
	g := r.grid("policies", "policy", "side", "status", "since", "#pairings")
	for _, f := range r.report.Snapshot.GetFrameworks() {
		if f.GetKind() != tandemv1.Framework_POLICY {
			continue
		}
		var own []row
		for _, w := range rows {
			if served(f, w) {
				own = append(own, w)
			}
		}
		status, asOf := r.statusCells(f.GetName())
		g.add(r, pairingNames(own), r.factCell("fw", f.GetName()), r.partySide(f), status, asOf, len(own))
	}
	return g
}

// partySide is the side whose country is the first party of a framework.
func (r *reader) partySide(f *tandemv1.Framework) string {
	for _, party := range f.GetParties() {
		country, _, _ := strings.Cut(party, ":")
		for i, side := range r.report.Snapshot.GetPartnership().GetSides() {
			if slices.Contains(side.GetCountries(), country) {
				return r.side(i)
			}
		}
	}
	return ""
}

// byVenue counts the pairings that next meet at each venue, by the country that holds it: as far as data tell, how far each side goes
// to the other's shows.
func (r *reader) byVenue(rows []row) grid {
	g := r.grid("venues", "venue", "host", "next", "#first_firms", "#second_firms", "#pairings")
	g.Most = 5
	meets := map[string][]row{}
	for _, w := range rows {
		if name := w.GetVenue().GetVenue(); name != "" {
			meets[name] = append(meets[name], w)
		}
	}
	for _, name := range sumUp(rows).venues.sorted() {
		t, line := sumUp(meets[name]), r.venueLine(name, len(meets[name]))
		g.add(r, pairingNames(meets[name]), r.factCell("venue", name), cell{Text: r.name("country", r.venues[name].GetCountry()), Exact: r.venues[name].GetCountry()},
			line.Date, len(t.firms[0]), len(t.firms[1]), t.pairings)
	}
	return g
}

// participation counts the organisations of both sides by kind, size and region, and those of them that have a pairing.
func (r *reader) participation(rows []row) grid {
	g := r.grid("participation", "by", "value", "#first_firms", "#second_firms", "#with_pairing")
	g.Most = 11
	paired := sumUp(rows).firms
	for _, by := range []struct {
		key   string
		value func(*tandemv1.Firm) string
	}{
		{"kind", func(f *tandemv1.Firm) string { return r.name("kind", f.GetKind().String()) }},
		{"size", func(f *tandemv1.Firm) string {
			if f.GetSize() == tandemv1.Firm_SIZE_UNSPECIFIED {
				return ""
			}
			return r.name("size", f.GetSize().String())
		}},
		{"region", func(f *tandemv1.Firm) string { return r.place(f) }},
	} {
		groups := newIndex()
		for side := range 2 {
			for _, f := range r.members(side) {
				if value := by.value(f); value != "" {
					groups.add(value, f.GetName())
				}
			}
		}
		for _, value := range groups.keys() {
			counts, with := [2]int{}, 0
			for _, name := range groups.of(value) {
				side := r.sideOf(r.firms[name])
				counts[side]++
				if paired[side][name] {
					with++
				}
			}
			g.add(r, groups.of(value), cell{Text: r.say("paper.by." + by.key), Exact: by.key}, value, counts[0], counts[1], with)
		}
	}
	return g
}

// principles lists what the partnership rests on, and whether texts for firms may name it.
func (r *reader) principles() grid {
	g := r.grid("principles", "principle", "for_firms")
	g.Most = 6
	for _, theme := range r.cat.Themes() {
		if theme.Kind == "principle" {
			g.add(r, nil, r.factCell("theme", "themes/"+theme.ID), r.yes(theme.IndustryFacing))
		}
	}
	return g
}
