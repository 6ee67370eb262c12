package tandem_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What a template holds that nobody reads: comments, actions, styles, scripts and tags.
var (
	unread   = regexp.MustCompile(`(?s)\{\{.*?\}\}|<!--.*?-->|<style.*?</style>|<script.*?</script>`)
	fragment = regexp.MustCompile(`\b[a-z-]+="[^"]*"`) // attributes that a template of their own holds
	tag      = regexp.MustCompile(`(?s)<[^>]*>`)
	spoken   = regexp.MustCompile(`(?i)\b(alt|title|placeholder|aria-label|aria-description|summary)="([^"]*)"`)
	letters  = regexp.MustCompile(`\pL{2,}`)
	nameless = regexp.MustCompile(`(?i)\b(Tandem|English|Français|한국어|TRL|CSV|XLSX|HTML|JSON|JSONL|SVG|UTC)\b`)
)

// No template holds a sentence: every word that a person reads is in the message catalogue, and so in three languages.
func TestTemplatesHoldNoWords(t *testing.T) {
	templates, here := 0, os.DirFS(".")
	err := fs.WalkDir(here, "server", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".html") || strings.Contains(name, "testdata") {
			return err
		}
		templates++
		raw, err := fs.ReadFile(here, name)
		if err != nil {
			return err
		}
		for _, words := range wordsOf(string(raw)) {
			t.Errorf("%s: %q stands in the template: put it into messages.csv", name, words)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if templates < 10 {
		t.Errorf("found %d templates: the test looks in the wrong place", templates)
	}
	for _, bad := range []string{`<p>Sign in</p>`, `<img alt="A map">`, `<p>{{.Name}} 님</p><b>환영</b>`, `<input placeholder="Code">`} {
		if len(wordsOf(bad)) == 0 {
			t.Errorf("the test does not see the words of %s", bad)
		}
	}
	if got := wordsOf(`<style>p { color: red }</style><p class="lead">{{say "web.x"}}</p>{{/* a comment */}}<a title="{{.T}}">→</a>`); len(got) > 0 {
		t.Errorf("the test takes %q for words", got)
	}
}

// wordsOf lists what a template says by itself.
func wordsOf(template string) []string {
	template = unread.ReplaceAllString(template, "")
	var found []string
	for _, attribute := range spoken.FindAllStringSubmatch(template, -1) {
		found = append(found, attribute[2])
	}
	found = append(found, strings.Split(fragment.ReplaceAllString(tag.ReplaceAllString(template, "\n"), ""), "\n")...)
	var words []string
	for _, text := range found {
		if letters.MatchString(nameless.ReplaceAllString(text, "")) {
			words = append(words, strings.TrimSpace(text))
		}
	}
	return words
}
