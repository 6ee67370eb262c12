package main

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	protoset = "../../tandem/v1/tandem.protoset"
	document = "../../tandem/v1/openapi.yaml"
)

// committed reads the finished document and the contract that it describes.
func committed(t *testing.T) editor {
	t.Helper()
	contract, err := readProtoset(protoset)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := readYAML(document)
	if err != nil {
		t.Fatal(err)
	}
	e := editor{doc: doc.Content[0], contract: contract}
	e.index()
	return e
}

// operations returns every operation of the document by its id.
func operations(t *testing.T, e editor) map[string]*yaml.Node {
	t.Helper()
	found := make(map[string]*yaml.Node)
	paths := get(e.doc, "paths")
	for _, path := range keys(paths) {
		for _, verb := range verbs {
			operation := get(get(paths, path), verb)
			if operation == nil {
				continue
			}
			id := get(operation, "operationId").Value
			if found[id] != nil {
				t.Errorf("operation %s occurs twice", id)
			}
			found[id] = operation
		}
	}
	return found
}

// whyNot lists the methods that REST does not offer.
var whyNot = map[string]string{
	"Operations_WaitOperation":     "no HTTP rule: REST polls GetOperation",
	"Operations_DeleteOperation":   "refused: operations are views of match runs, which are kept",
	"ChangeService_WatchChanges":   "a stream without an end: REST asks ListChanges to wait",
	"PairingService_WatchPartners": "a stream without an end: REST asks AwaitPartners",
}

// A method that no path leads to is invisible to REST users: either it has an
// HTTP rule or the overlay describes its hand-written handler.
func TestEveryMethodIsDescribed(t *testing.T) {
	e := committed(t)
	described := operations(t, e)
	for id, method := range e.methods {
		if whyNot[id] != "" {
			continue
		}
		operation := described[id]
		if operation == nil {
			t.Errorf("method %s: no operation in %s", id, document)
			continue
		}
		if method.ParentFile().Package() == "tandem.v1" && !strings.Contains(get(operation, "description").Value, "Callers: ") &&
			!strings.Contains(get(operation, "description").Value, "For its own firm: ") {
			t.Errorf("method %s: its description does not say who may call it", id)
		}
	}
	for id := range described {
		if e.methods[id] == nil || whyNot[id] != "" {
			t.Errorf("operation %s: REST offers no such method of the contract", id)
		}
	}
}

func TestEveryReferenceResolves(t *testing.T) {
	e := committed(t)
	schemas := get(get(e.doc, "components"), "schemas")
	used := make(map[string]bool)
	var walk func(*yaml.Node)
	walk = func(node *yaml.Node) {
		if reference := get(node, "$ref"); reference != nil {
			name := strings.TrimPrefix(reference.Value, schemaPrefix)
			used[name] = true
			if get(schemas, name) == nil {
				t.Errorf("line %d: %s leads nowhere", reference.Line, reference.Value)
			}
		}
		for _, child := range node.Content {
			walk(child)
		}
	}
	walk(e.doc)
	for _, name := range keys(schemas) {
		if !used[name] {
			t.Errorf("schema %s is never referred to", name)
		}
	}
}

// TestLimitsReachTheDocument looks at one limit of each kind.
func TestLimitsReachTheDocument(t *testing.T) {
	e := committed(t)
	schemas := get(get(e.doc, "components"), "schemas")
	limits := make(map[string]int)
	for _, name := range keys(schemas) {
		message, ok := e.messages[name]
		if !ok {
			continue
		}
		properties := get(get(schemas, name), "properties")
		for _, property := range keys(properties) {
			field := message.Fields().ByJSONName(property)
			schema := get(properties, property)
			rules := fieldRules(field)
			check := func(key string, known bool) {
				if known {
					limits[key]++
					if get(schema, key) == nil {
						t.Errorf("%s: no %s", field.FullName(), key)
					}
				}
			}
			check("maxLength", rules.GetString().HasMaxLen())
			check("maxItems", rules.GetRepeated().HasMaxItems())
			check("maximum", rules.GetInt32().HasLte())
			check("minimum", rules.GetInt32().HasGte())
			check("pattern", rules.GetString().HasPattern())
		}
	}
	for _, key := range []string{"maxLength", "maxItems", "maximum", "minimum", "pattern"} {
		if limits[key] == 0 {
			t.Errorf("the contract has no rule for %s: this test proves nothing about it", key)
		}
	}
}

func TestNamesInPathsStandNowhereElse(t *testing.T) {
	e := committed(t)
	schemas := get(get(e.doc, "components"), "schemas")
	for id, operation := range operations(t, e) {
		variables, wholeBody := pathVariables(e.methods[id])
		if !wholeBody {
			continue
		}
		schema := get(schemas, schemaName(e.methods[id].Input()))
		for _, v := range variables {
			if get(get(schema, "properties"), v.field.JSONName()) != nil {
				t.Errorf("%s: %s is in the path and in the body", id, v.field.JSONName())
			}
		}
		if get(operation, "requestBody") == nil {
			t.Errorf("%s: no body", id)
		}
	}
}

func TestEnumsSayWhatTheirValuesMean(t *testing.T) {
	e := committed(t)
	mode := get(get(get(e.doc, "components"), "schemas"), "Mode")
	descriptor, err := e.contract.FindDescriptorByName("tandem.v1.Mode")
	if err != nil {
		t.Fatal(err)
	}
	values := descriptor.(protoreflect.EnumDescriptor).Values()
	if got, want := len(get(mode, "enum").Content), values.Len(); got != want {
		t.Errorf("Mode has %d values, want %d", got, want)
	}
	for i := range values.Len() {
		if name := string(values.Get(i).Name()); !strings.Contains(get(mode, "description").Value, "`"+name+"`: ") {
			t.Errorf("the description of Mode does not explain %s", name)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, test := range []struct{ name, base, overlay, want string }{
		{"adds", "a: 1\n", "b: 2\n", "a: 1\nb: 2\n"},
		{"replaces a scalar", "a: 1\n", "a: 2\n", "a: 2\n"},
		{"descends", "a:\n  x: 1\n", "a:\n  y: 2\n", "a:\n  x: 1\n  y: 2\n"},
		{"takes out", "a: 1\nb: 2\n", "a: null\n", "b: 2\n"},
		{"replaces a list", "a: [1, 2]\n", "a: [3]\n", "a: [3]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var base, overlay yaml.Node
			for node, source := range map[*yaml.Node]string{&base: test.base, &overlay: test.overlay} {
				if err := yaml.Unmarshal([]byte(source), node); err != nil {
					t.Fatal(err)
				}
			}
			merge(base.Content[0], overlay.Content[0])
			var got strings.Builder
			encoder := yaml.NewEncoder(&got)
			encoder.SetIndent(2)
			if err := encoder.Encode(&base); err != nil {
				t.Fatal(err)
			}
			if got.String() != test.want {
				t.Errorf("got\n%s\nwant\n%s", got.String(), test.want)
			}
		})
	}
}
