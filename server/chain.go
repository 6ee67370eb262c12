package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// identifier finds whose credential it is by the hash of its secret. An unknown,
// an expired and a revoked one are all unauthenticated(); every other error means
// that it could not be looked up.
type identifier func(ctx context.Context, hash []byte) (access.Caller, error)

// chain is what every call passes through, over gRPC, REST and in process, in
// this order: observe, errors, recover, authenticate, authorise, limit, decode,
// validate, the service, filter. It wraps the methods where they are registered
// instead of being a gRPC interceptor, because an interceptor only sees what gRPC
// could decode: here a caller is known before its message is read, and what
// cannot be read gets a proper error.
type chain struct {
	key       []byte // the server key, under which credentials are hashed
	identify  identifier
	now       func() time.Time
	log       *slog.Logger
	validator protovalidate.Validator
	count     func(method, protocol, code string, took time.Duration) // every call; nobody counts where nil
	attempts  attempts
	refusals  refusals
}

func newChain(key []byte, identify identifier, now func() time.Time, log *slog.Logger) (*chain, error) {
	validator, err := protovalidate.New()
	if err != nil {
		return nil, fmt.Errorf("compiling the rules of the contract: %w", err)
	}
	return &chain{key: key, identify: identify, now: now, log: log, validator: validator, refusals: refusals{log: log}}, nil
}

// service is an implementation with the description that registers it.
type service struct {
	desc *grpc.ServiceDesc
	impl any
}

// method is what the chain knows of a method.
type method struct {
	name     string // without the leading slash: tandem.v1.FirmService/GetFirm
	access   *tandemv1.Access
	deadline time.Duration
}

// register wraps the services into the chain. Over a network every method is
// registered as a stream, also those with one message each way: only so the
// chain runs before a message is read. The wire is the same.
func (c *chain) register(registrar grpc.ServiceRegistrar, network bool, services ...service) error {
	for _, s := range services {
		wrapped := &grpc.ServiceDesc{ServiceName: s.desc.ServiceName, HandlerType: s.desc.HandlerType, Metadata: s.desc.Metadata}
		for _, desc := range s.desc.Methods {
			m, err := describe(s.desc.ServiceName, desc.MethodName)
			if err != nil {
				return err
			}
			if network {
				wrapped.Streams = append(wrapped.Streams, grpc.StreamDesc{StreamName: desc.MethodName, Handler: c.single(m, desc.Handler)})
			} else {
				wrapped.Methods = append(wrapped.Methods, grpc.MethodDesc{MethodName: desc.MethodName, Handler: c.unary(m, desc.Handler)})
			}
		}
		for _, desc := range s.desc.Streams {
			m, err := describe(s.desc.ServiceName, desc.StreamName)
			if err != nil {
				return err
			}
			desc.Handler = c.stream(m, desc.Handler, network)
			wrapped.Streams = append(wrapped.Streams, desc)
		}
		registrar.RegisterService(wrapped, s.impl)
	}
	return nil
}

// describe reads what the contract says of a method.
func describe(serviceName, methodName string) (*method, error) {
	full := protoreflect.FullName(serviceName + "." + methodName)
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(full)
	if err != nil {
		return nil, fmt.Errorf("method %s: %w", full, err)
	}
	md, ok := descriptor.(protoreflect.MethodDescriptor)
	if !ok {
		return nil, fmt.Errorf("%s is no method", full)
	}
	m := &method{name: serviceName + "/" + methodName, access: access.Of(md), deadline: unaryDeadline}
	switch {
	case m.access == nil:
		return nil, fmt.Errorf("method %s does not declare who may call it", full)
	case "/"+m.name == tandemv1.ChangeService_WatchChanges_FullMethodName, "/"+m.name == tandemv1.PairingService_WatchPartners_FullMethodName:
		m.deadline = followDeadline
	case "/"+m.name == tandemv1.ChangeService_ListChanges_FullMethodName, "/"+m.name == tandemv1.PairingService_AwaitPartners_FullMethodName:
		m.deadline = waitDeadline
	case md.IsStreamingClient():
		m.deadline = importDeadline
	case md.IsStreamingServer():
		m.deadline = reportDeadline
	}
	return m, nil
}

