package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// plainClass groups kinds of organisations by what they may do.
type plainClass int

const (
	industry plainClass = iota
	academia
	government
	classes
)

func classOf(k matching.Kind) plainClass {
	switch k {
	case matching.ResearchInstitute, matching.University:
		return academia
	case matching.Government:
		return government
	default:
		return industry
	}
}

// everything is all modes; allowed are those of a class.
func everything() matching.ModeSet { return matching.NewModeSet(matching.Modes()...) }

func allowed(c plainClass) matching.ModeSet {
	switch c {
	case academia:
		return everything().Without(matching.CoProduction).Without(matching.LocalManufacturing).Without(matching.ExportThirdCountry).Without(matching.G2GProcurement)
	case government:
		return matching.NewModeSet(matching.JointRD, matching.TestEvaluation, matching.TrainingExchange, matching.InfoExchange, matching.G2GProcurement, matching.Investment)
	default:
		return everything()
	}
}

// newPlain prepares a market for the plain scorer. The order of profiles does not matter.
func newPlain(cat *catalog.Catalog, w *matching.Weights, rarity matching.Rarity, profiles []matching.Profile) (*plain, error) {
	p := &plain{constants: map[string]int{}, size: cat.Len()}
	if err := p.readConstants(w.Version); err != nil {
		return nil, err
	}
	p.halfway, p.oneSided, p.textFull = p.constants["coverage.halfway"], p.constants["onesided.divisor"], p.constants["text.full"]
	for i, name := range termNames {
		p.terms[i] = p.constants["modulator."+name]
	}
	coastal, stop, err := readLists(w.Version)
	if err != nil {
		return nil, err
	}
	p.fillAffinity(cat)
	p.prep = &plainPreparer{plain: p, cat: cat, rarity: rarity, words: newReader(cat, stop), coastal: coastal, steps: map[int32]int{}}
	for i := range profiles {
		p.sides[profiles[i].Side] = append(p.sides[profiles[i].Side], p.prep.firm(&profiles[i]))
	}
	for side := range p.sides {
		slices.SortFunc(p.sides[side], func(a, b plainFirm) int { return strings.Compare(a.id, b.id) })
	}
	return p, nil
}

// put adds profiles or replaces those of the same id.
func (p *plain) put(profiles []matching.Profile) {
	for i := range profiles {
		side := &p.sides[profiles[i].Side]
		at, known := p.find(profiles[i].Side, profiles[i].ID)
		if !known {
			*side = slices.Insert(*side, at, plainFirm{})
		}
		(*side)[at] = p.prep.firm(&profiles[i])
	}
}

// find tells where in its side an organisation is, or would be.
func (p *plain) find(side matching.Side, id string) (at int, known bool) {
	return slices.BinarySearchFunc(p.sides[side], id, func(f plainFirm, id string) int { return strings.Compare(f.id, id) })
}

// listOf is the list of an organisation of either side, by name; empty for one that is not there.
func (p *plain) listOf(id string, k int) (list []listed) {
	for side := range matching.Side(2) {
		at, known := p.find(side, id)
		if !known {
			continue
		}
		for _, other := range p.list(side, at, k) {
			list = append(list, listed{p.sides[side.Other()][other.index].id, other.tier, other.score})
		}
	}
	return list
}

// eachLine gives the lines of a file of weights, comments cut off.
func eachLine(file string, do func(line string) error) error {
	content, err := fs.ReadFile(matching.WeightsFiles(), "weights/"+file)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(strings.NewReader(string(content)))
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := do(line); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return lines.Err()
}

func (p *plain) readConstants(version string) error {
	return eachLine(version+".txt", func(line string) error {
		name, value, _ := strings.Cut(line, "=")
		n, err := strconv.Atoi(strings.TrimSpace(value))
		p.constants[strings.TrimSpace(name)] = n
		return err
	})
}

// readLists reads the subtrees whose sustainment wants the sea, and the words that say nothing.
func readLists(version string) (coastal, stop []string, err error) {
	err = errors.Join(
		eachLine(version+".lists.txt", func(line string) error {
			if name, list, _ := strings.Cut(line, "="); strings.TrimSpace(name) == "coastal" {
				coastal = strings.Fields(list)
			}
			return nil
		}),
		eachLine(version+".stopwords.txt", func(line string) error {
			stop = append(stop, strings.Fields(line)...)
			return nil
		}))
	return coastal, stop, err
}

func under(code, root string) bool { return code == root || strings.HasPrefix(code, root+".") }

