package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// faces is a server on loopback with a client for each of its two faces. A call
// is named as in the contract and its request written as JSON, so that a table
// of calls can be replayed over both.
type faces struct {
	t      testing.TB
	server *Server
	conn   *grpc.ClientConn
	base   string // of URLs
	client *http.Client
}

// serveFaces serves on loopback until the test ends.
func serveFaces(t testing.TB, s *Server) *faces {
	t.Helper()
	s.config.GRPCAddress, s.config.HTTPAddress = "127.0.0.1:0", "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	addresses := make(chan [2]string, 1)
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(g, h string) { addresses <- [2]string{g, h} }) }()
	f := &faces{t: t, server: s, client: &http.Client{Transport: &http.Transport{}}}
	select {
	case err := <-ended:
		t.Fatalf("serving: %v", err)
	case a := <-addresses:
		conn, err := grpc.NewClient(a[0], grpc.WithTransportCredentials(grpcPlain))
		if err != nil {
			t.Fatal(err)
		}
		f.conn, f.base = conn, "http://"+a[1]
	}
	t.Cleanup(func() {
		f.client.CloseIdleConnections()
		if err := f.conn.Close(); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serving: %v", err)
		}
	})
	return f
}

// grpcPlain is no security, for loopback.
var grpcPlain = insecure.NewCredentials()

// call is one call: a method such as `FirmService/GetFirm` or
// `google.longrunning.Operations/GetOperation`, with the request as JSON.
type call struct {
	method     string
	credential string // the secret; empty for nobody
	request    string
	file       []byte // what ImportFirms imports
	requestID  string // sent as x-request-id; `test` where empty
	language   string // sent as Accept-Language
}

func (c call) id() string {
	if c.requestID == "" {
		return "test"
	}
	return c.requestID
}

// answer is what came back, in a form in which both protocols can be compared.
type answer struct {
	Code    codes.Code
	Message string
	Details []any // of an error, as JSON
	Body    any   // of an answer, as JSON
	File    string
}

// reason is the reason of an error; empty for an answer.
func (a answer) reason() string {
	for _, detail := range a.Details {
		if reason, ok := detail.(map[string]any)["reason"].(string); ok {
			return reason
		}
	}
	return ""
}

// fields are the fields that an error blames.
func (a answer) fields() []string {
	var names []string
	for _, detail := range a.Details {
		list, _ := detail.(map[string]any)["fieldViolations"].([]any)
		for _, violation := range list {
			name, _ := violation.(map[string]any)["field"].(string)
			names = append(names, name)
		}
	}
	return names
}

// both makes a call over gRPC and over REST and fails the test where the answers
// differ. It is for calls that may be made twice.
func (f *faces) both(t testing.TB, c call) answer {
	t.Helper()
	native, rest := f.overGRPC(t, c), f.overREST(t, c)
	if diff := cmp.Diff(native, rest); diff != "" {
		t.Errorf("%s %s: gRPC (-) and REST (+) differ:\n%s", c.method, c.request, diff)
	}
	return native
}

// descriptor finds the method of a call.
func (c call) descriptor(t testing.TB) protoreflect.MethodDescriptor {
	t.Helper()
	service, name, _ := strings.Cut(c.method, "/")
	if !strings.Contains(service, ".") {
		service = "tandem.v1." + service
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + name))
	if err != nil {
		t.Fatalf("%s: %v", c.method, err)
	}
	return d.(protoreflect.MethodDescriptor)
}

// newMessage makes an empty message of a registered type.
func newMessage(t testing.TB, d protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		t.Fatal(err)
	}
	return kind.New().Interface()
}

