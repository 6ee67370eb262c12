package server

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// speak fills in the text of every sentence in an answer, in one language. Names of firms and facts come from the answer itself, so
// that a stored pairing is told with the names that it was computed with.
func speak(cat *catalog.Catalog, l tandemv1.Language, answer proto.Message) {
	names := make(map[string]catalog.Text)
	var sentences []*tandemv1.Sentence
	walk(answer.ProtoReflect(), func(m proto.Message) {
		switch m := m.(type) {
		case *tandemv1.Firm:
			names["firm:"+firmSlug(m.Name)] = catalog.OwnName(m.DisplayName, m.NativeName)
		case *tandemv1.FrameworkUse:
			names["fw:"+strings.TrimPrefix(m.Framework, "frameworks/")] = textOf(m.DisplayName)
		case *tandemv1.ProgramUse:
			names["prog:"+strings.TrimPrefix(m.Program, "programs/")] = textOf(m.DisplayName)
		case *tandemv1.VenueUse:
			names["venue:"+strings.TrimPrefix(m.Venue, "venues/")] = textOf(m.DisplayName)
		case *tandemv1.Sentence:
			sentences = append(sentences, m)
		}
	})
	named := cat.WithNames(func(prefix, id string) (catalog.Text, bool) {
		name, ok := names[prefix+":"+id]
		return name, ok
	})
	language := languageOf(l)
	for _, s := range sentences {
		s.Text = named.Sentence(language, s.Key, s.Args...)
	}
}

// languageOf is the catalogue's name of a language; English where none is asked for.
func languageOf(l tandemv1.Language) catalog.Language {
	switch l {
	case tandemv1.Language_FR:
		return catalog.FR
	case tandemv1.Language_KO:
		return catalog.KO
	default:
		return catalog.EN
	}
}

// textOf is a name as the catalogue has it.
func textOf(t *tandemv1.LocalizedText) catalog.Text {
	return catalog.Text{catalog.EN: t.GetEn(), catalog.FR: t.GetFr(), catalog.KO: t.GetKo()}
}

// walk visits a message and every message in it.
func walk(m protoreflect.Message, visit func(proto.Message)) {
	visit(m.Interface())
	switch m.Interface().(type) {
	case *tandemv1.Sentence, *tandemv1.LocalizedText, *tandemv1.Component_Item:
		return // the most there are, and nothing is in them
	}
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.Message() == nil || field.IsMap():
		case field.IsList():
			for i := range v.List().Len() {
				walk(v.List().Get(i).Message(), visit)
			}
		default:
			walk(v.Message(), visit)
		}
		return true
	})
}
