package catalog

import (
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmbeddedLoads(t *testing.T) {
	if _, err := Load(files); err != nil {
		t.Fatal(err)
	}
	if first := Embedded(); first != Embedded() {
		t.Error("Embedded reads the files again on each call")
	}
}

func TestVocabularyListsTheEmbeddedFiles(t *testing.T) {
	entries, err := files.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		if entry.Name() != "messages.csv" {
			got = append(got, entry.Name())
		}
	}
	if diff := cmp.Diff(vocabulary[:], got); diff != "" {
		t.Errorf("the digest does not cover the embedded files (-want +got):\n%s", diff)
	}
}

// cells calls check for every cell of every embedded file.
func cells(t *testing.T, check func(file string, line int, column, value string)) {
	t.Helper()
	for _, file := range append([]string{"messages.csv"}, vocabulary[:]...) {
		content, err := files.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, record := range records[1:] {
			for j, value := range record {
				check(file, i+2, records[0][j], value)
			}
		}
	}
}

func TestCellsAreTidy(t *testing.T) {
	untidy := []struct {
		pattern *regexp.Regexp
		why     string
	}{
		{regexp.MustCompile(`  |\t|\n`), "two spaces, a tab or a line break"},
		{regexp.MustCompile(`[\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}\x{00ad}]`), "an invisible character"},
		{regexp.MustCompile(`\x{2019}`), "a typographic apostrophe: the files use '"},
	}
	cells(t, func(file string, line int, column, value string) {
		for _, u := range untidy {
			if column == "ko" && strings.Contains(u.why, "apostrophe") {
				continue // Korean sentences quote with ‘ and ’
			}
			if u.pattern.MatchString(value) {
				t.Errorf("%s:%d: %s has %s: %q", file, line, column, u.why, value)
			}
		}
	})
}

// French takes a no-break space before ":" and "%" and inside « ».
func TestFrenchSpacing(t *testing.T) {
	wrong := regexp.MustCompile(`[^\x{00a0}]:( |\x{00a0}|$)|[^\x{00a0}]%|«[^\x{00a0}]|[^\x{00a0}]»|"|[ \x{00a0}][;,.!?]`)
	cells(t, func(file string, line int, column, value string) {
		if (column == "fr" || column == "name_fr") && wrong.MatchString(value) {
			t.Errorf("%s:%d: %s: %q has wrong spacing at %q", file, line, column, value, wrong.FindString(value))
		}
	})
}

// What stands after a placeholder depends on how the argument ends or begins, so the renderer must choose it.
func TestSentencesLetTheRendererChoose(t *testing.T) {
	particle := regexp.MustCompile(`\}(\([^)]*\))?['"’”」』»]*(은|는|이|가|을|를|와|과|으로|로|이라|라)([ .,]|$)`)
	elision := regexp.MustCompile(`(^|[ (\x{00a0}])([dD]e |[dD]')\{\d`)
	cells(t, func(file string, line int, column, value string) {
		if file != "messages.csv" {
			return
		}
		if column == "ko" && particle.MatchString(value) {
			t.Errorf("%s:%d: fixed particle in %q: write {0|은는}, or ‘{0}’{0|~은는} after a quote", file, line, value)
		}
		if column == "fr" && elision.MatchString(value) {
			t.Errorf("%s:%d: fixed preposition in %q: write {0|de}", file, line, value)
		}
	})
}

// What a number counts is singular or plural by the number: {0} {0|partner|partners}.
func TestCountedWordsFollowTheirNumber(t *testing.T) {
	fixed := map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`\{\d\}[ \x{00a0}](organisations|pairings|days|bytes|items|characters|seconds|minutes|places|columns|rows|partners|firms|problems)\b`),
		"fr": regexp.MustCompile(`\{\d\}[ \x{00a0}](organisations|jumelages|jours|octets|éléments|caractères|secondes|minutes|places|colonnes|lignes|partenaires|problèmes)( |[,.;:)]|$)`),
	}
	cells(t, func(file string, line int, column, value string) {
		if pattern := fixed[column]; file == "messages.csv" && pattern != nil && pattern.MatchString(value) {
			t.Errorf("%s:%d: %s: %q is a plural for every number: write {0} {0|one|many}", file, line, column, pattern.FindString(value))
		}
	})
}

