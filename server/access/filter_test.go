package access_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/anypb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// messages lists every message of the contract, nested ones too.
func messages() []protoreflect.MessageDescriptor {
	var all []protoreflect.MessageDescriptor
	var add func(protoreflect.MessageDescriptors)
	add = func(list protoreflect.MessageDescriptors) {
		for i := range list.Len() {
			all = append(all, list.Get(i))
			add(list.Get(i).Messages())
		}
	}
	protoregistry.GlobalFiles.RangeFilesByPackage("tandem.v1", func(file protoreflect.FileDescriptor) bool {
		add(file.Messages())
		return true
	})
	return all
}

func TestEveryPropertyHasAStep(t *testing.T) {
	all := messages()
	if len(all) < 50 {
		t.Fatalf("found %d messages: the test does not see the contract", len(all))
	}
	for _, message := range all {
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			if access.Step(field) == tandemv1.Disclosure_DISCLOSURE_UNSPECIFIED {
				t.Errorf("%s has no disclosure step", field.FullName())
			}
			if field.IsMap() {
				t.Errorf("%s is a map, into which the filter does not look", field.FullName())
			}
		}
	}
}

// full returns a message of the type with every property set: a text says which
// property it is in.
func full(t *testing.T, d protoreflect.MessageDescriptor) protoreflect.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		t.Fatal(err)
	}
	m := kind.New()
	for i := range d.Fields().Len() {
		field := d.Fields().Get(i)
		switch {
		case field.IsMap():
		case field.IsList():
			list := m.Mutable(field).List()
			for range 2 {
				list.Append(value(t, field))
			}
		default:
			m.Set(field, value(t, field))
		}
	}
	return m
}

func value(t *testing.T, field protoreflect.FieldDescriptor) protoreflect.Value {
	switch field.Kind() {
	case protoreflect.MessageKind:
		return protoreflect.ValueOfMessage(full(t, field.Message()))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("canary in " + string(field.FullName()))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte("canary in " + field.FullName()))
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(1)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(1)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(1)
	default:
		t.Fatalf("%s has kind %s, which the test cannot fill", field.FullName(), field.Kind())
		return protoreflect.Value{}
	}
}

// named sets the name of a full message.
func named[M proto.Message](t *testing.T, field, name string) M {
	t.Helper()
	var none M
	m := full(t, none.ProtoReflect().Descriptor())
	m.Set(m.Descriptor().Fields().ByName(protoreflect.Name(field)), protoreflect.ValueOfString(name))
	return m.Interface().(M)
}

// pairing is a full pairing of two firms.
func pairing(t *testing.T, first, second string) *tandemv1.Pairing {
	t.Helper()
	p := named[*tandemv1.Pairing](t, "name", "pairings/"+strings.TrimPrefix(first, "firms/")+"~"+strings.TrimPrefix(second, "firms/"))
	p.First, p.Second = named[*tandemv1.Firm](t, "name", first), named[*tandemv1.Firm](t, "name", second)
	return p
}

// visible lists the paths of what shows up to a step, and of what may stand at a
// path by an exception of its own, written without a look at the filter.
func visible(m protoreflect.Message, reached tandemv1.Disclosure, exceptions map[string]tandemv1.Disclosure, path string) []string {
	if step, ok := exceptions[path]; ok {
		reached = step
	}
	var paths []string
	for i := range m.Descriptor().Fields().Len() {
		field := m.Descriptor().Fields().Get(i)
		step := tandemv1.Disclosure_PUBLIC
		if strings.HasPrefix(string(field.FullName()), "tandem.v1.") {
			step = proto.GetExtension(field.Options(), tandemv1.E_Disclosure).(tandemv1.Disclosure)
			if step == 0 {
				step = proto.GetExtension(m.Descriptor().Options(), tandemv1.E_MessageDisclosure).(tandemv1.Disclosure)
			}
		}
		if !m.Has(field) || int(step) > int(reached) {
			continue
		}
		at := path + "." + string(field.Name())
		switch {
		case field.Message() != nil && field.IsList():
			for i := range m.Get(field).List().Len() {
				paths = append(paths, visible(m.Get(field).List().Get(i).Message(), reached, exceptions, fmt.Sprint(at, i))...)
			}
			paths = append(paths, at)
		case field.Message() != nil:
			paths = append(append(paths, at), visible(m.Get(field).Message(), reached, exceptions, at)...)
		default:
			paths = append(paths, at)
		}
	}
	return paths
}

// present lists the paths of what is there.
func present(m protoreflect.Message) []string {
	everything := map[string]tandemv1.Disclosure{"": tandemv1.Disclosure_NEVER + 1}
	return visible(m, tandemv1.Disclosure_NEVER+1, everything, "")
}

