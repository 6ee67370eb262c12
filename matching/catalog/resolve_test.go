package catalog

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestResolveScenarios(t *testing.T) {
	content, err := os.ReadFile("testdata/resolve.txt")
	if err != nil {
		t.Fatal(err)
	}
	c, ran := Embedded(), 0
	for i, line := range strings.Split(string(content), "\n") {
		words, want, ok := strings.Cut(line, "->")
		if !ok || strings.HasPrefix(line, "A line") {
			continue
		}
		ran++
		r := c.Resolve(words)
		got := strings.Join(r.Codes, " ")
		switch want = strings.TrimSpace(want); {
		case want == "!":
			want = ""
		case strings.HasPrefix(want, "? "):
			if near := want[2:]; !slices.Contains(r.Nearest, near) {
				t.Errorf("line %d: nearest to %q are %v: want %s among them", i+1, words, r.Nearest, near)
			}
			want = ""
		}
		if got != want {
			t.Errorf("line %d: %q became %q (%+v): want %q", i+1, words, got, r.Matches, want)
		}
	}
	if ran < 80 {
		t.Errorf("only %d scenarios ran", ran)
	}
}

// Every leaf must be found by two different everyday words in each language, alone and in running text.
func TestEveryLeafIsFoundInEachLanguage(t *testing.T) {
	c := Embedded()
	for _, node := range c.Capabilities() {
		if !c.Leaf(node.Index) {
			continue
		}
		for _, l := range Languages() {
			found := map[string]bool{}
			for _, synonym := range node.Synonyms[l] {
				if l == KO && !strings.ContainsFunc(synonym, writtenJointly) {
					continue // Latin abbreviations do not count as Korean words
				}
				if slices.Contains(c.Resolve(synonym).Codes, node.Code) {
					found[newText(synonym).joined] = true
				}
			}
			if len(found) < 2 {
				t.Errorf("%s is found by %d of its words in %s: want at least 2 of %v", node.Code, len(found), l, node.Synonyms[l])
			}
		}
	}
}

// Whatever is in the vocabulary finds its own capability, by Resolve and first by Suggest.
func TestEveryTermResolvesToItsCapability(t *testing.T) {
	c := Embedded()
	for _, node := range c.Capabilities() {
		for _, l := range Languages() {
			for _, written := range append([]string{node.Name[l]}, node.Synonyms[l]...) {
				if _, isCode := c.Lookup(strings.ToLower(written)); isCode {
					continue // a word that is a code means that code and nothing else
				}
				if r := c.Resolve(written); !slices.Contains(r.Codes, node.Code) {
					t.Errorf("%s: %q became %v", node.Code, written, r.Codes)
				}
			}
		}
		if got, ok := c.Resolve(node.Code).Chosen(); !ok || got != node.Code {
			t.Errorf("the code %s became %q", node.Code, got)
		}
	}
}

func TestSharedTermsAreOfferedDeepestFirst(t *testing.T) {
	c := Embedded()
	r := c.Resolve("창정비")
	if len(r.Codes) < 2 || !r.Ambiguous() {
		t.Fatalf("창정비 became %v: want several", r.Codes)
	}
	for i := range r.Codes[1:] {
		if a, b := c.codes[r.Codes[i]], c.codes[r.Codes[i+1]]; c.Capability(a).Depth < c.Capability(b).Depth {
			t.Errorf("%s stands before the deeper %s", r.Codes[i], r.Codes[i+1])
		}
	}
	for i, m := range r.Matches {
		if m.Code != r.Codes[i] || m.Matched != "창정비" || m.Language != KO || !m.Exact {
			t.Errorf("match %d is %+v: want how %s was met", i, m, r.Codes[i])
		}
	}
}

func TestSuggestFollowsTyping(t *testing.T) {
	c := Embedded()
	for _, test := range []struct{ typed, want string }{
		{"towe", "underwater.sonar.towed-array"},
		{"towed arr", "underwater.sonar.towed-array"},
		{"réseau rem", "underwater.sonar.towed-array"},
		{"예인선", "underwater.sonar.towed-array"},
		{"array son", "underwater.sonar.towed-array"},
		{"icebraeker", "naval.surface.icebreaker"},
	} {
		var codes []string
		for _, s := range c.Suggest(test.typed, 3) {
			codes = append(codes, s.Code)
		}
		if !slices.Contains(codes, test.want) {
			t.Errorf("%q suggests %v: want %s among them", test.typed, codes, test.want)
		}
	}
}