func depth(code string) int { return 1 + strings.Count(code, ".") }

func parentOf(code string) string { return code[:max(0, strings.LastIndex(code, "."))] }

// fillAffinity computes the table of how well an offer answers a need.
func (p *plain) fillAffinity(cat *catalog.Catalog) {
	p.affinity, p.treeOnly = make([]uint8, p.size*p.size), make([]bool, p.size*p.size)
	edges := map[[2]string]int{}
	next, toward := map[string][]string{}, map[[2]string]string{}
	for _, e := range cat.Edges() {
		from, to := cat.Capability(e.From).Code, cat.Capability(e.To).Code
		for _, ends := range [][2]string{{from, to}, {to, from}} {
			edges[ends] = e.Weight
			next[ends[0]] = append(next[ends[0]], ends[1])
			if e.Directed() {
				toward[ends] = to
			}
		}
	}
	for _, need := range cat.Capabilities() {
		for _, offer := range cat.Capabilities() {
			tree := p.inTree(need.Code, offer.Code)
			best := max(tree, p.byEdge(edges, need.Code, offer.Code), p.byTwoEdges(edges, next, toward, need.Code, offer.Code))
			at := int(need.Index)*p.size + int(offer.Index)
			p.affinity[at] = uint8(best) //nolint:gosec // the weights are bytes
			p.treeOnly[at] = under(offer.Code, need.Code) && best == tree
		}
	}
}

func (p *plain) inTree(need, offer string) int {
	steps := depth(offer) - depth(need)
	switch {
	case need == offer:
		return p.constants["affinity.exact"]
	case under(offer, need):
		return p.constants["affinity.narrower."+strconv.Itoa(steps)]
	case under(need, offer):
		return p.constants["affinity.broader."+strconv.Itoa(-steps)]
	case parentOf(need) == parentOf(offer) && depth(need) == 3:
		return p.constants["affinity.sibling"]
	}
	return 0
}

// byEdge is the best edge between the two or what stands above them, weaker with every step down from it.
func (p *plain) byEdge(edges map[[2]string]int, need, offer string) (best int) {
	for a := need; a != ""; a = parentOf(a) {
		for b := offer; b != ""; b = parentOf(b) {
			value := p.constants["affinity.adjacent"] * edges[[2]string{a, b}] / 1000
			for i := depth(a) + depth(b); i < depth(need)+depth(offer); i++ {
				value = value * p.constants["affinity.spread"] / 100
			}
			best = max(best, value)
		}
	}
	return best
}

// byTwoEdges joins strong edges that form a chain; two inputs of one thing, or two things made of one, are no chain.
func (p *plain) byTwoEdges(edges map[[2]string]int, next map[string][]string, toward map[[2]string]string, need, offer string) (best int) {
	if need == offer {
		return 0
	}
	floor := p.constants["affinity.second.floor"]
	for _, middle := range next[need] {
		one, two := edges[[2]string{need, middle}], edges[[2]string{middle, offer}]
		in, out := toward[[2]string{need, middle}], toward[[2]string{middle, offer}]
		if one < floor || two < floor || in == middle && out == middle || in == need && out == offer {
			continue
		}
		best = max(best, p.constants["affinity.second"]*one*two/1000/1000)
	}
	return best
}

// plainPreparer holds what preparing a profile needs beside the tables of the scorer.
type plainPreparer struct {
	*plain
	cat     *catalog.Catalog
	rarity  matching.Rarity
	words   *reader
	coastal []string
	steps   map[int32]int
}

func (p *plainPreparer) firm(profile *matching.Profile) plainFirm {
	f := plainFirm{
		id: profile.ID, class: classOf(profile.Kind), takes: profile.Status == matching.Approved && len(profile.Missing) == 0,
		programs: profile.Programs, excluded: profile.Exclusions, coast: -1,
	}
	named := profile.Modes
	if named == 0 {
		named = everything()
	} else {
		for _, o := range profile.Offers {
			named |= o.Modes
		}
		for _, n := range profile.Needs {
			named |= n.Modes
		}
	}
	f.accepted = [2]matching.ModeSet{named & allowed(f.class), procuring(named) & allowed(f.class)}
	if region, ok := p.cat.Region(profile.Region); ok {
		f.coast = map[string]int{"ocean": 255, "inland-waterway": 128}[region.Coast]
	}
	said := []string{profile.Summary.EN, profile.Summary.Native}
	for _, o := range profile.Offers {
		said = append(said, o.Detail.EN, o.Detail.Native)
		f.offers = append(f.offers, p.offer(profile, o))
	}
	for word := range p.words.telling(said...) {
		f.text = append(f.text, hashOf(word))
	}
	slices.Sort(f.text)
	for _, n := range profile.Needs {
		f.needs = append(f.needs, p.need(profile, f.class, n))
	}
	return f
}

