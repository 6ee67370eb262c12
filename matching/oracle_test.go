package matching

import (
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// oracle is a second scorer, written from the design's text alone: no table is prepared, nothing is shared with the
// engine but the files of constants, sets are maps of strings, and roots and logarithms are those of big integers.
// It is slow and has no other purpose than to disagree.
type oracle struct {
	t        testing.TB
	cat      *catalog.Catalog
	weight   map[string]int64
	lists    map[string][]string
	stop     map[string]bool
	terms    map[string][]string // by joined stems of a name or synonym: codes
	names    map[string][]string // by code: names and synonyms
	edges    map[string]map[string]int64
	runs     map[string]string // by both ends: where the edge points to, or nothing if both are equals
	total    int64
	offering map[string][2]int64
	using    map[string]int64
	memo     map[string]int64
	texts    map[any]map[string]bool
	backing  map[*Offer]int64
}

func newOracle(t testing.TB, profiles []Profile) *oracle {
	o := &oracle{
		t: t, cat: catalog.Embedded(), weight: map[string]int64{}, lists: map[string][]string{}, stop: map[string]bool{},
		terms: map[string][]string{}, names: map[string][]string{}, edges: map[string]map[string]int64{}, runs: map[string]string{},
		offering: map[string][2]int64{}, using: map[string]int64{}, memo: map[string]int64{}, texts: map[any]map[string]bool{}, backing: map[*Offer]int64{},
	}
	for _, line := range o.lines("weights/" + CurrentVersion + ".txt") {
		n, err := strconv.ParseInt(strings.TrimSpace(line[strings.Index(line, "=")+1:]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		o.weight[strings.TrimSpace(line[:strings.Index(line, "=")])] = n
	}
	for _, line := range o.lines("weights/" + CurrentVersion + ".lists.txt") {
		fields := strings.Fields(line)
		o.lists[fields[0]] = fields[2:]
	}
	for _, line := range o.lines("weights/" + CurrentVersion + ".stopwords.txt") {
		for _, word := range strings.Fields(line) {
			o.stop[o.cut(word)] = true
		}
	}
	for _, c := range o.cat.Capabilities() {
		for l := range c.Name {
			o.names[c.Code] = append(append(o.names[c.Code], c.Name[l]), c.Synonyms[l]...)
		}
		for _, name := range o.names[c.Code] {
			if words := o.words(name); len(words) > 0 && len(words) <= 6 && o.cat.Leaf(c.Index) {
				key := strings.Join(words, "")
				o.terms[key] = append(o.terms[key], c.Code)
			}
		}
	}
	for _, e := range o.cat.Edges() {
		a, b := o.code(e.From), o.code(e.To)
		for _, ends := range [][2]string{{a, b}, {b, a}} {
			if o.edges[ends[0]] == nil {
				o.edges[ends[0]] = map[string]int64{}
			}
			o.edges[ends[0]][ends[1]] = int64(e.Weight)
			if e.Relation != catalog.JointDevelops {
				o.runs[ends[0]+" "+ends[1]] = b
			}
		}
	}
	o.count(profiles)
	return o
}

func (o *oracle) lines(file string) (lines []string) {
	content, err := os.ReadFile(file)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, line := range strings.Split(string(content), "\n") {
		if line = strings.TrimSpace(strings.Split(line, "#")[0]); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (o *oracle) code(c catalog.Code) string { return o.cat.Capability(c).Code }

func parentOf(code string) string { return code[:max(0, strings.LastIndex(code, "."))] }

func under(code, root string) bool { return code == root || strings.HasPrefix(code, root+".") }

func depth(code string) int { return 1 + strings.Count(code, ".") }

// count is the epoch: organisations that offer a capability or something below, and that use a word.
func (o *oracle) count(profiles []Profile) {
	for i := range profiles {
		p := &profiles[i]
		if p.Status != Approved || len(p.Missing) != 0 {
			continue
		}
		o.total++
		for _, c := range o.cat.Capabilities() {
			for _, offer := range p.Offers {
				if under(o.code(offer.Capability), c.Code) {
					n := o.offering[c.Code]
					n[p.Side]++
					o.offering[c.Code] = n
					break
				}
			}
		}
		for word := range o.said(p) {
			o.using[word]++
		}
	}
}

// rare is 16 x log2((N+1)/(n+1)) rounded down: the largest k with 2^k (n+1)^16 <= (N+1)^16.
func (o *oracle) rare(n int64) int64 {
	if known, ok := o.memo[strconv.FormatInt(n, 10)]; ok {
		return known
	}
	power := func(x int64) *big.Int { return new(big.Int).Exp(big.NewInt(x), big.NewInt(16), nil) }
	top, bottom := power(o.total+1), power(n+1)
	k := int64(0)
	for new(big.Int).Lsh(bottom, uint(k+1)).Cmp(top) <= 0 {
		k++
	}
	o.memo[strconv.FormatInt(n, 10)] = k
	return k
}

// affinity is how well an offer of one capability answers a need for another.
func (o *oracle) affinity(need, offer string) int64 {
	key := need + " " + offer
	if known, ok := o.memo[key]; ok {
		return known
	}
	best := int64(0)
	take := func(v int64) { best = max(best, v) }
	steps := depth(offer) - depth(need)
	switch {
	case need == offer:
		take(o.weight["affinity.exact"])
	case under(offer, need):
		take(o.weight["affinity.narrower."+strconv.Itoa(steps)])
	case under(need, offer):
		take(o.weight["affinity.broader."+strconv.Itoa(-steps)])
	case parentOf(need) == parentOf(offer) && depth(need) == 3:
		take(o.weight["affinity.sibling"])
	}
	for a := need; a != ""; a = parentOf(a) {
		for b := offer; b != ""; b = parentOf(b) {
			v := o.weight["affinity.adjacent"] * o.edges[a][b] / 1000
			for i := depth(a) + depth(b); i < depth(need)+depth(offer); i++ {
				v = v * o.weight["affinity.spread"] / 100
			}
			take(v)
		}
	}
	if need != offer {
		for middle, one := range o.edges[need] {
			in, out := o.runs[need+" "+middle], o.runs[middle+" "+offer]
			coInputs := in == middle && out == middle
			coOutputs := in == need && out == offer
			if two, ok := o.edges[middle][offer]; ok && !coInputs && !coOutputs && one >= o.weight["affinity.second.floor"] && two >= o.weight["affinity.second.floor"] {
				take(o.weight["affinity.second"] * one * two / 1000 / 1000)
			}
		}
	}
	o.memo[key] = best
	return best
}

// kindAllows are the kind rules.
func kindAllows(k Kind, m Mode) bool {
	switch k {
	case University, ResearchInstitute:
		return m != CoProduction && m != LocalManufacturing && m != ExportThirdCountry && m != G2GProcurement
	case Government:
		return m == JointRD || m == TestEvaluation || m == TrainingExchange || m == InfoExchange || m == G2GProcurement || m == Investment
	}
	return true
}

// asked are the modes in which a need may be answered by an organisation of a kind.
func asked(p *Profile, n *Need, other Kind) (modes []Mode) {
	for m := CoDevelopment; m <= G2GProcurement; m++ {
		wants := func(m Mode) bool {
			switch {
			case n.Modes != 0:
				return n.Modes.Has(m)
			case p.Modes != 0:
				return p.Modes.Has(m)
			}
			return true
		}
		wanted := wants(m)
		if m == G2GProcurement && (p.Kind == Government || other == Government) && wants(Supply) {
			wanted = true
		}
		if wanted && kindAllows(p.Kind, m) && kindAllows(other, m) {
			modes = append(modes, m)
		}
	}
	return modes
}

// accepts tells whether a profile names a mode anywhere, or limits nothing.
func accepts(p *Profile, m Mode, withGovernment bool) bool {
	if p.Modes == 0 {
		return true
	}
	if m == G2GProcurement && withGovernment && accepts(p, Supply, false) {
		return true
	}
	named := p.Modes.Has(m)
	for i := range p.Offers {
		named = named || p.Offers[i].Modes.Has(m)
	}
	for i := range p.Needs {
		named = named || p.Needs[i].Modes.Has(m)
	}
	return named
}

func common(a, b *Profile, m Mode) bool {
	government := a.Kind == Government || b.Kind == Government
	return kindAllows(a.Kind, m) && kindAllows(b.Kind, m) && accepts(a, m, government) && accepts(b, m, government)
}

// serves tells whether an offer can be given in a mode.
func serves(p *Profile, offer *Offer, m Mode) bool {
	switch {
	case m == TechTransfer && offer.Modes != 0:
		return offer.Modes.Has(TechTransfer)
	case m == TechTransfer:
		return p.Modes.Has(TechTransfer)
	case m == CoProduction:
		return offer.Capacity == nil || *offer.Capacity != 0
	}
	return true
}

// eligible tells whether anything may be computed for a pair.
func (o *oracle) eligible(a, b *Profile) bool {
	for _, p := range []*Profile{a, b} {
		if p.Status != Approved || len(p.Missing) != 0 {
			return false
		}
	}
	for _, id := range a.Exclusions {
		if id == b.ID {
			return false
		}
	}
	for _, id := range b.Exclusions {
		if id == a.ID {
			return false
		}
	}
	for m := CoDevelopment; m <= G2GProcurement; m++ {
		if common(a, b, m) {
			return a.Side != b.Side
		}
	}
	return false
}

// needWeight is priority x rarity.
func (o *oracle) needWeight(n *Need) int64 {
	code := o.code(n.Capability)
	count := o.offering[code]
	w := o.weight["need.medium"]
	switch n.Priority {
	case High:
		w = o.weight["need.high"]
	case Low:
		w = o.weight["need.low"]
	}
	rarity := min(255, o.weight["rarity.base"]+o.weight["rarity.step"]*o.rare(count[0]+count[1])/16)
	return max(1, w*rarity/255)
}

// oracleSum gathers the terms of the modulator over all answered needs of both sides.
type oracleSum struct{ raw, text, mode, maturity, programs, materials, coast, second int64 }

// side computes the raw coverage of a's needs by b and adds what its answered needs say to the sum.
func (o *oracle) side(a, b *Profile, sum *oracleSum) (raw int64) {
	for i := range a.Needs {
		n := &a.Needs[i]
		modes := asked(a, n, b.Kind)
		best, bestFit, offer := int64(0), int64(-1), -1
		for j := range b.Offers {
			able := false
			for _, m := range modes {
				able = able || serves(b, &b.Offers[j], m)
			}
			x := o.strength(b, &b.Offers[j]) * o.affinity(o.code(n.Capability), o.code(b.Offers[j].Capability)) / 255
			value := x * x / 255
			if !able || value == 0 || value < best {
				continue
			}
			fit := max(0, o.modeFit(a, b, n, j, false)) + max(0, o.maturityFit(a, b, n, j)) + max(0, o.materialFit(n, &b.Offers[j]))
			if value > best || fit > bestFit {
				best, bestFit, offer = value, fit, j
			}
		}
		if offer < 0 {
			continue
		}
		w := o.needWeight(n) * best
		raw += w
		sum.raw += w
		sum.text += w * o.textFit(n, b)
		sum.mode += w * o.modeFit(a, b, n, offer, true)
		sum.maturity += w * max(0, o.maturityFit(a, b, n, offer))
		sum.materials += w * max(0, o.materialFit(n, &b.Offers[offer]))
		sum.coast += w * o.coastFit(a, b, n)
		sum.second += w * o.secondFit(a, n, o.code(b.Offers[offer].Capability))
		for _, one := range a.Programs {
			for _, two := range b.Programs {
				if one == two {
					sum.programs += w * 255
				}
			}
		}
	}
	return raw
}

func (o *oracle) textFit(n *Need, other *Profile) int64 {
	var all, met int64
	if o.texts[n] == nil {
		o.texts[n] = o.telling(n.Detail.EN, n.Detail.Native)
	}
	for word := range o.texts[n] {
		weight := max(1, o.rare(o.using[word]))
		all += weight
		if o.said(other)[word] {
			met += weight
		}
	}
	if all == 0 {
		return 0
	}
	return min(255, 255*100*met/(all*o.weight["text.full"]))
}

func (o *oracle) modeFit(a, b *Profile, n *Need, offer int, both bool) int64 {
	var wanted, served int64
	for _, m := range asked(a, n, b.Kind) {
		wanted++
		if serves(b, &b.Offers[offer], m) && (!both || common(a, b, m)) {
			served++
		}
	}
	return 255 * served / max(1, wanted)
}

func (o *oracle) maturityFit(a, b *Profile, n *Need, offer int) int64 {
	trl := int64(b.Offers[offer].TRL)
	if trl == 0 {
		return -1
	}
	least := int64(9)
	for _, m := range asked(a, n, b.Kind) {
		if !serves(b, &b.Offers[offer], m) {
			continue
		}
		switch m {
		case JointRD, TestEvaluation, Investment, TrainingExchange, InfoExchange:
			least = min(least, 1)
		case CoDevelopment:
			least = min(least, 3)
		case TechTransfer:
			least = min(least, 5)
		default:
			least = min(least, 7)
		}
	}
	return min(255, 255*trl/least)
}

func (o *oracle) materialFit(n *Need, offer *Offer) int64 {
	want, have := n.Material, offer.Material
	if want == (Material{}) {
		return -1
	}
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "", ".", "", "/", "", ",", "").Replace(s))
	}
	fit := int64(0)
	for _, c := range []struct {
		want, have string
		full       int64
	}{{want.Grade, have.Grade, 128}, {want.Form, have.Form, 64}} {
		if c.want == "" || c.have == "" {
			fit += c.full / 2
		} else if plain(c.want) == plain(c.have) {
			fit += c.full
		}
	}
	if want.TonnesPerYear == 0 || have.TonnesPerYear == 0 {
		return fit + 31
	}
	return fit + min(63, 63*int64(have.TonnesPerYear)/int64(want.TonnesPerYear))
}

func (o *oracle) coastFit(a, b *Profile, n *Need) int64 {
	wet, sustains := false, false
	for _, root := range o.lists["coastal"] {
		wet = wet || under(o.code(n.Capability), root)
	}
	for _, m := range asked(a, n, b.Kind) {
		sustains = sustains || m == CoSustainment && common(a, b, m)
	}
	region, ok := o.cat.Region(b.Region)
	if !wet || !sustains || !ok {
		return 0
	}
	return map[string]int64{"ocean": 255, "inland-waterway": 128, "none": 0}[region.Coast]
}

func (o *oracle) secondFit(a *Profile, n *Need, offered string) int64 {
	code := o.code(n.Capability)
	best := o.affinity(code, offered)
	treeOnly := o.weight["affinity.narrower."+strconv.Itoa(max(1, depth(offered)-depth(code)))]
	if n.Aim != Supplier || o.offering[code][a.Side] > 1 || !under(offered, code) || code != offered && best != treeOnly {
		return 0
	}
	return 255
}

// score is the whole of section 1, for organisations of opposite sides.
func (o *oracle) score(first, second *Profile) (score, f, g int64, tier Tier) {
	if !o.eligible(first, second) {
		return 0, 0, 0, 0
	}
	var sum oracleSum
	phi := func(raw int64) int64 {
		n := new(big.Int).Mul(big.NewInt(65280*65280), big.NewInt(raw))
		return n.Sqrt(n.Div(n, big.NewInt(raw+o.weight["coverage.halfway"]))).Int64()
	}
	f, g = phi(o.side(first, second, &sum)), phi(o.side(second, first, &sum))
	var core int64
	switch {
	case f > 0 && g > 0:
		tier = Reciprocal
		core = new(big.Int).Sqrt(big.NewInt(f * g)).Int64()
	case f > 0 || g > 0:
		tier = OneSided
		core = (f + g) / o.weight["onesided.divisor"]
	default:
		return 0, 0, 0, 0
	}
	e := int64(0)
	for name, total := range map[string]int64{
		"text": sum.text, "mode": sum.mode, "maturity": sum.maturity, "programs": sum.programs, "materials": sum.materials,
		"coast": sum.coast, "second-source": sum.second,
	} {
		e += o.weight["modulator."+name] * total / (255 * sum.raw)
	}
	return core * (765 + e) * 10000 / (65280 * 1020), f, g, tier
}

// compare holds the engine against the oracle on one pair.
func (o *oracle) compare(t *testing.T, m *Market, first, second string) {
	t.Helper()
	a, b := m.roster.find(first), m.roster.find(second)
	wantScore, wantF, wantG, wantTier := o.score(a.told().profile, b.told().profile)
	var got scored
	if m.blocked(a, b) == NoCause {
		got = m.prep.scorePair(a, b)
	}
	if int64(got.score) != wantScore || int64(got.first) != wantF || int64(got.second) != wantG || got.tier != wantTier {
		t.Fatalf("%s ~ %s: engine says score %d, coverages %d and %d, tier %v; oracle says %d, %d and %d, %v",
			first, second, got.score, got.first, got.second, got.tier, wantScore, wantF, wantG, wantTier)
	}
}

func TestOracleAgreesOnAllShippedPairs(t *testing.T) {
	profiles := shipped(t)
	m, o := shippedMarket(t), newOracle(t, profiles)
	for _, first := range m.firms(First) {
		for _, second := range m.firms(Second) {
			o.compare(t, m, first.id, second.id)
		}
	}
}

func TestOracleAgreesOnRandomPairs(t *testing.T) {
	const size, pairs = 210, 10000
	checked := 0
	for seed := uint64(1); checked < pairs; seed++ {
		profiles := randomProfiles(seed, size)
		m, o := randomMarket(t, seed, size), newOracle(t, profiles)
		for _, first := range m.firms(First) {
			for _, second := range m.firms(Second) {
				o.compare(t, m, first.id, second.id)
				checked++
			}
		}
	}
	t.Logf("%d pairs", checked)
}
