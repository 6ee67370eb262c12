package main

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// queryKey stands in the overlay's operations and names the message whose
// fields are the query, so that the overlay repeats no field of the contract.
// The field called name is left out: it is in the path.
const queryKey = "x-query"

// wellKnown is the JSON mapping of messages that are no JSON objects.
var wellKnown = map[protoreflect.FullName][2]string{
	"google.protobuf.Timestamp": {"string", "date-time"},
	"google.protobuf.Duration":  {"string", "duration"},
	"google.protobuf.FieldMask": {"string", "field-mask"},
}

// queries writes out the query parameters of the overlay's operations.
func (e *editor) queries() error {
	paths := get(e.doc, "paths")
	for _, path := range keys(paths) {
		for _, verb := range verbs {
			operation := get(get(paths, path), verb)
			named := get(operation, queryKey)
			if named == nil {
				continue
			}
			remove(operation, queryKey)
			descriptor, err := e.contract.FindDescriptorByName(protoreflect.FullName(named.Value))
			if err != nil {
				return fmt.Errorf("%s %s: %s %s: %w", verb, path, queryKey, named.Value, err)
			}
			message, ok := descriptor.(protoreflect.MessageDescriptor)
			if !ok {
				return fmt.Errorf("%s %s: %s %s: want a message", verb, path, queryKey, named.Value)
			}
			parameters := get(operation, "parameters")
			if parameters == nil {
				parameters = sequence()
				set(operation, "parameters", parameters)
			}
			for i := range message.Fields().Len() {
				if field := message.Fields().Get(i); field.Name() != "name" {
					parameters.Content = append(parameters.Content, e.parameter(field))
				}
			}
		}
	}
	return nil
}

func (e *editor) parameter(field protoreflect.FieldDescriptor) *yaml.Node {
	parameter := mapping("name", text(field.JSONName()), "in", text("query"))
	if about := comment(field); about != "" {
		set(parameter, "description", text(about))
	}
	if isRequired(field) {
		set(parameter, "required", truth())
	}
	schema := e.describe(field)
	e.finishField(schema, field)
	set(parameter, "schema", schema)
	return parameter
}

// missing describes the messages that something refers to and the plugin left
// out, because no HTTP rule leads to them; and those that these refer to.
func (e *editor) missing() error {
	schemas := get(get(e.doc, "components"), "schemas")
	for {
		name := firstDangling(e.doc, schemas)
		if name == "" {
			return nil
		}
		message, ok := e.messages[name]
		if !ok {
			return fmt.Errorf("schema %s is referred to, and the contract has no such message", name)
		}
		properties, required := mapping(), sequence()
		for i := range message.Fields().Len() {
			field := message.Fields().Get(i)
			property := e.describe(field)
			if about := comment(field); about != "" {
				if reference := get(property, "$ref"); reference != nil {
					property = mapping("allOf", sequence(property))
				}
				set(property, "description", text(about))
			}
			set(properties, field.JSONName(), property)
			if isRequired(field) {
				required.Content = append(required.Content, text(field.JSONName()))
			}
		}
		schema := mapping("type", text("object"), "properties", properties)
		if len(required.Content) > 0 {
			set(schema, "required", required)
		}
		if about := comment(message); about != "" {
			set(schema, "description", text(about))
		}
		set(schemas, name, schema)
	}
}

// firstDangling returns the name of a schema that is referred to and missing;
// "" where there is none. Enums and dates come later, with the fields' limits.
func firstDangling(node, schemas *yaml.Node) string {
	if reference := get(node, "$ref"); reference != nil {
		if name, ok := strings.CutPrefix(reference.Value, schemaPrefix); ok && get(schemas, name) == nil {
			return name
		}
	}
	for _, child := range node.Content {
		if name := firstDangling(child, schemas); name != "" {
			return name
		}
	}
	return ""
}

// describe is a field's schema as the plugin would write it, enums spelled out
// without their values.
func (e *editor) describe(field protoreflect.FieldDescriptor) *yaml.Node {
	switch {
	case field.IsMap():
		return mapping("type", text("object"), "additionalProperties", e.describe(field.MapValue()))
	case field.IsList():
		return mapping("type", text("array"), "items", describeOne(field))
	}
	return describeOne(field)
}

func describeOne(field protoreflect.FieldDescriptor) *yaml.Node {
	switch field.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		if known, ok := wellKnown[field.Message().FullName()]; ok {
			return mapping("type", text(known[0]), "format", text(known[1]))
		}
		if field.Message().FullName() == dateType {
			return mapping("type", text("string"), "format", text("date"))
		}
		return mapping("$ref", text(schemaPrefix+schemaName(field.Message())))
	case protoreflect.EnumKind:
		return mapping("type", text("string"), "enum", sequence())
	case protoreflect.BoolKind:
		return mapping("type", text("boolean"))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind, protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return mapping("type", text("integer"), "format", text("int32"))
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return mapping("type", text("number"), "format", text(field.Kind().String()))
	case protoreflect.BytesKind:
		return mapping("type", text("string"), "format", text("byte"))
	default: // strings, and 64-bit integers, which JSON carries as strings
		return mapping("type", text("string"))
	}
}

func isRequired(field protoreflect.FieldDescriptor) bool {
	behaviors, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	for _, behavior := range behaviors {
		if behavior == annotations.FieldBehavior_REQUIRED {
			return true
		}
	}
	return fieldRules(field).GetRequired()
}