// French elides before a vowel inside a sentence too; a pronoun behind its verb (dites-le autrement) stays whole.
func TestFrenchElides(t *testing.T) {
	whole := regexp.MustCompile(`(^|[ (\x{00a0}])([Ll]e|[Ll]a|[Dd]e|[Nn]e|[Qq]ue|[Jj]e|[Ss]e|[Cc]e) ([aeiouàâéèêëîïôœAEIOUÉÈÊ][a-zàâéèêëîïôûç]+)`)
	cells(t, func(file string, line int, column, value string) {
		if column != "fr" && column != "name_fr" {
			return
		}
		for _, found := range whole.FindAllStringSubmatch(value, -1) {
			if !strings.HasPrefix(found[3], "onz") && !strings.HasPrefix(found[3], "oui") {
				t.Errorf("%s:%d: %s: %q does not elide in %q", file, line, column, strings.TrimSpace(found[0]), value)
			}
		}
	})
}

// A Korean particle is chosen, never offered: 은(는), 이(가) and 을(를) are for forms without a renderer.
func TestKoreanParticlesAreChosen(t *testing.T) {
	both := regexp.MustCompile(`(은|는|이|가|을|를|와|과|으로|로)\((은|는|이|가|을|를|와|과|으로|로)\)|\((으|이)\)(로|나|며|라)`)
	cells(t, func(file string, line int, column, value string) {
		if (column == "ko" || column == "name_ko") && both.MatchString(value) {
			t.Errorf("%s:%d: %s: %q leaves the particle to the reader in %q", file, line, column, both.FindString(value), value)
		}
	})
}

func TestKoreanSentencesArePolite(t *testing.T) {
	wrong := regexp.MustCompile(`(요|한다|된다|있다|없다|이다|해라)\.`)
	hangul := regexp.MustCompile(`[가-힣]`)
	cells(t, func(file string, line int, column, value string) {
		if file != "messages.csv" || column != "ko" {
			return
		}
		if wrong.MatchString(value) {
			t.Errorf("%s:%d: %q does not end in 합니다체", file, line, value)
		}
		if words := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(value, ""); len(words) > 12 && !hangul.MatchString(words) {
			t.Errorf("%s:%d: %q is not Korean", file, line, value)
		}
	})
}

