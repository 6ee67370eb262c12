package server

import (
	"context"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that codec wraps
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// frame is a message as it came over the network. The chain decodes it itself,
// since gRPC would report what it cannot decode as a bug of the server.
type frame []byte

// codec is gRPC's own, which also takes frames.
type codec struct {
	encoding.CodecV2
}

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

// Unmarshal implements encoding.CodecV2.
func (c codec) Unmarshal(data mem.BufferSlice, m any) error {
	if f, ok := m.(*frame); ok {
		*f = data.Materialize()
		return nil
	}
	return c.CodecV2.Unmarshal(data, m)
}

// decode reads a frame into a message.
func (f frame) decode(m proto.Message) error {
	if len(f) > maxMessage {
		return tooLargeMessage()
	}
	err := proto.Unmarshal(f, m)
	if err == nil {
		return nil
	}
	descriptor := m.ProtoReflect().Descriptor()
	if field := badText(descriptor, f, ""); field != "" {
		return notUTF8(field)
	}
	return malformed("", "error.wire", string(descriptor.FullName()))
}

// notUTF8 refuses a text that is none.
func notUTF8(field string) error {
	return malformed(field, "error.utf8")
}

// badText returns the path of the first text in an encoded message that is not
// UTF-8; "" where there is none.
func badText(descriptor protoreflect.MessageDescriptor, data []byte, prefix string) string {
	count := make(map[protowire.Number]int)
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return ""
		}
		data = data[n:]
		size := protowire.ConsumeFieldValue(number, kind, data)
		if size < 0 {
			return ""
		}
		field := descriptor.Fields().ByNumber(number)
		if field != nil && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(data)
			path := join(prefix, field.TextName())
			if field.IsList() {
				path += "[" + strconv.Itoa(count[number]) + "]"
				count[number]++
			}
			switch {
			case field.Kind() == protoreflect.StringKind && !utf8.Valid(value):
				return path
			case field.Kind() == protoreflect.MessageKind:
				if bad := badText(field.Message(), value, path); bad != "" {
					return bad
				}
			}
		}
		data = data[size:]
	}
	return ""
}

func join(prefix, field string) string {
	if prefix == "" {
		return field
	}
	return prefix + "." + field
}

// check holds a request against everything that is true of all requests: known
// fields only, clean texts, no output-only field, and the contract's own rules.
func (c *chain) check(ctx context.Context, request any) error {
	hear(ctx, request)
	m := request.(proto.Message)
	if err := checkText(m); err != nil {
		return err
	}
	return holdTo(c.validator, m)
}

// checkText refuses unknown and output-only fields, and texts that are not clean.
func checkText(m proto.Message) error {
	var w walker
	w.message(m.ProtoReflect(), "")
	if len(w.found) > 0 {
		return violations(w.reason, w.found...)
	}
	return nil
}

// walker looks at every populated field of a request.
type walker struct {
	found  []Violation
	reason tandemv1.Reason
}

func (w *walker) refuse(reason tandemv1.Reason, path, key string, args ...any) {
	if w.found == nil {
		w.reason = reason
	}
	w.found = append(w.found, Violation{Field: path, says: say(key, args...)})
}

func (w *walker) message(m protoreflect.Message, prefix string) {
	if unknown := m.GetUnknown(); len(unknown) > 0 {
		number, _, _ := protowire.ConsumeTag(unknown)
		w.refuse(tandemv1.Reason_MALFORMED, prefix, "error.unknown", int(number))
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() { // in the contract's order, so that errors are always the same
		field := fields.Get(i)
		if !m.Has(field) {
			continue
		}
		path := join(prefix, field.TextName())
		switch value := m.Get(field); {
		case outputOnly(field):
			w.refuse(tandemv1.Reason_FIELD_INVALID, path, "error.output")
		case field.IsList():
			w.list(field, value.List(), path)
		case field.Message() != nil && !field.IsMap():
			w.message(value.Message(), path)
		case field.Kind() == protoreflect.StringKind:
			w.text(field, value.String(), path)
		}
	}
}

func (w *walker) list(field protoreflect.FieldDescriptor, list protoreflect.List, path string) {
	if limit := maxItems(field); limit > 0 && uint64(list.Len()) > limit { //nolint:gosec // G115: no length is negative
		// A hundred thousand items are one mistake, not a hundred thousand.
		w.refuse(tandemv1.Reason_FIELD_INVALID, path, "error.rule.items", list.Len(), count(limit))
		return
	}
	for i := range list.Len() {
		item := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case field.Message() != nil:
			w.message(list.Get(i).Message(), item)
		case field.Kind() == protoreflect.StringKind:
			w.text(field, list.Get(i).String(), item)
		}
	}
}

// text refuses what no honest text contains and what could make a reader see
// another text than the one that is stored.
func (w *walker) text(field protoreflect.FieldDescriptor, text, path string) {
	if !utf8.ValidString(text) {
		w.refuse(tandemv1.Reason_MALFORMED, path, "error.utf8")
		return
	}
	for at, r := range text {
		if why := refusedRune(r, long(field)); why != "" {
			w.refuse(tandemv1.Reason_FIELD_INVALID, path, why, fmt.Sprintf("U+%04X", r), at)
			return
		}
	}
}

// refusedRune is the sentence about what is wrong with a character; "" for nothing.
func refusedRune(r rune, long bool) string {
	switch {
	case r == 0:
		return "error.rune.nul"
	case r == '\n' || r == '\t':
		if long {
			return ""
		}
		return "error.rune.line"
	case unicode.IsControl(r):
		return "error.rune.control"
	case r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069:
		return "error.rune.direction"
	case unicode.Is(unicode.Cn, r):
		return "error.rune.unassigned"
	default:
		return ""
	}
}

// shortText is the longest text that has no lines.
const shortText = 200

// long reports whether a text may have several lines: the contract lets it be
// longer than a name.
func long(field protoreflect.FieldDescriptor) bool {
	rules, err := protovalidate.ResolveFieldRules(field)
	if err != nil || rules == nil {
		return false
	}
	if field.IsList() {
		rules = rules.GetRepeated().GetItems()
	}
	return rules.GetString().GetMaxLen() > shortText
}

// maxItems returns how many items a list may have; 0 where the contract does not
// limit it.
func maxItems(field protoreflect.FieldDescriptor) uint64 {
	rules, err := protovalidate.ResolveFieldRules(field)
	if err != nil || rules == nil {
		return 0
	}
	return rules.GetRepeated().GetMaxItems()
}

// outputOnly reports whether only the server sets a field.
func outputOnly(field protoreflect.FieldDescriptor) bool {
	behaviours, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	for _, behaviour := range behaviours {
		if behaviour == annotations.FieldBehavior_OUTPUT_ONLY {
			return true
		}
	}
	return false
}