// procuring reads supply as what a government buys from a government.
func procuring(s matching.ModeSet) matching.ModeSet {
	if s.Has(matching.Supply) {
		return s.With(matching.G2GProcurement)
	}
	return s
}

func (p *plainPreparer) offer(profile *matching.Profile, o matching.Offer) plainOffer {
	strength, readiness := p.constants["strength.core"], "unstated"
	if o.Level == matching.Secondary {
		strength = p.constants["strength.secondary"]
	}
	switch {
	case o.TRL >= 7:
		readiness = "proven"
	case o.TRL >= 4:
		readiness = "tested"
	case o.TRL >= 1:
		readiness = "early"
	}
	support := p.words.support(o.Capability, o.Detail.EN, o.Detail.Native, profile.Summary.EN, profile.Summary.Native)
	none, full := p.constants["strength.evidence.none"], p.constants["strength.evidence.full"]
	strength = strength * p.constants["strength.trl."+readiness] / 255 * (none + (full-none)*support/64) / 255
	serves := everything()
	transfers := o.Modes.Has(matching.TechTransfer) || o.Modes == 0 && profile.Modes.Has(matching.TechTransfer)
	if !transfers {
		serves = serves.Without(matching.TechTransfer)
	}
	if o.Capacity != nil && *o.Capacity == 0 {
		serves = serves.Without(matching.CoProduction)
	}
	return plainOffer{code: o.Capability, strength: strength, serves: serves, trl: o.TRL, material: o.Material}
}

func (p *plainPreparer) need(profile *matching.Profile, class plainClass, n matching.Need) plainNeed {
	code := p.cat.Capability(n.Capability).Code
	counted := p.rarity.Codes[code]
	known := p.rarity.Firms != [2]int32{}
	need := plainNeed{
		code: n.Capability, weight: p.weight(n.Priority, counted), second: n.Aim == matching.Supplier && known,
		single: counted[profile.Side] <= 1, material: n.Material,
		coastal: slices.ContainsFunc(p.coastal, func(root string) bool { return under(code, root) }),
	}
	asked := n.Modes
	if asked == 0 {
		asked = profile.Modes
	}
	if asked == 0 {
		asked = everything()
	}
	for other := range classes {
		modes := asked
		if class == government || other == government {
			modes = procuring(modes)
		}
		need.asked[other] = modes & allowed(class) & allowed(other)
	}
	for word := range p.words.telling(n.Detail.EN, n.Detail.Native) {
		weight := max(1, p.rare(p.rarity.Words[word]))
		need.words = append(need.words, plainWord{hashOf(word), weight})
		need.total += weight
	}
	slices.SortFunc(need.words, func(a, b plainWord) int { return b.weight - a.weight })
	return need
}

// weight is priority x rarity, 1..255.
func (p *plainPreparer) weight(priority matching.Priority, counted [2]int32) int {
	urgency := p.constants["need.medium"]
	switch priority {
	case matching.High:
		urgency = p.constants["need.high"]
	case matching.Low:
		urgency = p.constants["need.low"]
	default: // the middle
	}
	rarity := p.constants["rarity.flat"]
	if steps := p.rare(counted); steps >= 0 {
		rarity = min(255, p.constants["rarity.base"]+p.constants["rarity.step"]*steps/16)
	}
	return max(1, urgency*rarity/255)
}

// rare is 16 x log2 of (all + 1) / (those that have it + 1), rounded down: the largest k with 2^k b^16 <= a^16. It is -1
// where nothing was counted.
func (p *plainPreparer) rare(counted [2]int32) int {
	all, n := p.rarity.Firms[0]+p.rarity.Firms[1], counted[0]+counted[1]
	if all == 0 {
		return -1
	}
	if steps, ok := p.steps[n]; ok {
		return steps
	}
	power := func(x int32) *big.Int { return new(big.Int).Exp(big.NewInt(int64(x)), big.NewInt(16), nil) }
	a, b := power(all+1), power(n+1)
	steps := 0
	for new(big.Int).Lsh(b, uint(steps+1)).Cmp(a) <= 0 {
		steps++
	}
	p.steps[n] = steps
	return steps
}
