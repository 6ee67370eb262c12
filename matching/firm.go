package matching

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// class groups kinds by what they may do together.
type class uint8

const (
	industry class = iota
	academia
	government
	classCount
)

func classOf(k Kind) class {
	switch k {
	case ResearchInstitute, University:
		return academia
	case Government:
		return government
	default:
		return industry
	}
}

// allowedModes are the kind rules: academia never produces, government sponsors, tests, exchanges and buys but never
// makes or sells. A pair may only work together in modes that both kinds allow.
var allowedModes = [classCount]ModeSet{
	industry:   allModes,
	academia:   allModes.Without(CoProduction).Without(LocalManufacturing).Without(ExportThirdCountry).Without(G2GProcurement),
	government: NewModeSet(JointRD, TestEvaluation, TrainingExchange, InfoExchange, G2GProcurement, Investment),
}

// demanding are the modes that not every offer can serve: technology has an owner who must be willing, and a stated
// capacity of nothing produces nothing.
const demanding = ModeSet(1<<TechTransfer | 1<<CoProduction)

// firm is a profile prepared for scoring. Everything that depends on one organisation alone is computed here, once.
type firm struct {
	id        string
	record    string   // its profile
	profile   *Profile // read from the record, of an organisation that is told about: see told
	side      Side
	class     class
	approved  bool
	takes     bool       // part: approved and complete
	coast     int16      // how near its site is to the sea, 0..255; -1 unknown
	modes     [2]ModeSet // modes it accepts: in a pair without and with a government body
	offers    []offer
	needs     []need
	text      []uint64   // hashes of its telling words, sorted
	words     []needWord // the telling words of its needs
	materials []Material // that its offers and needs state
	programs  []string
	excluded  []string // sorted
}

// read is an organisation's profile.
func (f *firm) read() Profile {
	p, err := profileOf(f.record)
	if err != nil {
		panic("matching: " + f.id + ": " + err.Error()) // what is no record is refused where it comes in
	}
	return p
}

// told is the same organisation with its profile at hand, for whoever explains.
func (f *firm) told() *firm {
	if f.profile != nil {
		return f
	}
	t, p := *f, f.read()
	t.profile = &p
	return &t
}

// wording are the telling words of a need.
func (f *firm) wording(n *need) []needWord { return f.words[n.words[0]:n.words[1]] }

// material is what a need or an offer states, by its number.
func (f *firm) material(number uint8) Material {
	if number == 0 {
		return Material{}
	}
	return f.materials[number-1]
}

// number is that of a material that the organisation keeps, 0 where nothing is stated.
func (f *firm) number(m Material) uint8 {
	if !m.stated() {
		return 0
	}
	return uint8(slices.Index(f.materials, m) + 1) //nolint:gosec // at most one for each offer and need
}

// keep takes from a profile what is rare and counts in scores.
func (f *firm) keep(p *Profile) {
	f.programs, f.excluded = p.Programs, slices.Sorted(slices.Values(p.Exclusions))
	take := func(m Material) {
		if m.stated() && !slices.Contains(f.materials, m) {
			f.materials = append(f.materials, m)
		}
	}
	for i := range p.Offers {
		take(p.Offers[i].Material)
	}
	for i := range p.Needs {
		take(p.Needs[i].Material)
	}
}

// offer is an offer prepared for scoring.
type offer struct {
	code     catalog.Code
	serves   ModeSet // modes in which it can answer a need
	strength uint8
	trl      uint8 // 0 is not stated
	material uint8 // see firm.material
}

// need is a need prepared for scoring.
type need struct {
	code     catalog.Code
	usable   [classCount]ModeSet // by the counterpart's class: the modes it asks for that the kinds allow
	weight   uint32              // 1..255
	weights  uint32              // sum of its words' weights
	words    [2]uint32           // of the firm's, from where to where
	sold     int16               // of a need with aim CUSTOMER: index of the own offer that a customer would buy; else, or without offers, -1
	supplier bool                // somebody who would provide it is looked for
	single   bool                // at most one organisation of its own side offers the capability
	coastal  bool                // sustainment of this wants the sea
	material uint8               // see firm.material
}

// needWord is a telling word of a need, as scores see it.
type needWord struct {
	hash   uint64
	weight uint32
}

// spelling is a telling word of a need, as readers see it too.
type spelling struct {
	said
	needWord
}

