package matching

import (
	"fmt"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// Facts are the dated rows around the score: what a pairing may need, use or wait for. A score never depends on them,
// so that changing a status changes the next answer's gates and routes and nothing else.
type Facts struct {
	Sides      [2]SideFacts
	Umbrella   string // id of the framework that is listed first where it applies
	Frameworks []Framework
	Programs   []Program
	Venues     []Venue
	Holds      []Hold // decisions of organisers and screening
	AsOf       Date   // the day for which gates are decided and from which the next venue is sought
}

// SideFacts say who belongs to a side.
type SideFacts struct {
	ID        string
	Countries []string // ISO 3166-1
}

// FrameworkStatus is how far an instrument has come, a token of catalog.FrameworkStatuses.
type FrameworkStatus string

// The statuses that the engine treats differently from the rest.
const (
	InForce          FrameworkStatus = "in-force"
	Planned          FrameworkStatus = "planned"
	Expected         FrameworkStatus = "expected"
	SignedNotInForce FrameworkStatus = "signed-not-in-force"
)

// GateToken names a compliance rule, one of catalog.GateTokens or one that the engine derives from a profile.
type GateToken string

// The gate tokens.
const (
	GateClassified     GateToken = "classified-exchange"
	GateGovernmentOnly GateToken = "government-only-classified"
	GateJointRD        GateToken = "joint-rd"
	GateG2G            GateToken = "g2g-contract"
	GateSponsor        GateToken = "materiel-sponsor"
	GateExportLicence  GateToken = "export-licence"
	GateMTCR           GateToken = "mtcr-review"
	GateThirdCountry   GateToken = "third-country-review"
	GateAward          GateToken = "programme-award"
	GateResponsibleAI  GateToken = "responsible-ai-statement"
	GateSanctions      GateToken = "sanctions-screening"

	GateDesignated GateToken = "designated-technology" // from Offer.DesignatedTechnology
	GateDecision   GateToken = "decision"              // from Facts.Holds
)

// Framework is an agreement, dialogue or forum as of now.
type Framework struct {
	ID             string
	Kind           string // one of catalog.FrameworkKinds
	Parent         string
	Parties        []string // "CA", "multilateral", or country and body such as "CA:DND"
	Modes          ModeSet  // empty means all
	Capabilities   []catalog.Code
	Gates          []GateToken
	Status         FrameworkStatus
	StatusDate     Date // since when the status is true
	EffectiveFrom  Date // entry into force; not known means since StatusDate
	IndustryFacing bool // false: never routed to a firm
}

// inForce tells whether the instrument binds on a day.
func (f *Framework) inForce(on Date) bool {
	since := f.EffectiveFrom
	if since.IsZero() {
		since = f.StatusDate
	}
	return f.Status == InForce && since.Compare(on) <= 0
}

func (f *Framework) has(gate GateToken) bool { return slices.Contains(f.Gates, gate) }

// Program is a procurement that both sides can work on.
type Program struct {
	ID             string
	Owner          string // country
	Status         string // one of catalog.ProgramStatuses
	AwardedTo      string // country that won; empty while open
	AwardCondition string // token of pairings that only make sense after an award; empty when nothing is open
	Capabilities   []catalog.Code
}

// Venue is a series of events where a pair can meet.
type Venue struct {
	ID      string
	Country string
	Kind    string // one of catalog.VenueKinds
	Month   int    // usual month; 0 is irregular
	Cadence string // begins with annual, biennial-odd, biennial-even or irregular
	Domains []catalog.Code
	Last    Date // last edition, as far as known
	Next    Date // next edition, as far as known
}

// Hold is a decision about an organisation (Second empty) or a pair, by an organiser or by screening.
type Hold struct {
	First, Second string // ids in any order
	State         GateState
	Reason        string // for organisers, in the words of whoever decided
}

// canonical returns the same facts in one order, so that no answer depends on how they were listed.
func (f Facts) canonical() Facts {
	f.Frameworks = slices.SortedStableFunc(slices.Values(f.Frameworks), func(a, b Framework) int { return strings.Compare(a.ID, b.ID) })
	f.Programs = slices.SortedStableFunc(slices.Values(f.Programs), func(a, b Program) int { return strings.Compare(a.ID, b.ID) })
	f.Venues = slices.SortedStableFunc(slices.Values(f.Venues), func(a, b Venue) int { return strings.Compare(a.ID, b.ID) })
	return f
}

// SeedFacts turns the catalogue's rows into facts, for uses without a store. The sides are given by their countries.
func SeedFacts(cat *catalog.Catalog, sides [2]SideFacts, umbrella string, asOf Date) (Facts, error) {
	f := Facts{Sides: sides, Umbrella: umbrella, AsOf: asOf}
	for _, row := range cat.Frameworks() {
		framework := Framework{
			ID: row.ID, Kind: row.Kind, Parent: row.Parent, Parties: row.Parties, Capabilities: codesOf(cat, row.Capabilities),
			Status: FrameworkStatus(row.Status), IndustryFacing: row.IndustryFacing,
		}
		for _, token := range row.Modes {
			mode, err := ParseMode(token)
			if err != nil {
				return f, fmt.Errorf("framework %s: %w", row.ID, err)
			}
			framework.Modes = framework.Modes.With(mode)
		}
		for _, gate := range row.Gates {
			framework.Gates = append(framework.Gates, GateToken(gate))
		}
		var err error
		if framework.StatusDate, err = ParseDate(row.AsOf); err != nil {
			return f, fmt.Errorf("framework %s: as_of: %w", row.ID, err)
		}
		f.Frameworks = append(f.Frameworks, framework)
	}
	for _, row := range cat.Programs() {
		f.Programs = append(f.Programs, Program{
			ID: row.ID, Owner: row.OwnerCountry, Status: row.Status, AwardedTo: row.AwardedTo, AwardCondition: row.AwardCondition,
			Capabilities: codesOf(cat, row.Capabilities),
		})
	}
	for _, row := range cat.Venues() {
		f.Venues = append(f.Venues, Venue{
			ID: row.ID, Country: row.Country, Kind: row.Kind, Month: row.Month, Cadence: row.Cadence, Domains: codesOf(cat, row.Domains),
			Last: seedDate(row.Last), Next: seedDate(row.Next),
		})
	}
	return f, nil
}

// seedDate takes the first day or the month of an edition; texts without a date give an unknown one.
func seedDate(d catalog.Dates) Date {
	for _, s := range []string{d.First, d.Month} {
		if date, err := ParseDate(s); err == nil {
			return date
		}
	}
	return Date{}
}

// codesOf looks up codes that the catalogue's loader has already checked.
func codesOf(cat *catalog.Catalog, texts []string) []catalog.Code {
	codes := make([]catalog.Code, 0, len(texts))
	for _, text := range texts {
		if code, ok := cat.Lookup(text); ok {
			codes = append(codes, code)
		}
	}
	return codes
}