// Every role, in every relation to a message, at every property of it: what lies
// beyond the step is gone, what lies before it is there.
func TestEveryRoleInEveryRelationAtEveryProperty(t *testing.T) {
	const mine, other, third = "firms/mine", "firms/other", "firms/third"
	public, published, own, staff := tandemv1.Disclosure_PUBLIC, tandemv1.Disclosure_PUBLISHED, tandemv1.Disclosure_OWN, tandemv1.Disclosure_STAFF
	firms := []tandemv1.Role{tandemv1.Role_FIRM_PENDING, tandemv1.Role_FIRM, tandemv1.Role_FIRM_SUSPENDED}
	if published >= tandemv1.Disclosure_MUTUAL_INTEREST || tandemv1.Disclosure_MUTUAL_INTEREST >= own || own >= staff || staff >= tandemv1.Disclosure_NEVER {
		t.Fatal("the steps are not in their order")
	}
	triples := 0
	for _, test := range []struct {
		relation   string
		message    proto.Message
		reached    func(tandemv1.Role) tandemv1.Disclosure
		exceptions map[string]tandemv1.Disclosure
	}{
		{"own firm", named[*tandemv1.Firm](t, "name", mine), atMost(own, firms...), nil},
		{"another firm", named[*tandemv1.Firm](t, "name", other), atMost(public), nil},
		{"nameless firm", named[*tandemv1.Firm](t, "name", ""), atMost(public), nil},
		{"list with another firm", full(t, (&tandemv1.ListFirmsResponse{}).ProtoReflect().Descriptor()).Interface(), atMost(public), nil},
		{
			"own pairing, first", pairing(t, mine, other), atMost(published, tandemv1.Role_FIRM),
			map[string]tandemv1.Disclosure{".first": own},
		},
		{
			"own pairing, second", pairing(t, other, mine), atMost(published, tandemv1.Role_FIRM),
			map[string]tandemv1.Disclosure{".second": own},
		},
		{"pairing of others", pairing(t, other, third), atMost(public), nil},
		{"pairing of a firm whose id holds one's own", pairing(t, "firms/mine-too", "firms/not-mine"), atMost(public), nil},
		{"own credential", named[*tandemv1.Credential](t, "firm", mine), atMost(own, firms...), nil},
		{"credential of another", named[*tandemv1.Credential](t, "firm", other), atMost(public), nil},
		{"credential of no firm", named[*tandemv1.Credential](t, "firm", ""), atMost(public), nil},
		{
			"registration", named[*tandemv1.RegisterFirmResponse](t, "credential", "tnd_secret"),
			atMost(own, append(firms, tandemv1.Role_ANONYMOUS, tandemv1.Role_ROLE_UNSPECIFIED)...), nil,
		},
		{
			"claim", named[*tandemv1.ClaimFirmResponse](t, "credential", "tnd_secret"),
			atMost(own, append(firms, tandemv1.Role_ANONYMOUS, tandemv1.Role_ROLE_UNSPECIFIED)...), nil,
		},
		{"audit entry of one's own", named[*tandemv1.AuditEntry](t, "actor", mine), atMost(public), nil},
		{"invitation of one's own firm", named[*tandemv1.Invitation](t, "firm", mine), atMost(public), nil},
	} {
		for _, role := range append([]tandemv1.Role{tandemv1.Role_ROLE_UNSPECIFIED}, columns...) {
			c := access.Caller{Role: role}
			if slices.Contains(firms, role) {
				c.Firm = mine
			}
			reached := test.reached(role)
			exceptions := test.exceptions
			if reached == staff || reached == public {
				exceptions = nil // staff see all there is; where nothing of the pairing shows, its firms do not
			}
			got := proto.Clone(test.message)
			access.Filter(c, got)
			want := visible(test.message.ProtoReflect(), reached, exceptions, "")
			if diff := cmp.Diff(want, present(got.ProtoReflect())); diff != "" {
				t.Errorf("%s, %s: want (-) and got (+) differ:\n%s", role, test.relation, diff)
			}
			triples += len(present(test.message.ProtoReflect()))
		}
	}
	if triples < 5000 {
		t.Errorf("tried %d triples: the test does not see the messages whole", triples)
	}
}

// atMost returns the step that each role reaches: staff theirs, the roles named
// the step named, everybody else PUBLIC.
func atMost(step tandemv1.Disclosure, roles ...tandemv1.Role) func(tandemv1.Role) tandemv1.Disclosure {
	return func(role tandemv1.Role) tandemv1.Disclosure {
		switch {
		case role == tandemv1.Role_ORGANISER, role == tandemv1.Role_AUDITOR, role == tandemv1.Role_INTEGRATION:
			return tandemv1.Disclosure_STAFF
		case slices.Contains(roles, role):
			return step
		default:
			return tandemv1.Disclosure_PUBLIC
		}
	}
}

// Whatever the message, no text reaches a caller below its step, and nothing that
// is input only reaches anybody.
func TestNoCanaryPasses(t *testing.T) {
	for _, message := range messages() {
		for _, role := range columns {
			m := full(t, message).Interface()
			access.Filter(access.Caller{Role: role, Firm: "firms/mine"}, m)
			staff := access.Caller{Role: role}.Staff()
			walk(m.ProtoReflect(), func(field protoreflect.FieldDescriptor) {
				step := access.Step(field)
				if step == tandemv1.Disclosure_NEVER || step == tandemv1.Disclosure_STAFF && !staff {
					t.Errorf("%s sees %s in %s", role, field.FullName(), message.FullName())
				}
			})
		}
	}
}

