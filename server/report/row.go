package report

import (
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// row is a pairing at its place in the report, with its score taken apart.
type row struct {
	*tandemv1.Pairing
	position int // from 1, best first
	firms    [2]*tandemv1.Firm
	points   points
}

// points are the sums of a pairing's components; together they are its score.
type points struct {
	needs [2]int // of the needs of each side
	kinds map[tandemv1.Component_Kind]int
}

// otherKinds are the components that are no needs, in the contract's order.
func otherKinds() []tandemv1.Component_Kind {
	var kinds []tandemv1.Component_Kind
	values := tandemv1.Component_KIND_UNSPECIFIED.Descriptor().Values()
	for i := range values.Len() {
		kind := tandemv1.Component_Kind(values.Get(i).Number())
		if kind != tandemv1.Component_KIND_UNSPECIFIED && kind != tandemv1.Component_NEED {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// rest is what the terms other than needs bring.
func (p points) rest() int {
	sum := 0
	for _, kind := range otherKinds() {
		sum += p.kinds[kind]
	}
	return sum
}

// rows are the pairings that the report holds, in order: reciprocal ones first, then by score, then by name.
func (r *reader) rows() []row {
	pairings := ordered(r.report.Pairings)
	rows := make([]row, len(pairings))
	for i, p := range pairings {
		rows[i] = r.row(i, p)
	}
	return rows
}

func (r *reader) row(i int, p *tandemv1.Pairing) row {
	return row{Pairing: p, position: i + 1, firms: [2]*tandemv1.Firm{r.whole(p.GetFirst()), r.whole(p.GetSecond())}, points: take(p)}
}

// each visits the rows whose place, from 0, is wanted, in order; all where wanted is nil.
func (r *reader) each(wanted func(i int) bool, visit func(row) error) error {
	if source := r.report.Source; source != nil {
		return source(wanted, func(i int, p *tandemv1.Pairing) error { return visit(r.row(i, p)) })
	}
	for i, w := range r.rows() {
		if wanted != nil && !wanted(i) {
			continue
		}
		if err := visit(w); err != nil {
			return err
		}
	}
	return nil
}

// whole is the full profile of a firm, of which a pairing carries what a counterpart may see.
func (r *reader) whole(f *tandemv1.Firm) *tandemv1.Firm {
	if whole, ok := r.firms[f.GetName()]; ok {
		return whole
	}
	return f
}

// take adds up a pairing's components.
func take(p *tandemv1.Pairing) points {
	sums := points{kinds: map[tandemv1.Component_Kind]int{}}
	for _, c := range p.GetComponents() {
		if c.GetKind() == tandemv1.Component_NEED {
			sums.needs[seeker(p, c)] += int(c.GetPoints())
		} else {
			sums.kinds[c.GetKind()] += int(c.GetPoints())
		}
	}
	return sums
}

// seeker tells whose need a component answers: 0 the first firm's, 1 the second's.
func seeker(p *tandemv1.Pairing, c *tandemv1.Component) int {
	if c.GetNeed().GetFirm() == p.GetSecond().GetName() {
		return 1
	}
	return 0
}

// conditional returns the programmes on whose award the pairing depends.
func (w row) conditional() []*tandemv1.ProgramUse {
	var open []*tandemv1.ProgramUse
	for _, use := range w.GetPrograms() {
		if use.GetState() == tandemv1.ProgramUse_CONDITIONAL {
			open = append(open, use)
		}
	}
	return open
}
