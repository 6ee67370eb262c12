package report

import (
	"cmp"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// shown is how often an organisation is shown to others.
type exposed struct {
	firm *tandemv1.Firm
	to   []string // organisations in whose list it stands, by name
	own  int      // length of its own list
}

// exposed counts for each organisation of the snapshot in whose lists it stands, the most shown first. A place in a list is a rank
// that is not 0.
func (r *reader) exposed() ([]exposed, error) {
	to, own := map[string][]string{}, map[string]int{}
	err := r.each(nil, func(p row) error {
		first, second := p.GetFirst().GetName(), p.GetSecond().GetName()
		if p.GetFirstRank() > 0 {
			own[first]++
			to[second] = append(to[second], first)
		}
		if p.GetSecondRank() > 0 {
			own[second]++
			to[first] = append(to[first], second)
		}
		return nil
	})
	var list []exposed
	for _, f := range r.report.Snapshot.GetFirms() {
		list = append(list, exposed{firm: f, to: sorted(to[f.GetName()]), own: own[f.GetName()]})
	}
	slices.SortFunc(list, func(a, b exposed) int {
		return cmp.Or(cmp.Compare(len(b.to), len(a.to)), cmp.Compare(b.own, a.own), cmp.Compare(a.firm.GetName(), b.firm.GetName()))
	})
	return list, err
}

// unshown says why an organisation stands in nobody's list; empty where it stands in one.
func (r *reader) unshown(e exposed) string {
	switch f := e.firm; {
	case len(e.to) > 0:
		return ""
	case len(f.GetMissing()) > 0:
		fields := make([]string, len(f.GetMissing()))
		for i, field := range f.GetMissing() {
			fields[i] = "field:" + field
		}
		return r.say("exposure.why.missing", catalog.List(fields...))
	case f.GetState() != tandemv1.Firm_APPROVED:
		return r.say("exposure.why.not_approved")
	case e.own == 0:
		return r.say("exposure.why.nobody")
	default:
		return r.say("exposure.why.crowded", catalog.Number(e.own), catalog.Number(int(r.report.Snapshot.GetTop())))
	}
}

// mostShown is how many organisations the figure of concentration counts.
const mostShown = 5

func (r *reader) exposure() (*paper, error) {
	p := r.paper(tandemv1.DownloadReportRequest_EXPOSURE)
	p.Intro = []string{r.say("exposure.intro", catalog.Number(int(r.report.Snapshot.GetTop()))), r.say("exposure.intro.rule")}
	list, err := r.exposed()
	if err != nil {
		return nil, err
	}
	all := r.grid("shown", "organisation", "side", "kind", "#shown", "share", "#own", "why")
	missed := r.grid("unshown", "organisation", "side", "#own", "why")
	whom := r.grid("whom", "organisation", "shown_to")
	places, top, seen, unseen := 0, 0, 0, 0
	for i, e := range list {
		places += len(e.to)
		if i < mostShown {
			top += len(e.to)
		}
	}
	for _, e := range list {
		name, side, why := r.firm(e.firm), r.sideName(e.firm), r.unshown(e)
		all.add(r, e.to, r.exactly(name, e.firm.GetName()), side, r.kind(e.firm), len(e.to), r.percent(len(e.to), places), e.own, why)
		if why == "" {
			seen++
			whom.add(r, e.to, name, r.cat.Name(r.lang, catalog.List(typedNames(e.to)...)))
		} else {
			unseen++
			missed.add(r, []string{e.firm.GetName()}, name, side, e.own, why)
		}
	}
	p.Figures = []figure{
		{Value: r.number(seen), Label: r.say("exposure.figure.seen", catalog.Number(seen))},
		{Value: r.number(unseen), Label: r.say("exposure.figure.unseen", catalog.Number(unseen))},
		{Value: r.number(places), Label: r.say("exposure.figure.places", catalog.Number(places))},
	}
	if len(list) > 0 {
		most := list[0]
		p.Figures = append(p.Figures,
			figure{Value: r.percent(len(most.to), places), Label: r.say("exposure.figure.most", catalog.Literal(r.firm(most.firm).Name.Text)), Note: r.say("exposure.figure.most.of", catalog.Number(len(most.to)), catalog.Number(places))},
			figure{Value: r.percent(top, places), Label: r.say("exposure.figure.top", catalog.Number(min(mostShown, len(list))))})
	}
	p.Grids = []grid{all, missed, whom}
	p.Compiled = r.compiledNote()
	return p, nil
}

// exactly is a name whose resource name is known to programs.
func (r *reader) exactly(n named, resource string) cell {
	c := cell{Text: n.Name.Text, Lang: n.Name.Lang, Exact: resource}
	if n.Compiled {
		c.Text += "\u00a0†"
	}
	return c
}

// sideName is the side of an organisation; empty where it is on none.
func (r *reader) sideName(f *tandemv1.Firm) string {
	if side := r.sideOf(f); side >= 0 {
		return r.side(side)
	}
	return ""
}

func typedNames(names []string) []string {
	typed := make([]string, len(names))
	for i, name := range names {
		typed[i] = typedName(name)
	}
	return typed
}