func walk(m protoreflect.Message, visit func(protoreflect.FieldDescriptor)) {
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		visit(field)
		switch {
		case field.Message() == nil || field.IsMap():
		case field.IsList():
			for i := range value.List().Len() {
				walk(value.List().Get(i).Message(), visit)
			}
		default:
			walk(value.Message(), visit)
		}
		return true
	})
}

// What a newer program wrote and this contract does not know shows to nobody.
func TestUnknownPropertiesNeverPass(t *testing.T) {
	m := &tandemv1.Firm{Name: "firms/mine", Offers: []*tandemv1.Offer{{Capability: "steel"}}}
	m.ProtoReflect().SetUnknown([]byte{0xfa, 0x3e, 1, 'x'})
	m.Offers[0].ProtoReflect().SetUnknown([]byte{0xfa, 0x3e, 1, 'x'})
	access.Filter(access.Caller{Role: tandemv1.Role_ORGANISER}, m)
	if len(m.ProtoReflect().GetUnknown())+len(m.Offers[0].ProtoReflect().GetUnknown()) > 0 {
		t.Error("an unknown property passes")
	}
}

func packed(t *testing.T, m proto.Message) *anypb.Any {
	t.Helper()
	a, err := anypb.New(m)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A packed message is looked into; what cannot be is dropped.
func TestPackedMessages(t *testing.T) {
	metadata := &tandemv1.MatchRunMetadata{MatchRun: "matchRuns/r1", Done: 3}
	firm := &tandemv1.Firm{Name: "firms/other", Offers: []*tandemv1.Offer{{Capability: "steel", Text: "plate"}}}
	failure := &rpcstatus.Status{Code: 3, Details: []*anypb.Any{packed(t, &errdetails.ErrorInfo{Reason: "X", Metadata: map[string]string{"a": "b"}})}}
	for _, test := range []struct {
		name            string
		role            tandemv1.Role
		operation, want *longrunningpb.Operation
	}{
		{
			"staff", tandemv1.Role_AUDITOR,
			&longrunningpb.Operation{Name: "operations/1", Metadata: packed(t, metadata)},
			&longrunningpb.Operation{Name: "operations/1", Metadata: packed(t, metadata)},
		},
		{
			"firm", tandemv1.Role_FIRM,
			&longrunningpb.Operation{Name: "operations/1", Metadata: packed(t, metadata)},
			&longrunningpb.Operation{Name: "operations/1", Metadata: packed(t, &tandemv1.MatchRunMetadata{})},
		},
		{
			"input only", tandemv1.Role_ORGANISER,
			&longrunningpb.Operation{Result: &longrunningpb.Operation_Response{Response: packed(t, firm)}},
			&longrunningpb.Operation{Result: &longrunningpb.Operation_Response{Response: packed(t, &tandemv1.Firm{
				Name: "firms/other", Offers: []*tandemv1.Offer{{Capability: "steel"}},
			})}},
		},
		{
			"unknown type", tandemv1.Role_ORGANISER,
			&longrunningpb.Operation{Metadata: &anypb.Any{TypeUrl: "type.googleapis.com/example.Other", Value: []byte("secret")}},
			&longrunningpb.Operation{Metadata: &anypb.Any{}},
		},
		{
			"damaged", tandemv1.Role_ORGANISER,
			&longrunningpb.Operation{Metadata: &anypb.Any{TypeUrl: packed(t, metadata).TypeUrl, Value: []byte{0xff}}},
			&longrunningpb.Operation{Metadata: &anypb.Any{}},
		},
		{
			"error with a map", tandemv1.Role_ORGANISER,
			&longrunningpb.Operation{Result: &longrunningpb.Operation_Error{Error: failure}},
			&longrunningpb.Operation{Result: &longrunningpb.Operation_Error{Error: proto.CloneOf(failure)}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			access.Filter(access.Caller{Role: test.role, Firm: "firms/mine"}, test.operation)
			if diff := cmp.Diff(test.want, test.operation, protocmp.Transform()); diff != "" {
				t.Errorf("want (-) and got (+) differ:\n%s", diff)
			}
		})
	}
}

// A property that somebody forgets to declare shows to nobody, not to everybody.
func TestUndeclaredPropertiesNeverPass(t *testing.T) {
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("forgotten.proto"), Package: proto.String("tandem.v1"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{
			Name: proto.String("Forgotten"),
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name: proto.String("text"), Number: proto.Int32(1), Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
				Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(), JsonName: proto.String("text"),
			}},
		}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := dynamicpb.NewMessage(file.Messages().Get(0))
	field := m.Descriptor().Fields().Get(0)
	m.Set(field, protoreflect.ValueOfString("secret"))
	access.Filter(access.Caller{Role: tandemv1.Role_ORGANISER}, m)
	if m.Has(field) {
		t.Error("a property without a step passes")
	}
}
