package server

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// What no text may contain, no list may hold and no client may set is refused
// alike over both protocols.
func TestBadRequests(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	create := func(firm string) call {
		return call{"FirmService/CreateFirm", organiser, `{"firm_id": "x1", "attested": true, "firm": ` + firm + `}`, nil, "", ""}
	}
	for _, test := range []struct {
		name   string
		call   call
		code   codes.Code
		reason tandemv1.Reason
		fields []string
	}{
		{"NUL", create(`{"display_name": "a\u0000b", "country": "KR", "kind": "COMPANY"}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.display_name"}},
		{"control character", create(`{"display_name": "a", "country": "KR", "kind": "COMPANY", "summary": "a\u0007"}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.summary"}},
		{"line break in a name", create(`{"display_name": "a\nb", "country": "KR", "kind": "COMPANY"}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.display_name"}},
		{"direction override", create(`{"display_name": "a", "country": "KR", "kind": "COMPANY", "needs": [{}, {"detail": "a\u202eb"}]}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.needs[1].detail"}},
		{"code point that is not assigned", create(`{"display_name": "a\ufdd0", "country": "KR", "kind": "COMPANY"}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.display_name"}},
		{"output-only fields", create(`{"display_name": "a", "country": "KR", "kind": "COMPANY", "state": "APPROVED", "capabilities": ["capabilities/x"], "revision": 7}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.state", "firm.capabilities", "firm.revision"}},
		{"name of a megabyte", create(`{"display_name": "` + strings.Repeat("x", 1_000_000) + `", "country": "KR", "kind": "COMPANY"}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.display_name"}},
		{"a hundred thousand needs", create(`{"display_name": "a", "country": "KR", "kind": "COMPANY", "needs": [{}` + strings.Repeat(`,{}`, 99_999) + `]}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.needs"}},
		{"more than a message", create(`{"display_name": "` + strings.Repeat("x", maxMessage) + `"}`),
			codes.ResourceExhausted, tandemv1.Reason_TOO_LARGE, nil},
		{"page size", call{"FirmService/ListFirms", organiser, `{"page_size": -1}`, nil, "", ""},
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"page_size"}},
		{"country in small letters", create(`{"display_name": "a", "country": "kr", "kind": "COMPANY"}`),
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.country"}},
		{"malformed name", call{"FirmService/GetFirm", organiser, `{"name": "firms/A"}`, nil, "", ""},
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"name"}},
		{"unknown number of an enum", call{"PairingService/ListPairings", organiser, `{"language": 99}`, nil, "", ""},
			codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"language"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			blames(t, f.both(t, test.call), test.code, test.reason, test.fields...)
		})
	}
}

// What JSON can get wrong and Protobuf cannot.
func TestBadJSON(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	deep := strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000)
	for _, test := range []struct {
		name, body string
		code       codes.Code
		reason     tandemv1.Reason
		fields     []string
		says       string
	}{
		{"unknown field", `{"displayName": "a", "colour": "red"}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.colour"}, "which has: city, contact"},
		{"unknown field deep down", `{"needs": [{}, {"aims": 1}]}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.needs[1].aims"}, "is not a field of Need"},
		{"duplicate field", `{"country": "KR", "country": "CA"}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.country"}, "stands twice"},
		{"duplicate field in two spellings", `{"displayName": "a", "display_name": "b"}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.display_name"}, "stands twice"},
		{"nested too deep", `{"summary": ` + deep + `}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.summary"}, "must be a string"},
		{"nested too deep in nothing known", deep, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm"}, "must be a JSON object"},
		{"malformed UTF-8", "{\"displayName\": \"a\xff\"}", codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.display_name"}, "not valid UTF-8"},
		{"wrong type", `{"displayName": 5}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.display_name"}, "must be a string"},
		{"unknown name of an enum", `{"kind": "CLUB"}`, codes.InvalidArgument, tandemv1.Reason_FIELD_INVALID, []string{"firm.kind"}, "COMPANY, RESEARCH_INSTITUTE, UNIVERSITY, GOVERNMENT"},
		{"cut off", `{"displayName": "a`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.display_name"}, "in the middle"},
		{"two values", `{} {}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm"}, "one JSON value"},
		{"no JSON", `display_name: a`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm"}, "is not JSON"},
		{"half a character", `{"displayName": "\ud800"}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.display_name"}, "half a surrogate pair"},
		{"number that is too large", `{"offers": [{"trl": 99999999999}]}`, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.offers[0].trl"}, "whole number"},
		{"64 MB", `{"summary": "` + strings.Repeat("x", 64_000_000) + `"}`, codes.ResourceExhausted, tandemv1.Reason_TOO_LARGE, nil, "1,048,576 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, a := f.post(t, "/v1/firms?firm_id=x1&attested=true", organiser, jsonBody, test.body)
			blames(t, a, test.code, test.reason, test.fields...)
			if !strings.Contains(a.Message, test.says) {
				t.Errorf("got %q, want it to say %q", a.Message, test.says)
			}
		})
	}
}

// post sends a body to a path.
func (f *faces) post(t testing.TB, target, credential, kind, body string) (*http.Response, answer) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.base+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	if credential != "" {
		r.Header.Set("Authorization", "Bearer "+credential)
	}
	return f.do(t, r)
}

// What a URL can get wrong.
func TestBadURLs(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	for _, test := range []struct {
		name, verb, target string
		http               int
		reason             tandemv1.Reason
		fields             []string
		says               string
	}{
		{"unknown key", "GET", "/v1/firms?colour=red", 400, tandemv1.Reason_MALFORMED, []string{"colour"}, "there are: filter, order_by, page_size, page_token, show_deleted"},
		{"key of the body", "POST", "/v1/credentials?role=FIRM", 400, tandemv1.Reason_MALFORMED, []string{"role"}, "there are none"},
		{"repeated key", "GET", "/v1/firms?pageSize=1&pageSize=2", 400, tandemv1.Reason_MALFORMED, []string{"page_size"}, "stands twice"},
		{"repeated key in two spellings", "GET", "/v1/firms?pageSize=1&page_size=2", 400, tandemv1.Reason_MALFORMED, []string{"page_size"}, "stands twice"},
		{"no number", "GET", "/v1/firms?page_size=many", 400, tandemv1.Reason_MALFORMED, []string{"page_size"}, "must be a whole number"},
		{"no truth", "GET", "/v1/firms?showDeleted=1", 400, tandemv1.Reason_MALFORMED, []string{"show_deleted"}, "true or false"},
		{"unknown language", "GET", "/v1/pairings?language=de", 400, tandemv1.Reason_FIELD_INVALID, []string{"language"}, `“de” is not one of EN, FR, KO`},
		{"unknown format", "GET", "/v1/matchRuns/r1:downloadReport?format=PDF", 400, tandemv1.Reason_FIELD_INVALID, []string{"format"}, "HTML, CSV, JSONL"},
		{"malformed query", "GET", "/v1/firms?filter=%zz", 400, tandemv1.Reason_MALFORMED, []string{""}, "the query cannot be read"},
		{"bad UTF-8 in a query", "GET", "/v1/firms?filter=%ff", 400, tandemv1.Reason_MALFORMED, []string{"filter"}, "not valid UTF-8"},
		{"too long", "GET", "/v1/firms?filter=" + strings.Repeat("x", maxURL), 413, tandemv1.Reason_TOO_LARGE, nil, "URL is longer"},
		{"no such path", "GET", "/v1/vendors", 404, tandemv1.Reason_METHOD_UNKNOWN, nil, "/openapi.yaml"},
		{"no such verb", "PUT", "/v1/firms", 405, tandemv1.Reason_METHOD_UNKNOWN, nil, "takes: GET, POST"},
		{"no such verb of one firm", "POST", "/v1/firms/a1", 405, tandemv1.Reason_METHOD_UNKNOWN, nil, "takes: DELETE, GET, PATCH"},
		{"body where there is none", "DELETE", "/v1/firms/a1", 400, tandemv1.Reason_MALFORMED, []string{""}, "takes no body"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := bytes.NewReader(nil)
			if test.verb == http.MethodDelete {
				body = bytes.NewReader([]byte("{}"))
			}
			r, err := http.NewRequestWithContext(t.Context(), test.verb, f.base+test.target, body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+organiser)
			response, a := f.do(t, r)
			if response.StatusCode != test.http {
				t.Errorf("got HTTP %d, want %d", response.StatusCode, test.http)
			}
			blames(t, a, a.Code, test.reason, test.fields...)
			if !strings.Contains(a.Message, test.says) {
				t.Errorf("got %q, want it to say %q", a.Message, test.says)
			}
			if allow := response.Header.Get("Allow"); (allow != "") != (test.http == http.StatusMethodNotAllowed) {
				t.Errorf("got Allow: %q", allow)
			}
		})
	}
}

// Headers are no place for a body.
func TestLargeHeaders(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/partnership", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Large", strings.Repeat("x", maxHeaders))
	_, a := f.do(t, r)
	blames(t, a, codes.ResourceExhausted, tandemv1.Reason_TOO_LARGE)
}

// raw sends bytes as a message over gRPC, whatever they are.
func (f *faces) raw(ctx context.Context, credential, method string, data []byte, options ...grpc.CallOption) error {
	ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+credential)
	return f.conn.Invoke(ctx, method, data, new([]byte), append(options, rawCall)...)
}

// What Protobuf can get wrong and JSON cannot.
func TestBadWire(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	text := func(number protowire.Number, s string) []byte {
		return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), s)
	}
	need := text(12, string(text(7, "a\xff")))
	firm := text(1, string(append(text(12, ""), need...)))
	for _, test := range []struct {
		name   string
		data   []byte
		code   codes.Code
		reason tandemv1.Reason
		fields []string
	}{
		{"malformed UTF-8", firm, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{"firm.needs[1].detail"}},
		{"no message", []byte{0xff}, codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{""}},
		{"unknown field", text(999, "x"), codes.InvalidArgument, tandemv1.Reason_MALFORMED, []string{""}},
		{"more than a message", text(1, strings.Repeat("x", maxMessage)), codes.ResourceExhausted, tandemv1.Reason_TOO_LARGE, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := f.raw(t.Context(), organiser, "/tandem.v1.FirmService/CreateFirm", test.data)
			blames(t, errorAnswer(t, status.Convert(err)), test.code, test.reason, test.fields...)
		})
	}
	t.Run("unknown method", func(t *testing.T) {
		err := f.raw(t.Context(), organiser, "/tandem.v1.FirmService/Nothing", nil)
		blames(t, errorAnswer(t, status.Convert(err)), codes.Unimplemented, tandemv1.Reason_METHOD_UNKNOWN)
	})
	t.Run("far more than a message", func(t *testing.T) {
		var header metadata.MD
		err := f.raw(t.Context(), organiser, "/tandem.v1.FirmService/CreateFirm", make([]byte, 64_000_000), grpc.Header(&header))
		// gRPC refuses this before it has read it, without details but for the id in the header.
		if status.Code(err) != codes.ResourceExhausted || len(header.Get(requestIDHeader)) != 1 {
			t.Errorf("got %v with the header %v, want %s with a request id", err, header, codes.ResourceExhausted)
		}
	})
	t.Run("who may not call is told that first", func(t *testing.T) {
		err := f.raw(t.Context(), "tnd_wrong", "/tandem.v1.FirmService/CreateFirm", []byte{0xff})
		blames(t, errorAnswer(t, status.Convert(err)), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
		_, a := f.post(t, "/v1/firms", "tnd_wrong", jsonBody, "{")
		blames(t, a, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
	})
}
