package matching

import (
	"fmt"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// Side is one of the two sides of the partnership, in the order of its file. Which countries belong to a side is
// a fact (Facts.Sides), never code.
type Side uint8

// The sides. In every pairing the organisation of the first side comes first.
const (
	First Side = iota
	Second
)

// Other returns the opposite side.
func (s Side) Other() Side { return 1 - s }

// String returns "FIRST" or "SECOND".
func (s Side) String() string { return nameOf([]string{"FIRST", "SECOND"}, uint8(s)) }

// Kind is what an organisation is; the zero value is "not stated" and is treated as a company.
type Kind uint8

// The kinds.
const (
	Company Kind = iota + 1
	ResearchInstitute
	University
	Government
)

var kindNames = []string{"KIND_UNSPECIFIED", "COMPANY", "RESEARCH_INSTITUTE", "UNIVERSITY", "GOVERNMENT"}

// String returns the contract's name.
func (k Kind) String() string { return nameOf(kindNames, uint8(k)) }

// ParseKind is the inverse of String.
func ParseKind(s string) (Kind, error) {
	k, err := parseName("kind", kindNames, s)
	return Kind(k), err
}

// Size is a rough class of companies.
type Size uint8

// The sizes.
const (
	Micro Size = iota + 1
	Small
	Medium
	Large
	Prime
)

var sizeNames = []string{"SIZE_UNSPECIFIED", "MICRO", "SMALL", "MEDIUM", "LARGE", "PRIME"}

// String returns the contract's name.
func (s Size) String() string { return nameOf(sizeNames, uint8(s)) }

// ParseSize is the inverse of String.
func ParseSize(s string) (Size, error) {
	v, err := parseName("size", sizeNames, s)
	return Size(v), err
}

// Level says whether an offer is the main business; not stated counts as core.
type Level uint8

// The levels.
const (
	Core Level = iota + 1
	Secondary
)

var levelNames = []string{"LEVEL_UNSPECIFIED", "CORE", "SECONDARY"}

// String returns the contract's name.
func (l Level) String() string { return nameOf(levelNames, uint8(l)) }

// ParseLevel is the inverse of String.
func ParseLevel(s string) (Level, error) {
	v, err := parseName("level", levelNames, s)
	return Level(v), err
}

// Aim says which way a need points; its capability always names what the other side does. Not stated counts as Partner.
type Aim uint8

// The aims.
const (
	Supplier Aim = iota + 1 // those who do this would provide it to us
	Partner                 // those who do this would work on it with us
	Customer                // those who do this would buy from us
)

var aimNames = []string{"AIM_UNSPECIFIED", "SUPPLIER", "PARTNER", "CUSTOMER"}

// String returns the contract's name.
func (a Aim) String() string { return nameOf(aimNames, uint8(a)) }

// ParseAim is the inverse of String.
func ParseAim(s string) (Aim, error) {
	v, err := parseName("aim", aimNames, s)
	return Aim(v), err
}

// Priority orders an organisation's own needs; not stated counts as medium.
type Priority uint8

// The priorities.
const (
	High Priority = iota + 1
	Middle
	Low
)

var priorityNames = []string{"PRIORITY_UNSPECIFIED", "HIGH", "MEDIUM", "LOW"}

// String returns the contract's name.
func (p Priority) String() string { return nameOf(priorityNames, uint8(p)) }

// ParsePriority is the inverse of String.
func ParsePriority(s string) (Priority, error) {
	v, err := parseName("priority", priorityNames, s)
	return Priority(v), err
}

// Classification is that of the work a need asks for, never of the text itself; not stated counts as unclassified.
type Classification uint8

// The classifications, rising.
const (
	Unclassified Classification = iota + 1
	Protected
	Confidential
	Secret
	TopSecret
)

var classificationNames = []string{
	"CLASSIFICATION_UNSPECIFIED", "UNCLASSIFIED", "PROTECTED", "CONFIDENTIAL", "SECRET", "TOP_SECRET",
}

// String returns the contract's name.
func (c Classification) String() string { return nameOf(classificationNames, uint8(c)) }

// ParseClassification is the inverse of String.
func ParseClassification(s string) (Classification, error) {
	v, err := parseName("classification", classificationNames, s)
	return Classification(v), err
}

// Status tells whether an organisation takes part. Not stated counts as pending.
type Status uint8

// The statuses.
const (
	Pending Status = iota + 1
	Approved
	Suspended
)

var statusNames = []string{"STATE_UNSPECIFIED", "PENDING", "APPROVED", "SUSPENDED"}

// String returns the contract's name.
func (s Status) String() string { return nameOf(statusNames, uint8(s)) }

// ParseStatus is the inverse of String.
func ParseStatus(s string) (Status, error) {
	v, err := parseName("state", statusNames, s)
	return Status(v), err
}

// Provenance says who wrote a profile.
type Provenance uint8

// The provenances.
const (
	Self Provenance = iota + 1
	Organiser
	Compiled // from public sources: the needs are inferred, and every view must say so
)

var provenanceNames = []string{"PROVENANCE_UNSPECIFIED", "SELF", "ORGANISER", "COMPILED"}

// String returns the contract's name.
func (p Provenance) String() string { return nameOf(provenanceNames, uint8(p)) }

// ParseProvenance is the inverse of String.
func ParseProvenance(s string) (Provenance, error) {
	v, err := parseName("provenance", provenanceNames, s)
	return Provenance(v), err
}

// Words are a firm's own words, in English and in its own language; either may be empty.
type Words struct{ EN, Native string }

// Material makes materials comparable: a grade, a form and a quantity in one unit. Zero values are "not stated".
type Material struct {
	Grade         string
	Form          string
	TonnesPerYear int32
}

func (m Material) stated() bool { return m != Material{} }

// Offer is what an organisation brings.
type Offer struct {
	Capability           catalog.Code
	Level                Level
	TRL                  int     // 1..9; 0 is "not stated"
	Modes                ModeSet // empty means the profile's
	Capacity             *int32  // nil is "not stated"; a stated 0 is no capacity for production
	Detail               Words
	DesignatedTechnology bool // its transfer needs the holder's government
	Material             Material
}

// Need is what an organisation looks for.
type Need struct {
	Capability     catalog.Code // what the other side does, whatever the aim
	Aim            Aim
	Modes          ModeSet // empty means the profile's
	Priority       Priority
	Classification Classification
	Detail         Words
	Material       Material
}

// Profile is an organisation as the engine sees it.
type Profile struct {
	ID             string // slug, such as "algoma-steel"
	Name           string // display name
	NativeName     string // in Hangul or French; empty where there is none
	Side           Side
	Country        string // ISO 3166-1, one of its side's
	Status         Status
	Missing        []string // parts that registration still lacks; not empty means incomplete
	Kind           Kind
	Size           Size
	Region         string  // ISO 3166-2, or empty
	Modes          ModeSet // ways of working together it is open to; empty means all
	Offers         []Offer
	Needs          []Need
	Programs       []string // ids of programmes it works on
	Exclusions     []string // ids of organisations it does not want to meet
	Summary        Words
	Provenance     Provenance
	ResponsibleUse string // statement on responsible use of AI and autonomy
}

// The largest profile that the engine accepts; the contract has the same limits.
const (
	MaxOffers = 40
	MaxNeeds  = 40
)

// check refuses what would make a score meaningless.
func (p *Profile) check(cat *catalog.Catalog) error {
	switch {
	case p.ID == "":
		return fmt.Errorf("profile %q has no id", p.Name)
	case p.Side > Second:
		return fmt.Errorf("%s: side %d is unknown: want 0 or 1", p.ID, p.Side)
	case len(p.Offers) > MaxOffers:
		return fmt.Errorf("%s: %d offers: at most %d", p.ID, len(p.Offers), MaxOffers)
	case len(p.Needs) > MaxNeeds:
		return fmt.Errorf("%s: %d needs: at most %d", p.ID, len(p.Needs), MaxNeeds)
	}
	for i, o := range p.Offers {
		if int(o.Capability) >= cat.Len() {
			return fmt.Errorf("%s: offers[%d]: capability %d is not in the catalogue", p.ID, i, o.Capability)
		}
		if o.TRL < 0 || o.TRL > 9 {
			return fmt.Errorf("%s: offers[%d]: trl %d: want 1 to 9, or 0 for not stated", p.ID, i, o.TRL)
		}
	}
	for i, n := range p.Needs {
		if int(n.Capability) >= cat.Len() {
			return fmt.Errorf("%s: needs[%d]: capability %d is not in the catalogue", p.ID, i, n.Capability)
		}
	}
	return nil
}
