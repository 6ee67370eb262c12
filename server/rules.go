package server

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"buf.build/go/protovalidate"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// holdTo holds a message against the rules of the contract.
func holdTo(validator protovalidate.Validator, m proto.Message) error {
	err := validator.Validate(m)
	var broken *protovalidate.ValidationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &broken):
		return fromValidation(broken, m.ProtoReflect().Descriptor())
	default: // a rule that cannot be computed
		return internalError(err)
	}
}

// fromValidation lists the rules of the contract that a message breaks.
func fromValidation(err *protovalidate.ValidationError, message protoreflect.MessageDescriptor) *Error {
	fields := make([]Violation, 0, len(err.Violations))
	for _, v := range err.Violations {
		path := protovalidate.FieldPathString(v.Proto.GetField())
		fields = append(fields, Violation{Field: path, says: brokenRule(v.Proto.GetRuleId(), fieldAt(message, path))})
	}
	return violations(tandemv1.Reason_FIELD_INVALID, fields...)
}

// fieldAt is the field at a path such as `firm.offers[0].trl`; nil where there is none.
func fieldAt(message protoreflect.MessageDescriptor, path string) (field protoreflect.FieldDescriptor) {
	for _, step := range strings.Split(path, ".") {
		if message == nil {
			return nil
		}
		name, _, _ := strings.Cut(step, "[")
		if field = message.Fields().ByName(protoreflect.Name(name)); field == nil {
			return nil
		}
		message = field.Message()
	}
	return field
}

// brokenRule says which rule a value breaks and what would be right. A test breaks every rule of the contract.
func brokenRule(id string, field protoreflect.FieldDescriptor) phrase {
	if field == nil {
		return say("error.rule.other", id)
	}
	rules, err := protovalidate.ResolveFieldRules(field)
	if err != nil {
		return say("error.rule.other", id)
	}
	if field.IsList() && !strings.HasPrefix(id, "repeated.") && id != "required" {
		rules = rules.GetRepeated().GetItems()
	}
	switch id {
	case "required", "string.min_len":
		return say("error.rule.required")
	case "enum.not_in":
		return say("error.rule.stated", enumNames(field.Enum()))
	case "enum.defined_only":
		return say("error.rule.enum", enumNames(field.Enum()))
	case "string.in":
		return say("error.rule.in", strings.Join(rules.GetString().GetIn(), ", "))
	case "string.max_len":
		return say("error.rule.max_len", count(rules.GetString().GetMaxLen()))
	case "string.pattern":
		return form(rules.GetString().GetPattern())
	case "string.email", "string.email_empty":
		return say("error.rule.email")
	case "bytes.max_len":
		return say("error.rule.max_bytes", count(rules.GetBytes().GetMaxLen()))
	case "repeated.min_items":
		return say("error.rule.min_items", count(rules.GetRepeated().GetMinItems()))
	case "repeated.max_items":
		return say("error.rule.max_items", count(rules.GetRepeated().GetMaxItems()))
	case "repeated.unique":
		return say("error.rule.unique")
	case "int32.gte":
		return say("error.rule.least", int(rules.GetInt32().GetGte()))
	case "int32.gte_lte":
		return say("error.rule.range", int(rules.GetInt32().GetGte()), int(rules.GetInt32().GetLte()))
	case "duration.gte_lte":
		return say("error.rule.seconds", int(rules.GetDuration().GetGte().GetSeconds()), int(rules.GetDuration().GetLte().GetSeconds()))
	default:
		return say("error.rule.other", id)
	}
}

// count is a limit as a number.
func count(n uint64) int {
	i, err := strconv.Atoi(strconv.FormatUint(n, 10))
	if err != nil {
		return 0
	}
	return i
}

// nameForm matches the patterns of resource names: a collection, a slash and an id.
var nameForm = regexp.MustCompile(`^\^([A-Za-z]+)/`)

// form says what a text must look like, by an example: nobody reads a regular expression.
func form(pattern string) phrase {
	switch pattern {
	case "^[a-z0-9][a-z0-9-]{1,79}$":
		return say("error.rule.id", "algoma-steel")
	case "^[A-Z]{2}$":
		return say("error.rule.country")
	case "^[A-Z]{2}-[A-Z0-9]{1,3}$", "^regions/[A-Z0-9-]+$":
		return say("error.rule.region")
	case "^[0-9]{4}-[0-9]{2}-[0-9]{2}$":
		return say("error.rule.day", "2026-11-24")
	}
	if example := examples()[pattern]; example != "" {
		return say("error.rule.like", example)
	}
	if name := nameForm.FindStringSubmatch(pattern); name != nil {
		return say("error.rule.like", name[1]+"/example")
	}
	return say("error.rule.other", "string.pattern")
}

// examples are texts that fit the patterns of the contract.
func examples() map[string]string {
	return map[string]string{
		"^firms/[a-z0-9][a-z0-9-]{1,79}$":           "firms/algoma-steel",
		"^[a-z][a-z0-9-]*$":                         "first-side",
		"^v[0-9]+$":                                 "v1",
		"^(frameworks|programs|venues)/[a-z0-9-]+$": "frameworks/rd-mou",
		"^pairings/[a-z0-9][a-z0-9-]{1,79}~[a-z0-9][a-z0-9-]{1,79}$": "pairings/algoma-steel~hanwha-ocean",
		"^capabilities/[a-z0-9.-]+$":                                 "capabilities/underwater.sonar",
	}
}
