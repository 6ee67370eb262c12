package matching

import (
	"fmt"
	"math/bits"
	"strings"
)

// Mode is a way of working together. The zero value is "not stated".
type Mode uint8

// The modes, in the order of the contract's enum. On a need TechTransfer means "wants to receive", on an offer
// "will transfer".
const (
	CoDevelopment Mode = iota + 1
	CoProduction
	CoSustainment
	JointRD
	TestEvaluation
	TechTransfer
	LocalManufacturing
	Supply
	ExportThirdCountry
	Investment
	TrainingExchange
	InfoExchange
	G2GProcurement

	modeCount = int(G2GProcurement)
)

var modeNames = []string{
	"MODE_UNSPECIFIED", "CO_DEVELOPMENT", "CO_PRODUCTION", "CO_SUSTAINMENT", "JOINT_RD", "TEST_EVALUATION", "TECH_TRANSFER",
	"LOCAL_MANUFACTURING", "SUPPLY", "EXPORT_THIRD_COUNTRY", "INVESTMENT", "TRAINING_EXCHANGE", "INFO_EXCHANGE", "G2G_PROCUREMENT",
}

// String returns the contract's name, such as "CO_DEVELOPMENT".
func (m Mode) String() string { return nameOf(modeNames, uint8(m)) }

// Token returns the mode as the vocabulary files write it, such as "co-development".
func (m Mode) Token() string { return strings.ToLower(strings.ReplaceAll(m.String(), "_", "-")) }

// ParseMode reads a name such as "CO_DEVELOPMENT" or a token such as "co-development".
func ParseMode(s string) (Mode, error) {
	m, err := parseName("mode", modeNames, strings.ToUpper(strings.ReplaceAll(s, "-", "_")))
	return Mode(m), err
}

// Modes lists all modes in the contract's order.
func Modes() []Mode {
	modes := make([]Mode, modeCount)
	for i := range modes {
		modes[i] = Mode(i + 1)
	}
	return modes
}

// sections is the order in which reports open their sections and in which equally good modes are preferred:
// co-development and joint research first, then production and sustainment, then supply and the rest.
var sections = [...]Mode{
	CoDevelopment, JointRD, TestEvaluation, CoProduction, CoSustainment, LocalManufacturing, TechTransfer,
	Supply, ExportThirdCountry, Investment, TrainingExchange, InfoExchange, G2GProcurement,
}

// ModesInSectionOrder lists all modes as reports order their sections: co-development and joint research first.
func ModesInSectionOrder() []Mode { return append([]Mode(nil), sections[:]...) }

// ModeSet is a set of modes.
type ModeSet uint16

// allModes holds every mode.
const allModes = ModeSet(1<<(modeCount+1) - 2)

// NewModeSet collects modes into a set.
func NewModeSet(modes ...Mode) ModeSet {
	var s ModeSet
	for _, m := range modes {
		s = s.With(m)
	}
	return s
}

// With returns the set with m added; adding the zero mode changes nothing.
func (s ModeSet) With(m Mode) ModeSet {
	if m == 0 {
		return s
	}
	return s | 1<<m
}

// Without returns the set with m taken out.
func (s ModeSet) Without(m Mode) ModeSet { return s &^ (1 << m) }

// Has tells whether m is in the set.
func (s ModeSet) Has(m Mode) bool { return m != 0 && s&(1<<m) != 0 }

// Len is the number of modes in the set.
func (s ModeSet) Len() int { return bits.OnesCount16(uint16(s)) }

// List returns the modes of the set in the contract's order.
func (s ModeSet) List() []Mode {
	var modes []Mode
	for _, m := range Modes() {
		if s.Has(m) {
			modes = append(modes, m)
		}
	}
	return modes
}

// orAll reads an empty set as "no limit".
func (s ModeSet) orAll() ModeSet {
	if s == 0 {
		return allModes
	}
	return s
}

func nameOf(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprintf("UNKNOWN_%d", i)
}

// parseName finds a name among the names of an enum; the zero value, "not stated", cannot be asked for.
func parseName(what string, names []string, s string) (uint8, error) {
	for i, name := range names {
		if i > 0 && name == s {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("%s %q is unknown: want one of %s", what, s, strings.Join(names[1:], ", "))
}
