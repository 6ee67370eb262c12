package server

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// nesting is how deep JSON nests outside its texts.
func nesting(data []byte) int {
	deepest, depth, inText := 0, 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// What the guard lets through is JSON that is neither deep nor broken, and the
// decoder of messages finds no unknown or duplicate field in it any more.
func FuzzGuardMessage(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"displayName":"a","needs":[{"capability":"x","amount":{"currencyCode":"CAD","units":"5"}},{}]}`,
		`{"display_name":"a","displayName":"b"}`, `{"kind":"CLUB"}`, `{"kind":3}`, `{"createTime":"2026-11-24T00:00:00Z"}`, "{\"city\":\"\xff\"}",
		`{"offers":[{"modes":["SUPPLY"],"capacity":null}]}`, strings.Repeat("[", 40), `{"a":`, `{} {}`, `{"contact":[]}`, `{"city":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		firm := new(tandemv1.Firm)
		if err := guardMessage(data, firm.ProtoReflect().Descriptor(), "firm"); err != nil {
			if e := asError(err); len(e.Fields) != 1 || e.Reason != tandemv1.Reason_MALFORMED && e.Reason != tandemv1.Reason_FIELD_INVALID {
				t.Errorf("%q: refused without a field and reason: %v", data, err)
			}
			return
		}
		if !json.Valid(data) || !utf8.Valid(data) || nesting(data) > maxDepth {
			t.Errorf("%q passes", data)
		}
		if err := protojson.Unmarshal(data, firm); err != nil && (strings.Contains(err.Error(), "unknown field") || strings.Contains(err.Error(), "duplicate")) {
			t.Errorf("%q passes, though: %v", data, err)
		}
	})
}

// What is let through of a query is in the contract's spelling and known.
func FuzzReadQuery(f *testing.F) {
	for _, seed := range []string{
		"", "pageSize=1&filter=a", "page_size=-1", "pageSize=1&page_size=2", "show_deleted=true", "colour=red", "%zz", "filter=%ff", "a;b", "&&=", "order_by=a,b",
	} {
		f.Add(seed)
	}
	message := new(tandemv1.ListFirmsRequest)
	r := &route{template: "/v1/firms"}
	r.take(message.ProtoReflect().Descriptor(), "")
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := r.readQuery(raw)
		if err != nil {
			return
		}
		for key, values := range query {
			if r.query[key] == nil || len(values) != 1 {
				t.Errorf("%q: %q passes as %q", raw, key, values)
			}
		}
		if err := runtime.PopulateQueryParameters(proto.CloneOf(message), query, utilities.NewDoubleArray(nil)); err != nil {
			t.Errorf("%q passes, though: %v", raw, err)
		}
	})
}

// Whatever a client sends as the id of a request, what goes into the log and
// into the answer is one word.
func FuzzRequestID(f *testing.F) {
	for _, seed := range []string{"", "a", "a b", "a\r\nX-Forged: 1", strings.Repeat("x", 100), "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		got := newRequestID(sent)
		if !validRequestID.MatchString(got) || (validRequestID.MatchString(sent) && got != sent) {
			t.Errorf("%q becomes %q", sent, got)
		}
	})
}

// Whatever comes over the wire is a message or an error with a reason, and what
// is a message has clean texts once it has been checked.
func FuzzDecode(f *testing.F) {
	whole, err := proto.Marshal(&tandemv1.CreateFirmRequest{FirmId: "a1", Firm: &tandemv1.Firm{
		DisplayName: "a", Needs: []*tandemv1.Need{{Capability: "x", Detail: "two\nlines"}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte{0xff})
	f.Add([]byte("\x0a\x03\x12\x01\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		request := new(tandemv1.CreateFirmRequest)
		err := frame(data).decode(request)
		if err == nil {
			err = checkText(request)
		}
		if err != nil {
			if e := asError(err); e.Reason != tandemv1.Reason_MALFORMED && e.Reason != tandemv1.Reason_FIELD_INVALID && e.Reason != tandemv1.Reason_TOO_LARGE {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		if text := request.Firm.GetDisplayName(); strings.ContainsAny(text, "\x00\n\u202e") || !utf8.ValidString(text) {
			t.Errorf("%q passes as a name", text)
		}
	})
}
