package main

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// voice says names, codes and sentences in the reader's language, or leaves codes as they are for machines.
type voice struct {
	catalog  *catalog.Catalog
	language catalog.Language
	raw      bool // for machines: enum names and codes instead of words
}

func (a *app) voice() voice {
	return voice{catalog: a.catalog, language: a.language(), raw: a.settings.output != "table"}
}

// say renders a message of the catalogue.
func (v voice) say(key string, args ...string) string {
	return v.catalog.Sentence(v.language, key, args...)
}

// naming returns a voice that also knows the names of firms, which sentences mention by id.
func (v voice) naming(firms []*tandemv1.Firm) voice {
	names := make(map[string]catalog.Text, len(firms))
	for _, f := range firms {
		names[strings.TrimPrefix(f.GetName(), "firms/")] = catalog.OwnName(f.GetDisplayName(), f.GetNativeName())
	}
	v.catalog = v.catalog.WithNames(func(prefix, id string) (catalog.Text, bool) {
		name, ok := names[id]
		return name, ok && prefix == "firm"
	})
	return v
}

// sentence is a reason in words: as the server rendered it, or rendered here.
func (v voice) sentence(s *tandemv1.Sentence) string {
	if s == nil {
		return ""
	}
	if s.GetText() != "" {
		return s.GetText()
	}
	return v.say(s.GetKey(), s.GetArgs()...)
}

// enum names a value by its message in a family such as "band"; the unspecified one is empty. The vocabulary's own
// families are keyed by token: IN_FORCE is "framework_status.in-force".
func (v voice) enum(family string, value protoreflect.Enum) string {
	described := value.Descriptor().Values().ByNumber(value.Number())
	switch {
	case value.Number() == 0:
		return ""
	case described == nil: // of a newer server
		return strconv.Itoa(int(value.Number()))
	}
	name := string(described.Name())
	if v.raw {
		return name
	}
	for _, key := range []string{family + "." + name, family + "." + strings.ToLower(strings.ReplaceAll(name, "_", "-"))} {
		if v.catalog.HasSentence(key) {
			return v.say(key)
		}
	}
	return name
}

// text is a name in the reader's language; whoever left one empty gets the English one.
func (v voice) text(t *tandemv1.LocalizedText) string {
	return catalog.Text{t.GetEn(), t.GetFr(), t.GetKo()}.In(v.language)
}

// firm names an organisation as its reader knows it: by its native name where that is the reader's language.
func (v voice) firm(f *tandemv1.Firm) string {
	if v.raw {
		return f.GetDisplayName()
	}
	return catalog.OwnName(f.GetDisplayName(), f.GetNativeName()).In(v.language)
}

// own picks the firm's own words in the reader's language where it gave them.
func (v voice) own(english, native string) string {
	if english == "" {
		return native
	}
	return catalog.OwnName(english, native).In(v.language)
}

// capability names a code, "capabilities/..." or bare, in words.
func (v voice) capability(code string) string {
	return v.named("cap", strings.TrimPrefix(code, "capabilities/"))
}

// named names an id of the vocabulary, such as country or region, in words.
func (v voice) named(family, id string) string {
	if v.raw || id == "" {
		return id
	}
	return v.catalog.Name(v.language, family+":"+id)
}

// labelled puts a name before what is said of it, with the colon of the language.
func (v voice) labelled(name, words string) string {
	if name == "" || words == "" {
		return name + words
	}
	return v.say("cli.labelled", catalog.Literal(name), catalog.Literal(words))
}

// number groups the digits of a count or score as the language does.
func (v voice) number(n int32) string {
	if v.raw {
		return strconv.Itoa(int(n))
	}
	return v.catalog.Name(v.language, catalog.Number(int(n)))
}

// item names an item of a profile, such as `offers[0].text`, in words.
func (v voice) item(path string) string {
	list, rest, found := strings.Cut(path, "[")
	index, _, _ := strings.Cut(rest, "]")
	number, err := strconv.Atoi(index)
	if v.raw || !found || err != nil || !v.catalog.HasSentence("field."+list) {
		return path
	}
	return v.say("error.item", "field:"+list, catalog.Number(number+1))
}
