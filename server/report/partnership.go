package report

import (
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// partnership writes what the two governments read for their talks: two pages of figures on paper, and behind each figure the
// names of the pairings or organisations that it counts. It is for governments only: principles and dialogues that firms are not
// routed to stand in it.
func (r *reader) partnership() *paper {
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
		r.byFramework(rows), r.byGap(rows), r.dialogues(rows), overdue, r.byDemand(rows), r.byProgram(rows), r.byTheme(rows), r.byMode(rows),
		r.byMaterial(rows), r.singleSources(), r.byLabel(rows), r.policies(rows), r.participation(rows), r.principles(),
	}
	p.Notes = []string{r.say("partnership.note"), r.say("report.footer")}
	p.Compiled = r.compiledNote()
	return p
}

// status is a framework's or programme's status with its date.
func (r *reader) statusCell(status, asOf string) string {
	if asOf == "" {
		return status
	}
	return r.say("list.comma", catalog.Literal(status), "date:"+asOf)
}

func (r *reader) frameworkStatusCell(name string) string {
	f := r.frameworks[name]
	return r.statusCell(r.frameworkStatus(f.GetStatus().String()), f.GetAsOf())
}

// factCell names a row of the facts, with its resource name for programs.
func (r *reader) factCell(prefix, name string) cell {
	return cell{Text: capitalised(r.name(prefix, id(name))), Exact: name}
}

// reviewers are the dialogues that review a framework: those held under it, else those held under the one that it belongs to.
func (r *reader) reviewers(name string) []string {
	for depth := 0; name != "" && depth < len(r.frameworks); depth++ {
		var found []string
		for _, f := range r.report.Snapshot.GetFrameworks() {
			if f.GetKind() == tandemv1.Framework_DIALOGUE && f.GetParent() == name {
				found = append(found, f.GetName())
			}
		}
		if len(found) > 0 {
			return found
		}
		name = r.frameworks[name].GetParent()
	}
	return nil
}

// byFramework counts the pairings that can use each framework that is no dialogue and no policy.
func (r *reader) byFramework(rows []row) grid {
	g := r.grid("frameworks", "framework", "status", "reviewed_in", "#pairings")
	g.Most = 8
	uses := newIndex()
	for _, w := range rows {
		for _, use := range w.GetFrameworks() {
			uses.add(use.GetFramework(), w.GetName())
		}
	}
	for _, name := range uses.keys() {
		if kind := r.frameworks[name].GetKind(); kind != tandemv1.Framework_DIALOGUE && kind != tandemv1.Framework_POLICY {
			g.add(r, uses.of(name), r.factCell("fw", name), r.frameworkStatusCell(name), r.reviewedIn(name), len(uses.of(name)))
		}
	}
	return g
}

// namesShown is how many names of dialogues a cell holds.
const namesShown = 2

func (r *reader) reviewedIn(name string) string {
	reviewers := r.reviewers(name)
	said := strings.Join(r.names("fw", reviewers[:min(namesShown, len(reviewers))]), "; ")
	if more := len(reviewers) - namesShown; more > 0 {
		return r.say("partnership.and_more", catalog.Literal(said), catalog.Number(more))
	}
	return said
}

func (r *reader) byGap(rows []row) grid {
	g := r.grid("gaps", "framework", "status", "#pairings")
	wanted := newIndex()
	for _, w := range rows {
		for _, use := range w.GetFrameworkGaps() {
			wanted.add(use.GetFramework(), w.GetName())
		}
	}
	for _, name := range wanted.keys() {
		g.add(r, wanted.of(name), r.factCell("fw", name), r.frameworkStatusCell(name), len(wanted.of(name)))
	}
	return g
}

// dialogues counts what each dialogue has before it: the pairings that it concerns itself, those under the instrument that it
// reviews, and those of the dialogues that are held under it.
func (r *reader) dialogues(rows []row) grid {
	g := r.grid("dialogues", "dialogue", "under", "status", "#pairings")
	g.Most = 9
	before := newIndex()
	for _, f := range r.report.Snapshot.GetFrameworks() {
		if f.GetKind() != tandemv1.Framework_DIALOGUE {
			continue
		}
		for _, w := range rows {
			if r.concerns(f, w) {
				before.add(f.GetName(), w.GetName())
			}
		}
	}
	listed := before.keys()
	for _, f := range r.report.Snapshot.GetFrameworks() {
		if f.GetKind() == tandemv1.Framework_DIALOGUE && !slices.Contains(listed, f.GetName()) {
			listed = append(listed, f.GetName())
		}
	}
	for _, name := range listed {
		under := ""
		if parent := r.frameworks[name].GetParent(); parent != "" {
			under = r.name("fw", id(parent))
		}
		g.add(r, before.of(name), r.factCell("fw", name), under, r.frameworkStatusCell(name), len(before.of(name)))
	}
	return g
}

