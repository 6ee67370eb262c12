package main

import (
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
)

// The terms of the modulator, in the order of termNames.
const (
	termText = iota
	termMode
	termMaturity
	termPrograms
	termMaterials
	termCoast
	termSecondSource
	termCount
)

var termNames = [termCount]string{"text", "mode", "maturity", "programs", "materials", "coast", "second-source"}

// modulator is the part of the score beside the core, 0..255: what every term says of the answered needs, weighted by
// what each need brings.
func (p *plain) modulator(pool *plainPool) int {
	var sums [termCount]int
	total := 0
	for i := range pool.n {
		a := &pool.answers[i]
		total += a.raw
		for term, fit := range p.fits(a, pool.common) {
			sums[term] += a.raw * max(0, fit)
		}
	}
	if total == 0 {
		return 0
	}
	modulator := 0
	for term, sum := range sums {
		modulator += p.terms[term] * sum / (255 * total)
	}
	return modulator
}

// fits are the terms for one answered need, each 0..255, or -1 where a term has nothing to say.
func (p *plain) fits(a *answer, common matching.ModeSet) [termCount]int {
	asked := a.need.asked[a.other.class]
	fits := [termCount]int{
		termText:         p.textFit(a.need, a.other),
		termMode:         modeFit(asked, a.offer.serves&common),
		termMaturity:     maturityFit(a.offer.trl, asked&a.offer.serves),
		termPrograms:     programFit(a.seeker.programs, a.other.programs),
		termMaterials:    materialFit(a.need.material, a.offer.material),
		termCoast:        -1,
		termSecondSource: -1,
	}
	if a.need.coastal && (asked & common).Has(matching.CoSustainment) {
		fits[termCoast] = a.other.coast
	}
	if a.need.second && a.need.single && p.treeOnly[int(a.need.code)*p.size+int(a.offer.code)] {
		fits[termSecondSource] = 255
	}
	return fits
}

// sideFit decides between equal offers to the same need.
func sideFit(n *plainNeed, o *plainOffer, asked matching.ModeSet) int {
	return modeFit(asked, o.serves) + max(0, maturityFit(o.trl, asked&o.serves)) + max(0, materialFit(n.material, o.material))
}

func (p *plain) textFit(n *plainNeed, other *plainFirm) int {
	if n.total == 0 {
		return -1
	}
	met := 0
	for _, w := range n.words {
		if _, found := slices.BinarySearch(other.text, w.hash); found {
			met += w.weight
		}
	}
	return min(255, 255*100*met/(n.total*p.textFull))
}

func modeFit(asked, served matching.ModeSet) int {
	return 255 * (asked & served).Len() / max(1, asked.Len())
}

// matureFrom is the readiness that a mode asks for.
var matureFrom = [...]int{
	matching.CoDevelopment: 3, matching.CoProduction: 7, matching.CoSustainment: 7, matching.JointRD: 1, matching.TestEvaluation: 1,
	matching.TechTransfer: 5, matching.LocalManufacturing: 7, matching.Supply: 7, matching.ExportThirdCountry: 7, matching.Investment: 1,
	matching.TrainingExchange: 1, matching.InfoExchange: 1, matching.G2GProcurement: 7,
}

func maturityFit(trl int, modes matching.ModeSet) int {
	if trl == 0 {
		return -1
	}
	least := 9
	for m := matching.CoDevelopment; m <= matching.G2GProcurement; m++ {
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
	if slices.ContainsFunc(a, func(one string) bool { return slices.Contains(b, one) }) {
		return 255
	}
	return 0
}

// materialFit is half for the grade, a quarter each for form and tonnes; what is left open counts half.
func materialFit(wanted, offered matching.Material) int {
	if wanted == (matching.Material{}) {
		return -1
	}
	fit := spellingFit(wanted.Grade, offered.Grade, 128) + spellingFit(wanted.Form, offered.Form, 64)
	switch {
	case wanted.TonnesPerYear <= 0 || offered.TonnesPerYear <= 0:
		return fit + 31
	default:
		return fit + min(63, int(63*int64(offered.TonnesPerYear)/int64(wanted.TonnesPerYear)))
	}
}

// plainly takes out of a grade what people write in different ways.
var plainly = strings.NewReplacer(" ", "", "-", "", "_", "", ".", "", "/", "", ",", "")

func spellingFit(wanted, offered string, full int) int {
	switch {
	case wanted == "" || offered == "":
		return full / 2
	case strings.EqualFold(plainly.Replace(wanted), plainly.Replace(offered)):
		return full
	}
	return 0
}
