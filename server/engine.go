package server

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// This file is the only place that knows both the contract and the engine: what crosses between them crosses here. Enums of the
// two have the same names; a test holds every field and name against the other side.

// profileOf is a firm as the engine sees it.
func profileOf(cat *catalog.Catalog, p *tandemv1.Partnership, f *tandemv1.Firm) (matching.Profile, error) {
	side, ok := sideOf(p, f.Country)
	if !ok {
		return matching.Profile{}, fmt.Errorf("%s: country %q is outside the partnership", f.Name, f.Country)
	}
	profile := matching.Profile{
		ID: firmSlug(f.Name), Name: f.DisplayName, NativeName: f.NativeName, Side: side, Country: f.Country, Status: enum[matching.Status](f.State),
		Missing: f.Missing, Kind: enum[matching.Kind](f.Kind), Size: enum[matching.Size](f.Size), Region: f.Region, Modes: modeSet(f.Modes),
		Programs: trimAll("programs/", f.Programs), Exclusions: trimAll("firms/", f.Exclusions), Summary: matching.Words{EN: f.Summary, Native: f.SummaryNative},
		Provenance: enum[matching.Provenance](f.Provenance), ResponsibleUse: f.ResponsibleUseStatement,
	}
	for i, o := range f.Offers {
		code, ok := cat.Lookup(o.Capability)
		if !ok {
			return profile, fmt.Errorf("%s: offers[%d]: the catalogue has no %q", f.Name, i, o.Capability)
		}
		profile.Offers = append(profile.Offers, matching.Offer{
			Capability: code, Level: enum[matching.Level](o.Level), TRL: int(o.Trl), Modes: modeSet(o.Modes), Capacity: o.Capacity,
			Detail: matching.Words{EN: o.Detail, Native: o.DetailNative}, DesignatedTechnology: o.DesignatedTechnology, Material: material(o.Material),
		})
	}
	for i, n := range f.Needs {
		code, ok := cat.Lookup(n.Capability)
		if !ok {
			return profile, fmt.Errorf("%s: needs[%d]: the catalogue has no %q", f.Name, i, n.Capability)
		}
		profile.Needs = append(profile.Needs, matching.Need{
			Capability: code, Aim: enum[matching.Aim](n.Aim), Modes: modeSet(n.Modes), Priority: enum[matching.Priority](n.Priority),
			Classification: enum[matching.Classification](n.Classification), Detail: matching.Words{EN: n.Detail, Native: n.DetailNative},
			Material: material(n.Material),
		})
	}
	return profile, nil
}

// enum is the engine's value of an enum of the contract: the two have the same numbers.
func enum[E ~uint8, P ~int32](value P) E { return E(value) }

func material(m *tandemv1.Material) matching.Material {
	return matching.Material{Grade: m.GetGrade(), Form: m.GetForm(), TonnesPerYear: m.GetTonnesPerYear()}
}

func modeSet(modes []tandemv1.Mode) matching.ModeSet {
	var set matching.ModeSet
	for _, m := range modes {
		set = set.With(enum[matching.Mode](m))
	}
	return set
}

func modeMessages(set matching.ModeSet) []tandemv1.Mode {
	var modes []tandemv1.Mode
	for _, m := range set.List() {
		modes = append(modes, tandemv1.Mode(m))
	}
	return modes
}

func trimAll(prefix string, names []string) []string {
	ids := make([]string, len(names))
	for i, name := range names {
		ids[i] = strings.TrimPrefix(name, prefix)
	}
	return ids
}

// dated are the rows of facts that a partnership has at one point in time.
type dated struct {
	frameworks []*tandemv1.Framework
	programs   []*tandemv1.Program
	venues     []*tandemv1.Venue
}