// overGRPC makes a call over gRPC.
func (f *faces) overGRPC(t testing.TB, c call) answer {
	t.Helper()
	d := c.descriptor(t)
	ctx := metadata.AppendToOutgoingContext(t.Context(), requestIDHeader, c.id())
	if c.credential != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.credential)
	}
	if c.language != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, languageHeader, c.language)
	}
	request, reply := newMessage(t, d.Input()), newMessage(t, d.Output())
	if c.file == nil {
		if err := protojson.Unmarshal([]byte(c.request), request); err != nil {
			t.Fatalf("%s: the request cannot be sent over gRPC: %v", c.method, err)
		}
	}
	var file strings.Builder
	var err error
	switch name := "/" + string(d.Parent().FullName()) + "/" + string(d.Name()); {
	case c.file != nil:
		options := new(tandemv1.ImportFirmsRequest_Options)
		if err := protojson.Unmarshal([]byte(c.request), options); err != nil {
			t.Fatal(err)
		}
		reply, err = importFile(ctx, f.conn, c.file, options)
	case d.IsStreamingServer():
		err = f.receive(ctx, name, request, reply, &file)
	default:
		err = f.conn.Invoke(ctx, name, request, reply)
	}
	if err != nil {
		return errorAnswer(t, status.Convert(err))
	}
	if d.IsStreamingServer() {
		return answer{File: file.String()}
	}
	return answer{Body: asJSON(t, reply)}
}

// receive collects the bytes of a file.
func (f *faces) receive(ctx context.Context, name string, request, part proto.Message, into io.StringWriter) error {
	stream, err := f.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, name)
	if err != nil {
		return err
	}
	if err := errors.Join(stream.SendMsg(request), stream.CloseSend()); err != nil {
		return err
	}
	for {
		if err := stream.RecvMsg(part); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		m := part.ProtoReflect()
		if _, err := into.WriteString(string(m.Get(m.Descriptor().Fields().ByName("data")).Bytes())); err != nil {
			return err
		}
	}
}

// errorAnswer puts a status into comparable form.
func errorAnswer(t testing.TB, st *status.Status) answer {
	t.Helper()
	a := answer{Code: st.Code(), Message: st.Message()}
	for _, detail := range st.Proto().GetDetails() {
		a.Details = append(a.Details, asJSON(t, detail))
	}
	return a
}

func asJSON(t testing.TB, m proto.Message) any {
	t.Helper()
	raw, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, raw)
}

func parsed(t testing.TB, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in:\n%s", err, raw)
	}
	return v
}

