package report

import (
	"io"
	"strconv"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// writeWorkbook writes the pairings as a workbook: what the report is, key figures, sheets with charts, all pairings in few columns,
// a sheet for each section with the columns of the CSV file, and what the pairings can use and miss.
func (r *reader) writeWorkbook(w io.Writer) error {
	c, err := r.census()
	if err != nil {
		return err
	}
	all, answers := c.totals, c.answers.list
	b := r.newBook()
	b.front(r.say("report.book.about"), text(r.report.Snapshot.GetPartnership().GetDisplayName()).In(r.lang), r.about())
	b.sheet(r.figureSheet(r.figures(all, answers)))
	b.sheet(r.spreadSheet(r.spread(&c.scores)))
	for side := range 2 {
		b.sheet(r.unmetSheet(side, answers))
	}
	if all.pairings > 0 {
		b.sheet(r.listSheet(c))
	}
	for _, part := range bestOf {
		if c.in(part.section) > 0 {
			b.sheet(r.sectionSheet(part.section, c))
		}
	}
	counts := r.routes(all)
	for _, c := range []struct {
		title, name, status, date string
		lines                     []countLine
	}{
		{"report.book.demands", "report.routes.demand", "", "", counts.Demands},
		{"report.routes.gaps", "report.routes.framework", "report.routes.status", "report.routes.date", counts.Gaps},
		{"report.book.frameworks", "report.routes.framework", "report.routes.status", "report.routes.date", counts.Frameworks},
		{"report.book.programs", "report.routes.program", "report.routes.status", "report.routes.date", counts.Programs},
		{"report.book.venues", "report.routes.venue", "report.routes.place", "report.routes.next", counts.Venues},
	} {
		if len(c.lines) > 0 {
			b.sheet(r.countSheet(c.title, c.name, c.status, c.date, c.lines))
		}
	}
	return b.write(w)
}

// about is what the first sheet says: what the report is, how to read it, and what it is not.
func (r *reader) about() []bookLine {
	lines := []bookLine{
		{r.say("report.book.title"), r.say("report.title")},
		{r.say("report.as_of"), r.date(r.report.Snapshot.GetAsOf())},
		{r.say("report.digest"), r.report.Digest},
		{},
	}
	paragraphs := append(r.intro(), r.say("notice.not_legal_advice"), r.say("notice.not_screened"))
	if r.anyCompiled() {
		paragraphs = append(paragraphs, r.say("notice.compiled_all"), "† "+r.say("report.dagger"))
	}
	for _, said := range paragraphs {
		lines = append(lines, bookLine{text: said})
	}
	lines = append(lines, bookLine{}, bookLine{label: r.say("report.heading.method")})
	for _, said := range r.method() {
		lines = append(lines, bookLine{text: said})
	}
	return lines
}

func (r *reader) figureSheet(figures []figure) bookSheet {
	s := bookSheet{name: r.say("report.heading.figures"), columns: []bookColumn{
		{r.say("report.book.figure"), 44, bookText}, {r.say("report.book.value"), 12, bookNumber}, {r.say("report.book.note"), 60, bookText},
	}}
	for _, f := range figures {
		s.rows = append(s.rows, []any{capitalised(f.Label), f.amount, f.Note})
	}
	return s
}

// spreadSheet counts pairings by score, with their chart.
func (r *reader) spreadSheet(spread spread) bookSheet {
	s := bookSheet{name: r.say("report.spread.heading"), columns: []bookColumn{{r.say("report.spread.score"), 18, bookText}}}
	chart := bookChart{title: r.say("report.spread.heading"), colors: []string{"173F63", "4580B0", "A5C3DC", "CFCAC0"}}
	for i, class := range spreadClasses {
		s.columns = append(s.columns, bookColumn{r.say("report.spread." + class), 16, bookNumber})
		chart.values = append(chart.values, i+1)
	}
	for _, bar := range spread.Bars {
		row := []any{bar.Range}
		for _, n := range bar.counts {
			row = append(row, n)
		}
		s.rows = append(s.rows, row)
	}
	s.charts = []bookChart{chart}
	return s
}

// unmetSheet counts one side's needs by domain: those that a pairing answers and those that nobody does.
func (r *reader) unmetSheet(side int, answers []answer) bookSheet {
	title := r.say("report.unmet.side", catalog.Literal(r.side(side)))
	s := bookSheet{
		name: title,
		columns: []bookColumn{
			{r.say("report.unmet.domain"), 34, bookText}, {r.say("report.unmet.answered"), 14, bookNumber},
			{r.say("report.unmet.open"), 14, bookNumber}, {r.say("report.unmet.share"), 14, bookPercent},
		},
		charts: []bookChart{{title: title, lying: true, values: []int{2, 1}, colors: []string{"C4702F", "C3D0DC"}}},
	}
	for _, line := range r.unmet(side, answers) {
		s.rows = append(s.rows, []any{line.Domain, line.answered, line.open, ratio{line.open, line.answered + line.open}})
	}
	return s
}

// listSheet lists all pairings with what an organiser looks for first: the table of the page, to be filtered and printed.
func (r *reader) listSheet(c *census) bookSheet {
	s := bookSheet{name: r.say("report.heading.all"), columns: []bookColumn{
		{r.say("report.table.no"), 8, bookNumber}, {r.side(0), 26, bookText}, {r.side(1), 26, bookText},
		{r.say("report.column.section"), 24, bookText}, {r.say("report.column.mode"), 25, bookText}, {r.say("report.card.why"), 48, bookText},
		{r.say("report.table.domain"), 15, bookText}, {r.say("report.table.framework"), 30, bookText},
		{r.say("report.table.gate"), 17, bookText}, {r.say("report.table.band"), 19, bookText}, {r.say("report.table.score"), 11, bookNumber},
	}}
	s.long = &bookRows{c.totals.pairings, func(write func([]any)) error {
		return r.each(nil, func(w row) error {
			l := r.listed(w, c.totals.frameworks)
			write([]any{
				w.position, l.Firms[0].marked(), l.Firms[1].marked(), r.say("report.section." + w.GetSection().String()), l.Mode, l.Reason,
				l.Domain, l.Framework, l.Gate, l.Fit, int(w.GetScore()),
			})
			return nil
		})
	}}
	return s
}

// sectionSheet lists the pairings of a section with the columns of the CSV file, typed.
func (r *reader) sectionSheet(part tandemv1.Pairing_Section, in *census) bookSheet {
	s := bookSheet{name: r.say("report.section." + part.String()), keep: 2} // the place and the pairing
	list := columns()
	for _, c := range list {
		title := r.say("report.column."+c.key, catalog.Literal(r.side(0)), catalog.Literal(r.side(1)))
		s.columns = append(s.columns, bookColumn{title, c.width(), c.holds()})
	}
	s.long = &bookRows{in.in(part), func(write func([]any)) error {
		return r.each(in.of(part), func(w row) error {
			cells := make([]any, len(list))
			for i, c := range list {
				cells[i] = typed(c, c.cell(r, w))
			}
			write(cells)
			return nil
		})
	}}
	return s
}

// typed makes a number of digits where a column holds numbers.
func typed(c column, cell string) any {
	if c.holds() != bookNumber {
		return cell
	}
	n, err := strconv.Atoi(cell)
	if err != nil {
		return nil // a column of numbers holds nothing else
	}
	return n
}

// holds tells what the cells of a column are.
func (c column) holds() bookStyle {
	switch c.key {
	case "position", "score", "first_rank", "second_rank", "first_coverage", "second_coverage", "first_needs", "second_needs":
		return bookNumber
	case "as_of":
		return bookDate
	}
	for _, kind := range otherKinds() {
		if c.key == "points_"+kind.String() {
			return bookNumber
		}
	}
	return bookText
}

// width is how wide a column is, in characters.
func (c column) width() float64 {
	switch c.key {
	case "reasons", "gate_actions", "frameworks", "framework_gaps", "programs", "notices":
		return 60
	case "first_name", "second_name", "first_other_name", "second_other_name", "section", "venue", "contacts", "tags", "themes":
		return 30
	case "as_of", "position":
		return 12
	}
	if c.holds() == bookNumber {
		return 13
	}
	return 22
}

// countSheet lists things with how many pairings stand behind each; a thing without status and date has neither column.
func (r *reader) countSheet(title, name, status, date string, lines []countLine) bookSheet {
	s := bookSheet{name: r.say(title), columns: []bookColumn{{r.say(name), 60, bookText}}}
	if status != "" {
		s.columns = append(s.columns, bookColumn{r.say(status), 40, bookText}, bookColumn{r.say(date), 22, bookText})
	}
	s.columns = append(s.columns, bookColumn{r.say("report.routes.count"), 12, bookNumber})
	for _, line := range lines {
		row := []any{line.Name}
		if status != "" {
			row = append(row, line.Status, line.Date)
		}
		s.rows = append(s.rows, append(row, line.count))
	}
	return s
}
