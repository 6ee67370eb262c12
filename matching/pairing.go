package matching

import "github.com/canada-korea-roadshow/tandem/matching/catalog"

// Tier is the first sort key of every list: pairs in which both sides' needs are met come before those in which only
// one side finds something.
type Tier uint8

// The tiers.
const (
	Reciprocal Tier = iota + 1
	OneSided
)

var tierNames = []string{"TIER_UNSPECIFIED", "RECIPROCAL", "ONE_SIDED"}

// String returns the contract's name.
func (t Tier) String() string { return nameOf(tierNames, uint8(t)) }

// Band is the score as a firm may see it.
type Band uint8

// The bands.
const (
	Strong Band = iota + 1
	Good
	Possible
)

var bandNames = []string{"BAND_UNSPECIFIED", "STRONG", "GOOD", "POSSIBLE"}

// String returns the contract's name.
func (b Band) String() string { return nameOf(bandNames, uint8(b)) }

// band puts a score into its band. A one-sided pair is never more than possible.
func (w *Weights) band(t Tier, score int32) Band {
	switch {
	case t == Reciprocal && int(score) >= w.bandStrong:
		return Strong
	case t == Reciprocal && int(score) >= w.bandGood:
		return Good
	}
	return Possible
}

// Cause is why a pair is not proposed.
type Cause uint8

// The causes, in the order in which they are looked for: the first is named.
const (
	NoCause Cause = iota
	SameSide
	NotApproved
	Incomplete
	Veto
	KindRule // no mode that both kinds and both organisations accept
	GateBlocked
	NoNeedMet
	NotReciprocal // only one side finds something, and neither side has it among its best
	BelowTopK     // in neither side's list
)

var causeNames = []string{
	"CAUSE_UNSPECIFIED", "SAME_SIDE", "NOT_APPROVED", "INCOMPLETE", "VETO", "KIND_RULE", "GATE_BLOCK", "NO_NEED_MET", "ONE_SIDED", "BELOW_TOP_K",
}

// String returns the contract's name, such as "KIND_RULE"; "CAUSE_UNSPECIFIED" for NoCause.
func (c Cause) String() string { return nameOf(causeNames, uint8(c)) }

// Sentence is a sentence as data: a key of the catalogue's messages and its arguments, typed as catalog.Sentence says.
// It is stored and compared without a language and rendered in any of the three.
type Sentence struct {
	Key  string
	Args []string
}

// In renders the sentence.
func (s Sentence) In(cat *catalog.Catalog, l catalog.Language) string {
	return cat.Sentence(l, s.Key, s.Args...)
}

// ItemRef points to an offer or need of one of the pair's organisations.
type ItemRef struct {
	Firm       string
	Index      int // in the profile's Offers or Needs
	Capability catalog.Code
}

// PartKind is what a part of a score counts.
type PartKind uint8

// The kinds of parts: first the needs, then the terms of the modulator.
const (
	PartNeed PartKind = iota + 1
	PartText
	PartMode
	PartMaturity
	PartPrograms
	PartMaterials
	PartCoast
	PartSecondSource
)

var partNames = []string{
	"PART_UNSPECIFIED", "NEED", "TEXT", "MODE", "MATURITY", "PROGRAMS", "MATERIALS", "COAST", "SECOND_SOURCE",
}

// String returns the contract's name.
func (k PartKind) String() string { return nameOf(partNames, uint8(k)) }

// Part is a share of a score. The points of all parts sum exactly to the score.
type Part struct {
	Kind      PartKind
	Points    int32
	MaxPoints int32    // what it would bring if it were met perfectly and all else stayed; never below Points
	Side      Side     // of a need: whose it is
	Need      *ItemRef // nil for terms that speak of the whole pair
	Offer     *ItemRef // what answers the need; nil if nothing does
	Sold      *ItemRef // of a need with aim CUSTOMER: our own offer that the other would buy, if there is one
	Relation  Relation
	Via       catalog.Code // of a SecondHop: the capability that both complete
	Modes     ModeSet      // of a need: the modes it asks for that can be served
	Sentence  Sentence
}

// FrameworkUse is an instrument that a pairing can use, or one that is missing.
type FrameworkUse struct {
	ID       string
	Status   FrameworkStatus
	Contacts []string // ids of catalogue actors: its parties' bodies that firms may turn to
	Sentence Sentence
}

// ProgramState is what a programme's award means for a pairing.
type ProgramState uint8

// The states.
const (
	ProgramActive      ProgramState = iota + 1 // nothing is open, or the award went to a side of the partnership
	ProgramConditional                         // the award is open
	ProgramLapsed                              // the award went elsewhere, or the programme was cancelled
)

var programStateNames = []string{"PROGRAM_STATE_UNSPECIFIED", "ACTIVE", "CONDITIONAL", "LAPSED"}

// String returns the contract's name.
func (s ProgramState) String() string { return nameOf(programStateNames, uint8(s)) }

// ProgramUse is a programme that a pairing serves.
type ProgramUse struct {
	ID        string
	Condition string // token of the award condition; empty when nothing depends on an award
	State     ProgramState
	Sentence  Sentence
}

// VenueUse is the next event where a pair can meet.
type VenueUse struct {
	ID       string
	When     Date
	Sentence Sentence
}

// Pairing is a pair of organisations with all that is known of it. The organisation of the partnership's first side is
// always First.
type Pairing struct {
	First, Second                 string
	Tier                          Tier
	Score                         int32 // 0..10000
	Band                          Band
	FirstRank, SecondRank         int32 // place in that organisation's list, from 1; 0 means not in it
	FirstCoverage, SecondCoverage int32 // how well each one's needs are met, 0..10000
	PrimaryMode                   Mode
	Parts                         []Part
	Reasons                       []Sentence // at most three, coarse: safe to show to the counterpart
	Frameworks                    []FrameworkUse
	FrameworkGaps                 []FrameworkUse
	Programs                      []ProgramUse
	Venue                         *VenueUse
	Gate                          GateState
	GateItems                     []GateItem
	G2G                           bool       // bought from government to government
	Contacts                      []string   // ids of catalogue actors to turn to for a G2G pairing
	Themes                        []string   // ids of the catalogue's themes it belongs to, focus domains included
	Labels                        []string   // typed names for sentences, such as "pipir:production", "kic:sonar-acoustic-systems"
	Notices                       []Sentence // what must be said with it, such as that needs are inferred
}

// ID is the pairing's id: both organisations, that of the first side first.
func (p *Pairing) ID() string { return p.First + "~" + p.Second }

// Explanation answers a question about any two organisations.
type Explanation struct {
	Pairing
	Proposed bool
	Cause    Cause    // why it is not proposed; NoCause if it is
	Why      Sentence // the cause, or what makes it proposed
}
