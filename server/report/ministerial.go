package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// This file writes what the ministers of the two governments read: what came about in a period, what is wanted and not there, and what
// was marked to be raised with them. Each of its tables stands in the report for the talks that review the partnership too, so that
// nothing reaches ministers which their officials have not seen.

// Period is the days that a report looks at, both counted.
type Period struct {
	// First and Last are days such as 2026-01-31; both empty for no period.
	First, Last string
}

var (
	periodForm = regexp.MustCompile(`^([0-9]{4})(?:-(?:(0[1-9]|1[0-2])|[Hh]([12])|[Qq]([1-4])))?$`)
	daysForm   = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{4}-[0-9]{2}-[0-9]{2})$`)
)

// ParsePeriod reads a year (2026), half (2026-H1), quarter (2026-Q3), month (2026-06) or two days (2026-01-15/2026-06-30); nothing is no
// period.
func ParsePeriod(s string) (Period, error) {
	if s == "" {
		return Period{}, nil
	}
	if m := daysForm.FindStringSubmatch(s); m != nil {
		if m[2] < m[1] || !isDay(m[1]) || !isDay(m[2]) {
			return Period{}, fmt.Errorf("%q ends before it begins, or is not of days of the calendar", s)
		}
		return Period{First: m[1], Last: m[2]}, nil
	}
	m := periodForm.FindStringSubmatch(s)
	if m == nil {
		return Period{}, fmt.Errorf("%q is no period: want 2026, 2026-H1, 2026-Q3, 2026-06 or 2026-01-15/2026-06-30", s)
	}
	from, months := 1, 12
	switch {
	case m[2] != "":
		from, months = 10*int(m[2][0]-'0')+int(m[2][1]-'0'), 1
	case m[3] != "":
		from, months = 6*int(m[3][0]-'1')+1, 6
	case m[4] != "":
		from, months = 3*int(m[4][0]-'1')+1, 3
	}
	last := from + months - 1
	return Period{First: m[1] + "-" + twoDigits(from) + "-01", Last: m[1] + "-" + twoDigits(last) + "-" + twoDigits(daysIn(number4(m[1]), last))}, nil
}

// daysIn is how many days a month has.
func daysIn(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// isDay tells of digits in the form of a day whether the calendar has it.
func isDay(day string) bool {
	month, d := number4(day[5:7]), number4(day[8:])
	return month >= 1 && month <= 12 && d >= 1 && d <= daysIn(number4(day[:4]), month)
}

// has tells whether a day or month lies in the period.
func (p Period) has(day string) bool {
	return p.First != "" && p.First[:len(day)] <= day && day <= p.Last[:len(day)]
}

// yearUpTo is the twelve months up to a day.
func yearUpTo(day string) Period {
	yearAgo := digits(number4(day[:4])-1) + day[4:7]
	return Period{First: later(yearAgo, 1) + "-01", Last: day}
}

// ministerial writes the report for the ministers.
func (r *reader) ministerial(period Period) *paper {
	if period.First == "" {
		period = yearUpTo(r.report.Snapshot.GetAsOf())
	}
	rows := r.rows()
	p := r.paper(tandemv1.DownloadReportRequest_MINISTERIAL)
	p.Dense = true
	p.Intro = []string{r.say("ministerial.intro", catalog.Literal(r.side(0)), catalog.Literal(r.side(1)), "date:"+period.First, "date:"+period.Last)}
	raised := r.raised(r.issues(rows))
	overdue := r.overdue()
	t := sumUp(rows)
	p.Figures = []figure{
		{Value: r.number(t.pairings), Label: r.say("report.figure.pairings", catalog.Number(t.pairings)), Note: r.scope()},
		{Value: r.number(len(raised.Records)), Label: r.say("ministerial.figure.raised", catalog.Number(len(raised.Records)))},
		{Value: r.number(len(t.gaps.counts)), Label: r.say("report.figure.gaps", catalog.Number(len(t.gaps.counts)))},
		{Value: r.number(len(overdue.Records)), Label: r.say("partnership.figure.overdue", catalog.Number(len(overdue.Records)))},
	}
	p.Grids = []grid{raised, r.calendar(period), r.byGap(rows), overdue, r.byTheme(rows), r.byProgram(rows)}
	p.Notes = []string{r.say("partnership.note"), r.say("report.footer")}
	p.Compiled = r.compiledNote()
	return p
}

// calendar lists what the rows of the frameworks date in a period, in the words of the row: a date says that something met, was signed
// or is only announced, and which of these no pattern can tell.
func (r *reader) calendar(period Period) grid {
	g := r.grid("calendar", "day", "framework", "what")
	g.Most = 8
	type event struct{ day, framework string }
	var events []event
	for _, f := range r.report.Snapshot.GetFrameworks() {
		days := isoDay.FindAllString(f.GetDates(), -1)
		slices.Sort(days)
		for _, day := range slices.Compact(days) {
			if period.has(day) {
				events = append(events, event{day, f.GetName()})
			}
		}
	}
	slices.SortFunc(events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.framework, b.framework))
	})
	for _, e := range events {
		what := cell{Lang: "en"} // as those who keep the row wrote it
		for clause := range strings.SplitSeq(r.frameworks[e.framework].GetDates(), ";") {
			if strings.Contains(clause, e.day) {
				what.Text = strings.TrimSpace(clause)
				break
			}
		}
		g.add(r, []string{e.framework}, cell{Text: r.date(e.day), Exact: e.day}, r.factCell("fw", e.framework), what)
	}
	return g
}

// issues lists what is open: frameworks that pairings want and that are not there yet, those for which pairings are held up, dialogues
// that are overdue, and whatever else was marked to be raised. Each tells whether it was.
func (r *reader) issues(rows []row) grid {
	g := r.grid("issues", "framework", "matter", "raised", "#pairings")
	g.Most = 6
	wanted, held := newIndex(), newIndex()
	for _, w := range rows {
		for _, use := range w.GetFrameworkGaps() {
			wanted.add(use.GetFramework(), w.GetName())
		}
		for _, item := range w.GetGate().GetItems() {
			if item.GetState() >= tandemv1.Gate_HOLD && item.GetFramework() != "" {
				held.add(item.GetFramework(), w.GetName())
			}
		}
	}
	listed := map[string]bool{}
	add := func(name, matter string, ids []string, pairings int) {
		listed[name] = true
		raised := r.frameworks[name].GetRaised()
		mark := cell{Text: r.yes(raised), Exact: "no"}
		if raised {
			mark.Exact = "yes"
		}
		g.add(r, ids, r.factCell("fw", name), cell{Text: r.say("ministerial.matter." + matter), Exact: matter}, mark, pairings)
	}
	for _, name := range held.keys() {
		add(name, "held", held.of(name), len(held.of(name)))
	}
	for _, name := range wanted.keys() {
		add(name, "gap", wanted.of(name), len(wanted.of(name)))
	}
	for _, f := range r.held() {
		if Overdue(f, r.report.Snapshot.GetAsOf()) {
			add(f.GetName(), "overdue", []string{f.GetName()}, 0)
		}
	}
	for _, f := range r.report.Snapshot.GetFrameworks() {
		if f.GetRaised() && !listed[f.GetName()] {
			add(f.GetName(), "other", []string{f.GetName()}, 0)
		}
	}
	slices.SortStableFunc(g.Records, func(a, b record) int { return cmp.Compare(b.Cells[2].Exact, a.Cells[2].Exact) })
	return g
}

// raised keeps of the open issues those that are marked.
func (r *reader) raised(issues grid) grid {
	issues.Title, issues.None = r.say("paper.grid.issues.raised"), r.say("ministerial.none")
	issues.Records = slices.DeleteFunc(issues.Records, func(row record) bool { return row.Cells[2].Exact != "yes" })
	return issues
}