// factsOf are the dated facts as the engine sees them.
func factsOf(cat *catalog.Catalog, p *tandemv1.Partnership, d dated, asOf string) (matching.Facts, error) {
	day, err := matching.ParseDate(asOf)
	if err != nil {
		return matching.Facts{}, fmt.Errorf("as_of: %w", err)
	}
	facts := matching.Facts{Umbrella: strings.TrimPrefix(p.UmbrellaFramework, "frameworks/"), AsOf: day}
	for i, side := range p.Sides {
		facts.Sides[i] = matching.SideFacts{ID: side.Id, Countries: side.Countries}
	}
	for _, f := range d.frameworks {
		since, err := optionalDate(f.AsOf)
		if err != nil {
			return facts, fmt.Errorf("%s: as_of: %w", f.Name, err)
		}
		facts.Frameworks = append(facts.Frameworks, matching.Framework{
			ID: strings.TrimPrefix(f.Name, "frameworks/"), Kind: token(f.Kind), Parent: strings.TrimPrefix(f.Parent, "frameworks/"), Parties: f.Parties,
			Modes: modeSet(f.Modes), Capabilities: codesOf(cat, f.Capabilities), Gates: gateTokens(f.Gates),
			Status: matching.FrameworkStatus(token(f.Status)), StatusDate: since, IndustryFacing: f.IndustryFacing,
		})
	}
	for _, r := range d.programs {
		facts.Programs = append(facts.Programs, matching.Program{
			ID: strings.TrimPrefix(r.Name, "programs/"), Owner: r.OwnerCountry, Status: token(r.Status), AwardedTo: r.AwardedTo,
			AwardCondition: r.AwardCondition, Capabilities: codesOf(cat, r.Capabilities),
		})
	}
	for _, v := range d.venues {
		next, err := optionalDate(v.NextStart)
		if err != nil {
			return facts, fmt.Errorf("%s: next_start: %w", v.Name, err)
		}
		facts.Venues = append(facts.Venues, matching.Venue{
			ID: strings.TrimPrefix(v.Name, "venues/"), Country: v.Country, Kind: token(v.Kind), Month: int(v.Month), Cadence: v.Cadence,
			Domains: codesOf(cat, v.Domains), Last: editionDate(v.LastEdition), Next: laterOf(next, editionDate(v.NextEdition)),
		})
	}
	return facts, nil
}

// optionalDate reads a date that may be missing.
func optionalDate(s string) (matching.Date, error) {
	if s == "" {
		return matching.Date{}, nil
	}
	return matching.ParseDate(s)
}

// editionDate reads what of an edition's text is a date; most texts have one in front.
func editionDate(text string) matching.Date {
	d := catalog.ParseDates(text)
	for _, s := range []string{d.First, d.Month} {
		if date, err := matching.ParseDate(s); err == nil {
			return date
		}
	}
	return matching.Date{}
}

// laterOf prefers an exact date to one read out of a text.
func laterOf(exact, read matching.Date) matching.Date {
	if exact.IsZero() {
		return read
	}
	return exact
}

// token turns an enum value into the vocabulary's token, such as "signed-not-in-force"; an unstated one into "".
func token(e interface {
	fmt.Stringer
	Number() protoreflect.EnumNumber
}) string {
	if e.Number() == 0 {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(e.String(), "_", "-"))
}

func gateTokens(tokens []string) []matching.GateToken {
	gates := make([]matching.GateToken, len(tokens))
	for i, t := range tokens {
		gates[i] = matching.GateToken(t)
	}
	return gates
}

// codesOf looks capabilities up; what the catalogue no longer has is left out.
func codesOf(cat *catalog.Catalog, names []string) []catalog.Code {
	var codes []catalog.Code
	for _, name := range names {
		if code, ok := cat.Lookup(strings.TrimPrefix(name, "capabilities/")); ok {
			codes = append(codes, code)
		}
	}
	return codes
}

// scene is what a pairing is shown against: the firms and facts that it was computed from.
type scene struct {
	cat   *catalog.Catalog
	firms *book
	names map[string]*tandemv1.LocalizedText
	asOf  map[string]string // date of a framework's status, by name
}

func newScene(cat *catalog.Catalog, firms []*tandemv1.Firm, d dated) *scene {
	s := &scene{cat: cat, firms: newBook(firms), names: make(map[string]*tandemv1.LocalizedText), asOf: make(map[string]string)}
	s.facts(d)
	return s
}

// facts sets the names and dates of the facts.
func (s *scene) facts(d dated) {
	for _, f := range d.frameworks {
		s.names[f.Name], s.asOf[f.Name] = f.DisplayName, f.AsOf
	}
	for _, p := range d.programs {
		s.names[p.Name] = p.DisplayName
	}
	for _, v := range d.venues {
		s.names[v.Name] = v.DisplayName
	}
}

