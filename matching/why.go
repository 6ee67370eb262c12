package matching

import (
	"fmt"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// explainPair scores and explains two organisations of opposite sides.
func (m *Market) explainPair(a, b *firm) Pairing {
	first, second := inOrder(a, b)
	return m.pairing(first, second, m.prep.scorePair(first, second))
}

// Explain answers a question about any two organisations, in either order: what speaks for the pair, and if it is not
// proposed in a list of the given length, the first cause.
func (m *Market) Explain(a, b string, top int) (Explanation, error) {
	one, two := m.roster.find(a), m.roster.find(b)
	for id, f := range map[string]*firm{a: one, b: two} {
		if f == nil {
			return Explanation{}, fmt.Errorf("%s: %w", id, ErrNotFound)
		}
	}
	if a == b {
		return Explanation{}, fmt.Errorf("%s: a pair needs two organisations", a)
	}
	first, second := inOrder(one, two)
	if first.side == second.side && b < a {
		first, second = m.roster.find(b), m.roster.find(a)
	} else if first.side == second.side {
		first, second = one, two
	}
	top = clampTop(top)
	e := Explanation{Cause: m.blocked(first, second)}
	switch e.Cause {
	case NoCause, GateBlocked:
		e.Pairing = m.explainPair(first, second)
	default:
		e.Pairing = Pairing{First: first.id, Second: second.id, Notices: notices(first.told(), second.told())}
	}
	if e.Cause == NoCause {
		w := newScratch()
		e.FirstRank, e.SecondRank = m.rank(first, second, top, w), m.rank(second, first, top, w)
		e.Cause = e.shortfall()
	}
	e.Proposed = e.Cause == NoCause
	e.Why = m.why(&e, first, second, top)
	return e, nil
}

// shortfall is why a pair that nothing blocks is in nobody's list.
func (e *Explanation) shortfall() Cause {
	switch {
	case e.Tier == 0:
		return NoNeedMet
	case e.FirstRank != 0 || e.SecondRank != 0:
		return NoCause
	case e.Tier == OneSided:
		return NotReciprocal
	}
	return BelowTopK
}

// why says it in a sentence.
func (m *Market) why(e *Explanation, first, second *firm, top int) Sentence {
	args := []string{firmArg(first), firmArg(second)}
	switch e.Cause {
	case NoCause:
		key := "engine.why.both"
		switch {
		case e.FirstRank == 0:
			key, args = "engine.why.one", []string{firmArg(second), firmArg(first), catalog.Number(int(e.SecondRank))}
		case e.SecondRank == 0:
			key, args = "engine.why.one", []string{firmArg(first), firmArg(second), catalog.Number(int(e.FirstRank))}
		default:
			args = append(args, catalog.Number(int(e.FirstRank)), catalog.Number(int(e.SecondRank)))
		}
		return Sentence{key, args}
	case NotApproved:
		args = onlyThose(func(f *firm) bool { return !f.approved }, first, second)
	case Incomplete:
		args = onlyThose(func(f *firm) bool { return f.approved && !f.takes }, first, second)
	case BelowTopK:
		args = append(args, catalog.Number(top))
	case NotReciprocal:
		if e.FirstCoverage == 0 {
			args[0], args[1] = args[1], args[0]
		}
		args = append(args, catalog.Number(top))
	default: // the two names say it
	}
	return Sentence{"engine.cause." + e.Cause.String(), args}
}

// onlyThose makes one list argument of the organisations that a cause lies with.
func onlyThose(guilty func(*firm) bool, firms ...*firm) []string {
	var args []string
	for _, f := range firms {
		if guilty(f) {
			args = append(args, firmArg(f))
		}
	}
	return []string{catalog.List(args...)}
}
