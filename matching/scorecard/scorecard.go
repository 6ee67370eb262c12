package scorecard

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// Line is how a way of ordering does on a set of questions.
type Line struct {
	Name      string
	Questions int
	Values    Values
	// NDCG and Recall compare with the engine: above 0 is better than it.
	NDCG, Recall Difference
}

// Part is the questions of one domain or of one side, answered by each way.
type Part struct {
	Name      string
	Questions int
	Ways      []Values // in the order of Scorecard.Ways
}

// Scorecard is what was measured on one half of the cases.
type Scorecard struct {
	Half             Half
	Cases, Questions int
	Ways             []Line // the engine first
	Ablation         []Line // the engine first
	Parts            []Part // by domain, then by the seeker's side
}

// Options say what is measured.
type Options struct {
	Half    Half
	Workers int
	// SideNames name the partnership's sides.
	SideNames [2]string
	// Other ways are measured beside the engine, look-alike search and one-way needs.
	Other []Way
}

// Run measures the engine with the given weights over profiles, which must hold every organisation that a case names.
func Run(ctx context.Context, cat *catalog.Catalog, w *matching.Weights, profiles []matching.Profile, o Options) (*Scorecard, error) {
	cases, err := Cases()
	if err != nil {
		return nil, err
	}
	sides := map[string]matching.Side{}
	for i := range profiles {
		sides[profiles[i].ID] = profiles[i].Side
	}
	if err := known(cases, sides); err != nil {
		return nil, err
	}
	r := &runner{ctx: ctx, cat: cat, profiles: profiles, workers: o.Workers, questions: Questions(cases, o.Half)}
	card := &Scorecard{Half: o.Half, Questions: len(r.questions)}
	for i := range r.questions {
		card.Cases += len(r.questions[i].Grades)
	}
	pairings, err := r.pairings(w)
	if err != nil {
		return nil, err
	}
	r.engine = Scored("tandem, weights "+w.Version, pairings).Answers(r.questions)
	ways := append([]Way{Scored("tandem, weights "+w.Version, pairings), LookAlike(cat, profiles), OneWay(pairings)}, o.Other...)
	for _, way := range ways {
		card.Ways = append(card.Ways, r.line(way))
	}
	card.Parts = r.parts(ways, sides, o.SideNames)
	card.Ablation = append(card.Ablation, card.Ways[0])
	for _, way := range rescored(pairings) {
		card.Ablation = append(card.Ablation, r.line(way))
	}
	for _, without := range withouts {
		changed, err := with(w, without.settings)
		if err != nil {
			return nil, err
		}
		if pairings, err = r.pairings(changed); err != nil {
			return nil, err
		}
		card.Ablation = append(card.Ablation, r.line(Scored(without.name, pairings)))
	}
	return card, nil
}

// known refuses cases about organisations that are not there or are on the same side: they would be answered by silence.
func known(cases []Case, sides map[string]matching.Side) error {
	for _, c := range cases {
		for _, id := range [...]string{c.Seeker, c.Counterpart} {
			if _, ok := sides[id]; !ok {
				return fmt.Errorf("cases.csv: %s is not among the organisations", id)
			}
		}
		if sides[c.Seeker] == sides[c.Counterpart] {
			return fmt.Errorf("cases.csv: %s and %s are on the same side", c.Seeker, c.Counterpart)
		}
	}
	return nil
}

// runner holds what every measurement of one scorecard shares.
type runner struct {
	ctx       context.Context
	cat       *catalog.Catalog
	profiles  []matching.Profile
	workers   int
	questions []Question
	engine    []Values
}

// pairings scores every pair.
func (r *runner) pairings(w *matching.Weights) ([]matching.Pairing, error) {
	m, err := matching.NewMarket(r.cat, w, matching.Count(r.cat, w, r.profiles), matching.Facts{}, r.profiles)
	if err != nil {
		return nil, err
	}
	result, err := m.Run(r.ctx, matching.RunOptions{AllPairs: true, Workers: r.workers})
	return result.Rows, err
}

// line measures a way and compares it with the engine.
func (r *runner) line(way Way) Line {
	answers := way.Answers(r.questions)
	return Line{
		Name: way.Name, Questions: len(answers), Values: Mean(answers),
		NDCG: Compare(answers, r.engine, NDCG), Recall: Compare(answers, r.engine, Recall),
	}
}

// parts measures each domain and each direction alone.
func (r *runner) parts(ways []Way, sides map[string]matching.Side, names [2]string) []Part {
	answers := make([][]Values, len(ways))
	for i, way := range ways {
		answers[i] = way.Answers(r.questions)
	}
	part := func(name string, in func(*Question) bool) Part {
		p := Part{Name: name}
		for i := range ways {
			var own []Values
			for j := range r.questions {
				if in(&r.questions[j]) {
					own = append(own, answers[i][j])
				}
			}
			p.Questions, p.Ways = len(own), append(p.Ways, Mean(own))
		}
		return p
	}
	var out []Part
	for _, domain := range Domains(r.questions) {
		out = append(out, part(domain, func(q *Question) bool { return q.Domain == domain }))
	}
	for side, name := range names {
		out = append(out, part("asked by "+name, func(q *Question) bool { return int(sides[q.Seeker]) == side }))
	}
	return out
}

// Write prints the tables.
func (s *Scorecard) Write(out io.Writer) error {
	w := bufio.NewWriter(out) // keeps the first error until Flush
	fmt.Fprintf(w, "The %s half of the judged cases: %d cases, %d questions\n", s.Half, s.Cases, s.Questions)
	s.compare(w, "Way", s.Ways)
	s.compare(w, "Part of the score", s.Ablation)
	for i, way := range s.Ways {
		head(w, way.Name+", questions", false)
		for _, p := range s.Parts {
			row(w, fmt.Sprintf("%s, %d", p.Name, p.Questions), p.Ways[i])
			fmt.Fprintln(w)
		}
	}
	return w.Flush()
}

// compare prints lines beside the first, which is the engine.
func (s *Scorecard) compare(w io.Writer, title string, lines []Line) {
	head(w, title, true)
	for i, line := range lines {
		row(w, line.Name, line.Values)
		if i > 0 {
			fmt.Fprintf(w, "   %s   %s", line.NDCG, line.Recall)
		}
		fmt.Fprintln(w)
	}
}

func head(w io.Writer, title string, compared bool) {
	fmt.Fprintf(w, "\n%-36s", title)
	for _, m := range Measures() {
		fmt.Fprintf(w, "%12s", m)
	}
	if compared {
		fmt.Fprintf(w, "   %-25s   %s", "nDCG@10 against it", "recall@10 against it")
	}
	fmt.Fprintln(w)
}

func row(w io.Writer, name string, v Values) {
	fmt.Fprintf(w, "%-36s", name)
	for _, m := range Measures() {
		fmt.Fprintf(w, "%12s", decimal(v[m]))
	}
}

// String writes a difference with its interval; a star says that the interval does not contain 0.
func (d Difference) String() string {
	star := '*'
	if d.Noise() {
		star = ' '
	}
	return fmt.Sprintf("%s [%s %s]%c", signed(d.Mean), signed(d.Low), signed(d.High), star)
}

// decimal writes millionths with three digits, rounded.
func decimal(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	v = (v + 500) / 1000
	return fmt.Sprintf("%s%d.%03d", sign, v/1000, v%1000)
}

func signed(v int64) string {
	if v >= 0 {
		return "+" + decimal(v)
	}
	return decimal(v)
}
