package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// clock is a time that only a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// firm creates a firm in a state and returns its name.
func (f *faces) firm(t testing.TB, id string, state tandemv1.Firm_State) string {
	t.Helper()
	firms := tandemv1.NewFirmServiceClient(f.server.Operator())
	r := &tandemv1.CreateFirmRequest{FirmId: id, Attested: true, Firm: &tandemv1.Firm{
		DisplayName: id, Country: f.server.partnership.Sides[0].Countries[0], Kind: tandemv1.Firm_COMPANY,
	}}
	if state != tandemv1.Firm_PENDING { // one without offers and needs stays pending
		r.Firm.Offers = []*tandemv1.Offer{{Capability: "underwater.sonar.towed-array"}}
		r.Firm.Needs = []*tandemv1.Need{{Capability: "underwater.sonar.processing"}}
	}
	firm, err := firms.CreateFirm(t.Context(), r)
	if err == nil && state == tandemv1.Firm_SUSPENDED {
		firm, err = firms.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: firm.Name})
	}
	if err != nil {
		t.Fatal(err)
	}
	if firm.State != state {
		t.Fatalf("%s is %s, want %s", firm.Name, firm.State, state)
	}
	return firm.Name
}

// Whatever is wrong with a credential, the answer is the same, over both
// protocols and also at methods that need none.
func TestBadCredentialsAreAlike(t *testing.T) {
	now := newClock()
	f := serveFaces(t, openServer(t, Config{Now: now.Now}))
	credentials := tandemv1.NewCredentialServiceClient(f.server.Operator())
	revoked, err := credentials.CreateCredential(t.Context(), &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_ORGANISER})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := credentials.RevokeCredential(t.Context(), &tandemv1.RevokeCredentialRequest{Name: revoked.Credential.Name}); err != nil {
		t.Fatal(err)
	}
	short, err := credentials.CreateCredential(t.Context(), &tandemv1.CreateCredentialRequest{
		Role: tandemv1.Credential_ORGANISER, Ttl: durationpb.New(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := access.NewSecret(strings.NewReader(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	valid := f.secret(t, tandemv1.Credential_ORGANISER, "")
	now.add(time.Hour)
	var first answer
	for i, secret := range []string{unknown, revoked.Secret, short.Secret, valid + "a", "tnd_", "Bearer " + valid, valid + ", Bearer " + valid} {
		for _, method := range []call{
			{method: "FirmService/ListFirms", credential: secret, request: `{}`},
			{method: "PartnershipService/GetPartnership", credential: secret, request: `{}`},
		} {
			now.add(time.Minute) // so that these are not too many failures
			got := f.both(t, method)
			if i == 0 {
				first = got
				blames(t, got, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Errorf("credential %d: the answer tells it apart:\n%s", i, diff)
			}
		}
	}
	if got := f.both(t, call{method: "FirmService/ListFirms", request: `{}`}); got.reason() != first.reason() {
		t.Errorf("without a credential: got %s, want %s", got.reason(), first.reason())
	}
}

// Two credentials in one call are refused, even where both are the same and valid.
func TestTwoCredentialsAreRefused(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	secret := "Bearer " + f.secret(t, tandemv1.Credential_ORGANISER, "")
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", secret, "authorization", secret)
	_, err := tandemv1.NewFirmServiceClient(f.conn).ListFirms(ctx, &tandemv1.ListFirmsRequest{})
	blames(t, errorAnswer(t, status.Convert(err)), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/firms", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["Authorization"] = []string{secret, secret}
	response, a := f.do(t, r)
	blames(t, a, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
	if got := response.Header.Get("WWW-Authenticate"); got != `Bearer realm="tandem"` {
		t.Errorf("got WWW-Authenticate: %s", got)
	}
}

// A valid secret under another scheme is none.
func TestOnlyBearerIsTaken(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	secret := f.secret(t, tandemv1.Credential_ORGANISER, "")
	for header, want := range map[string]codes.Code{
		"Bearer " + secret: codes.OK, "bearer " + secret: codes.OK,
		"Basic " + secret: codes.Unauthenticated, secret: codes.Unauthenticated, "Bearer": codes.Unauthenticated, "Bearer  " + secret: codes.Unauthenticated,
	} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", header)
		_, err := tandemv1.NewFirmServiceClient(f.conn).ListFirms(ctx, &tandemv1.ListFirmsRequest{})
		r, err2 := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/firms", nil)
		if err2 != nil {
			t.Fatal(err2)
		}
		r.Header.Set("Authorization", header)
		_, a := f.do(t, r)
		if status.Code(err) != want || a.Code != want {
			t.Errorf("%.8q...: got %s over gRPC and %s over REST, want %s", header, status.Code(err), a.Code, want)
		}
	}
}

// Nothing remembers a decision: a revocation and a suspension count with the next call.
func TestRevocationCountsAtOnce(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	operator := f.server.Operator()
	credential, err := tandemv1.NewCredentialServiceClient(operator).CreateCredential(t.Context(),
		&tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_AUDITOR})
	if err != nil {
		t.Fatal(err)
	}
	list := call{method: "FirmService/ListFirms", credential: credential.Secret, request: `{}`}
	if got := f.both(t, list); got.Code != codes.OK {
		t.Fatalf("before: %s", got.Message)
	}
	if _, err := tandemv1.NewCredentialServiceClient(operator).RevokeCredential(t.Context(),
		&tandemv1.RevokeCredentialRequest{Name: credential.Credential.Name}); err != nil {
		t.Fatal(err)
	}
	blames(t, f.both(t, list), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)

	firm := f.firm(t, "sonar-house", tandemv1.Firm_APPROVED)
	published := call{method: "PairingService/ListPairings", credential: f.secret(t, tandemv1.Credential_FIRM, firm), request: `{}`}
	if got := f.both(t, published); got.Code != codes.OK {
		t.Fatalf("before: %s", got.Message)
	}
	if _, err := tandemv1.NewFirmServiceClient(operator).SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: firm}); err != nil {
		t.Fatal(err)
	}
	blames(t, f.both(t, published), codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED)
}

// Ten failures a minute, then a longer wait; but never for a valid credential.
func TestTooManyFailures(t *testing.T) {
	now := newClock()
	f := serveFaces(t, openServer(t, Config{Now: now.Now}))
	good := f.secret(t, tandemv1.Credential_ORGANISER, "")
	list := func(secret string) call {
		return call{method: "FirmService/ListFirms", credential: secret, request: `{}`}
	}
	for range maxAttempts / 2 {
		blames(t, f.both(t, list("tnd_wrong")), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
	}
	blames(t, f.both(t, list("tnd_wrong")), codes.ResourceExhausted, tandemv1.Reason_TOO_MANY)
	if got := f.both(t, list(good)); got.Code != codes.OK {
		t.Errorf("a neighbour's failures lock a valid credential out: %s", got.Message)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/firms", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer tnd_wrong")
	response, _ := f.do(t, r)
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") != "61" {
		t.Errorf("got %s, Retry-After: %q; want 429 and the rest of the minute", response.Status, response.Header.Get("Retry-After"))
	}
	now.add(time.Minute)
	blames(t, f.both(t, list("tnd_wrong")), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
}

func TestAttemptsAreCountedByAddress(t *testing.T) {
	var a attempts
	now := newClock().Now()
	for range maxAttempts {
		if a.fail("192.0.2.1", now) != 0 {
			t.Fatal("refused within the limit")
		}
	}
	if a.fail("192.0.2.1", now) == 0 {
		t.Error("not refused above the limit")
	}
	if a.fail("192.0.2.2", now) != 0 {
		t.Error("another address is refused too")
	}
	for address, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1", "[2001:db8::1]:80": "2001:db8::/64",
		"[fe80::1%eth0]:80": "fe80::/64", "0": "", "": "",
	} {
		if got := hostOf(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

// requestFor is a request that has what its path over REST needs; "" where the
// method has no way over REST.
func requestFor(c call, method protoreflect.MethodDescriptor) string {
	rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return map[string]string{
			"FirmService/ImportFirms": `{}`, "MatchRunService/DownloadReport": `{"name": "matchRuns/r1"}`, "MatchRunService/ExportSnapshot": `{"name": "matchRuns/r1"}`,
		}[c.method]
	}
	_, template := verbAndTemplate(rule)
	request := make(map[string]any)
	for _, v := range variable.FindAllString(template, -1) {
		path, value, _ := strings.Cut(strings.Trim(v, "{}"), "=")
		value = strings.NewReplacer("pairings/*", "pairings/aa~bb", "**", "x1", "*", "x1").Replace(value)
		if message, field, nested := strings.Cut(path, "."); nested {
			request[message] = map[string]any{field: value}
		} else {
			request[path] = value
		}
	}
	raw, _ := json.Marshal(request)
	return string(raw)
}

// Every role that may not call a method is told so alike over both protocols,
// whatever else is wrong with its request.
func TestEveryDenialOverBothProtocols(t *testing.T) {
	now := newClock()
	f := serveFaces(t, openServer(t, Config{Now: now.Now}))
	secrets := map[tandemv1.Role]string{
		tandemv1.Role_ANONYMOUS:      "",
		tandemv1.Role_FIRM_PENDING:   f.secret(t, tandemv1.Credential_FIRM, f.firm(t, "pending", tandemv1.Firm_PENDING)),
		tandemv1.Role_FIRM:           f.secret(t, tandemv1.Credential_FIRM, f.firm(t, "approved", tandemv1.Firm_APPROVED)),
		tandemv1.Role_FIRM_SUSPENDED: f.secret(t, tandemv1.Credential_FIRM, f.firm(t, "suspended", tandemv1.Firm_SUSPENDED)),
		tandemv1.Role_ORGANISER:      f.secret(t, tandemv1.Credential_ORGANISER, ""),
		tandemv1.Role_AUDITOR:        f.secret(t, tandemv1.Credential_AUDITOR, ""),
		tandemv1.Role_INTEGRATION:    f.secret(t, tandemv1.Credential_INTEGRATION, ""),
	}
	calls := 0
	for _, s := range f.server.services() {
		var methods []string
		for _, m := range s.desc.Methods {
			methods = append(methods, m.MethodName)
		}
		for _, m := range s.desc.Streams {
			methods = append(methods, m.StreamName)
		}
		for _, name := range methods {
			c := call{method: s.desc.ServiceName + "/" + name}
			if s.desc.ServiceName != "google.longrunning.Operations" {
				c.method = strings.TrimPrefix(c.method, "tandem.v1.")
			}
			method := c.descriptor(t)
			if c.request = requestFor(c, method); c.request == "" {
				continue
			}
			if name == "ImportFirms" {
				c.file = []byte("not read")
			}
			for role, secret := range secrets {
				c.credential = secret
				switch access.Decide(access.Caller{Role: role}, access.Of(method)) {
				case access.Unauthenticated:
					blames(t, f.both(t, c), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
				case access.Denied:
					blames(t, f.both(t, c), codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED)
				default:
					continue
				}
				calls++
			}
		}
	}
	if calls < 100 {
		t.Errorf("%d denials tried: the test does not see the services", calls)
	}
}

// What a client says of itself in headers is nothing to the server.
func TestHeadersForgeNothing(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	good := "Bearer " + f.secret(t, tandemv1.Credential_ORGANISER, "")
	for _, name := range []string{
		"Grpc-Metadata-Authorization", "Grpcgateway-Authorization", "Proxy-Authorization", "X-Authorization", "Cookie", "Grpc-Metadata-Operator",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/firms", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(name, good)
		r.Header.Set("X-Forwarded-For", "127.0.0.1")
		_, a := f.do(t, r)
		blames(t, a, codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)

		ctx := metadata.AppendToOutgoingContext(t.Context(), strings.ToLower(name), good, "operator", "true", "protocol", "operator")
		_, err = tandemv1.NewFirmServiceClient(f.conn).ListFirms(ctx, &tandemv1.ListFirmsRequest{})
		blames(t, errorAnswer(t, status.Convert(err)), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.base+"/v1/firms", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-HTTP-Method-Override", http.MethodGet)
	response, a := f.do(t, r)
	if blames(t, a, codes.Unimplemented, tandemv1.Reason_METHOD_UNKNOWN); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a method override: got %s, want 405", response.Status)
	}
}

// The id of a request is the client's where it is one, and comes back over both
// protocols, also where all went well.
func TestRequestIDs(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	for sent, want := range map[string]string{"a-1.B_2": "a-1.B_2", "": "", "with space": "", "line\tbreak": "", strings.Repeat("x", 65): ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/partnership", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(requestIDHeader, sent)
		response, _ := f.do(t, r)
		var header metadata.MD
		ctx := metadata.AppendToOutgoingContext(t.Context(), requestIDHeader, strings.ReplaceAll(sent, "\t", " "))
		if _, err := tandemv1.NewPartnershipServiceClient(f.conn).GetPartnership(ctx, &tandemv1.GetPartnershipRequest{}, grpc.Header(&header)); err != nil {
			t.Fatal(err)
		}
		for _, got := range append(header.Get(requestIDHeader), response.Header.Get(requestIDHeader)) {
			if want != "" && got != want || want == "" && (got == sent || len(got) != 16) {
				t.Errorf("%q: got %q, want %q or a new one", sent, got, want)
			}
		}
	}
}

// newTestChain is a chain without credentials, with its log.
func newTestChain(t testing.TB) (*chain, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	nobody := func(context.Context, []byte) (access.Caller, error) { return access.Caller{}, unauthenticated() }
	c, err := newChain(make([]byte, keySize), nobody, newClock().Now, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return c, &log
}

func everybody(deadline time.Duration) *method {
	return &method{name: "Test/Call", access: &tandemv1.Access{Roles: []tandemv1.Role{tandemv1.Role_ANONYMOUS}}, deadline: deadline}
}

// A bug is answered with a fixed message; its cause is in the log, under the id.
func TestBugsStayInTheLog(t *testing.T) {
	c, log := newTestChain(t)
	ctx := withOrigin(t.Context(), origin{protocol: "rest", requestID: "id-7"})
	for name, next := range map[string]func(context.Context) error{
		"panic": func(context.Context) error { panic("secret of the house") },
		"error": func(context.Context) error { return errors.New("secret of the house") },
	} {
		log.Reset()
		a := errorAnswer(t, status.Convert(c.run(ctx, everybody(time.Minute), next)))
		blames(t, a, codes.Internal, tandemv1.Reason_INTERNAL)
		if strings.Contains(fmt.Sprint(a), "secret") {
			t.Errorf("%s: the caller is told %v", name, a)
		}
		for _, want := range []string{"secret of the house", "request_id=id-7", "level=ERROR", "method=Test/Call", "code=Internal"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: the log has no %s:\n%s", name, want, log)
			}
		}
	}
}

// When time is up the answer says so, whatever broke because of it.
func TestDeadlines(t *testing.T) {
	c, _ := newTestChain(t)
	for name, next := range map[string]func(context.Context) error{
		"as the context says": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"as a driver says":    func(ctx context.Context) error { <-ctx.Done(); return errors.New("interrupted") },
	} {
		t.Run(name, func(t *testing.T) {
			a := errorAnswer(t, status.Convert(c.run(t.Context(), everybody(time.Millisecond), next)))
			blames(t, a, codes.DeadlineExceeded, tandemv1.Reason_CANCELLED)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	a := errorAnswer(t, status.Convert(c.run(ctx, everybody(time.Minute), func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() })))
	blames(t, a, codes.Canceled, tandemv1.Reason_CANCELLED)
}

// A caller that says nothing, and one that does not read, end with the call's time.
func TestSilentCallersEnd(t *testing.T) {
	c, _ := newTestChain(t)
	ended := make(chan error, 2)
	chunk := &tandemv1.DownloadReportResponse{Data: make([]byte, filePart)}
	handlers := map[string]grpc.StreamHandler{
		"Silent": func(_ any, stream grpc.ServerStream) error { return stream.RecvMsg(new(tandemv1.ImportFirmsRequest)) },
		"Deaf": func(_ any, stream grpc.ServerStream) error {
			for {
				if err := stream.SendMsg(chunk); err != nil {
					return err
				}
			}
		},
	}
	native := grpc.NewServer(grpc.ForceServerCodecV2(newCodec()))
	desc := &grpc.ServiceDesc{ServiceName: "Test", HandlerType: (*any)(nil)}
	for name, handler := range handlers {
		wrapped := c.stream(everybody(50*time.Millisecond), handler, true)
		desc.Streams = append(desc.Streams, grpc.StreamDesc{
			StreamName: name, ClientStreams: true, ServerStreams: true,
			Handler: func(srv any, stream grpc.ServerStream) error { err := wrapped(srv, stream); ended <- err; return err },
		})
	}
	native.RegisterService(desc, struct{}{})
	listener, err := listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- native.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(grpcPlain))
	if err != nil {
		t.Fatal(err)
	}
	for name := range handlers {
		if _, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/Test/"+name); err != nil {
			t.Fatal(err)
		}
		blames(t, errorAnswer(t, status.Convert(<-ended)), codes.DeadlineExceeded, tandemv1.Reason_CANCELLED)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	native.Stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// No text that a firm wrote is ever in the log, however right or wrong the call.
func TestLogHasNoBusinessText(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := Open(t.Context(), Config{DB: filepath.Join(t.TempDir(), "tandem.db"), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	f := serveFaces(t, s)
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	const right = `{"display_name": "canary", "native_name": "canary", "summary": "canary", "external_id": "canary", "country": "KR", "kind": "COMPANY",
		"offers": [{"text": "towed array", "detail": "canary"}], "needs": [{"text": "canary", "detail": "canary"}], "contact": {"email": "canary@example.com"}}`
	for _, c := range []call{
		{method: "FirmService/RegisterFirm", request: `{"attested": true, "firm": ` + right + `}`},
		{method: "FirmService/CreateFirm", request: `{"attested": true, "firm_id": "canary", "firm": ` + right + `}`},
		{method: "FirmService/CreateFirm", credential: organiser, request: `{"attested": true, "firm_id": "canary", "firm": ` + right + `}`},
		{method: "FirmService/CreateFirm", credential: organiser, request: `{"attested": true, "firm_id": "Canary canary", "firm": ` + right + `}`},
		{method: "FirmService/ListFirms", credential: organiser, request: `{"filter": "canary = \"canary\""}`},
		{method: "FirmService/ListFirms", credential: organiser, request: `{"page_token": "canary"}`},
		{method: "CatalogService/SuggestCapabilities", request: `{"text": "canary"}`},
		{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true}`, file: []byte(right + "\n{canary")},
		{method: "FirmService/ListFirms", credential: "canary", request: `{}`},
	} {
		f.overGRPC(t, c)
		f.overREST(t, c)
	}
	_, _ = f.post(t, "/v1/firms?canary=canary", organiser, jsonBody, `{"canary": "canary"}`)
	_, _ = f.post(t, "/v1/canary", organiser, jsonBody, `canary`)
	if n := strings.Count(log.String(), `"msg":"call"`); n < 18 {
		t.Errorf("the log has %d calls: the test does not see it:\n%s", n, log.String())
	}
	if strings.Contains(strings.ToLower(log.String()), "canary") {
		t.Errorf("a text of a request is in the log:\n%s", log.String())
	}
	if strings.Contains(log.String(), organiser) {
		t.Error("a credential is in the log")
	}
}
