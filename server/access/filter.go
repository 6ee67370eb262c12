package access

import (
	"slices"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// contract is the package whose messages declare disclosure steps. A message of
// another package (a time stamp, an operation) shows as a whole, from the step
// of the property that holds it.
const contract protoreflect.FullName = "tandem.v1"

// Step returns the disclosure step from which on a property shows: its own, else
// its message's. UNSPECIFIED means that none is declared; it shows to nobody.
func Step(field protoreflect.FieldDescriptor) tandemv1.Disclosure {
	if step := proto.GetExtension(field.Options(), tandemv1.E_Disclosure).(tandemv1.Disclosure); step != 0 {
		return step
	}
	message := field.ContainingMessage()
	if message.ParentFile().Package() != contract {
		return tandemv1.Disclosure_PUBLIC
	}
	return proto.GetExtension(message.Options(), tandemv1.E_MessageDisclosure).(tandemv1.Disclosure)
}

// property is what a filter has to know of one field of a message of the contract.
type property struct {
	field   protoreflect.FieldDescriptor
	step    tandemv1.Disclosure
	message bool // it holds a message, or a list of messages, to look into
}

// contractProperties are the properties of all messages of the contract, read out of its options once: an answer has thousands of them.
var contractProperties = sync.OnceValue(func() map[protoreflect.MessageDescriptor][]property {
	properties := make(map[protoreflect.MessageDescriptor][]property)
	var read func(protoreflect.MessageDescriptors)
	read = func(messages protoreflect.MessageDescriptors) {
		for i := range messages.Len() {
			properties[messages.Get(i)] = propertiesOf(messages.Get(i))
			read(messages.Get(i).Messages())
		}
	}
	protoregistry.GlobalFiles.RangeFilesByPackage(contract, func(file protoreflect.FileDescriptor) bool {
		read(file.Messages())
		return true
	})
	return properties
})

func propertiesOf(m protoreflect.MessageDescriptor) []property {
	list := make([]property, m.Fields().Len())
	for i := range list {
		f := m.Fields().Get(i)
		// The contract has no maps (a test says so); those of other packages show as a whole.
		list[i] = property{field: f, step: Step(f), message: f.Message() != nil && !f.IsMap()}
	}
	return list
}

// Filter clears, in place, every property of m whose disclosure step c has not
// reached, and everything that the contract does not know.
func Filter(c Caller, m proto.Message) {
	reached := tandemv1.Disclosure_PUBLIC
	if c.Staff() {
		reached = tandemv1.Disclosure_STAFF
	}
	c.filter(m.ProtoReflect(), reached)
}

// filter clears what lies beyond the step reached on m, which is at least the
// one inherited from the message around it.
func (c Caller) filter(m protoreflect.Message, inherited tandemv1.Disclosure) {
	if container, ok := m.Interface().(*anypb.Any); ok {
		c.filterAny(container, inherited)
		return
	}
	reached := max(inherited, c.relation(m, inherited))
	if len(m.GetUnknown()) > 0 {
		m.SetUnknown(nil)
	}
	properties, known := contractProperties()[m.Descriptor()]
	if !known {
		properties = propertiesOf(m.Descriptor())
	}
	for i := range properties {
		switch p := &properties[i]; {
		case p.step == tandemv1.Disclosure_DISCLOSURE_UNSPECIFIED || p.step > reached:
			m.Clear(p.field)
		case p.message && m.Has(p.field):
			c.filterValue(p.field, m.Get(p.field), reached)
		}
	}
}

// filterValue filters a message, or each of a list of messages.
func (c Caller) filterValue(field protoreflect.FieldDescriptor, value protoreflect.Value, reached tandemv1.Disclosure) {
	if !field.IsList() {
		c.filter(value.Message(), reached)
		return
	}
	list := value.List()
	for i := range list.Len() {
		c.filter(list.Get(i).Message(), reached)
	}
}

// relation returns the step that c reaches by what the message is to it.
func (c Caller) relation(m protoreflect.Message, inherited tandemv1.Disclosure) tandemv1.Disclosure {
	switch m := m.Interface().(type) {
	case *tandemv1.RegisterFirmResponse, *tandemv1.ClaimFirmResponse:
		return tandemv1.Disclosure_OWN // it answers nobody but the one who registers, or holds the code
	case *tandemv1.Firm:
		if c.Is(m.GetName()) {
			return tandemv1.Disclosure_OWN
		}
	case *tandemv1.Credential:
		if c.Is(m.GetFirm()) {
			return tandemv1.Disclosure_OWN
		}
	case *tandemv1.Pairing:
		if c.Role == tandemv1.Role_FIRM && c.partOf(m.GetName()) {
			return tandemv1.Disclosure_PUBLISHED
		}
	}
	return inherited
}

// partOf reports whether the caller's firm is one of the two of a pairing,
// `pairings/{first}~{second}`.
func (c Caller) partOf(pairing string) bool {
	ids, ok := strings.CutPrefix(pairing, "pairings/")
	return ok && slices.ContainsFunc(strings.Split(ids, "~"), func(id string) bool { return c.Is("firms/" + id) })
}

// filterAny looks into a packed message: what cannot be unpacked shows to nobody.
func (c Caller) filterAny(container *anypb.Any, inherited tandemv1.Disclosure) {
	m, err := container.UnmarshalNew()
	if err == nil {
		c.filter(m.ProtoReflect(), inherited)
		container.Value, err = proto.MarshalOptions{Deterministic: true}.Marshal(m)
	}
	if err != nil {
		container.Reset()
	}
}
