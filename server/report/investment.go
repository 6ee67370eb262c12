package report

import (
	"fmt"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// investments lists the sums that organisations look for and that a pairing answers, each with what it depends on.
func (r *reader) investments(rows []row) grid {
	g := r.grid("investments", "organisation", "other", "currency", "#amount", "condition")
	g.Most = 5
	for _, w := range rows {
		for _, c := range answered(w) {
			seeker := r.firms[c.GetNeed().GetFirm()]
			amount := needAt(seeker, c.GetNeed().GetField()).GetAmount()
			if amount == nil {
				continue
			}
			other := w.firms[0]
			if other.GetName() == seeker.GetName() {
				other = w.firms[1]
			}
			g.add(r, []string{w.GetName(), seeker.GetName()}, r.exactly(r.firm(seeker), seeker.GetName()), r.exactly(r.firm(other), other.GetName()),
				amount.GetCurrencyCode(), int(amount.GetUnits()), r.conditionOf(w))
		}
	}
	return g
}

// needAt finds the need of a firm that a field such as `needs[2]` names; nil where there is none.
func needAt(f *tandemv1.Firm, field string) *tandemv1.Need {
	var i int
	if n, err := fmt.Sscanf(field, "needs[%d]", &i); n != 1 || err != nil || i < 0 || i >= len(f.GetNeeds()) {
		return nil
	}
	return f.GetNeeds()[i]
}

// conditionOf names the programmes on whose award a pairing depends.
func (r *reader) conditionOf(w row) cell {
	for _, use := range w.GetPrograms() {
		if use.GetState() == tandemv1.ProgramUse_CONDITIONAL {
			return cell{Text: r.program(use), Exact: use.GetCondition()}
		}
	}
	return cell{}
}
