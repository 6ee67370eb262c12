package server

import (
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// speak fills in the text of every sentence in an answer, in one language. Names of firms and facts come from the answer itself, so
// that a stored pairing is told with the names that it was computed with.
func speak(cat *catalog.Catalog, l tandemv1.Language, answer proto.Message) {
	type named struct{ prefix, id string }
	names := make(map[named]catalog.Text)
	var sentences []*tandemv1.Sentence
	walk(answer.ProtoReflect(), func(m proto.Message) {
		switch m := m.(type) {
		case *tandemv1.Firm:
			names[named{"firm", firmSlug(m.Name)}] = catalog.OwnName(m.DisplayName, m.NativeName)
		case *tandemv1.FrameworkUse:
			names[named{"fw", strings.TrimPrefix(m.Framework, "frameworks/")}] = textOf(m.DisplayName)
		case *tandemv1.ProgramUse:
			names[named{"prog", strings.TrimPrefix(m.Program, "programs/")}] = textOf(m.DisplayName)
		case *tandemv1.VenueUse:
			names[named{"venue", strings.TrimPrefix(m.Venue, "venues/")}] = textOf(m.DisplayName)
		case *tandemv1.Sentence:
			sentences = append(sentences, m)
		}
	})
	told := cat.WithNames(func(prefix, id string) (catalog.Text, bool) {
		name, ok := names[named{prefix, id}]
		return name, ok
	})
	language := languageOf(l)
	for _, s := range sentences {
		s.Text = told.Sentence(language, s.Key, s.Args...)
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
	nested, known := nestedFields()[m.Descriptor()]
	if !known {
		m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			walkField(field, v, visit)
			return true
		})
		return
	}
	for _, field := range nested {
		if m.Has(field) {
			walkField(field, m.Get(field), visit)
		}
	}
}

func walkField(field protoreflect.FieldDescriptor, v protoreflect.Value, visit func(proto.Message)) {
	switch {
	case field.Message() == nil || field.IsMap():
	case field.IsList():
		list := v.List()
		for i := range list.Len() {
			walk(list.Get(i).Message(), visit)
		}
	default:
		walk(v.Message(), visit)
	}
}

// nestedFields are the fields of each message of the contract that hold messages: the few to look at of the thousands that an answer
// has.
var nestedFields = sync.OnceValue(func() map[protoreflect.MessageDescriptor][]protoreflect.FieldDescriptor {
	nested := make(map[protoreflect.MessageDescriptor][]protoreflect.FieldDescriptor)
	var read func(protoreflect.MessageDescriptors)
	read = func(messages protoreflect.MessageDescriptors) {
		for i := range messages.Len() {
			m := messages.Get(i)
			nested[m] = nil
			for j := range m.Fields().Len() {
				if f := m.Fields().Get(j); f.Message() != nil && !f.IsMap() {
					nested[m] = append(nested[m], f)
				}
			}
			read(m.Messages())
		}
	}
	protoregistry.GlobalFiles.RangeFilesByPackage(tandemv1.File_tandem_v1_pairing_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		read(file.Messages())
		return true
	})
	return nested
})
