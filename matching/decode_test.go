package matching

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// shippedFile holds the organisations that the demo ships.
const shippedFile = "../cmd/tandem/demo/firms.jsonl"

// jsonFirm is what these tests need of a firm in protobuf JSON; the engine itself knows no protobuf.
type jsonFirm struct {
	Name          string
	DisplayName   string `json:"display_name"`
	NativeName    string `json:"native_name"`
	Country       string
	Region        string
	Kind, Size    string
	Summary       string
	SummaryNative string `json:"summary_native"`
	Offers        []struct {
		Capability, Level, Detail string
		DetailNative              string `json:"detail_native"`
	}
	Needs []struct {
		Capability, Aim, Priority, Detail string
		DetailNative                      string `json:"detail_native"`
		Modes                             []string
	}
	Modes      []string
	Provenance string
}

// shippedSides are the sides of the shipped partnership.
var shippedSides = [2]SideFacts{{ID: "canada", Countries: []string{"CA"}}, {ID: "korea", Countries: []string{"KR"}}}

// shipped reads the shipped organisations as profiles, approved.
func shipped(t testing.TB) []Profile {
	t.Helper()
	file, err := os.Open(shippedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var profiles []Profile
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var f jsonFirm
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		profiles = append(profiles, f.profile(t))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return profiles
}

func (f *jsonFirm) profile(t testing.TB) Profile {
	p := Profile{
		ID: strings.TrimPrefix(f.Name, "firms/"), Name: f.DisplayName, NativeName: f.NativeName, Country: f.Country, Status: Approved,
		Kind: must(ParseKind(f.Kind)), Region: f.Region, Modes: modeSet(f.Modes), Summary: Words{f.Summary, f.SummaryNative},
		Provenance: must(ParseProvenance(f.Provenance)),
	}
	if f.Country == shippedSides[Second].Countries[0] {
		p.Side = Second
	}
	if f.Size != "" {
		p.Size = must(ParseSize(f.Size))
	}
	for _, o := range f.Offers {
		p.Offers = append(p.Offers, Offer{
			Capability: code(t, o.Capability), Level: must(ParseLevel(o.Level)), Detail: Words{o.Detail, o.DetailNative},
		})
	}
	for _, n := range f.Needs {
		p.Needs = append(p.Needs, Need{
			Capability: code(t, n.Capability), Aim: must(ParseAim(n.Aim)), Modes: modeSet(n.Modes), Priority: must(ParsePriority(n.Priority)),
			Detail: Words{n.Detail, n.DetailNative},
		})
	}
	return p
}

func code(t testing.TB, text string) catalog.Code {
	t.Helper()
	c, ok := catalog.Embedded().Lookup(text)
	if !ok {
		t.Fatalf("capability %q is not in the catalogue", text)
	}
	return c
}

func modeSet(names []string) ModeSet {
	var s ModeSet
	for _, name := range names {
		s = s.With(must(ParseMode(name)))
	}
	return s
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// seedFacts are the catalogue's facts on a day after all of them were true.
func seedFacts(t testing.TB) Facts {
	t.Helper()
	f, err := SeedFacts(catalog.Embedded(), shippedSides, "sdcp", Date{2026, 4, 1})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// shippedMarket is the shipped organisations under their own rarity.
func shippedMarket(t testing.TB) *Market {
	t.Helper()
	profiles, w := shipped(t), CurrentWeights()
	m, err := NewMarket(catalog.Embedded(), w, Count(catalog.Embedded(), w, profiles), seedFacts(t), profiles)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
