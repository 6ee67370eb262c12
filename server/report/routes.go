package report

import (
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// routes is the chapter that counts frameworks, gaps, demands, programmes and venues over all pairings.
type routes struct {
	Frameworks []countLine
	Gaps       []countLine
	Demands    []countLine
	Gates      []figure
	Programs   []countLine
	Venues     []countLine
}

// countLine is a thing, what is known of it, and how many pairings stand behind it.
type countLine struct {
	Name, Status, Date, Count string

	count int
}

func (r *reader) routes(t *totals) routes {
	var c routes
	for _, name := range t.frameworks.sorted() {
		c.Frameworks = append(c.Frameworks, r.frameworkLine(name, t.frameworks.counts[name]))
	}
	for _, name := range t.gaps.sorted() {
		c.Gaps = append(c.Gaps, r.frameworkLine(name, t.gaps.counts[name]))
	}
	for _, token := range t.demands.sorted() {
		c.Demands = append(c.Demands, countLine{Name: capitalised(r.name("rule", token)), Count: r.number(t.demands.counts[token]), count: t.demands.counts[token]})
	}
	for _, state := range []tandemv1.Gate_State{tandemv1.Gate_CLEAR, tandemv1.Gate_ACTION, tandemv1.Gate_HOLD, tandemv1.Gate_BLOCK} {
		c.Gates = append(c.Gates, figure{
			Value: r.number(t.gates[state]), Label: r.name("gate", state.String()), Note: r.percent(t.gates[state], t.pairings), Class: token(state.String()),
		})
	}
	for _, use := range t.programs.sorted() {
		c.Programs = append(c.Programs, r.programLine(use, t.programs.counts[use]))
	}
	for _, name := range t.venues.sorted() {
		c.Venues = append(c.Venues, r.venueLine(name, t.venues.counts[name]))
	}
	return c
}

func (r *reader) frameworkLine(name string, n int) countLine {
	line := countLine{Name: r.name("fw", id(name)), Count: r.number(n), count: n}
	if f, ok := r.frameworks[name]; ok {
		line.Status = r.frameworkStatus(f.GetStatus().String())
		line.Date = r.date(f.GetAsOf())
	}
	return line
}

// programLine names a programme with its status and what the award means for its pairings.
func (r *reader) programLine(use string, n int) countLine {
	name, state, _ := strings.Cut(use, " ")
	line := countLine{Name: r.name("prog", id(name)), Status: r.say("report.award." + state), Count: r.number(n), count: n}
	if p, ok := r.programs[name]; ok {
		status := r.name("program_status", token(p.GetStatus().String()))
		line.Status = r.say("list.comma", catalog.Literal(status), catalog.Literal(line.Status))
		line.Date = r.date(p.GetAsOf())
	}
	return line
}

// venueLine names a venue with its city and, where it is known, the first day of its next edition.
func (r *reader) venueLine(name string, n int) countLine {
	line := countLine{Name: r.name("venue", id(name)), Count: r.number(n), count: n}
	v, ok := r.venues[name]
	if !ok {
		return line
	}
	if v.GetCity() != "" {
		line.Status = r.say("list.comma", catalog.Literal(v.GetCity()), catalog.Literal(r.name("country", v.GetCountry())))
	} else {
		line.Status = r.name("country", v.GetCountry())
	}
	switch {
	case v.GetNextStart() != "":
		line.Date = r.date(v.GetNextStart())
	case v.GetMonth() > 0:
		line.Date = capitalised(r.say("month." + twoDigits(int(v.GetMonth()))))
	}
	return line
}

func twoDigits(n int) string {
	s := digits(n)
	return strings.Repeat("0", max(0, 2-len(s))) + s
}