func TestSuggestOrdersAndLimits(t *testing.T) {
	c := Embedded()
	all := c.Suggest("sonar", 50)
	if len(all) < 5 || all[0].Code != "underwater.sonar" || !all[0].Exact || all[0].Score != scoreWhole {
		t.Fatalf("sonar suggests %+v: want the exact match first, then what begins so", all)
	}
	seen := map[string]bool{}
	for i, s := range all {
		if seen[s.Code] {
			t.Errorf("%s stands twice", s.Code)
		}
		seen[s.Code] = true
		if i > 0 && s.Score > all[i-1].Score {
			t.Errorf("%s scores %d after %d", s.Code, s.Score, all[i-1].Score)
		}
	}
	if diff := cmp.Diff(all[:2], c.Suggest("sonar", 2)); diff != "" {
		t.Errorf("a limit of 2 changes more than the length (-want +got):\n%s", diff)
	}
	for _, nothing := range []struct {
		typed string
		limit int
	}{{"sonar", 0}, {"sonar", -1}, {"", 5}, {" ,. ", 5}, {"qqqqqqqq", 5}} {
		if got := c.Suggest(nothing.typed, nothing.limit); len(got) > 0 {
			t.Errorf("%q with limit %d suggests %+v: want nothing", nothing.typed, nothing.limit, got)
		}
	}
}

func TestMentionsReadsRunningText(t *testing.T) {
	c := Embedded()
	var got []string
	for _, code := range c.Mentions("Shipyard in Busan: towed array sonar, sonobuoys, and 어뢰 for frigates.") {
		got = append(got, c.Capability(code).Code)
	}
	want := []string{"naval.surface.frigate", "naval.build", "underwater.sonar.towed-array", "underwater.asw.sonobuoy", "underwater.asw.torpedo"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mentions differ (-want +got):\n%s", diff)
	}
}

