package main

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

const (
	schemaPrefix = "#/components/schemas/"
	dateType     = protoreflect.FullName("google.type.Date")
	errorSchema  = "Error"
)

// verbs are the keys of a path item that hold operations.
var verbs = []string{"get", "put", "post", "delete", "patch"}

// editor walks the document beside the contract.
type editor struct {
	doc      *yaml.Node
	contract *protoregistry.Files

	messages map[string]protoreflect.MessageDescriptor // by schema name
	methods  map[string]protoreflect.MethodDescriptor  // by operation id
}

// index finds the descriptor behind each name that the plugin gives.
func (e *editor) index() {
	e.messages = make(map[string]protoreflect.MessageDescriptor)
	e.methods = make(map[string]protoreflect.MethodDescriptor)
	var walk func(protoreflect.MessageDescriptors)
	walk = func(list protoreflect.MessageDescriptors) {
		for i := range list.Len() {
			message := list.Get(i)
			e.messages[schemaName(message)] = message
			walk(message.Messages())
		}
	}
	for _, file := range e.files() {
		walk(file.Messages())
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				e.methods[string(service.Name())+"_"+string(method.Name())] = method
			}
		}
	}
}

// files returns the contract's files in path order, ours last: where a name
// occurs twice, ours is meant.
func (e *editor) files() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	e.contract.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		files = append(files, file)
		return true
	})
	slices.SortFunc(files, func(a, b protoreflect.FileDescriptor) int { return strings.Compare(a.Path(), b.Path()) })
	return files
}

// schemas finishes the properties of every message.
func (e *editor) schemas() error {
	schemas := get(get(e.doc, "components"), "schemas")
	for _, name := range keys(schemas) {
		message, ok := e.messages[name]
		if !ok {
			continue // a schema of the plugin's own, such as the one for Any
		}
		schema := get(schemas, name)
		properties := get(schema, "properties")
		for _, property := range keys(properties) {
			field := message.Fields().ByJSONName(property)
			if field == nil {
				return fmt.Errorf("schema %s: the contract's %s has no field %s", name, message.FullName(), property)
			}
			e.finishField(get(properties, property), field)
			if fieldRules(field).GetRequired() {
				requireProperty(schema, property)
			}
		}
	}
	return nil
}

// operations finishes query parameters and error answers.
func (e *editor) operations() {
	paths := get(e.doc, "paths")
	for _, path := range keys(paths) {
		item := get(paths, path)
		for _, verb := range verbs {
			operation := get(item, verb)
			if operation == nil {
				continue
			}
			e.finishOperation(operation, verb == "patch")
		}
	}
}

func (e *editor) finishOperation(operation *yaml.Node, patch bool) {
	set(get(operation, "responses"), "default", mapping(
		"description", text("Why the request was refused."),
		"content", mapping("application/json", mapping("schema", mapping("$ref", text(schemaPrefix+errorSchema)))),
	))
	method, ok := e.methods[get(operation, "operationId").Value]
	if !ok {
		return
	}
	if about := comment(method); get(operation, "description") == nil && about != "" {
		set(operation, "description", text(about))
	}
	if description := get(operation, "description"); description != nil && get(operation, "summary") == nil {
		set(operation, "summary", text(firstSentence(description.Value)))
	}
	roles, own := e.callers(method)
	addCallers(operation, roles, own)
	variables, wholeBody := pathVariables(method)
	if wholeBody {
		e.dropFromBody(method.Input(), variables)
	}
	if patch {
		e.loosen(operation)
	}
	parameters := get(operation, "parameters")
	if parameters == nil {
		return
	}
	for _, parameter := range parameters.Content {
		schema := get(parameter, "schema")
		field := fieldAt(method.Input(), get(parameter, "name").Value)
		switch {
		case schema == nil:
		case get(parameter, "in").Value == "path" && len(variables) == 1:
			if pattern := variables[0].pathPattern(); pattern != "" {
				set(schema, "pattern", text(pattern))
			}
		case field != nil:
			e.finishField(schema, field)
		}
	}
}

// dropFromBody takes out of a request's schema what stands in the path already.
// The schema serves this one operation, as each request message does.
func (e *editor) dropFromBody(request protoreflect.MessageDescriptor, variables []variable) {
	schema := get(get(get(e.doc, "components"), "schemas"), schemaName(request))
	for _, v := range variables {
		field := request.Fields().ByName(v.top)
		if schema == nil || field == nil {
			continue
		}
		remove(get(schema, "properties"), field.JSONName())
		if required := get(schema, "required"); required != nil {
			required.Content = slices.DeleteFunc(required.Content, func(n *yaml.Node) bool { return n.Value == field.JSONName() })
			if len(required.Content) == 0 {
				remove(schema, "required")
			}
		}
	}
}

