package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// GateState is what compliance rules say of a pairing. The worst of its items counts.
type GateState uint8

// The states, rising.
const (
	GateClear GateState = iota + 1
	GateAction
	GateHold
	GateBlock
)

var gateNames = []string{"GATE_STATE_UNSPECIFIED", "CLEAR", "ACTION", "HOLD", "BLOCK"}

// String returns the contract's name.
func (g GateState) String() string { return nameOf(gateNames, uint8(g)) }

// ParseGateState is the inverse of String.
func ParseGateState(s string) (GateState, error) {
	v, err := parseName("gate state", gateNames, s)
	return GateState(v), err
}

// GateItem is one rule's answer for a pairing, with what is needed, from whom and how long it takes.
type GateItem struct {
	Token     GateToken
	State     GateState
	Framework string // the instrument it rests on; empty for rules that rest on a profile or a decision
	Country   string // whose authority it is, where that matters
	Firm      string // whom it concerns, where that is one of the two
	Sentence  Sentence
}

// decision is the worst decision of organisers or screening about a pair.
func (m *Market) decision(a, b *firm) GateState {
	worst := GateClear
	for _, h := range m.facts.Holds {
		if concerns(h, a.id, b.id) {
			worst = max(worst, h.State)
		}
	}
	return worst
}

func concerns(h Hold, a, b string) bool {
	if h.Second == "" {
		return h.First == a || h.First == b
	}
	return h.First == a && h.Second == b || h.First == b && h.Second == a
}

// gates collects what compliance asks of a pairing. Unknown is ACTION, never silently clear.
func (m *Market) gates(c *collaboration) []GateItem {
	var items []GateItem
	for _, h := range m.facts.Holds {
		if concerns(h, c.first.id, c.second.id) {
			items = append(items, GateItem{
				Token: GateDecision, State: h.State,
				Sentence: Sentence{"engine.gate.decision", []string{catalog.Literal(h.Reason)}},
			})
		}
	}
	items = append(items, m.classifiedGate(c)...)
	for i := range m.facts.Frameworks {
		f := &m.facts.Frameworks[i]
		items = append(items, m.exportGates(c, f)...)
		items = append(items, m.routeGates(c, f)...)
		items = append(items, m.responsibleUseGates(c, f)...)
	}
	items = append(items, m.designatedGates(c)...)
	slices.SortFunc(items, func(a, b GateItem) int {
		return cmp.Or(cmp.Compare(b.State, a.State), strings.Compare(string(a.Token), string(b.Token)), strings.Compare(a.Country, b.Country),
			strings.Compare(a.Firm, b.Firm), strings.Compare(a.Framework, b.Framework), slices.Compare(a.Sentence.Args, b.Sentence.Args))
	})
	return slices.CompactFunc(items, sameDemand)
}

// sameDemand tells whether two items say the same, as when an agreement and the dialogue under it both ask for it.
func sameDemand(a, b GateItem) bool {
	return a.Token == b.Token && a.State == b.State && a.Country == b.Country && a.Firm == b.Firm && a.Token != GateDecision
}

// worst is the gate state of a pairing.
func worst(items []GateItem) GateState {
	state := GateClear
	for _, item := range items {
		state = max(state, item.State)
	}
	return state
}

// classifiedGate holds classified work until an instrument for it is in force, and then asks for clearances. Two
// governments may also rest on an instrument for governments only.
func (m *Market) classifiedGate(c *collaboration) []GateItem {
	if c.classification < Protected {
		return nil
	}
	pending := ""
	for i := range m.facts.Frameworks {
		f := &m.facts.Frameworks[i]
		governments := f.has(GateGovernmentOnly) && c.first.class == government && c.second.class == government
		if !f.has(GateClassified) && !governments {
			continue
		}
		if f.inForce(m.facts.AsOf) {
			return []GateItem{{
				Token: GateClassified, State: GateAction, Framework: f.ID,
				Sentence: Sentence{"engine.gate.classified-exchange.in-force", []string{"fw:" + f.ID, "classification:" + c.classification.String()}},
			}}
		}
		if pending == "" {
			pending = f.ID
		}
	}
	item := GateItem{Token: GateClassified, State: GateHold, Framework: pending}
	if pending == "" {
		item.Sentence = Sentence{"engine.gate.classified-exchange.none", []string{"classification:" + c.classification.String()}}
	} else {
		item.Sentence = Sentence{"engine.gate.classified-exchange", []string{"fw:" + pending, "classification:" + c.classification.String()}}
	}
	return []GateItem{item}
}

