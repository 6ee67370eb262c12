package main

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// accessOption is the contract's own method option. Its Go type belongs to the
// code that is generated here, so it is read by reflection.
const (
	accessOption  = protoreflect.FullName("tandem.v1.access")
	anonymousRole = "ANONYMOUS"
)

// pathVariable matches {name=firms/*} in an HTTP rule.
var pathVariable = regexp.MustCompile(`\{([a-z0-9_.]+)=([a-zA-Z]+)/\*\}`)

// variable is the part of a path that fills a field of the request.
type variable struct {
	field      protoreflect.FieldDescriptor
	top        protoreflect.Name // the request's own field, of which field may be a part
	collection string
}

// pathVariables returns the variables of a method's first HTTP rule, and
// whether the rest of the request is its body.
func pathVariables(method protoreflect.MethodDescriptor) (variables []variable, wholeBody bool) {
	rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	path := rule.GetGet() + rule.GetPost() + rule.GetPatch() + rule.GetPut() + rule.GetDelete()
	for _, match := range pathVariable.FindAllStringSubmatch(path, -1) {
		names := strings.Split(match[1], ".")
		message := method.Input()
		var field protoreflect.FieldDescriptor
		for _, name := range names {
			if field = message.Fields().ByName(protoreflect.Name(name)); field == nil {
				break
			}
			message = field.Message()
		}
		if field != nil {
			variables = append(variables, variable{field: field, top: protoreflect.Name(names[0]), collection: match[2]})
		}
	}
	return variables, rule.GetBody() == "*"
}

// pathPattern turns the pattern of a whole name, ^firms/X$, into that of the
// id in the path, ^X$; "" where the name's pattern is of another form.
func (v variable) pathPattern() string {
	id, ok := strings.CutPrefix(fieldRules(v.field).GetString().GetPattern(), "^"+v.collection+"/")
	if !ok {
		return ""
	}
	return "^" + id
}

// callers returns the roles that may call a method, and those that may call it on their own firm.
func (e *editor) callers(method protoreflect.MethodDescriptor) (roles, own []string) {
	extension, err := e.contract.FindDescriptorByName(accessOption)
	if err != nil {
		return nil, nil // another service's contract
	}
	raw, err := proto.Marshal(method.Options())
	if err != nil {
		return nil, nil
	}
	// Read again, this time with the contract's own options known.
	options := &descriptorpb.MethodOptions{}
	if err := (proto.UnmarshalOptions{Resolver: dynamicpb.NewTypes(e.contract)}).Unmarshal(raw, options); err != nil {
		return nil, nil
	}
	kind := dynamicpb.NewExtensionType(extension.(protoreflect.ExtensionDescriptor)).TypeDescriptor()
	var access protoreflect.Message
	options.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.FullName() == kind.FullName() {
			access = value.Message()
		}
		return access == nil
	})
	if access == nil {
		return nil, nil
	}
	return enumNames(access, "roles"), enumNames(access, "own")
}

// enumNames returns the names of a repeated enum field's values.
func enumNames(message protoreflect.Message, name protoreflect.Name) []string {
	field := message.Descriptor().Fields().ByName(name)
	if field == nil {
		return nil
	}
	var names []string
	list := message.Get(field).List()
	for i := range list.Len() {
		if value := field.Enum().Values().ByNumber(list.Get(i).Enum()); value != nil {
			names = append(names, string(value.Name()))
		}
	}
	return names
}

// addCallers says in an operation's description who may call it, and that
// nobody needs a credential where nobody does.
func addCallers(operation *yaml.Node, roles, own []string) {
	var sentence strings.Builder
	if len(roles) > 0 {
		sentence.WriteString("Callers: " + strings.Join(roles, ", ") + ".")
	}
	if len(own) > 0 {
		if sentence.Len() > 0 {
			sentence.WriteString(" ")
		}
		sentence.WriteString("For its own firm: " + strings.Join(own, ", ") + ".")
	}
	if sentence.Len() == 0 {
		return
	}
	description := sentence.String()
	if old := get(operation, "description"); old != nil {
		description = old.Value + "\n\n" + description
	}
	set(operation, "description", text(description))
	for _, role := range roles {
		if role == anonymousRole {
			set(operation, "security", sequence(mapping(), mapping("credential", sequence())))
		}
	}
}