// loosen gives an update a body of its own in which nothing is required: the
// update mask says what changes, and the rest may be left out.
func (e *editor) loosen(operation *yaml.Node) {
	body := get(get(get(get(operation, "requestBody"), "content"), "application/json"), "schema")
	reference := get(body, "$ref")
	if reference == nil {
		return
	}
	schemas := get(get(e.doc, "components"), "schemas")
	whole := get(schemas, strings.TrimPrefix(reference.Value, schemaPrefix))
	if whole == nil || get(whole, "required") == nil {
		return
	}
	part := mapping()
	for _, key := range keys(whole) {
		if key != "required" {
			set(part, key, get(whole, key))
		}
	}
	name := strings.TrimPrefix(reference.Value, schemaPrefix) + "Patch"
	set(schemas, name, part)
	set(body, "$ref", text(schemaPrefix+name))
}

// finishField adds to one property or parameter what its descriptor knows.
func (e *editor) finishField(schema *yaml.Node, field protoreflect.FieldDescriptor) {
	element := schema
	switch {
	case field.IsMap():
		field, element = field.MapValue(), get(schema, "additionalProperties")
	case field.IsList():
		element = get(schema, "items")
	}
	switch {
	case element == nil:
		return
	case field.Kind() == protoreflect.EnumKind && get(element, "enum") != nil:
		e.refer(element, string(enumName(field.Enum())), enumSchema(field.Enum()))
	case field.Kind() == protoreflect.MessageKind && field.Message().FullName() == dateType && get(element, "format") != nil:
		e.refer(element, "Date", dateSchema())
	}
	addLimits(schema, fieldRules(field))
}

// refer turns a schema that spells a type out into a reference to a named one,
// which is added to the components where it is missing.
func (e *editor) refer(schema *yaml.Node, name string, definition *yaml.Node) {
	for _, key := range []string{"type", "format", "enum"} {
		remove(schema, key)
	}
	reference := mapping("$ref", text(schemaPrefix+name))
	if len(schema.Content) == 0 {
		*schema = *reference
	} else {
		// OpenAPI 3.0 ignores whatever stands beside $ref.
		set(schema, "allOf", sequence(reference))
	}
	schemas := get(get(e.doc, "components"), "schemas")
	if get(schemas, name) == nil {
		set(schemas, name, definition)
	}
}

// fieldAt follows a dotted parameter name, such as firm.displayName.
func fieldAt(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	head, rest, nested := strings.Cut(name, ".")
	field := message.Fields().ByJSONName(head)
	switch {
	case field == nil || !nested:
		return field
	case field.Message() == nil:
		return nil
	}
	return fieldAt(field.Message(), rest)
}

func schemaName(message protoreflect.MessageDescriptor) string {
	if parent, ok := message.Parent().(protoreflect.MessageDescriptor); ok {
		return string(parent.Name()) + "_" + string(message.Name())
	}
	return string(message.Name())
}

func enumName(enum protoreflect.EnumDescriptor) string {
	if parent, ok := enum.Parent().(protoreflect.MessageDescriptor); ok {
		return string(parent.Name()) + "_" + string(enum.Name())
	}
	return string(enum.Name())
}

// enumSchema lists the values, and in its description what each one means.
func enumSchema(enum protoreflect.EnumDescriptor) *yaml.Node {
	values := sequence()
	var doc strings.Builder
	doc.WriteString(comment(enum))
	for i := range enum.Values().Len() {
		value := enum.Values().Get(i)
		values.Content = append(values.Content, text(string(value.Name())))
		if about := comment(value); about != "" {
			doc.WriteString("\n\n- `" + string(value.Name()) + "`: " + about)
		}
	}
	return mapping("type", text("string"), "enum", values, "description", text(strings.TrimSpace(doc.String())))
}

// dateSchema is google.type.Date in the JSON mapping.
func dateSchema() *yaml.Node {
	part := func(about string, highest string) *yaml.Node {
		return mapping("type", text("integer"), "format", text("int32"), "minimum", number("0"), "maximum", number(highest), "description", text(about))
	}
	return mapping(
		"type", text("object"),
		"description", text("A calendar date, without a time zone."),
		"properties", mapping(
			"year", part("Year, or 0 where a date has none.", "9999"),
			"month", part("Month, or 0 where only the year is known.", "12"),
			"day", part("Day of the month, or 0 where only year and month are known.", "31"),
		))
}

func comment(d protoreflect.Descriptor) string {
	return unindent(d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments)
}

// firstSentence is what the page shows of an operation before it is opened.
func firstSentence(description string) string {
	line, _, _ := strings.Cut(unindent(description), "\n")
	sentence, _, _ := strings.Cut(line, ". ")
	return strings.TrimSuffix(sentence, ".")
}

// unindent takes the space after each // out of a comment.
func unindent(comment string) string {
	lines := strings.Split(comment, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// tidy gives the overlay's part the layout of the rest, and unindents every
// description: the plugin does so for the first line only.
func tidy(node *yaml.Node) {
	node.Style &^= yaml.FlowStyle
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 1 && node.Content[i-1].Value == "description" && child.Kind == yaml.ScalarNode {
			child.SetString(unindent(child.Value))
		}
		tidy(child)
	}
}
