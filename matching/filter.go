package matching

import (
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// Filter narrows a list. An empty field admits everything; of several values in a field one is enough.
type Filter struct {
	Within       []catalog.Code // the counterpart offers something in one of these subtrees
	Regions      []string
	Kinds        []Kind
	Sizes        []Size
	FirmPrograms []string // the counterpart works on one of these programmes

	Modes      ModeSet // the pairing's primary mode
	Programs   []string
	Conditions []string // tokens of award conditions
	Frameworks []string
	Themes     []string
	Gates      []GateState
	Bands      []Band
	Tiers      []Tier
}

func (f Filter) empty() bool {
	return len(f.Within)+len(f.Regions)+len(f.Kinds)+len(f.Sizes)+len(f.FirmPrograms) == 0 && !f.narrowsPairings()
}

// narrowsPairings tells whether something of the filter can only be decided of an explained pairing.
func (f Filter) narrowsPairings() bool {
	return len(f.Programs)+len(f.Conditions)+len(f.Frameworks)+len(f.Themes)+len(f.Gates)+len(f.Bands)+len(f.Tiers) > 0 || f.Modes != 0
}

// admitsFirm decides what a profile alone decides.
func (f Filter) admitsFirm(m *Market, other *firm) bool {
	offers := func(o offer) bool { return m.prep.tree.withinAny(o.code, f.Within) }
	if len(f.Within) > 0 && !slices.ContainsFunc(other.offers, offers) {
		return false
	}
	if len(f.Regions)+len(f.Kinds)+len(f.Sizes)+len(f.FirmPrograms) == 0 {
		return true
	}
	p := other.read()
	return admits(f.Regions, p.Region) && admits(f.Kinds, p.Kind) && admits(f.Sizes, p.Size) &&
		admitsAny(f.FirmPrograms, p.Programs, func(s string) string { return s })
}

// admitsPairing decides what only the pairing tells.
func (f Filter) admitsPairing(p *Pairing) bool {
	return (f.Modes == 0 || f.Modes.Has(p.PrimaryMode)) && admits(f.Gates, p.Gate) && admits(f.Bands, p.Band) && admits(f.Tiers, p.Tier) &&
		admitsAny(f.Programs, p.Programs, func(u ProgramUse) string { return u.ID }) &&
		admitsAny(f.Conditions, p.Programs, func(u ProgramUse) string { return u.Condition }) &&
		admitsAny(f.Frameworks, p.Frameworks, func(u FrameworkUse) string { return u.ID }) &&
		admitsAny(f.Themes, p.Themes, func(s string) string { return s })
}

func admits[T comparable](wanted []T, got T) bool {
	return len(wanted) == 0 || slices.Contains(wanted, got)
}

func admitsAny[T any](wanted []string, got []T, key func(T) string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(got, func(g T) bool { return slices.Contains(wanted, key(g)) })
}
