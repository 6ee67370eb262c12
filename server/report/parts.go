package report

import (
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// parts is the picture of one pairing's score: a bar cut into its components, which sum to it, and a table that says
// what each is.
type parts struct {
	Title    string
	Desc     string
	Score    string
	Position int
	Cuts     []partCut
	Lines    []partLine
	Groups   []partGroup
	Omitted  string // how many components bring nothing
}

// partCut is a component's piece of the bar; positions are in hundredths of a percent of the width.
type partCut struct {
	Class    string
	X, Width int
	Number   int
}

// Middle is where the piece's number stands.
func (c partCut) Middle() int { return c.X + c.Width/2 }

// Wide tells whether its number fits, also on a small screen.
func (c partCut) Wide() bool { return c.Width >= 500 }

// partLine is a component in words.
type partLine struct {
	Class       string
	Number      int
	Points, Max string
	Reason      string
}

// partGroup sums the components of one colour.
type partGroup struct {
	Class, Label, Points string
}

// parts takes apart the score of one pairing.
func (r *reader) parts(w row) parts {
	first, second := r.firm(w.firms[0]), r.firm(w.firms[1])
	p := parts{
		Title:    r.say("report.parts.title", catalog.Literal(first.Name.Text), catalog.Literal(second.Name.Text)),
		Score:    r.number(int(w.GetScore())),
		Position: w.position,
	}
	drawn, silent := 0, 0
	for _, c := range w.GetComponents() {
		if c.GetPoints() == 0 {
			silent++
			continue
		}
		class := partClass(w.Pairing, c)
		from := share(drawn, int(w.GetScore()))
		drawn += int(c.GetPoints())
		number := len(p.Lines) + 1
		p.Cuts = append(p.Cuts, partCut{Class: class, X: from, Width: share(drawn, int(w.GetScore())) - from, Number: number})
		p.Lines = append(p.Lines, partLine{
			Class: class, Number: number, Points: r.number(int(c.GetPoints())), Max: r.number(int(c.GetMaxPoints())), Reason: r.component(c),
		})
	}
	p.Groups = r.groups(w)
	p.Desc = r.say("report.parts.desc", catalog.Number(int(w.GetScore())), catalog.Number(w.points.needs[0]), catalog.Literal(first.Name.Text),
		catalog.Number(w.points.needs[1]), catalog.Literal(second.Name.Text), catalog.Number(w.points.rest()))
	if silent > 0 {
		p.Omitted = r.say("report.parts.omitted", catalog.Number(silent))
	}
	return p
}

// share is a part in hundredths of a percent of the whole.
func share(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return part * 10000 / whole
}

func partClass(p *tandemv1.Pairing, c *tandemv1.Component) string {
	if c.GetKind() != tandemv1.Component_NEED {
		return "rest"
	}
	return [2]string{"first", "second"}[seeker(p, c)]
}

// groups sums a score by whose needs are answered, and by what confirms the fit.
func (r *reader) groups(w row) []partGroup {
	return []partGroup{
		{Class: "first", Label: r.say("report.parts.needs", catalog.Literal(r.firm(w.firms[0]).Name.Text)), Points: r.number(w.points.needs[0])},
		{Class: "second", Label: r.say("report.parts.needs", catalog.Literal(r.firm(w.firms[1]).Name.Text)), Points: r.number(w.points.needs[1])},
		{Class: "rest", Label: r.say("report.parts.rest"), Points: r.number(w.points.rest())},
	}
}

// component says what a part of a score counts.
func (r *reader) component(c *tandemv1.Component) string {
	if said := r.sentence(c.GetReason()); said != "" {
		return said
	}
	return r.say("report.column.points_" + c.GetKind().String())
}
