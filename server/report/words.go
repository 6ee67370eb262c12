package report

import (
	"unicode"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// words are somebody's own words. Lang is their language where it is not the page's, so that they are read aloud right.
type words struct {
	Text string
	Lang string
}

// named is an organisation's name: first as the reader knows it, then its other form where it has one.
type named struct {
	ID       string
	Name     words
	Other    words
	Compiled bool
}

// marked is the name with the mark of a compiled profile, where there is no other way to show it.
func (n named) marked() string {
	if n.Compiled {
		return n.Name.Text + "\u00a0†"
	}
	return n.Name.Text
}

// Named is itself, for templates that embed it.
func (n named) Named() named { return n }

// nativeTongue tells in which language words are that an organisation gave in its own. Scripts settle it for all but
// the Latin one, where French is the partnership languages' only other; an unknown script stays undetermined.
func nativeTongue(s string) string {
	latin := false
	for _, c := range s {
		switch {
		case unicode.Is(unicode.Hangul, c):
			return catalog.KO.String()
		case unicode.In(c, unicode.Hiragana, unicode.Katakana):
			return "ja"
		case unicode.Is(unicode.Latin, c):
			latin = true
		case unicode.IsLetter(c):
			return "und"
		}
	}
	if latin {
		return catalog.FR.String()
	}
	return ""
}

// nameIn gives a firm's name in every language: its native one to those who read it, else the romanised one.
func nameIn(f *tandemv1.Firm) catalog.Text {
	return catalog.OwnName(f.GetDisplayName(), f.GetNativeName())
}

// firm names an organisation for the reader.
func (r *reader) firm(f *tandemv1.Firm) named {
	n := named{ID: id(f.GetName()), Name: words{Text: nameIn(f).In(r.lang)}, Compiled: compiled(f)}
	switch native := f.GetNativeName(); {
	case native == "" || native == f.GetDisplayName():
	case n.Name.Text == native:
		n.Other = words{Text: f.GetDisplayName(), Lang: r.foreign(catalog.EN.String())}
	default:
		n.Other = words{Text: native, Lang: r.foreign(nativeTongue(native))}
	}
	return n
}

// quote picks an organisation's own words in the reader's language where it gave them, else in English, else as they are.
func (r *reader) quote(english, native string) words {
	switch tongue := nativeTongue(native); {
	case native != "" && (tongue == r.lang.String() || english == ""):
		return words{Text: native, Lang: r.foreign(tongue)}
	default:
		return words{Text: english, Lang: r.foreign(catalog.EN.String())}
	}
}

// foreign is the language tag that words need on the page; none in the page's own language.
func (r *reader) foreign(tag string) string {
	if tag == r.lang.String() {
		return ""
	}
	return tag
}
