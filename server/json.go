package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// jsonGuard reads JSON before the decoder of messages does, which would take a
// deep nesting for a reason to fail late, a duplicate key for an update, and bad
// UTF-8 for a question mark. It names the field to blame, in the contract's
// spelling.
type jsonGuard struct {
	data    []byte
	decoder *json.Decoder
}

// guardMessage refuses what is not one well-formed JSON value (bad syntax or
// UTF-8, duplicate keys, too deep a nesting) and what is not in the form of the
// message: unknown fields, values of another type, unknown names of enum values.
// The prefix is the path of the message in the request.
func guardMessage(data []byte, message protoreflect.MessageDescriptor, prefix string) error {
	g := &jsonGuard{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	g.decoder.UseNumber()
	token, err := g.next(prefix)
	if err != nil {
		return err
	}
	if message != nil && token != nil && token != json.Delim('{') {
		return malformed(prefix, "error.json.object")
	}
	if err := g.value(token, shape{message: message}, prefix, 1); err != nil {
		return err
	}
	if _, err := g.decoder.Token(); !errors.Is(err, io.EOF) {
		return malformed(prefix, "error.json.more", int(g.decoder.InputOffset()))
	}
	return nil
}

// shape is what the contract expects of a value: a message, an item or value of
// a field, or, where both are nil, anything.
type shape struct {
	message protoreflect.MessageDescriptor
	field   protoreflect.FieldDescriptor
}

// of returns the shape of a field's single values.
func of(field protoreflect.FieldDescriptor) shape {
	if field.IsMap() || wellKnown(field.Message()) {
		return shape{}
	}
	return shape{message: field.Message(), field: field}
}

// wellKnown reports whether a message has a JSON form of its own.
func wellKnown(message protoreflect.MessageDescriptor) bool {
	return message != nil && message.ParentFile().Package() == "google.protobuf"
}

// next reads a token of the value at path.
func (g *jsonGuard) next(path string) (json.Token, error) {
	start := g.decoder.InputOffset()
	token, err := g.decoder.Token()
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, malformed(path, "error.json.syntax", int(syntax.Offset))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, malformed(path, "error.json.cut", len(g.data))
	case err != nil:
		return nil, malformed(path, "error.json.value")
	}
	raw := g.data[start:g.decoder.InputOffset()]
	if !utf8.Valid(raw) {
		return nil, notUTF8(path)
	}
	if _, isText := token.(string); isText && halfPair(raw) {
		return nil, malformed(path, "error.json.pair")
	}
	return token, nil
}

