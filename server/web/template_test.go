package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

var (
	action  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	tag     = regexp.MustCompile(`(?s)<[^>]*>`)
	spoken  = regexp.MustCompile(`(?:title|alt|placeholder|aria-label)="([^"]*)"`)
	loose   = regexp.MustCompile(` [a-z-]+="[^"]*"`) // attributes that a part adds to a tag
	letters = regexp.MustCompile(`\p{L}{2,}`)
	keys    = regexp.MustCompile(`"((?:web|report|paper|field|notice|compare|completeness)\.[A-Za-z_.-]+)"`)
)

// Whatever a reader reads is a sentence of the message catalogue: no template holds words of its own, and none asks for a sentence that
// does not exist.
func TestTemplatesHoldNoWords(t *testing.T) {
	allowed := map[string]bool{"UTC": true}
	files, err := filepath.Glob("page/*.html")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	cat := catalog.Embedded()
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys.FindAllStringSubmatch(string(source), -1) {
			if !cat.HasSentence(key[1]) && !strings.Contains(key[1], ".html") {
				t.Errorf("%s asks for %s, which messages.csv does not have", file, key[1])
			}
		}
		page := action.ReplaceAllString(string(source), " ")
		for _, found := range spoken.FindAllStringSubmatch(page, -1) {
			if letters.MatchString(found[1]) {
				t.Errorf("%s: an attribute reads %q", file, found[1])
			}
		}
		for _, word := range letters.FindAllString(loose.ReplaceAllString(tag.ReplaceAllString(strings.ReplaceAll(page, "&amp;", " "), " "), " "), -1) {
			if !allowed[word] {
				t.Errorf("%s holds the word %q", file, word)
			}
		}
	}
}

// The same holds of code: a key that is written out exists.
func TestCodeAsksForSentencesThatExist(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	cat := catalog.Embedded()
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys.FindAllStringSubmatch(string(source), -1) {
			if !strings.HasSuffix(key[1], ".") && !cat.HasSentence(key[1]) {
				t.Errorf("%s asks for %s, which messages.csv does not have", file, key[1])
			}
		}
	}
}
