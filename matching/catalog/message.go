package catalog

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// message is a sentence in every language, cut at its placeholders.
type message [3][]part

// part is literal text, or a placeholder with the forms asked of its argument.
type part struct {
	literal  string
	argument int // -1 for literal text
	forms    []string
}

// The forms that a placeholder may ask for after a bar. Two other words are the singular and the plural of what an
// argument counts: {0|organisation|organisations}. A Korean particle after a tilde is printed without the argument, for
// one that stands in quotes: ‘{0}’{0|~은는}.
const (
	formOf    = "de"    // French "de" or "d'" before the argument
	formLower = "lower" // capabilities without the capital that their names start with; other names keep theirs
)

// readMessages reads messages.csv, the only home of sentences that the engine and the reports print.
func (c *Catalog) readMessages(files fs.FS) error {
	t, err := readTable(files, "messages.csv", "key", "en", "fr", "ko")
	if err != nil {
		return err
	}
	c.messages = make(map[string]message, len(t.rows))
	last := ""
	for _, r := range t.rows {
		key := r.must("key")
		if key <= last {
			r.fail("key", "%q after %q: keys are sorted and unique", key, last)
		}
		last = key
		if strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" || !strings.Contains(key, ".") {
			r.fail("key", "%q: want a prefix, a dot and a name of ASCII letters, digits, '.', '_' or '-'", key)
		}
		var m message
		for _, l := range Languages() {
			parts, err := parseTemplate(l, r.must(l.String()))
			if err != nil {
				r.fail(l.String(), "%v", err)
			}
			m[l] = parts
		}
		for _, l := range []Language{FR, KO} {
			if got, want := m.arguments(l), m.arguments(EN); !slices.Equal(got, want) {
				r.fail(l.String(), "placeholders %v: want %v as in English", got, want)
			}
		}
		if r.err != nil {
			return r.err
		}
		c.messages[key] = m
	}
	return nil
}

// arguments returns the placeholders of one language, sorted, each once.
func (m message) arguments(l Language) []int {
	var used []int
	for _, p := range m[l] {
		if p.argument >= 0 {
			used = append(used, p.argument)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// parseTemplate cuts "{0|은는} ..." into parts.
func parseTemplate(l Language, s string) ([]part, error) {
	var parts []part
	for s != "" {
		open := strings.IndexAny(s, "{}")
		if open < 0 {
			open = len(s)
		}
		if open > 0 {
			parts = append(parts, part{literal: s[:open], argument: -1})
		}
		if s = s[open:]; s == "" {
			break
		}
		end := strings.IndexByte(s, '}')
		if s[0] == '}' || end < 0 {
			return nil, fmt.Errorf("brace without its partner at %q", s)
		}
		fields := strings.Split(s[1:end], "|")
		p := part{argument: number(fields[0]), forms: fields[1:]}
		if p.argument < 0 || p.argument > 9 {
			return nil, fmt.Errorf("placeholder %q: want a number from 0 to 9, then forms after bars", s[:end+1])
		}
		if err := checkForms(l, p.forms); err != nil {
			return nil, fmt.Errorf("placeholder %q: %w", s[:end+1], err)
		}
		parts = append(parts, p)
		s = s[end+1:]
	}
	return parts, nil
}

func checkForms(l Language, forms []string) error {
	if isPlural(forms) {
		return nil
	}
	for _, form := range forms {
		_, particle := particleForms[strings.TrimPrefix(form, "~")]
		switch {
		case form == formLower && l != KO, form == formOf && l == FR, particle && l == KO:
		default:
			return fmt.Errorf("form %q is unknown in %s: want lower, de (fr), one of %s (ko), or a singular and a plural",
				form, l, strings.Join(slices.Sorted(maps.Keys(particleForms)), " "))
		}
	}
	return nil
}

// isPlural tells whether two forms are the singular and plural of a counted word.
func isPlural(forms []string) bool {
	return len(forms) == 2 && !slices.ContainsFunc(forms, func(form string) bool {
		_, particle := particleForms[strings.TrimPrefix(form, "~")]
		return particle || form == formOf || form == formLower || form == ""
	})
}

// Keys lists the keys of all sentences, sorted.
func (c *Catalog) Keys() []string { return slices.Sorted(maps.Keys(c.messages)) }

// HasSentence tells whether messages.csv has a key.
func (c *Catalog) HasSentence(key string) bool {
	_, ok := c.messages[key]
	return ok
}

// Placeholders returns how many arguments a sentence takes: one more than its highest placeholder.
func (c *Catalog) Placeholders(key string) int {
	if used := c.messages[key].arguments(EN); len(used) > 0 {
		return used[len(used)-1] + 1
	}
	return 0
}