// preparer holds what preparing a profile needs.
type preparer struct {
	cat       *catalog.Catalog
	weights   *Weights
	affinity  *affinities
	lexicon   *lexicon
	rarity    Rarity
	tree      *tree
	isCoastal []bool // by capability
	isCivil   []bool
	phiBound  []uint16 // see phiAtMost
	layout    layout
	answering *answering
	heaviest  []uint32 // by capability: the largest weight that a need for it can have
}

func newPreparer(cat *catalog.Catalog, w *Weights, r Rarity) *preparer {
	tree := newTree(cat)
	p := &preparer{
		cat: cat, weights: w, affinity: newAffinities(cat, w), lexicon: newLexicon(cat, w), rarity: r, tree: tree,
		isCoastal: tree.marked(codesOf(cat, w.coastal)), isCivil: tree.marked(codesOf(cat, w.civil)),
		phiBound: phiBounds(w),
	}
	p.heaviest = p.heaviestNeeds()
	p.answering = newAnswering(p.affinity, w)
	p.layout = defaultLayout(p.answering)
	return p
}

// heaviestNeeds finds the largest weight that a need for each capability can have.
func (p *preparer) heaviestNeeds() []uint32 {
	weights := make([]uint32, p.cat.Len())
	for c := range weights {
		for _, priority := range [...]Priority{High, Middle, Low} {
			weights[c] = max(weights[c], p.needWeight(priority, p.cat.Capability(catalog.Code(c)).Code))
		}
	}
	return weights
}

// takesPart tells whether an organisation is matched at all.
func (p *Profile) takesPart() bool { return p.Status == Approved && len(p.Missing) == 0 }

// prepare computes everything about one organisation.
func (p *preparer) prepare(profile Profile) *firm {
	f := &firm{
		record: record(&profile), side: profile.Side, class: classOf(profile.Kind), approved: profile.Status == Approved,
		takes: profile.takesPart(), coast: p.coast(profile.Region),
	}
	f.id = idOf(f.record) // what is kept is a part of the record, so that nothing else of the profile has to be
	if profile.Programs != nil || profile.Exclusions != nil || hasMaterial(&profile) {
		kept := f.read()
		f.keep(&kept)
	}
	f.modes = p.acceptedModes(&profile, f.class)
	summary := p.lexicon.read(profile.Summary.EN, profile.Summary.Native)
	details := make([]text, len(profile.Offers))
	f.offers, f.needs = make([]offer, len(profile.Offers)), make([]need, len(profile.Needs))
	for i, o := range profile.Offers {
		details[i] = p.lexicon.read(o.Detail.EN, o.Detail.Native)
		f.offers[i] = p.prepareOffer(&profile, i, details[i], summary)
		f.offers[i].material = f.number(o.Material)
	}
	f.text = ownHashes(append(details, summary))
	for i := range profile.Needs {
		f.needs[i] = p.prepareNeed(f, &profile, i, details)
	}
	f.words = slices.Clone(f.words) // without the room to grow
	return f
}

// ownHashes are the hashes of all telling words of some texts, sorted.
func ownHashes(texts []text) []uint64 {
	var all []uint64
	for i := range texts {
		for _, word := range texts[i].words {
			all = append(all, word.hash)
		}
	}
	slices.Sort(all)
	return slices.Clone(slices.Compact(all))
}

// acceptedModes are all modes that a profile names anywhere, or all if it limits nothing, as far as its kind allows.
// Beside a government body, supply means that the government buys: government-to-government procurement.
func (p *preparer) acceptedModes(profile *Profile, c class) [2]ModeSet {
	named := profile.Modes
	if named != 0 {
		for _, o := range profile.Offers {
			named |= o.Modes
		}
		for _, n := range profile.Needs {
			named |= n.Modes
		}
	}
	accepted := named.orAll()
	return [2]ModeSet{accepted & allowedModes[c], withProcurement(accepted) & allowedModes[c]}
}

func withProcurement(s ModeSet) ModeSet {
	if s.Has(Supply) {
		return s.With(G2GProcurement)
	}
	return s
}

