package sheet

import (
	_ "embed"
	"encoding/csv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// valueTerms is what people write for the values of a field, besides the catalogue's own names.
//
//go:embed words.csv
var valueTerms string

// family is the terms of one sort of value: folded term to value.
type family map[string]string

// writtenTerms is words.csv by family.
var writtenTerms = sync.OnceValue(func() map[string]family {
	records, err := csv.NewReader(strings.NewReader(valueTerms)).ReadAll()
	if err != nil {
		panic("sheet: words.csv: " + err.Error()) // embedded: TestValueTerms reads it
	}
	families := make(map[string]family)
	for _, record := range records[1:] {
		name, value, _ := strings.Cut(record[0], ".")
		if families[name] == nil {
			families[name] = make(family)
		}
		families[name][wordKey(value)] = value
		for term := range strings.SplitSeq(record[1], "|") {
			families[name][wordKey(term)] = value
		}
	}
	return families
})

// wordKey is a value as it is compared: folded letters and digits.
func wordKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '✓' || r == '✔' {
			return r
		}
		return -1
	}, names.Fold(s))
}

// words reads values in three languages.
type words struct {
	catalog  *catalog.Catalog
	families map[string]family
	// regional is each region's written names, folded, by code.
	regional map[string][]string
	// called is the capability of each name that only one has, folded.
	called map[string]string
	// shared finds capabilities by their words.
	shared *vocabulary
	// searched is for how many pieces of free text those that they resemble were looked for.
	searched int
	// writes is the language in which capabilities are named when a table is written.
	writes catalog.Language
}

// newWords joins what people write with the catalogue's names and with what the partnership calls its sides; it may be nil.
func newWords(c *catalog.Catalog, p *tandemv1.Partnership) *words {
	w := &words{catalog: c, families: make(map[string]family), regional: make(map[string][]string), called: capabilityNames(c), shared: newVocabulary(c)}
	for name, terms := range writtenTerms() {
		w.families[name] = make(family, len(terms))
		for term, value := range terms {
			w.families[name][term] = value
		}
	}
	for _, key := range c.Keys() {
		name, value, _ := strings.Cut(key, ".")
		terms := w.families[name]
		if terms == nil || strings.Contains(value, ".") {
			continue
		}
		if name == "language" {
			value = strings.ToUpper(value)
		}
		for _, l := range catalog.Languages() {
			terms[wordKey(c.Sentence(l, key))] = value
		}
		terms[wordKey(value)] = value
	}
	for _, side := range p.GetSides() {
		if countries := side.GetCountries(); len(countries) == 1 {
			// A side of one country is also called by the side's own name and id.
			name := side.GetDisplayName()
			for _, term := range []string{side.GetId(), name.GetEn(), name.GetFr(), name.GetKo()} {
				if term != "" {
					w.families["country"][wordKey(term)] = countries[0]
				}
			}
		}
	}
	for _, region := range c.Regions() {
		terms := []string{wordKey(region.Code)}
		for _, l := range catalog.Languages() {
			terms = append(terms, wordKey(region.Name.In(l)))
		}
		w.regional[region.Code] = terms
	}
	for term, code := range w.families["region"] {
		w.regional[code] = append(w.regional[code], term)
	}
	return w
}

// value finds the value that a text names in a family.
func (w *words) value(name, text string) (string, bool) {
	value, ok := w.families[name][wordKey(text)]
	return value, ok
}

var twoLetters = regexp.MustCompile(`^[A-Za-z]{2}$`)

// country returns the code that a text names, or "".
func (w *words) country(text string) string {
	if value, ok := w.value("country", text); ok && twoLetters.MatchString(value) {
		return value
	}
	return ""
}

// regions returns the regions that a text may name, by code or name: whole names, else their beginnings.
func (w *words) regions(text string) []string {
	key := wordKey(text)
	if key == "" {
		return nil
	}
	var whole, begun []string
	for _, region := range w.catalog.Regions() {
		_, short, _ := strings.Cut(region.Code, "-")
		terms := w.regional[region.Code]
		switch {
		case slices.Contains(terms, key), wordKey(short) == key && !isNumber(short):
			whole = append(whole, region.Code)
		case len([]rune(key)) >= 2 && hasHangul(key) || len([]rune(key)) >= 4:
			if slices.ContainsFunc(terms, func(term string) bool {
				return strings.HasPrefix(term, key) || hasHangul(term) && strings.HasPrefix(key, term)
			}) {
				begun = append(begun, region.Code)
			}
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return begun
}

// region finds the one region of a country that a text names, or lists those that it may.
func (w *words) region(text, country string) (code string, near []string) {
	found := w.regions(text)
	inside := slices.DeleteFunc(slices.Clone(found), func(code string) bool { return country != "" && !strings.HasPrefix(code, country+"-") })
	switch {
	case len(inside) == 1:
		return inside[0], nil
	case len(inside) > 1:
		return "", inside
	}
	return "", found
}

// kind reads what sort of organisation it is.
func (w *words) kind(text string) (tandemv1.Firm_Kind, bool) {
	value, ok := w.value("kind", text)
	return tandemv1.Firm_Kind(tandemv1.Firm_Kind_value[value]), ok
}

var figures = regexp.MustCompile(`[0-9][0-9,.  ]*`)

// size reads a class of size, or a number of people.
func (w *words) size(text string) (tandemv1.Firm_Size, bool) {
	if value, ok := w.value("size", text); ok {
		return tandemv1.Firm_Size(tandemv1.Firm_Size_value[value]), true
	}
	found := figures.FindAllString(text, -1)
	if len(found) == 0 || len(found) > 2 || len(text) > 60 {
		return 0, false
	}
	// Of a range such as "100-499" its lower end decides.
	people, err := strconv.Atoi(strings.NewReplacer(",", "", ".", "", " ", "", " ", "").Replace(found[0]))
	if err != nil || people < 0 {
		return 0, false
	}
	switch {
	case people < 10:
		return tandemv1.Firm_MICRO, true
	case people < 100:
		return tandemv1.Firm_SMALL, true
	case people < 500:
		return tandemv1.Firm_MEDIUM, true
	case people < 5000:
		return tandemv1.Firm_LARGE, true
	}
	return tandemv1.Firm_PRIME, true
}

// mode reads a way of working together.
func (w *words) mode(text string) (tandemv1.Mode, bool) {
	value, ok := w.value("mode", text)
	return tandemv1.Mode(tandemv1.Mode_value[value]), ok
}

// language reads a language.
func (w *words) language(text string) (tandemv1.Language, bool) {
	value, ok := w.value("language", text)
	return tandemv1.Language(tandemv1.Language_value[value]), ok
}

// program finds the id of a programme by it or by its name.
func (w *words) program(text string) (string, bool) {
	key := wordKey(strings.TrimPrefix(text, "programs/"))
	for _, program := range w.catalog.Programs() {
		if key == wordKey(program.ID) {
			return program.ID, true
		}
		for _, l := range catalog.Languages() {
			name := program.Name.In(l)
			short, _, _ := strings.Cut(name, " (")
			if key == wordKey(name) || key == wordKey(short) {
				return program.ID, true
			}
		}
	}
	return "", false
}

// capabilityNames is the code of every name that only one capability has.
func capabilityNames(c *catalog.Catalog) map[string]string {
	called := make(map[string]string)
	for _, capability := range c.Capabilities() {
		for _, name := range capability.Name {
			key := wordKey(name)
			if other, taken := called[key]; taken && other != capability.Code {
				called[key] = "" // of several: Resolve tells
				continue
			}
			called[key] = capability.Code
		}
	}
	return called
}