// overREST makes a call over REST, as the contract maps it.
func (f *faces) overREST(t testing.TB, c call) answer {
	t.Helper()
	verb, target, kind, body := c.asREST(t)
	r, err := http.NewRequestWithContext(t.Context(), verb, f.base+target, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set(requestIDHeader, c.id())
	if c.language != "" {
		r.Header.Set("Accept-Language", c.language)
	}
	if c.credential != "" {
		r.Header.Set("Authorization", "Bearer "+c.credential)
	}
	_, a := f.do(t, r)
	if c.descriptor(t).IsStreamingServer() && a.Code == codes.OK {
		return a
	}
	if a.Code == codes.OK {
		a.Body, a.File = parsed(t, []byte(a.File)), ""
	}
	return a
}

// do sends a request and reads the answer: a file, or an error.
func (f *faces) do(t testing.TB, r *http.Request) (*http.Response, answer) {
	t.Helper()
	response, err := f.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode == http.StatusOK {
		return response, answer{File: string(raw)}
	}
	var failed struct {
		Error struct {
			Code            int
			Message, Status string
			Details         []any
		}
	}
	if err := json.Unmarshal(raw, &failed); err != nil {
		t.Fatalf("%s %s: %s, not an error as AIP-193 has it: %v\n%s", r.Method, r.URL, response.Status, err, raw)
	}
	if failed.Error.Code != response.StatusCode {
		t.Errorf("%s %s: body says %d, status line %d", r.Method, r.URL, failed.Error.Code, response.StatusCode)
	}
	var code codes.Code
	if err := code.UnmarshalJSON([]byte(fmt.Sprintf("%q", failed.Error.Status))); err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	return response, answer{Code: code, Message: failed.Error.Message, Details: failed.Error.Details}
}

// asREST writes a call as the contract maps it to HTTP.
func (c call) asREST(t testing.TB) (verb, target, kind string, body []byte) {
	t.Helper()
	fields := make(map[string]any)
	if err := json.Unmarshal([]byte(c.request), &fields); err != nil {
		t.Fatal(err)
	}
	rule := c.rule(t)
	verb, target = verbAndTemplate(rule)
	for _, v := range variable.FindAllString(target, -1) {
		name, _, _ := strings.Cut(strings.Trim(v, "{}"), "=")
		target = strings.Replace(target, v, escaped(cut(fields, strings.Split(name, "."))), 1)
	}
	kind = jsonBody
	switch {
	case c.file != nil:
		kind, body = "application/jsonl", c.file
	case rule.Body == "*":
		body, _ = json.Marshal(fields)
		return verb, target, kind, body
	case rule.Body != "":
		inner, ok := take(fields, rule.Body)
		if !ok {
			inner = map[string]any{}
		}
		body, _ = json.Marshal(inner)
	}
	query := make(url.Values)
	for name, value := range fields {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, item := range list {
			query.Add(name, fmt.Sprint(item))
		}
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return verb, target, kind, body
}

// rule is the way over HTTP of a call: the contract's, or the hand-written one of
// the calls that carry files.
func (c call) rule(t testing.TB) *annotations.HttpRule {
	t.Helper()
	switch c.method {
	case "FirmService/ImportFirms":
		return &annotations.HttpRule{Pattern: &annotations.HttpRule_Post{Post: "/v1/firms:import"}}
	case "MatchRunService/DownloadReport":
		return &annotations.HttpRule{Pattern: &annotations.HttpRule_Get{Get: "/v1/{name=matchRuns/*}:downloadReport"}}
	case "MatchRunService/ExportSnapshot":
		return &annotations.HttpRule{Pattern: &annotations.HttpRule_Get{Get: "/v1/{name=matchRuns/*}:exportSnapshot"}}
	}
	rule, _ := proto.GetExtension(c.descriptor(t).Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		t.Fatalf("%s has no way over HTTP", c.method)
	}
	return rule
}

// take removes a field by its name in snake_case from a request in either spelling.
func take(fields map[string]any, name string) (any, bool) {
	for key, value := range fields {
		if snakeCase(key) == name {
			delete(fields, key)
			return value, true
		}
	}
	return nil, false
}

// cut removes the value at a path from a request.
func cut(fields map[string]any, path []string) string {
	for key, value := range fields {
		if snakeCase(key) != path[0] {
			continue
		}
		if inner, ok := value.(map[string]any); ok && len(path) > 1 {
			return cut(inner, path[1:])
		}
		delete(fields, key)
		return fmt.Sprint(value)
	}
	return ""
}

// escaped escapes each segment of a name.
func escaped(name string) string {
	segments := strings.Split(name, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return strings.Join(segments, "/")
}

// secret issues a credential as the operator.
func (f *faces) secret(t testing.TB, role tandemv1.Credential_Role, firm string) string {
	t.Helper()
	answer, err := tandemv1.NewCredentialServiceClient(f.server.Operator()).CreateCredential(t.Context(),
		&tandemv1.CreateCredentialRequest{Role: role, Firm: firm})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Secret
}

// blames fails the test unless an error has a code, a reason, exactly these
// fields, and the request's id.
func blames(t testing.TB, a answer, code codes.Code, reason tandemv1.Reason, fields ...string) {
	t.Helper()
	if a.Code != code || a.reason() != reason.String() {
		t.Errorf("got %s %s (%s), want %s %s", a.Code, a.reason(), a.Message, code, reason)
	}
	if got := a.fields(); !slices.Equal(got, fields) {
		t.Errorf("got the fields %q blamed (%s), want %q", got, a.Message, fields)
	}
	if !slices.ContainsFunc(a.Details, func(d any) bool { return d.(map[string]any)["requestId"] != nil }) {
		t.Errorf("the error has no request id: %v", a.Details)
	}
}
