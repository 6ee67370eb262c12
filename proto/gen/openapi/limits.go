package main

import (
	"strconv"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// fieldRules returns the validation rules of a field; nil, which answers with
// zero values, where it has none.
func fieldRules(field protoreflect.FieldDescriptor) *validate.FieldRules {
	rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	return rules
}

// addLimits writes the rules that JSON Schema can express. Rules in CEL and those on 64-bit
// integers (JSON strings) and bytes (base64) stay the server's alone.
func addLimits(schema *yaml.Node, rules *validate.FieldRules) {
	switch rule := rules.GetType().(type) {
	case *validate.FieldRules_String_:
		stringLimits(schema, rule.String_)
	case *validate.FieldRules_Int32:
		numberLimits(schema, rule.Int32)
	case *validate.FieldRules_Uint32:
		numberLimits(schema, rule.Uint32)
	case *validate.FieldRules_Double:
		numberLimits(schema, rule.Double)
	case *validate.FieldRules_Repeated:
		count(schema, "minItems", rule.Repeated.HasMinItems(), rule.Repeated.GetMinItems())
		count(schema, "maxItems", rule.Repeated.HasMaxItems(), rule.Repeated.GetMaxItems())
		if rule.Repeated.GetUnique() {
			set(schema, "uniqueItems", truth())
		}
		if items := get(schema, "items"); items != nil {
			addLimits(items, rule.Repeated.GetItems())
		}
	case *validate.FieldRules_Map:
		count(schema, "minProperties", rule.Map.HasMinPairs(), rule.Map.GetMinPairs())
		count(schema, "maxProperties", rule.Map.HasMaxPairs(), rule.Map.GetMaxPairs())
		if values := get(schema, "additionalProperties"); values != nil {
			addLimits(values, rule.Map.GetValues())
		}
	}
}

func stringLimits(schema *yaml.Node, rules *validate.StringRules) {
	count(schema, "minLength", rules.HasMinLen(), rules.GetMinLen())
	count(schema, "maxLength", rules.HasMaxLen(), rules.GetMaxLen())
	if rules.HasLen() {
		count(schema, "minLength", true, rules.GetLen())
		count(schema, "maxLength", true, rules.GetLen())
	}
	// RE2's inline flags have no counterpart in ECMA-262.
	if pattern := rules.GetPattern(); pattern != "" && !strings.HasPrefix(pattern, "(?") {
		set(schema, "pattern", text(pattern))
	}
	if len(rules.GetIn()) > 0 {
		values := sequence()
		for _, value := range rules.GetIn() {
			values.Content = append(values.Content, text(value))
		}
		set(schema, "enum", values)
	}
	switch {
	case rules.GetEmail():
		set(schema, "format", text("email"))
	case rules.GetUri():
		set(schema, "format", text("uri"))
	case rules.GetUuid():
		set(schema, "format", text("uuid"))
	case rules.GetHostname():
		set(schema, "format", text("hostname"))
	}
}

// bounds is what the rules of all number kinds share.
type bounds[N any] interface {
	HasGte() bool
	GetGte() N
	HasGt() bool
	GetGt() N
	HasLte() bool
	GetLte() N
	HasLt() bool
	GetLt() N
}

func numberLimits[N int32 | uint32 | float64](schema *yaml.Node, rules bounds[N]) {
	limit := func(key string, value N) {
		set(schema, key, number(strconv.FormatFloat(float64(value), 'f', -1, 64)))
	}
	exclusive := func(key string) {
		set(schema, key, truth())
	}
	switch {
	case rules.HasGte():
		limit("minimum", rules.GetGte())
	case rules.HasGt():
		limit("minimum", rules.GetGt())
		exclusive("exclusiveMinimum")
	}
	switch {
	case rules.HasLte():
		limit("maximum", rules.GetLte())
	case rules.HasLt():
		limit("maximum", rules.GetLt())
		exclusive("exclusiveMaximum")
	}
}

func count(schema *yaml.Node, key string, known bool, value uint64) {
	if known {
		set(schema, key, number(strconv.FormatUint(value, 10)))
	}
}

// requireProperty adds a property to the schema's list of required ones.
func requireProperty(schema *yaml.Node, property string) {
	list := get(schema, "required")
	if list == nil {
		list = sequence()
		set(schema, "required", list)
	}
	for _, item := range list.Content {
		if item.Value == property {
			return
		}
	}
	list.Content = append(list.Content, text(property))
}
