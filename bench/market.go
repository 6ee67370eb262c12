package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// market is what the peers compete on.
type market struct {
	name     string // of the kind, such as "clustered"
	size     int    // organisations of the larger side
	profiles []matching.Profile
	// again makes the same profiles once more, of which nobody else holds any part; nil for a market from a file.
	again func() []matching.Profile
}

// The synthetic market: 4 to 8 offers, 2 to 6 needs and about 40 words of text an organisation.
const (
	vocabulary   = 20000 // words that texts are made of
	conceptWords = 60    // of them, those that go with one capability
)

// synthetic invents a market of n by n organisations; the same seed gives the same market. Clustered, an organisation works
// in one domain of the catalogue and a little in a second, and a few capabilities of a domain are what most do (Zipf);
// else every capability is as likely as any other everywhere, which is the worst case for whatever prunes.
func synthetic(cat *catalog.Catalog, n int, clustered bool, seed uint64) market {
	m := market{name: "unclustered", size: n}
	if clustered {
		m.name = "clustered"
	}
	m.again = func() []matching.Profile {
		g := newGenerator(cat, clustered, seed)
		profiles := make([]matching.Profile, 0, 2*n)
		for side := range matching.Side(2) {
			for i := range n {
				profiles = append(profiles, g.profile(side, i))
			}
		}
		return profiles
	}
	m.profiles = m.again()
	return m
}

// generator draws profiles.
type generator struct {
	*rand.Rand
	cat       *catalog.Catalog
	clustered bool
	domains   [][]catalog.Code // capabilities of each root, in a shuffled order of popularity
	all       []catalog.Code
	regions   []string
	programs  []string
	words     []string
	said      [][]int // by capability: the words that go with it
}

func newGenerator(cat *catalog.Catalog, clustered bool, seed uint64) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 20000)), cat: cat, clustered: clustered} //nolint:gosec // a market that can be made again
	roots := map[string]int{}
	for _, c := range cat.Capabilities() {
		root, _, below := strings.Cut(c.Code, ".")
		if _, known := roots[root]; !known {
			roots[root] = len(g.domains)
			g.domains = append(g.domains, nil)
		}
		g.all = append(g.all, c.Index)
		if below { // a root says too little to be offered
			g.domains[roots[root]] = append(g.domains[roots[root]], c.Index)
		}
	}
	g.domains = slices.DeleteFunc(g.domains, func(d []catalog.Code) bool { return len(d) < 4 })
	for _, domain := range g.domains {
		g.Shuffle(len(domain), func(i, j int) { domain[i], domain[j] = domain[j], domain[i] })
	}
	for _, r := range cat.Regions() {
		g.regions = append(g.regions, r.Code)
	}
	for _, p := range cat.Programs() {
		g.programs = append(g.programs, p.ID)
	}
	g.words = inventWords(vocabulary)
	g.said = make([][]int, cat.Len())
	for c := range g.said {
		for range conceptWords {
			g.said[c] = append(g.said[c], g.IntN(vocabulary))
		}
	}
	return g
}

// inventWords makes words that no language has and that no ending is cut from.
func inventWords(n int) []string {
	const consonants, vowels = "bcfhjkmpqtvwz", "aiou"
	list := make([]string, 0, n)
	for i := range n {
		rest := i
		draw := func(from string) byte {
			letter := from[rest%len(from)]
			rest /= len(from)
			return letter
		}
		list = append(list, string([]byte{draw(consonants), draw(vowels), draw(consonants), draw(vowels), draw(consonants), draw(vowels), draw(consonants)}))
	}
	return list
}

// zipf draws 0..n-1 with falling odds.
func (g *generator) zipf(n int) int {
	// The inverse of a distribution like 1/(rank+2), by halving: exact enough, and integers only.
	at, width := 0, n
	for width > 2 {
		near := width * 2 / 5
		if g.IntN(5) < 3 {
			width = near
		} else {
			at, width = at+near, width-near
		}
	}
	return at + g.IntN(width)
}

func (g *generator) capability(main, second []catalog.Code) catalog.Code {
	domain := main
	switch draw := g.IntN(100); {
	case !g.clustered || draw >= 95:
		return g.all[g.IntN(len(g.all))]
	case draw >= 75:
		domain = second
	}
	return domain[g.zipf(len(domain))]
}

func (g *generator) profile(side matching.Side, i int) matching.Profile {
	main, second := g.domains[g.zipf(len(g.domains))], g.domains[g.IntN(len(g.domains))]
	p := matching.Profile{
		ID: fmt.Sprintf("%c%07d", "ab"[side], i), Side: side, Country: sides()[side].Countries[0], Status: matching.Approved,
		Kind: matching.Company, Size: matching.Size(1 + g.IntN(5)), Region: g.regions[g.IntN(len(g.regions))], //nolint:gosec // five sizes
	}
	p.Name = "Organisation " + p.ID
	offers := g.distinct(4+g.IntN(5), main, second)
	p.Summary.EN = g.text(offers[0], 4)
	for j, c := range offers {
		o := matching.Offer{Capability: c, Level: matching.Core, Detail: matching.Words{EN: g.text(c, 4)}}
		if j > 1 && g.IntN(3) == 0 {
			o.Level = matching.Secondary
		}
		if g.IntN(2) == 0 {
			o.TRL = 3 + g.IntN(7)
		}
		if g.IntN(3) == 0 { // some name what they do as the catalogue does
			o.Detail.EN += " " + g.cat.Capability(c).Name[catalog.EN]
		}
		p.Offers = append(p.Offers, o)
	}
	for _, c := range g.distinct(2+g.IntN(5), main, second) {
		p.Needs = append(p.Needs, matching.Need{
			Capability: c, Aim: matching.Aim(1 + g.IntN(2)), Priority: matching.Priority(1 + g.IntN(3)), Detail: matching.Words{EN: g.text(c, 4)}, //nolint:gosec // few values
		})
	}
	if g.IntN(4) == 0 {
		p.Programs = []string{g.programs[g.IntN(len(g.programs))]}
	}
	return p
}

func (g *generator) distinct(n int, main, second []catalog.Code) []catalog.Code {
	var codes []catalog.Code
	for len(codes) < n {
		c := g.capability(main, second)
		if slices.Contains(codes, c) && g.IntN(4) == 0 {
			c = g.all[g.IntN(len(g.all))] // a small domain may have no more
		}
		if !slices.Contains(codes, c) {
			codes = append(codes, c)
		}
	}
	return codes
}

// text is a few words that go with a capability, the usual ones more often.
func (g *generator) text(c catalog.Code, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = g.words[g.said[c][g.zipf(conceptWords)]]
	}
	return strings.Join(words, " ")
}

// withoutNeedText is the same market as far as the core is concerned: only what needs say is gone, and with it the text
// term of the modulator.
func (m market) withoutNeedText() market {
	m.name += "-core"
	with := m.again
	m.again = func() []matching.Profile { return mute(with()) }
	m.profiles = mute(slices.Clone(m.profiles))
	return m
}

// mute takes away what needs say.
func mute(profiles []matching.Profile) []matching.Profile {
	for i := range profiles {
		needs := slices.Clone(profiles[i].Needs)
		for j := range needs {
			needs[j].Detail = matching.Words{}
		}
		profiles[i].Needs = needs
	}
	return profiles
}
