package server

import (
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// This file turns rows of the embedded catalogue into the messages that the API shows, and picks those that belong to a
// partnership: an instrument when all its parties do or when it is multilateral, a programme by its owner, a venue by its
// country. What a partnership's own file adds or excludes comes after.

// multilateral is the party of instruments that are open to more than two.
const multilateral = "multilateral"

func seedFrameworks(cat *catalog.Catalog, p *tandemv1.Partnership) []*tandemv1.Framework {
	var rows []*tandemv1.Framework
	for _, f := range cat.Frameworks() {
		if !partiesBelong(p, f.Parties) {
			continue
		}
		rows = append(rows, &tandemv1.Framework{
			Name: "frameworks/" + f.ID, DisplayName: localized(f.Name), Kind: enumByToken[tandemv1.Framework_Kind](f.Kind, tandemv1.Framework_Kind_value),
			Parent: prefixed("frameworks/", f.Parent), Parties: f.Parties, Modes: modesByToken(f.Modes), Capabilities: prefixAll("capabilities/", f.Capabilities),
			Effect: f.Effect, Gates: f.Gates, Status: enumByToken[tandemv1.Framework_Status](f.Status, tandemv1.Framework_Status_value), AsOf: f.AsOf,
			Dates: f.Dates, Cadence: f.Cadence, IndustryFacing: f.IndustryFacing, Source: strings.Join(f.Sources, "; "),
		})
	}
	return seeded(p, rows, p.Frameworks)
}

func seedPrograms(cat *catalog.Catalog, p *tandemv1.Partnership) []*tandemv1.Program {
	var rows []*tandemv1.Program
	for _, r := range cat.Programs() {
		if _, ok := sideOf(p, r.OwnerCountry); !ok {
			continue
		}
		rows = append(rows, &tandemv1.Program{
			Name: "programs/" + r.ID, DisplayName: localized(r.Name), OwnerCountry: r.OwnerCountry,
			Status: enumByToken[tandemv1.Program_Status](r.Status, tandemv1.Program_Status_value), AwardedTo: r.AwardedTo, AsOf: r.AsOf,
			AwardCondition: r.AwardCondition, Candidates: r.Candidates, Capabilities: prefixAll("capabilities/", r.Capabilities), Note: r.Note,
			Source: strings.Join(r.Sources, "; "),
		})
	}
	return seeded(p, rows, p.Programs)
}

func seedVenues(cat *catalog.Catalog, p *tandemv1.Partnership) []*tandemv1.Venue {
	var rows []*tandemv1.Venue
	for _, v := range cat.Venues() {
		if _, ok := sideOf(p, v.Country); !ok {
			continue
		}
		rows = append(rows, &tandemv1.Venue{
			Name: "venues/" + v.ID, DisplayName: localized(v.Name), City: v.City, Country: v.Country, TimeZone: v.TimeZone,
			Month: int32(v.Month), Cadence: v.Cadence, Kind: enumByToken[tandemv1.Venue_Kind](v.Kind, tandemv1.Venue_Kind_value), //nolint:gosec // 0..12
			Domains: prefixAll("capabilities/", v.Domains), LastEdition: v.LastEdition, NextEdition: v.NextEdition, NextStart: v.Next.First,
			Source: strings.Join(v.Sources, "; "), Confidence: v.Confidence,
		})
	}
	return seeded(p, rows, p.Venues)
}

// partiesBelong tells whether an instrument serves a partnership: it is multilateral, or each party is of one of the sides.
func partiesBelong(p *tandemv1.Partnership, parties []string) bool {
	if slices.Contains(parties, multilateral) {
		return true
	}
	for _, party := range parties {
		country, _, _ := strings.Cut(party, ":")
		if _, ok := sideOf(p, country); !ok && len(country) == 2 {
			return false
		}
	}
	return true
}

// seeded puts together the catalogue's rows that a partnership does not exclude and its own, sorted by name; of two with one name
// its own stays.
func seeded[M named](p *tandemv1.Partnership, rows, own []M) []M {
	rows = slices.DeleteFunc(rows, func(row M) bool {
		return slices.Contains(p.Excluded, row.GetName()) || slices.ContainsFunc(own, func(o M) bool { return o.GetName() == row.GetName() })
	})
	rows = append(rows, own...)
	slices.SortFunc(rows, func(a, b M) int { return strings.Compare(a.GetName(), b.GetName()) })
	return rows
}

// capabilityMessage shows a capability; its neighbours are filled in by GetCapability.
func capabilityMessage(c catalog.Capability) *tandemv1.Capability {
	m := &tandemv1.Capability{
		Name: "capabilities/" + c.Code, DisplayName: localized(c.Name), Code: c.Code, Parent: prefixed("capabilities/", c.Parent),
		SynonymsEn: c.Synonyms[catalog.EN], SynonymsFr: c.Synonyms[catalog.FR], SynonymsKo: c.Synonyms[catalog.KO],
		Kic: prefixed("crosswalks/kic.", c.KIC), KoreaClasses: prefixAll("crosswalks/korea-class.", c.KoreaClasses),
		RoadshowArea: prefixed("crosswalks/roadshow-2025.", c.RoadshowArea), Note: c.Note,
	}
	return m
}

// neighbours lists what completes a capability, strongest first.
func neighbours(cat *catalog.Catalog, code catalog.Code) []*tandemv1.Capability_Neighbour {
	type side struct {
		out, in tandemv1.Capability_Neighbour_Relation
	}
	relations := map[catalog.Relation]side{
		catalog.Supplies:      {tandemv1.Capability_Neighbour_SUPPLIES, tandemv1.Capability_Neighbour_SUPPLIED_BY},
		catalog.Integrates:    {tandemv1.Capability_Neighbour_INTEGRATES_INTO, tandemv1.Capability_Neighbour_INTEGRATES},
		catalog.Enables:       {tandemv1.Capability_Neighbour_ENABLES, tandemv1.Capability_Neighbour_ENABLED_BY},
		catalog.Sustains:      {tandemv1.Capability_Neighbour_SUSTAINS, tandemv1.Capability_Neighbour_SUSTAINED_BY},
		catalog.JointDevelops: {tandemv1.Capability_Neighbour_JOINTLY_DEVELOPED, tandemv1.Capability_Neighbour_JOINTLY_DEVELOPED},
	}
	var list []*tandemv1.Capability_Neighbour
	for _, e := range cat.EdgesOf(code) {
		relation := relations[e.Relation].in
		if e.From == code {
			relation = relations[e.Relation].out
		}
		list = append(list, &tandemv1.Capability_Neighbour{
			Capability: "capabilities/" + cat.Capability(e.Other(code)).Code, Relation: relation,
			WeightPercent: int32(e.Weight / 10), Why: e.Why, //nolint:gosec // 1..1000
		})
	}
	slices.SortStableFunc(list, func(a, b *tandemv1.Capability_Neighbour) int { return int(b.WeightPercent - a.WeightPercent) })
	return list
}

func actorMessage(a catalog.Actor) *tandemv1.Actor {
	return &tandemv1.Actor{
		Name: "actors/" + a.ID, DisplayName: localized(a.Name), Country: a.Country, Kind: a.Kind, Role: a.Role,
		IndustryFacing: a.IndustryFacing, Source: strings.Join(a.Sources, "; "),
	}
}

func themeMessage(t catalog.Theme) *tandemv1.Theme {
	return &tandemv1.Theme{
		Name: "themes/" + t.ID, DisplayName: localized(t.Name), Kind: t.Kind, IndustryFacing: t.IndustryFacing,
		Capabilities: prefixAll("capabilities/", t.Capabilities), Note: t.Note,
	}
}

func crosswalkMessage(l catalog.Label) *tandemv1.Crosswalk {
	return &tandemv1.Crosswalk{Name: "crosswalks/" + l.Scheme + "." + l.Slug, DisplayName: localized(l.Name), Scheme: l.Scheme, Slug: l.Slug}
}

func regionMessage(r catalog.Region) *tandemv1.Region {
	return &tandemv1.Region{
		Name: "regions/" + r.Code, DisplayName: localized(r.Name), Country: r.Country,
		Coast: enumByToken[tandemv1.Region_Coast](r.Coast, tandemv1.Region_Coast_value),
	}
}

// localized shows a text in all languages.
func localized(t catalog.Text) *tandemv1.LocalizedText {
	return &tandemv1.LocalizedText{En: t[catalog.EN], Fr: t[catalog.FR], Ko: t[catalog.KO]}
}

// enumByToken turns a token of the vocabulary files, such as "signed-not-in-force", into an enum value of the contract.
func enumByToken[E ~int32](token string, values map[string]int32) E {
	return E(values[strings.ToUpper(strings.ReplaceAll(token, "-", "_"))])
}

func modesByToken(tokens []string) []tandemv1.Mode {
	modes := make([]tandemv1.Mode, len(tokens))
	for i, token := range tokens {
		modes[i] = enumByToken[tandemv1.Mode](token, tandemv1.Mode_value)
	}
	return modes
}

// prefixed makes a resource name of an id; an empty id stays empty.
func prefixed(prefix, id string) string {
	if id == "" {
		return ""
	}
	return prefix + id
}

func prefixAll(prefix string, ids []string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = prefix + id
	}
	return names
}