// halfPair reports whether a JSON text escapes one half of a surrogate pair
// without the other, which the decoders of Go replace or misread.
func halfPair(raw []byte) bool {
	unit := func(at int) (rune, bool) {
		if at+6 > len(raw) || raw[at] != '\\' || raw[at+1] != 'u' {
			return 0, false
		}
		n, err := strconv.ParseUint(string(raw[at+2:at+6]), 16, 16)
		return rune(n), err == nil
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		first, escaped := unit(i)
		if !escaped {
			i++ // whatever is escaped is no escape itself
			continue
		}
		i += 5
		if !utf16.IsSurrogate(first) {
			continue
		}
		second, escaped := unit(i + 1)
		if !escaped || utf16.DecodeRune(first, second) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

// value checks the value that begins with a token, as deep as it goes.
func (g *jsonGuard) value(token json.Token, want shape, path string, depth int) error {
	delim, nested := token.(json.Delim)
	switch {
	case !nested:
		return scalar(token, want, path)
	case depth > maxDepth:
		return malformed(path, "error.json.deep", maxDepth)
	case delim == '[':
		return g.array(shape{}, path, depth)
	case want.field != nil && want.message == nil:
		return mismatch(want.field, path)
	default:
		return g.object(want.message, path, depth)
	}
}

func (g *jsonGuard) array(items shape, path string, depth int) error {
	for i := 0; g.decoder.More(); i++ {
		item := fmt.Sprintf("%s[%d]", path, i)
		token, err := g.next(item)
		if err != nil {
			return err
		}
		if err := g.value(token, items, item, depth+1); err != nil {
			return err
		}
	}
	_, err := g.next(path) // the closing bracket
	return err
}

func (g *jsonGuard) object(message protoreflect.MessageDescriptor, path string, depth int) error {
	seen := make(map[string]bool)
	for g.decoder.More() {
		key, err := g.next(path)
		if err != nil {
			return err
		}
		name := key.(string) // the decoder refuses other keys
		var field protoreflect.FieldDescriptor
		if message != nil {
			if field = fieldNamed(message, name); field == nil {
				return malformed(join(path, name), "error.json.field", string(message.Name()), fieldNames(message))
			}
			name = field.TextName() // one field may be spelled in two ways
		}
		if seen[name] {
			return malformed(join(path, name), "error.json.twice")
		}
		seen[name] = true
		if err := g.member(field, join(path, name), depth+1); err != nil {
			return err
		}
	}
	_, err := g.next(path) // the closing brace
	return err
}

// member checks the value of an object's field; nil for one without expectations.
func (g *jsonGuard) member(field protoreflect.FieldDescriptor, path string, depth int) error {
	token, err := g.next(path)
	switch {
	case err != nil:
		return err
	case field == nil:
		return g.value(token, shape{}, path, depth)
	case token == nil: // null is a field that is left out
		return nil
	case wellKnown(field.Message()) && !field.IsMap() && !field.IsList():
		return g.wellKnownValue(token, field, path, depth)
	case field.IsList():
		if token != json.Delim('[') {
			return malformed(path, "error.json.array")
		}
		if depth > maxDepth {
			return malformed(path, "error.json.deep", maxDepth)
		}
		return g.array(of(field), path, depth)
	case token == json.Delim('[') && !wellKnown(field.Message()):
		return mismatch(field, path)
	default:
		return g.value(token, of(field), path, depth)
	}
}

// wellKnownValue checks a value that has a JSON form of its own, such as a duration.
func (g *jsonGuard) wellKnownValue(token json.Token, field protoreflect.FieldDescriptor, path string, depth int) error {
	text, isText := token.(string)
	if !isText {
		return g.value(token, shape{}, path, depth)
	}
	return wellKnownText(field, text, path)
}

// wellKnownText refuses a text that is not in the form of its message.
func wellKnownText(field protoreflect.FieldDescriptor, text, path string) error {
	var into proto.Message
	key := ""
	switch field.Message().FullName() {
	case "google.protobuf.Duration":
		into, key = new(durationpb.Duration), "error.duration"
	case "google.protobuf.Timestamp":
		into, key = new(timestamppb.Timestamp), "error.timestamp"
	default:
		return nil
	}
	quoted, err := json.Marshal(text)
	if err == nil {
		err = protojson.Unmarshal(quoted, into)
	}
	if err != nil {
		return invalid(path, key, text)
	}
	return nil
}

// scalar checks a value that is neither object nor array.
func scalar(token json.Token, want shape, path string) error {
	if want.field == nil {
		return nil
	}
	_, number := token.(json.Number)
	text, isText := token.(string)
	_, boolean := token.(bool)
	ok := false
	switch want.field.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind: // an object, checked elsewhere
	case protoreflect.StringKind, protoreflect.BytesKind:
		ok = isText
	case protoreflect.BoolKind:
		ok = boolean
	case protoreflect.EnumKind:
		if isText {
			return enumNamed(want.field, text, path)
		}
		ok = number
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind: // JSON may carry numbers as strings too
		if ok = number || isText; ok && !fitsInt32(fmt.Sprint(token)) {
			return malformed(path, "error.json.int32")
		}
	default: // other numbers
		ok = number || isText
	}
	if !ok {
		return mismatch(want.field, path)
	}
	return nil
}

// fitsInt32 tells whether a number is whole and fits, in any of the spellings that JSON has for it, such as 7.0 and 1e3.
func fitsInt32(number string) bool {
	value, err := strconv.ParseFloat(number, 64)
	return err == nil && value == math.Trunc(value) && value >= math.MinInt32 && value <= math.MaxInt32
}

// mismatch says what type a field has.
func mismatch(field protoreflect.FieldDescriptor, path string) error {
	switch field.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return malformed(path, "error.json.object")
	case protoreflect.StringKind:
		return malformed(path, "error.json.string")
	case protoreflect.BytesKind:
		return malformed(path, "error.json.bytes")
	case protoreflect.BoolKind:
		return malformed(path, "error.json.bool")
	case protoreflect.EnumKind:
		return malformed(path, "error.json.enum", enumNames(field.Enum()))
	default:
		return malformed(path, "error.json.number")
	}
}

// enumNamed refuses a name that is no value of a field's enum.
func enumNamed(field protoreflect.FieldDescriptor, name, path string) error {
	if field.Enum().Values().ByName(protoreflect.Name(name)) != nil {
		return nil
	}
	return invalid(path, "error.json.enum.unknown", name, enumNames(field.Enum()))
}

// enumNames lists the values of an enum that a request may state.
func enumNames(enum protoreflect.EnumDescriptor) string {
	var names []string
	for i := range enum.Values().Len() {
		if value := enum.Values().Get(i); value.Number() != 0 {
			names = append(names, string(value.Name()))
		}
	}
	return strings.Join(names, ", ")
}

// fieldNamed finds a field by either spelling.
func fieldNamed(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if field := message.Fields().ByJSONName(name); field != nil {
		return field
	}
	return message.Fields().ByTextName(name)
}

// fieldNames lists the fields of a message that a request may set.
func fieldNames(message protoreflect.MessageDescriptor) string {
	var names []string
	for i := range message.Fields().Len() {
		if field := message.Fields().Get(i); !outputOnly(field) {
			names = append(names, field.TextName())
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
