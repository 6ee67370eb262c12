package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// writeJSONLines writes one pairing a line, its sentences in the reader's language.
func (r *reader) writeJSONLines(w io.Writer) error {
	out := bufio.NewWriter(w)
	e := encoder{said: r.sentence}
	err := r.each(nil, func(w row) error {
		e.Reset()
		e.WriteString(`{"position":`)
		e.WriteString(strconv.Itoa(w.position))
		e.WriteString(`,"as_of":`)
		e.text(r.report.Snapshot.GetAsOf())
		e.WriteString(`,"digest":`)
		e.text(r.report.Digest)
		e.fields(w.ProtoReflect(), true)
		e.WriteString("}\n")
		_, err := out.Write(e.Bytes())
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// encoder writes messages as protobuf JSON with the proto's field names, in the order of field numbers and without
// spaces. The library's own encoder varies its spacing on purpose; files that are compared byte for byte cannot.
// Numbers and truth values are always written, since a rank of 0 says something; what else is empty is left out.
// It knows what pairings are made of: no maps, no bytes, no 64-bit and no floating-point numbers.
type encoder struct {
	bytes.Buffer
	said func(*tandemv1.Sentence) string
}

func (e *encoder) message(m protoreflect.Message) {
	if sentence, ok := m.Interface().(*tandemv1.Sentence); ok {
		spoken := proto.CloneOf(sentence)
		spoken.Text = e.said(sentence)
		m = spoken.ProtoReflect()
	}
	e.WriteByte('{')
	e.fields(m, false)
	e.WriteByte('}')
}

// fields writes the fields of a message; leading tells that others stand before them.
func (e *encoder) fields(m protoreflect.Message, leading bool) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if !m.Has(field) && (field.HasPresence() || field.IsList() || !always(field.Kind())) {
			continue
		}
		if leading {
			e.WriteByte(',')
		}
		leading = true
		e.text(string(field.Name()))
		e.WriteByte(':')
		if !field.IsList() {
			e.value(field, m.Get(field))
			continue
		}
		e.WriteByte('[')
		list := m.Get(field).List()
		for j := range list.Len() {
			if j > 0 {
				e.WriteByte(',')
			}
			e.value(field, list.Get(j))
		}
		e.WriteByte(']')
	}
}

func always(kind protoreflect.Kind) bool {
	return kind == protoreflect.Int32Kind || kind == protoreflect.BoolKind
}

func (e *encoder) value(field protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch field.Kind() {
	case protoreflect.MessageKind:
		e.message(v.Message())
	case protoreflect.EnumKind:
		e.enum(field.Enum(), v.Enum())
	case protoreflect.StringKind:
		e.text(v.String())
	case protoreflect.BoolKind:
		e.WriteString(strconv.FormatBool(v.Bool()))
	default:
		e.WriteString(strconv.FormatInt(v.Int(), 10))
	}
}

func (e *encoder) enum(enum protoreflect.EnumDescriptor, n protoreflect.EnumNumber) {
	if value := enum.Values().ByNumber(n); value != nil {
		e.text(string(value.Name()))
		return
	}
	e.WriteString(strconv.Itoa(int(n)))
}

// text writes a string as JSON, Hangul and accents as they are.
func (e *encoder) text(s string) {
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic("report: a string has no JSON form: " + err.Error()) // encoding/json writes every string
	}
	e.Write(bytes.TrimSuffix(quoted.Bytes(), []byte("\n")))
}