// concerns tells whether a dialogue has a pairing before it. The umbrella does not count as an instrument under review: every
// pairing stands under it.
func (r *reader) concerns(dialogue *tandemv1.Framework, w row) bool {
	umbrella := r.report.Snapshot.GetPartnership().GetUmbrellaFramework()
	for _, use := range w.GetFrameworks() {
		name := use.GetFramework()
		if name == dialogue.GetParent() && name != umbrella && r.frameworks[name].GetKind() != tandemv1.Framework_DIALOGUE {
			return true
		}
		for depth := 0; name != "" && depth < len(r.frameworks) && r.frameworks[name].GetKind() == tandemv1.Framework_DIALOGUE; depth++ {
			if name == dialogue.GetName() {
				return true
			}
			name = r.frameworks[name].GetParent()
		}
	}
	return false
}

// overdue lists the dialogues that have not met for longer than their cadence allows.
func (r *reader) overdue() grid {
	g := r.grid("overdue", "dialogue", "last", "due")
	asOf := r.report.Snapshot.GetAsOf()
	for _, f := range r.report.Snapshot.GetFrameworks() {
		if m := meetingsOf(f, asOf); Overdue(f, asOf) {
			g.add(r, []string{f.GetName()}, r.factCell("fw", f.GetName()), cell{Text: r.date(m.last), Exact: m.last}, cell{Text: r.date(m.due), Exact: m.due})
		}
	}
	return g
}

// byDemand counts the pairings whose gate waits for each thing, with what it takes.
func (r *reader) byDemand(rows []row) grid {
	g := r.grid("gates", "demand", "state", "action", "#pairings")
	g.Most = 5
	waiting, items := newIndex(), map[string]*tandemv1.Gate_Item{}
	for _, w := range rows {
		for _, item := range w.GetGate().GetItems() {
			if item.GetState() > tandemv1.Gate_CLEAR {
				key := item.GetToken() + " " + item.GetState().String() + " " + r.demand(item)
				waiting.add(key, w.GetName())
				items[key] = item
			}
		}
	}
	for _, key := range waiting.keys() {
		item := items[key]
		g.add(r, waiting.of(key), cell{Text: capitalised(r.name("rule", item.GetToken())), Exact: item.GetToken()},
			cell{Text: r.name("gate", item.GetState().String()), Exact: item.GetState().String()}, r.demand(item), len(waiting.of(key)))
	}
	return g
}

// byProgram counts the pairings of each programme by what its award means for them.
func (r *reader) byProgram(rows []row) grid {
	g := r.grid("programs", "program", "status", "award", "#pairings")
	g.Most = 7
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
			r.statusCell(r.name("program_status", token(program.GetStatus().String())), program.GetAsOf()),
			cell{Text: r.say("report.award." + state), Exact: state}, len(uses.of(key)))
	}
	return g
}

// byTheme counts the pairings of each domain and theme of the partnership; the focus domains come first.
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
		if name := "themes/" + theme.ID; theme.Kind == "theme" && len(theme.Capabilities) > 0 && !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
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
	g.Most = 8
	tagged := newIndex()
	for _, w := range rows {
		for _, tag := range w.GetTags() {
			tagged.add(tag, w.GetName())
		}
	}
	for _, tag := range tagged.keys() {
		scheme, _, _ := strings.Cut(id(tag), ".")
		list := scheme
		if key := "paper.list." + scheme; r.cat.HasSentence(key) {
			list = r.say(key)
		}
		g.add(r, tagged.of(tag), list, cell{Text: r.label(tag), Exact: tag}, len(tagged.of(tag)))
	}
	return g
}

// served tells whether a pairing is what a policy asks for: its way of working together and what one looks for and the other
// answers are among the policy's.
func served(policy *tandemv1.Framework, w row) bool {
	return slices.Contains(policy.GetModes(), w.GetPrimaryMode()) && slices.ContainsFunc(w.GetComponents(), func(c *tandemv1.Component) bool {
		return c.GetKind() == tandemv1.Component_NEED && c.GetPoints() > 0 &&
			(len(policy.GetCapabilities()) == 0 || slices.ContainsFunc(policy.GetCapabilities(), func(wanted string) bool {
				return below(id(c.GetNeed().GetCapability()), id(wanted))
			}))
	})
}

// policies counts the pairings that each policy of the two sides asks for.
func (r *reader) policies(rows []row) grid {
	g := r.grid("policies", "policy", "side", "status", "#pairings")
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
		g.add(r, pairingNames(own), r.factCell("fw", f.GetName()), r.partySide(f), r.frameworkStatusCell(f.GetName()), len(own))
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

// participation counts the organisations of both sides by kind, size and region, and those of them that have a pairing.
func (r *reader) participation(rows []row) grid {
	g := r.grid("participation", "by", "value", "#first_firms", "#second_firms", "#with_pairing")
	g.Most = 12
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
	g.Most = 8
	for _, theme := range r.cat.Themes() {
		if theme.Kind == "principle" {
			g.add(r, nil, r.factCell("theme", "themes/"+theme.ID), r.yes(theme.IndustryFacing))
		}
	}
	return g
}