// exportGates asks for the licences under which goods, data or technology leave a country. They look at everything that
// the pair may do together, not at the primary mode alone.
func (m *Market) exportGates(c *collaboration, f *Framework) []GateItem {
	var items []GateItem
	for _, token := range [...]GateToken{GateExportLicence, GateMTCR, GateThirdCountry} {
		if !f.has(token) {
			continue
		}
		var from [2]bool
		for _, flow := range c.flows {
			if !flow.civil && (f.Modes == 0 || f.Modes&flow.modes != 0) && m.covers(f, flow.codes...) {
				from[First] = from[First] || flow.from[First]
				from[Second] = from[Second] || flow.from[Second]
			}
		}
		for side, firm := range [...]*firm{c.first, c.second} {
			if from[side] {
				country := firm.profile.Country
				items = append(items, GateItem{
					Token: token, State: GateAction, Framework: f.ID, Country: country, Firm: firm.id,
					Sentence: m.countrySentence("engine.gate."+string(token), country, "fw:"+f.ID, "country:"+country),
				})
			}
		}
	}
	return items
}

// countrySentence prefers the sentence for a country's own authority and procedure; without one the general sentence
// stands. So what is particular to a country is data.
func (m *Market) countrySentence(key, country string, args ...string) Sentence {
	if own := key + "." + country; country != "" && m.prep.cat.HasSentence(own) {
		return Sentence{own, args}
	}
	return Sentence{key, args}
}

// routeGates asks for what an instrument asks of pairings that go its way: those of its modes and capabilities, in their
// primary mode. Sharing unclassified knowledge asks for nothing.
func (m *Market) routeGates(c *collaboration, f *Framework) []GateItem {
	if c.primary == InfoExchange || !m.applies(c, f) {
		return nil
	}
	var items []GateItem
	for _, token := range [...]GateToken{GateJointRD, GateG2G, GateSponsor} {
		if !f.has(token) || token == GateG2G && !c.g2g() {
			continue
		}
		items = append(items, GateItem{
			Token: token, State: GateAction, Framework: f.ID,
			Sentence: Sentence{"engine.gate." + string(token), []string{"fw:" + f.ID, m.contactList(f)}},
		})
	}
	return items
}

// responsibleUseGates asks whoever brings artificial intelligence or autonomy for a statement on its responsible use.
func (m *Market) responsibleUseGates(c *collaboration, f *Framework) []GateItem {
	if !f.has(GateResponsibleAI) {
		return nil
	}
	var items []GateItem
	for side, firm := range [...]*firm{c.first, c.second} {
		brings := slices.ContainsFunc(c.brought[side], func(o int) bool {
			return m.prep.tree.withinAny(firm.offers[o].code, f.Capabilities)
		})
		if brings && firm.profile.ResponsibleUse == "" {
			items = append(items, GateItem{
				Token: GateResponsibleAI, State: GateAction, Framework: f.ID, Firm: firm.id,
				Sentence: Sentence{"engine.gate.responsible-ai-statement", []string{"fw:" + f.ID, "firm:" + firm.id}},
			})
		}
	}
	return items
}

// designatedGates asks the holder of designated technology for its government's approval.
func (m *Market) designatedGates(c *collaboration) []GateItem {
	var items []GateItem
	for side, firm := range [...]*firm{c.first, c.second} {
		if slices.ContainsFunc(c.brought[side], func(o int) bool { return firm.profile.Offers[o].DesignatedTechnology }) {
			country := firm.profile.Country
			items = append(items, GateItem{
				Token: GateDesignated, State: GateAction, Country: country, Firm: firm.id,
				Sentence: m.countrySentence("engine.gate.designated-technology", country, firmArg(firm), "country:"+country),
			})
		}
	}
	return items
}