// pairing shows what the engine found, without the text of its sentences.
func (s *scene) pairing(p *matching.Pairing) *tandemv1.Pairing {
	m := &tandemv1.Pairing{
		Name: pairingName(p.First, p.Second), First: basic(s.firms.find(p.First)), Second: basic(s.firms.find(p.Second)),
		Tier: tandemv1.Pairing_Tier(p.Tier), Score: p.Score, Band: tandemv1.Pairing_Band(p.Band), FirstRank: p.FirstRank, SecondRank: p.SecondRank,
		FirstCoverage: p.FirstCoverage, SecondCoverage: p.SecondCoverage, PrimaryMode: tandemv1.Mode(p.PrimaryMode),
		Section: section(s.firms.find(p.First), s.firms.find(p.Second), tandemv1.Mode(p.PrimaryMode)), Reasons: sentences(p.Reasons),
		Frameworks: s.frameworkUses(p.Frameworks), FrameworkGaps: s.frameworkUses(p.FrameworkGaps), G2G: p.G2G,
		Contacts: prefixAll("actors/", p.Contacts), Themes: prefixAll("themes/", p.Themes), Notices: sentences(p.Notices),
		Gate: &tandemv1.Gate{State: tandemv1.Gate_State(p.Gate)},
	}
	for _, label := range p.Labels {
		m.Tags = append(m.Tags, "crosswalks/"+strings.Replace(label, ":", ".", 1))
	}
	for i := range p.Parts {
		m.Components = append(m.Components, s.component(&p.Parts[i]))
	}
	for _, u := range p.Programs {
		name := "programs/" + u.ID
		m.Programs = append(m.Programs, &tandemv1.ProgramUse{
			Program: name, DisplayName: s.names[name], Condition: u.Condition, State: tandemv1.ProgramUse_State(u.State), Reason: sentence(u.Sentence),
		})
	}
	if v := p.Venue; v != nil {
		name := "venues/" + v.ID
		m.Venue = &tandemv1.VenueUse{Venue: name, DisplayName: s.names[name], Reason: sentence(v.Sentence)}
	}
	for _, g := range p.GateItems {
		framework := prefixed("frameworks/", g.Framework)
		m.Gate.Items = append(m.Gate.Items, &tandemv1.Gate_Item{
			Token: string(g.Token), State: tandemv1.Gate_State(g.State), Framework: framework, Action: sentence(g.Sentence), AsOf: s.asOf[framework],
		})
	}
	return m
}

func (s *scene) frameworkUses(uses []matching.FrameworkUse) []*tandemv1.FrameworkUse {
	var list []*tandemv1.FrameworkUse
	for _, u := range uses {
		name := "frameworks/" + u.ID
		list = append(list, &tandemv1.FrameworkUse{
			Framework: name, DisplayName: s.names[name], AsOf: s.asOf[name], Reason: sentence(u.Sentence),
			Status: enumByToken[tandemv1.Framework_Status](string(u.Status), tandemv1.Framework_Status_value).String(),
		})
	}
	return list
}

func (s *scene) component(p *matching.Part) *tandemv1.Component {
	return &tandemv1.Component{
		Kind: tandemv1.Component_Kind(p.Kind), Points: p.Points, MaxPoints: p.MaxPoints, Reason: sentence(p.Sentence), Modes: modeMessages(p.Modes),
		Relation: enumByToken[tandemv1.Component_Relation](p.Relation.String(), tandemv1.Component_Relation_value),
		Need:     s.item("needs", p.Need), Offer: s.item("offers", p.Offer), Sold: s.item("offers", p.Sold),
	}
}

// item shows a line of a profile in its firm's own words.
func (s *scene) item(list string, ref *matching.ItemRef) *tandemv1.Component_Item {
	if ref == nil {
		return nil
	}
	m := &tandemv1.Component_Item{
		Firm: "firms/" + ref.Firm, Field: fmt.Sprintf("%s[%d]", list, ref.Index), Capability: "capabilities/" + s.cat.Capability(ref.Capability).Code,
	}
	firm := s.firms.find(ref.Firm)
	if list == "needs" {
		m.Detail, m.DetailNative = firm.Needs[ref.Index].Detail, firm.Needs[ref.Index].DetailNative
	} else {
		m.Detail, m.DetailNative = firm.Offers[ref.Index].Detail, firm.Offers[ref.Index].DetailNative
	}
	return m
}

// basic is a firm as far as a counterpart may see it.
func basic(f *tandemv1.Firm) *tandemv1.Firm {
	return &tandemv1.Firm{
		Name: f.Name, DisplayName: f.DisplayName, NativeName: f.NativeName, Country: f.Country, Region: f.Region, Kind: f.Kind, Size: f.Size,
		Summary: f.Summary, SummaryNative: f.SummaryNative, Capabilities: f.Capabilities, Provenance: f.Provenance, NeedsInferred: f.NeedsInferred,
	}
}