// Every token of a closed list has a name, and no name is left of a token that is gone.
func TestTokensHaveNames(t *testing.T) {
	c := Embedded()
	families := map[string][]string{
		"mode": nil, "rule": GateTokens(), "framework_kind": FrameworkKinds(), "framework_status": FrameworkStatuses(),
		"program_status": ProgramStatuses(), "venue_kind": VenueKinds(), "actor_kind": ActorKinds(), "theme_kind": ThemeKinds(),
		"relation": Relations(), "coast": Coasts(),
	}
	for _, token := range ModeTokens() {
		families["mode"] = append(families["mode"], ModeName(token))
		if got := ModeToken(ModeName(token)); got != token {
			t.Errorf("mode %q becomes %q and back", token, got)
		}
	}
	for _, l := range Languages() {
		families["language"] = append(families["language"], l.String())
	}
	for family, tokens := range families {
		var want []string
		for _, token := range tokens {
			want = append(want, family+"."+token)
		}
		slices.Sort(want)
		var got []string
		for _, key := range c.Keys() {
			if strings.HasPrefix(key, family+".") {
				got = append(got, key)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("names of %s (-want +got):\n%s", family, diff)
		}
	}
}

// Every country that a row names has a name in three languages.
func TestCountriesHaveNames(t *testing.T) {
	c := Embedded()
	countries := map[string]string{}
	for _, r := range c.Regions() {
		countries[r.Country] = r.Code
	}
	for _, a := range c.Actors() {
		countries[a.Country] = a.ID
	}
	for _, v := range c.Venues() {
		countries[v.Country] = v.ID
	}
	for _, p := range c.Programs() {
		countries[p.OwnerCountry] = p.ID
		if p.AwardedTo != "" {
			countries[p.AwardedTo] = p.ID
		}
	}
	for _, f := range c.Frameworks() {
		for _, party := range f.Parties {
			if country, _, _ := strings.Cut(party, ":"); len(country) == 2 {
				countries[country] = f.ID
			}
		}
	}
	for country, from := range countries {
		if !c.HasSentence("country." + country) {
			t.Errorf("country %s of %s has no name in messages.csv", country, from)
		}
	}
}

// A synonym that folds to the name or to another synonym of the same cell finds nothing more.
func TestSynonymsAddSomething(t *testing.T) {
	for _, node := range Embedded().Capabilities() {
		for _, l := range Languages() {
			seen := map[string]string{}
			for _, written := range node.Synonyms[l] {
				key := newText(written).joined
				if other, ok := seen[key]; ok {
					t.Errorf("%s: %s synonym %q is the same as %q", node.Code, l, written, other)
				}
				if key == "" {
					t.Errorf("%s: %s synonym %q has no letters", node.Code, l, written)
				}
				seen[key] = written
			}
		}
	}
}

// Leaves without an edge match only themselves; the three services among them are known.
func TestLeavesHaveEdges(t *testing.T) {
	c := Embedded()
	var lonely []string
	for _, node := range c.Capabilities() {
		if c.Leaf(node.Index) && len(c.EdgesOf(node.Index)) == 0 {
			lonely = append(lonely, node.Code)
		}
	}
	want := []string{"services.professional.programme-management", "services.professional.legal-ip", "services.professional.market-entry"}
	if diff := cmp.Diff(want, lonely); diff != "" {
		t.Errorf("leaves without an edge (-want +got):\n%s", diff)
	}
}

// What the design names must be there under these ids; reports and the demo open with the four focus domains.
func TestNamedRowsExist(t *testing.T) {
	c := Embedded()
	for _, id := range []string{"focus-shipbuilding", "focus-space", "focus-steel", "focus-asw"} {
		if theme, ok := c.Theme(id); !ok || theme.Kind != "focus" || !theme.IndustryFacing {
			t.Errorf("theme %s is %+v: want a focus domain that firms may see", id, theme)
		}
	}
	for _, id := range []string{"sdcp", "dmc-mou", "rd-mou", "ccc-dapa-mou", "ccc-dapa-loi", "gsia", "shipbuilding-training-mou", "pipir"} {
		if _, ok := c.Framework(id); !ok {
			t.Errorf("framework %s is missing", id)
		}
	}
	for _, id := range []string{"sof-mou", "ipicc", "unc", "indo-pacific-strategy"} {
		if framework, ok := c.Framework(id); !ok || framework.IndustryFacing {
			t.Errorf("framework %s is shown to firms or missing", id)
		}
	}
	for _, id := range []string{"drdc", "add", "ccc", "dapa", "cansofcom", "aswc", "nato", "un"} {
		if _, ok := c.Actor(id); !ok {
			t.Errorf("actor %s is missing", id)
		}
	}
	if program, ok := c.Program("cpsp"); !ok || program.AwardCondition != "cpsp" {
		t.Errorf("program cpsp is %+v: want one with the condition cpsp", program)
	}
	if venue, ok := c.Venue("cansec"); !ok || venue.Month != 5 {
		t.Errorf("venue cansec is %+v: want May", venue)
	}
	for scheme, count := range map[string]int{"kic": 17, "korea-class": 12, "roadshow-2025": 10, "pipir": 4} {
		got := 0
		for _, label := range c.Labels() {
			if label.Scheme == scheme {
				got++
			}
		}
		if got != count {
			t.Errorf("%s has %d entries: want %d", scheme, got, count)
		}
	}
}