func (p *preparer) prepareOffer(profile *Profile, i int, said ...text) offer {
	o := &profile.Offers[i]
	w := p.weights
	strength := w.strCore
	if o.Level == Secondary {
		strength = w.strSecondary
	}
	maturity := w.trlUnset
	switch {
	case o.TRL >= 7:
		maturity = w.trlProven
	case o.TRL >= 4:
		maturity = w.trlTested
	case o.TRL >= 1:
		maturity = w.trlEarly
	}
	evidence := w.evidenceNone + (w.evidenceFull-w.evidenceNone)*p.lexicon.support(o.Capability, said...)/fullSupport
	serves := allModes
	if stated := o.Modes | profile.Modes; o.Modes != 0 && !o.Modes.Has(TechTransfer) || !stated.Has(TechTransfer) {
		serves = serves.Without(TechTransfer)
	}
	if o.Capacity != nil && *o.Capacity == 0 {
		serves = serves.Without(CoProduction)
	}
	return offer{code: o.Capability, serves: serves, strength: uint8(strength * maturity / 255 * evidence / 255), trl: uint8(o.TRL)} //nolint:gosec // bytes and 0 to 9
}

func (p *preparer) prepareNeed(f *firm, profile *Profile, i int, offered []text) need {
	n := &profile.Needs[i]
	code := p.cat.Capability(n.Capability).Code
	prepared := need{
		code:     n.Capability,
		weight:   p.needWeight(n.Priority, code),
		supplier: n.Aim == Supplier,
		single:   !p.rarity.isFlat() && p.rarity.Codes[code][profile.Side] <= 1,
		coastal:  p.isCoastal[n.Capability],
		material: f.number(n.Material),
	}
	asked := n.Modes
	if asked == 0 {
		asked = profile.Modes.orAll()
	}
	for other := range classCount {
		modes := asked
		if f.class == government || other == government {
			modes = withProcurement(modes)
		}
		prepared.usable[other] = modes & allowedModes[f.class] & allowedModes[other]
	}
	detail := p.lexicon.read(n.Detail.EN, n.Detail.Native)
	if prepared.sold = -1; n.Aim == Customer {
		prepared.sold = p.sold(f, n.Capability, detail, offered)
	}
	start := len(f.words)
	for _, word := range p.rarest(detail) {
		f.words = append(f.words, word.needWord)
		prepared.weights += word.weight
	}
	prepared.words = [2]uint32{uint32(start), uint32(len(f.words))} //nolint:gosec // texts are far shorter
	return prepared
}

// rarest are the telling words of what a need says, the rarest first.
func (p *preparer) rarest(detail text) []spelling {
	words := make([]spelling, len(detail.words))
	for i, word := range detail.words {
		words[i] = spelling{word, needWord{word.hash, uint32(max(1, p.rarity.of(p.rarity.Words[word.word])))}} //nolint:gosec // at least 1
	}
	slices.SortFunc(words, func(a, b spelling) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), strings.Compare(a.word, b.word))
	})
	return words
}

// sold is the own offer that a customer would buy: the one that the need's words speak of most and that goes best with the
// customer's business, else the strongest. It explains a need with aim CUSTOMER and is no part of the score.
func (p *preparer) sold(f *firm, business catalog.Code, detail text, offered []text) int16 {
	best, value := int16(-1), -1
	for i, o := range f.offers {
		goes := p.affinity.of(business, o.code)
		if business == o.code {
			goes = p.weights.adjacent / 2 // who does the same is a customer only if the words say so
		}
		for _, word := range offered[i].words {
			if detail.says(word.hash) {
				goes += 128
			}
		}
		if v := (2*p.lexicon.support(o.code, detail)+goes)<<8 + int(o.strength); v > value {
			best, value = int16(i), v
		}
	}
	return best
}

// needWeight is priority x rarity, a byte that is never 0.
func (p *preparer) needWeight(priority Priority, code string) uint32 {
	w := p.weights
	var urgency int
	switch priority {
	case High:
		urgency = w.needHigh
	case Low:
		urgency = w.needLow
	default:
		urgency = w.needMedium
	}
	rare := w.rarityFlat
	if steps := p.rarity.of(p.rarity.Codes[code]); steps >= 0 {
		rare = min(255, w.rarityBase+w.rarityStep*steps/16)
	}
	return uint32(max(1, urgency*rare/255)) //nolint:gosec // a byte
}

// coast says how near a site in a region can be to the sea.
func (p *preparer) coast(region string) int16 {
	r, ok := p.cat.Region(region)
	if !ok {
		return -1
	}
	switch r.Coast {
	case "ocean":
		return 255
	case "inland-waterway":
		return 128
	default:
		return 0
	}
}

// sharpen turns strength and affinity into the value of an answer, 0..255: the square makes one good answer beat
// several vague ones.
func (w *Weights) sharpen(strength, affinity int) int {
	x := strength * affinity / 255
	sharp := x
	for range w.power - 1 {
		sharp = sharp * x / 255
	}
	return sharp
}