// suggestedNeed is a need that the engine suggests.
func suggestedNeed(cat *catalog.Catalog, n matching.NeedSuggestion) *tandemv1.NeedSuggestion {
	capability := cat.Capability(n.Capability)
	return &tandemv1.NeedSuggestion{
		Capability: capability.Code, DisplayName: localized(capability.Name), Aim: tandemv1.Need_Aim(n.Aim), Modes: modeMessages(n.Modes),
		Reasons: sentences(n.Reasons),
	}
}

// section is the part of a report in which a pairing stands.
func section(a, b *tandemv1.Firm, mode tandemv1.Mode) tandemv1.Pairing_Section {
	if a.GetKind() == tandemv1.Firm_GOVERNMENT && b.GetKind() == tandemv1.Firm_GOVERNMENT {
		return tandemv1.Pairing_GOVERNMENT_TO_GOVERNMENT
	}
	switch mode {
	case tandemv1.Mode_CO_DEVELOPMENT, tandemv1.Mode_JOINT_RD, tandemv1.Mode_TEST_EVALUATION:
		return tandemv1.Pairing_DEVELOPMENT
	case tandemv1.Mode_CO_PRODUCTION, tandemv1.Mode_CO_SUSTAINMENT, tandemv1.Mode_LOCAL_MANUFACTURING, tandemv1.Mode_TECH_TRANSFER:
		return tandemv1.Pairing_PRODUCTION
	default:
		return tandemv1.Pairing_SUPPLY_AND_OTHER
	}
}

func sentence(s matching.Sentence) *tandemv1.Sentence {
	if s.Key == "" {
		return nil
	}
	return &tandemv1.Sentence{Key: s.Key, Args: s.Args}
}

func sentences(list []matching.Sentence) []*tandemv1.Sentence {
	var messages []*tandemv1.Sentence
	for _, s := range list {
		messages = append(messages, sentence(s))
	}
	return messages
}

// filterOf is what a request asks of partners.
func filterOf(cat *catalog.Catalog, r *tandemv1.FindPartnersRequest) (matching.Filter, error) {
	f := matching.Filter{
		Regions: r.Regions, Modes: modeSet(r.Modes),
		Programs: optional(strings.TrimPrefix(r.Program, "programs/")), Frameworks: optional(strings.TrimPrefix(r.Framework, "frameworks/")),
	}
	for state := tandemv1.Gate_CLEAR; state <= r.GateAtMost; state++ {
		f.Gates = append(f.Gates, enum[matching.GateState](state))
	}
	for _, k := range r.Kinds {
		f.Kinds = append(f.Kinds, enum[matching.Kind](k))
	}
	for _, s := range r.Sizes {
		f.Sizes = append(f.Sizes, enum[matching.Size](s))
	}
	if r.Capability != "" {
		code, ok := cat.Lookup(strings.TrimPrefix(r.Capability, "capabilities/"))
		if !ok {
			return f, unknownCapability(cat, "capability", r.Capability)
		}
		f.Within = []catalog.Code{code}
	}
	return f, nil
}

// optional makes a list of a value that may be left out.
func optional(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// unknownCapability refuses a code with the nearest ones.
func unknownCapability(cat *catalog.Catalog, field, code string) *Error {
	nearest := cat.Nearest(code, 3)
	return invalidAs(tandemv1.Reason_CAPABILITY_UNKNOWN, field, "error.capability", code, strings.Join(nearest, ", ")).
		with("candidates", strings.Join(nearest, ","))
}

// sortedFirms orders firms as a snapshot has them.
func sortedFirms(list []*tandemv1.Firm) []*tandemv1.Firm {
	slices.SortFunc(list, func(a, b *tandemv1.Firm) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// with returns the scene with other firms.
func (s *scene) with(firms *book) *scene {
	return &scene{cat: s.cat, firms: firms, names: s.names, asOf: s.asOf}
}

// withFacts returns the scene with other facts.
func (s *scene) withFacts(d dated) *scene {
	next := &scene{cat: s.cat, firms: s.firms, names: make(map[string]*tandemv1.LocalizedText), asOf: make(map[string]string)}
	next.facts(d)
	return next
}
