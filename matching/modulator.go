package matching

import "strings"

// term is a part of the modulator, which lifts the score by up to a quarter of its full value.
type term uint8

const (
	termText         term = iota // the other's words contain those of the needs
	termMode                     // the modes that the needs ask for can be served
	termMaturity                 // what is offered is mature enough for the mode
	termPrograms                 // both work on the same programme
	termMaterials                // grade, form and tonnes fit
	termCoast                    // a sustainment site has access to the sea
	termSecondSource             // a second source where the own side has at most one
	termCount
)

var termNames = []string{"text", "mode", "maturity", "programs", "materials", "coast", "second-source"}

// String returns the term's name in the weights and in the keys of its sentences.
func (t term) String() string { return nameOf(termNames, uint8(t)) }

// termValues are the modulator's terms for one pair: what each brings, and whether it could have brought anything.
type termValues struct {
	value   [termCount]int
	applies [termCount]bool
}

// mayBring tells which terms a pair with an organisation can have because of it. A term that neither of two organisations
// brings in is 0 between them; what both share, such as a programme, both must bring in.
func (f *firm) mayBring() (may [termCount]bool) {
	may[termMode] = true
	may[termPrograms] = len(f.programs) > 0
	for i := range f.offers {
		may[termMaturity] = may[termMaturity] || f.offers[i].trl != 0
	}
	for i := range f.needs {
		n := &f.needs[i]
		may[termText] = may[termText] || n.weights > 0
		may[termMaterials] = may[termMaterials] || n.material != 0
		may[termCoast] = may[termCoast] || n.coastal
		may[termSecondSource] = may[termSecondSource] || n.single && n.supplier
	}
	return may
}

// sum is the modulator, 0..255.
func (t *termValues) sum() int {
	sum := 0
	for _, v := range t.value {
		sum += v
	}
	return sum
}

// modulator pools what the answered needs of both sides say, each weighted by what it brings to its coverage. A need
// that nothing answers says nothing: text and circumstances confirm a match, they never make one.
func (p *preparer) modulator(first, second *firm, a, b []answered) termValues {
	var fits [termCount]uint64
	var total uint64
	var t termValues
	common := commonModes(first, second)
	pool := func(seeker, other *firm, answers []answered) {
		for _, ans := range answers {
			if ans.offer < 0 {
				continue
			}
			total += uint64(ans.raw)
			for i := range termCount {
				if fit := p.fit(i, seeker, other, ans, common); fit >= 0 {
					t.applies[i] = true
					fits[i] += uint64(ans.raw) * uint64(fit)
				}
			}
		}
	}
	pool(first, second, a)
	pool(second, first, b)
	if total == 0 {
		return t
	}
	for i := range termCount {
		t.value[i] = p.termValue(i, fits[i], total)
	}
	return t
}

// termValue is what a term brings: its fits, each weighted by what the need brings to its coverage, as a share of all that
// the needs bring.
func (p *preparer) termValue(t term, fits, total uint64) int {
	return int(uint64(p.weights.terms[t]) * fits / (255 * total)) //nolint:gosec // weights are checked
}

// fit is how well one answered need does in one term, 0..255, or -1 where the term has nothing to say.
func (p *preparer) fit(t term, seeker, other *firm, ans answered, common ModeSet) int {
	n, o := &seeker.needs[ans.need], &other.offers[ans.offer]
	switch t {
	case termText:
		return p.textFit(seeker, n, other)
	case termMode:
		return modeFit(n.usable[other.class], o.serves&common)
	case termMaturity:
		return maturityFit(int(o.trl), n.usable[other.class]&o.serves)
	case termPrograms:
		return programFit(seeker.programs, other.programs)
	case termMaterials:
		if n.material == 0 {
			return -1
		}
		return materialFit(seeker.material(n.material), other.material(o.material))
	case termCoast:
		if n.coastal && (n.usable[other.class] & common).Has(CoSustainment) {
			return int(other.coast)
		}
	case termSecondSource:
		return p.secondSourceFit(n, o)
	}
	return -1
}