// unary wraps a method that is called in process.
func (c *chain) unary(m *method, handle grpc.MethodHandler) grpc.MethodHandler {
	return func(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var answer any
		err := c.run(ctx, m, func(ctx context.Context) (err error) {
			answer, err = handle(srv, ctx, func(request any) error {
				if err := decode(request); err != nil {
					return err
				}
				return c.check(ctx, request)
			}, nil)
			if err == nil {
				answer = disclose(ctx, answer)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		return answer, nil
	}
}

// single wraps a method with one message each way that is called over a network.
func (c *chain) single(m *method, handle grpc.MethodHandler) grpc.StreamHandler {
	return func(srv any, stream grpc.ServerStream) error {
		return c.run(stream.Context(), m, func(ctx context.Context) error {
			guarded := &guardedStream{ServerStream: stream, ctx: ctx, chain: c, network: true}
			answer, err := handle(srv, ctx, guarded.RecvMsg, nil)
			if err != nil {
				return err
			}
			return guarded.SendMsg(answer)
		})
	}
}

// stream wraps a method with a stream of messages.
func (c *chain) stream(m *method, handle grpc.StreamHandler, network bool) grpc.StreamHandler {
	return func(srv any, stream grpc.ServerStream) error {
		return c.run(stream.Context(), m, func(ctx context.Context) error {
			return handle(srv, &guardedStream{ServerStream: stream, ctx: ctx, chain: c, network: network})
		})
	}
}

// guardedStream checks what comes in and filters what goes out.
type guardedStream struct {
	grpc.ServerStream
	ctx      context.Context
	chain    *chain
	network  bool
	received int
}

// Context implements grpc.ServerStream.
func (s *guardedStream) Context() context.Context { return s.ctx }

// RecvMsg implements grpc.ServerStream.
func (s *guardedStream) RecvMsg(m any) error {
	receive := s.ServerStream.RecvMsg
	if s.network {
		receive = s.receiveFrame
	}
	if err := receive(m); err != nil {
		return err
	}
	if s.received += proto.Size(m.(proto.Message)); s.received > maxImport+maxImport/1024 { // the rest is framing
		return tooLarge("data", "error.large.file", maxImport>>20)
	}
	return s.chain.check(s.ctx, m)
}

// receiveFrame takes the next message off the network.
func (s *guardedStream) receiveFrame(m any) error {
	var data frame
	if err := s.inTime(func() error { return s.ServerStream.RecvMsg(&data) }); err != nil {
		return unreadable(err)
	}
	return data.decode(m.(proto.Message))
}

// inTime ends a transfer when the call's time is up: gRPC itself would wait for a
// silent caller, and for one that does not read, for ever.
func (s *guardedStream) inTime(transfer func() error) error {
	done := make(chan error, 1)
	go func() { done <- transfer() }()
	select {
	case <-s.ctx.Done():
		return s.ctx.Err() // the goroutine ends with the stream, which this error ends
	case err := <-done:
		return err
	}
}

// unreadable says what gRPC could not read; the end of a stream stays that.
func unreadable(err error) error {
	if errors.Is(err, io.EOF) {
		return err
	}
	if e := asError(err); e.Code != codes.Internal {
		return e
	}
	return malformed("", "error.wire.frame")
}

// SendMsg implements grpc.ServerStream.
func (s *guardedStream) SendMsg(m any) error {
	seen := disclose(s.ctx, m)
	if !s.network {
		return s.ServerStream.SendMsg(seen) // the process's own channel keeps the time
	}
	return s.inTime(func() error { return s.ServerStream.SendMsg(seen) })
}

// disclose returns what the caller may see of an answer. The answer itself is
// left as it is, since a service may give out what it keeps.
func disclose(ctx context.Context, answer any) any {
	seen := proto.Clone(answer.(proto.Message))
	access.Filter(access.FromContext(ctx), seen)
	return seen
}

// run takes one call through the chain. What happens with its messages is next's.
func (c *chain) run(ctx context.Context, m *method, next func(context.Context) error) error {
	from, start := originOf(ctx), c.now()
	ctx = context.WithValue(ctx, requestIDKey{}, from.requestID)
	ctx = context.WithValue(ctx, tongueKey{}, &tongue{language: from.language()})
	// Where the transport has no answer headers, as under a REST handler, there
	// is nothing to set: that handler sets its own.
	_ = grpc.SetHeader(ctx, metadata.Pairs(requestIDHeader, from.requestID))
	ctx, cancel := context.WithTimeout(ctx, m.deadline)
	defer cancel()

	caller, err := c.admit(ctx, m, from)
	if err == nil {
		err = recovered(func() error { return next(access.WithCaller(ctx, caller)) })
	}
	if err != nil {
		c.noteRefusal(ctx, m.name, from, caller, err)
		err = c.limitGuesses(from, err)
	}
	e := c.observe(ctx, m, from, caller, err, c.now().Sub(start))
	if e == nil {
		return nil
	}
	return e.status(from.requestID, languageOfCall(ctx)).Err()
}

// recovered turns a panic into an error with its stack.
func recovered(next func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = internalError(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	return next()
}

// causeOf is what the log tells of a failure of background work: of a panic, what it was and where.
func causeOf(err error) error {
	if own := new(Error); errors.As(err, &own) && own.Cause != nil {
		return own.Cause
	}
	return err
}

// observe logs the call, without any business text, and returns the error that
// the caller gets.
func (c *chain) observe(ctx context.Context, m *method, from origin, caller access.Caller, err error, took time.Duration) *Error {
	attrs := []slog.Attr{
		slog.String("request_id", from.requestID), slog.String("method", m.name), slog.String("protocol", from.protocol),
		slog.String("role", caller.Role.String()), slog.Duration("duration", took),
	}
	if caller.Credential != "" {
		attrs = append(attrs, slog.String("credential", caller.Credential))
	}
	if err == nil {
		c.counted(m, from, codes.OK, took)
		c.log.LogAttrs(ctx, slog.LevelInfo, "call", append(attrs, slog.String("code", codes.OK.String()))...)
		return nil
	}
	e := asError(err)
	if gone := ctx.Err(); gone != nil && (e.Code == codes.Internal || e.Code == codes.Unavailable) {
		e = asError(gone) // whatever broke, broke because time was up
	}
	c.counted(m, from, e.Code, took)
	level := slog.LevelInfo
	attrs = append(attrs, slog.String("code", e.Code.String()), slog.String("reason", e.Reason.String()))
	switch e.Code {
	case codes.Internal, codes.DataLoss, codes.Unavailable:
		if e.Cause != nil { // without one it is how a stream ends
			level = slog.LevelError
			attrs = append(attrs, slog.String("cause", e.Cause.Error()))
		}
	default: // the caller's business
	}
	c.log.LogAttrs(ctx, level, "call", attrs...)
	return e
}

// counted tells whoever counts calls of one.
func (c *chain) counted(m *method, from origin, code codes.Code, took time.Duration) {
	if c.count != nil {
		c.count(m.name, from.protocol, code.String(), took)
	}
}

// admit authenticates the caller and decides whether it may call the method.
func (c *chain) admit(ctx context.Context, m *method, from origin) (access.Caller, error) {
	caller, err := c.authenticate(ctx, from)
	if err != nil {
		return access.Caller{Role: tandemv1.Role_ANONYMOUS}, err
	}
	switch access.Decide(caller, m.access) {
	case access.Allowed:
		return caller, nil
	case access.Unauthenticated:
		return caller, unauthenticated()
	default:
		return caller, denied(caller.Role, m.name)
	}
}

// authenticate finds out who calls. Without a credential it is nobody in
// particular; a wrong, expired, revoked or second one is refused everywhere.
func (c *chain) authenticate(ctx context.Context, from origin) (access.Caller, error) {
	if from.operator {
		return access.Caller{Role: tandemv1.Role_ORGANISER, Operator: true}, nil
	}
	if len(from.pass) > 0 {
		return c.identify(ctx, from.pass)
	}
	if len(from.authorization) == 0 {
		return access.Caller{Role: tandemv1.Role_ANONYMOUS}, nil
	}
	scheme, secret, _ := strings.Cut(from.authorization[0], " ")
	err := error(unauthenticated())
	if len(from.authorization) == 1 && strings.EqualFold(scheme, "Bearer") && access.ParseSecret(secret) {
		var caller access.Caller
		if caller, err = c.identify(ctx, access.Hash(c.key, secret)); err == nil {
			return caller, nil
		}
	}
	if e := asError(err); e.Code != codes.Unauthenticated {
		return access.Caller{}, err
	}
	if wait := c.attempts.fail(from.address, c.now()); wait > 0 {
		e := tooMany(wait, "error.guesses", int(wait.Seconds()))
		e.Cause = unauthenticated() // what it is to the audit log
		return access.Caller{}, e
	}
	return access.Caller{}, unauthenticated()
}

// limitGuesses counts a claim code that invites nobody like a failed authentication.
func (c *chain) limitGuesses(from origin, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Reason != tandemv1.Reason_CLAIM_CODE_UNKNOWN {
		return err
	}
	if wait := c.attempts.fail(from.address, c.now()); wait > 0 {
		return tooMany(wait, "error.guesses.code", int(wait.Seconds()))
	}
	return err
}

// maxAttempts is how many failed authentications an address has in a minute.
// Valid credentials pass at any time, so nobody can lock out a neighbour.
const maxAttempts = 10

// attempts counts failed authentications per address, in the minute that runs.
type attempts struct {
	mu     sync.Mutex
	minute time.Time
	failed map[string]int
}

// fail counts a failure and returns how long the address must wait; 0 where it
// may go on.
func (a *attempts) fail(address string, now time.Time) time.Duration {
	if address == "" {
		return 0 // in process: no address, nobody to guess
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	minute := now.Truncate(time.Minute)
	if a.failed == nil || !minute.Equal(a.minute) {
		a.minute, a.failed = minute, make(map[string]int)
	}
	if a.failed[address]++; a.failed[address] <= maxAttempts {
		return 0
	}
	return minute.Add(time.Minute).Sub(now).Round(time.Second) + time.Second
}
