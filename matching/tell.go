package matching

import (
	"slices"
	"strconv"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// maxWords is how many of the shared words a sentence quotes.
const maxWords = 5

// tell gives a term's part its sentence, and where one need decides, that need and its offer.
func (p *preparer) tell(part *Part, t term, first, second *firm, a, b []answered) {
	key := "engine.term." + t.String() + "."
	seeker, other, lead := p.leading(t, first, second, a, b)
	n, o := &seeker.profile.Needs[lead.need], &other.profile.Offers[lead.offer]
	if t != termText && t != termMode && t != termPrograms {
		part.Need = &ItemRef{seeker.id, lead.need, n.Capability}
		part.Offer = &ItemRef{other.id, lead.offer, o.Capability}
		part.Side = seeker.side
	}
	outcome := "met"
	if part.Points == 0 {
		outcome = "missed"
	}
	var args []string
	switch t {
	case termText:
		args = []string{catalog.List(p.sharedWords(first, second, a, b)...)}
		if len(args[0]) == len("list:") {
			outcome = "missed"
		}
	case termMode:
		outcome, args = p.modeOutcome(first, second, a, b)
	case termMaturity:
		args = []string{firmArg(other), p.capArg(o.Capability), catalog.Number(o.TRL)}
		outcome = "met"
		if p.fit(t, seeker, other, lead, commonModes(first, second)) < 255 {
			outcome = "partly"
		}
	case termPrograms:
		args = []string{catalog.List(sharedPrograms(first.profile.Programs, second.profile.Programs)...)}
	case termMaterials:
		args = []string{firmArg(seeker), describe(n.Material), firmArg(other), describe(o.Material)}
		if outcome = materialOutcome(n.Material, o.Material); outcome == "unstated" {
			args = args[:3]
		}
	case termCoast:
		args = []string{firmArg(other), "region:" + other.profile.Region}
		if outcome == "met" && other.coast < 255 {
			outcome = "inland-waterway"
		}
	case termSecondSource:
		args = []string{firmArg(seeker), firmArg(other), p.capArg(n.Capability), "country:" + seeker.profile.Country}
	}
	part.Sentence = Sentence{key + outcome, args}
}

// leading is the answered need that a term speaks of: the one that brings the term most, then the one that brings the
// score most.
func (p *preparer) leading(t term, first, second *firm, a, b []answered) (seeker, other *firm, lead answered) {
	common, best := commonModes(first, second), int64(-1)
	look := func(s, o *firm, answers []answered) {
		for _, ans := range answers {
			if ans.offer < 0 {
				continue
			}
			fit := p.fit(t, s, o, ans, common)
			if fit < 0 {
				continue
			}
			if v := int64(fit)*int64(ans.raw)<<24 + int64(ans.raw); v > best {
				seeker, other, lead, best = s, o, ans, v
			}
		}
	}
	look(first, second, a)
	look(second, first, b)
	return seeker, other, lead
}

// sharedWords lists the rarest words of the answered needs that the other's text contains, as the needs spell them, and
// the capabilities that both texts mention.
func (p *preparer) sharedWords(first, second *firm, a, b []answered) []string {
	var args []string
	seen := map[string]bool{}
	look := func(seeker, other *firm, answers []answered) {
		for _, ans := range answers {
			if ans.offer < 0 {
				continue
			}
			n := &seeker.needs[ans.need]
			if len(args) == maxWords || !slices.ContainsFunc(seeker.wording(n), func(w needWord) bool { return containsHash(other.text, w.hash) }) {
				continue
			}
			detail := seeker.profile.Needs[ans.need].Detail
			for _, w := range p.rarest(p.lexicon.read(detail.EN, detail.Native)) {
				if seen[w.word] || len(args) == maxWords || !containsHash(other.text, w.said.hash) {
					continue
				}
				seen[w.word] = true
				if code, ok := strings.CutPrefix(w.word, "#"); ok {
					args = append(args, "cap:"+code)
				} else {
					args = append(args, catalog.Literal(w.spelt))
				}
			}
		}
	}
	look(first, second, a)
	look(second, first, b)
	return args
}

// modeOutcome says which modes can be served, and names what stands against one that a need asks for: no capacity, or no
// wish to transfer technology.
func (p *preparer) modeOutcome(first, second *firm, a, b []answered) (outcome string, args []string) {
	var asked, served ModeSet
	var reluctant, without *firm
	common := commonModes(first, second)
	look := func(seeker, other *firm, answers []answered) {
		for _, ans := range answers {
			if ans.offer < 0 {
				continue
			}
			usable, serves := seeker.needs[ans.need].usable[other.class], other.offers[ans.offer].serves
			asked |= usable
			served |= usable & serves & common
			if usable.Has(CoProduction) && !serves.Has(CoProduction) {
				without = other
			}
			if usable.Has(TechTransfer) && !serves.Has(TechTransfer) {
				reluctant = other
			}
		}
	}
	look(first, second, a)
	look(second, first, b)
	switch {
	case without != nil && served != 0:
		return "no-capacity", []string{firmArg(without), modeList(served)}
	case reluctant != nil && served != 0:
		return "no-transfer", []string{firmArg(reluctant), modeList(served)}
	case served == 0:
		return "missed", []string{modeList(asked)}
	case asked&^served != 0:
		return "partly", []string{modeList(served), modeList(asked &^ served)}
	}
	return "met", []string{modeList(served)}
}

// materialOutcome names how an offered material does: a different grade is the wrong material, whatever else fits.
func materialOutcome(wanted, offered Material) string {
	switch {
	case !offered.stated():
		return "unstated"
	case wanted.Grade != "" && offered.Grade != "" && !sameName(wanted.Grade, offered.Grade):
		return "missed"
	case materialFit(wanted, offered) < 255:
		return "partly"
	}
	return "met"
}

func modeList(s ModeSet) string {
	var args []string
	for _, m := range s.List() {
		args = append(args, "mode:"+m.String())
	}
	return catalog.List(args...)
}

func sharedPrograms(a, b []string) []string {
	var args []string
	for _, one := range a {
		for _, two := range b {
			if one == two {
				args = append(args, "prog:"+one)
			}
		}
	}
	return args
}

// describe writes a material as one argument: grade, form and tonnes a year, as far as stated.
func describe(m Material) string {
	var args []string
	for _, s := range []string{m.Grade, m.Form} {
		if s != "" {
			args = append(args, catalog.Literal(s))
		}
	}
	if m.TonnesPerYear > 0 {
		args = append(args, catalog.Literal(strconv.Itoa(int(m.TonnesPerYear))+" t"))
	}
	return catalog.List(args...)
}