// sideFit compares equal offers to the same need: by mode, maturity and material.
func (p *preparer) sideFit(seeker, other *firm, need, offer int) int {
	ans, sum := answered{need: need, offer: offer}, 0
	for _, t := range [...]term{termMode, termMaturity, termMaterials} {
		sum += max(0, p.fit(t, seeker, other, ans, allModes))
	}
	return sum
}

// textFit is the share of the weight of a need's rare words that the other's text contains. The weights say how large a
// share counts as all.
func (p *preparer) textFit(seeker *firm, n *need, other *firm) int {
	if n.weights == 0 {
		return -1
	}
	var met uint32
	for _, w := range seeker.wording(n) {
		if containsHash(other.text, w.hash) {
			met += w.weight
		}
	}
	return p.textShare(met, n.weights)
}

// textShare is the fit for the part of a need's words, all by weight, that is met.
func (p *preparer) textShare(met, all uint32) int {
	full := uint64(all) * uint64(p.weights.textFull) //nolint:gosec // checked to be positive
	return int(min(255, 255*100*uint64(met)/full))
}

// modeFit is the share of the modes asked for that can be served and that both accept.
func modeFit(asked, served ModeSet) int { return 255 * (asked & served).Len() / max(1, asked.Len()) }

// matureFrom is the technology readiness that a mode asks for.
var matureFrom = [modeCount + 1]int{
	CoDevelopment: 3, CoProduction: 7, CoSustainment: 7, JointRD: 1, TestEvaluation: 1, TechTransfer: 5, LocalManufacturing: 7,
	Supply: 7, ExportThirdCountry: 7, Investment: 1, TrainingExchange: 1, InfoExchange: 1, G2GProcurement: 7,
}

// maturityFit compares a stated readiness with the least demanding of the modes in question.
func maturityFit(trl int, modes ModeSet) int {
	if trl == 0 {
		return -1
	}
	least := 9
	for m := CoDevelopment; int(m) <= modeCount; m++ {
		if modes.Has(m) {
			least = min(least, matureFrom[m])
		}
	}
	return min(255, 255*trl/least)
}

func programFit(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return -1
	}
	for _, one := range a {
		for _, two := range b {
			if one == two {
				return 255
			}
		}
	}
	return 0
}

// materialFit gives half for the grade, a quarter each for form and tonnes. What either side leaves open counts half.
func materialFit(wanted, offered Material) int {
	if !wanted.stated() {
		return -1
	}
	return nameFit(wanted.Grade, offered.Grade, 128) + nameFit(wanted.Form, offered.Form, 64) +
		tonnesFit(wanted.TonnesPerYear, offered.TonnesPerYear, 63)
}

func nameFit(wanted, offered string, full int) int {
	switch {
	case wanted == "" || offered == "":
		return full / 2
	case sameName(wanted, offered):
		return full
	}
	return 0
}

func tonnesFit(wanted, offered int32, full int) int {
	switch {
	case wanted <= 0 || offered <= 0:
		return full / 2
	case offered >= wanted:
		return full
	}
	return int(int64(full) * int64(offered) / int64(wanted))
}

// sameName compares grades and forms without case, spaces and punctuation: "HY-80" is "hy 80".
func sameName(a, b string) bool { return strings.EqualFold(letters(a), letters(b)) }

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -_./,", r) {
			return -1
		}
		return r
	}, s)
}

// secondSourceFit rewards a further source where at most one organisation of the seeker's own side has the capability.
func (p *preparer) secondSourceFit(n *need, o *offer) int {
	if !n.supplier || p.rarity.isFlat() {
		return -1
	}
	relation := p.affinity.relation[p.affinity.at(n.code, o.code)]
	if n.single && (relation == Exact || relation == Narrower) {
		return 255
	}
	if n.single {
		return 0
	}
	return -1
}