func TestWordsFold(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"Cœur de métaux", []string{"coeur", "de", "metal"}},
		{"Réseaux remorquées", []string{"reseau", "remorqu"}},
		{"noyaux, tuyau", []string{"noyau", "tuyau"}},
		{"batteries battery batterie", []string{"batteri", "batteri", "batteri"}},
		{"glass SAS AMS", []string{"glass", "sas", "ams"}},
		{"소나를 AIP를", []string{"소나를", "aip", "를"}},
		{"ﬁre Ⅲ", []string{"fire", "iii"}},
		{"한글", []string{"한글"}}, // decomposed jamo
		{"\xff\xfe", []string{}},
	} {
		if diff := cmp.Diff(test.want, Words(test.text)); diff != "" {
			t.Errorf("words of %q (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestOrdinaryWordsAreTerms(t *testing.T) {
	if !slices.IsSorted(ordinaryWords) {
		t.Error("ordinaryWords is not sorted")
	}
	c := Embedded()
	for _, word := range ordinaryWords {
		if len(c.terms.latin[stem(word)]) == 0 {
			t.Errorf("%q is no term of the vocabulary", word)
		}
	}
}

func TestNearest(t *testing.T) {
	c := Embedded()
	for _, test := range []struct{ unknown, want string }{
		{"underwater.sonar.towed_array", "underwater.sonar.towed-array"},
		{"underwater.sonar.array-towed", "underwater.sonar.towed-array"},
		{"naval.frigate", "naval.surface.frigate"},
		{"metal.steel", "metals.steel"},
		{"잠수함함", "naval.submarine"},
	} {
		got := c.Nearest(test.unknown, 3)
		if len(got) != 3 || got[0] != test.want {
			t.Errorf("nearest to %q are %v: want 3, %s first", test.unknown, got, test.want)
		}
	}
	if got := c.Nearest("x", 0); len(got) != 0 {
		t.Errorf("0 nearest are %v", got)
	}
	if got := c.Nearest(strings.Repeat("가", 1<<20), 3); len(got) != 3 {
		t.Errorf("a megabyte has nearest %v", got)
	}
}

// distance must equal the plain definition on short words.
func TestDistanceAgainstDefinition(t *testing.T) {
	var plain func(a, b []rune) int
	plain = func(a, b []rune) int {
		if len(a) == 0 || len(b) == 0 {
			return len(a) + len(b)
		}
		cost := 1
		if a[0] == b[0] {
			cost = 0
		}
		best := min(plain(a[1:], b)+1, plain(a, b[1:])+1, plain(a[1:], b[1:])+cost)
		if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
			best = min(best, plain(a[2:], b[2:])+1)
		}
		return best
	}
	words := []string{"", "a", "ab", "ba", "abc", "acb", "bca", "abcd", "badc", "소나", "나소", "sonar", "snoar"}
	for _, a := range words {
		for _, b := range words {
			if got, want := distance([]rune(a), []rune(b)), plain([]rune(a), []rune(b)); got != want {
				t.Errorf("distance(%q, %q) = %d: want %d", a, b, got, want)
			}
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"towed array", "예인 선배열 소나", "réseau remorqué", "AIP를", "H2O", "\xff", "a\u00adb", "한", "Ⅲ", "·", "naval..x"} {
		f.Add(seed)
	}
	c := Embedded()
	f.Fuzz(func(t *testing.T, s string) {
		r := c.Resolve(s)
		if len(r.Codes) != len(r.Matches) {
			t.Fatalf("%d codes and %d matches", len(r.Codes), len(r.Matches))
		}
		if len(r.Codes) > 0 && len(r.Nearest) > 0 {
			t.Fatalf("both found %v and guessed %v", r.Codes, r.Nearest)
		}
		for _, code := range slices.Concat(r.Codes, r.Nearest) {
			if _, ok := c.Lookup(code); !ok {
				t.Fatalf("%q is no code", code)
			}
		}
		if diff := cmp.Diff(r, c.Resolve(s)); diff != "" {
			t.Fatalf("the second answer differs:\n%s", diff)
		}
		folded := newText(s)
		if !utf8.ValidString(folded.joined) {
			t.Fatalf("folding %q gives malformed %q", s, folded.joined)
		}
		if again := newText(folded.joined); again.joined != folded.joined {
			t.Fatalf("folding twice: %q, then %q", folded.joined, again.joined)
		}
		checkHits(t, c.terms, folded)
		c.Suggest(s, 5)
	})
}

// checkHits compares find with its definition: of all terms in a text, those that lie in no longer one.
func checkHits(t *testing.T, x *termIndex, folded text) {
	t.Helper()
	all := slices.Concat(x.findLatin(folded), x.findJoint(folded))
	want := map[hit]bool{}
	for _, h := range all {
		want[h] = !slices.ContainsFunc(all, func(o hit) bool { return o.start <= h.start && h.end <= o.end && o.len() > h.len() })
	}
	got := map[hit]bool{}
	for _, h := range x.find(folded) {
		if got[h] || !want[h] {
			t.Fatalf("%+v is found twice or lies in a longer term", h)
		}
		got[h] = true
	}
	for h, kept := range want {
		if kept && !got[h] {
			t.Fatalf("%+v (%q) is lost", h, x.terms[h.term].written)
		}
	}
}

func TestFindAgainstDefinition(t *testing.T) {
	c := Embedded()
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var words []string
		for range 1 + rng.IntN(4) {
			term := c.terms.terms[rng.IntN(len(c.terms.terms))]
			words = append(words, term.written)
		}
		checkHits(t, c.terms, newText(strings.Join(words, [...]string{" ", "", ", "}[rng.IntN(3)])))
	}
}

func BenchmarkResolve(b *testing.B) {
	c := Embedded()
	for _, test := range []struct{ name, text string }{
		{"term", "réseau remorqué"},
		{"sentence", "We build thin-line towed arrays, sonobuoys and 어뢰 for frigates and small submarines."},
		{"unknown", "underwater.sonar.towed-aray"},
	} {
		b.Run(test.name, func(b *testing.B) {
			for b.Loop() {
				c.Resolve(test.text)
			}
		})
	}
}
