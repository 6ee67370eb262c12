package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/fullstorydev/grpchan/inprocgrpc"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	longrunning "github.com/canada-korea-roadshow/tandem/proto/google/longrunning"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// gateway is the REST face: it turns requests into calls over the in-process
// channel, so that they pass the same chain as gRPC. It is strict where the
// library is lenient: unknown keys, repeated keys, foreign headers and method
// overrides are refused or dropped before anything is decoded.
//
// Answers are in camelCase and leave out fields that have their zero value (no
// score is 0 by accident: a pairing that is not scored has no score). Requests
// may use either spelling.
type gateway struct {
	chain   *chain
	channel *inprocgrpc.Channel
	mux     *runtime.ServeMux
	routes  routes
}

// newGateway builds the REST face of services that are registered in channel.
func newGateway(c *chain, channel *inprocgrpc.Channel, services ...service) (*gateway, error) {
	g := &gateway{chain: c, channel: channel, routes: make(routes)}
	g.mux = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions:   protojson.MarshalOptions{},
			UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
		}),
		runtime.WithIncomingHeaderMatcher(noHeader),
		runtime.WithOutgoingHeaderMatcher(noHeader),
		runtime.WithOutgoingTrailerMatcher(noHeader),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithStrictDeepWildcardMatching(), // else the list of operations is one of them
		runtime.WithMiddlewares(g.guard),
		runtime.WithErrorHandler(g.callError),
		runtime.WithRoutingErrorHandler(g.routingError),
	)
	for _, s := range services {
		if err := g.routes.add(s.desc.ServiceName); err != nil {
			return nil, err
		}
	}
	for _, register := range []func(context.Context, *runtime.ServeMux, grpc.ClientConnInterface) error{
		withClient(tandemv1.NewPartnershipServiceClient, tandemv1.RegisterPartnershipServiceHandlerClient),
		withClient(tandemv1.NewFirmServiceClient, tandemv1.RegisterFirmServiceHandlerClient),
		withClient(tandemv1.NewCatalogServiceClient, tandemv1.RegisterCatalogServiceHandlerClient),
		withClient(tandemv1.NewPairingServiceClient, tandemv1.RegisterPairingServiceHandlerClient),
		withClient(tandemv1.NewMatchRunServiceClient, tandemv1.RegisterMatchRunServiceHandlerClient),
		withClient(tandemv1.NewChangeServiceClient, tandemv1.RegisterChangeServiceHandlerClient),
		withClient(tandemv1.NewCredentialServiceClient, tandemv1.RegisterCredentialServiceHandlerClient),
		withClient(tandemv1.NewInvitationServiceClient, tandemv1.RegisterInvitationServiceHandlerClient),
		withClient(tandemv1.NewAuditServiceClient, tandemv1.RegisterAuditServiceHandlerClient),
		withClient(longrunningpb.NewOperationsClient, longrunning.RegisterOperationsHandlerClient),
	} {
		if err := register(context.Background(), g.mux, channel); err != nil {
			return nil, err
		}
	}
	return g, g.addFiles()
}

// withClient joins the two generated halves of a service's gateway.
func withClient[C any](
	client func(grpc.ClientConnInterface) C, register func(context.Context, *runtime.ServeMux, C) error,
) func(context.Context, *runtime.ServeMux, grpc.ClientConnInterface) error {
	return func(ctx context.Context, mux *runtime.ServeMux, conn grpc.ClientConnInterface) error {
		return register(ctx, mux, client(conn))
	}
}

// noHeader passes no header between HTTP and gRPC: what the chain needs of them
// is in the origin.
func noHeader(string) (string, bool) { return "", false }

// ServeHTTP implements http.Handler.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from := originOfRequest(r)
	w.Header().Set(requestIDHeader, from.requestID)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	switch {
	case len(r.RequestURI) > maxURL:
		writeError(w, tooLarge("", "error.large.url", maxURL).status(from.requestID, from.language()))
	case headerSize(r.Header) > maxHeaders:
		writeError(w, tooLarge("", "error.large.headers", maxHeaders).status(from.requestID, from.language()))
	case r.Header.Get("X-HTTP-Method-Override") != "":
		g.wrongVerb(w, r, from, func(allowed string) *Error { return methodUnknown("error.method.override", allowed) })
	default:
		inner := r.WithContext(withOrigin(r.Context(), from))
		inner.Header = http.Header{}
		if kind := r.Header.Get("Content-Type"); kind != "" { // all that the route looks at
			inner.Header.Set("Content-Type", kind)
		}
		g.mux.ServeHTTP(w, inner)
	}
}

// originOfRequest is the origin of a call over REST.
func originOfRequest(r *http.Request) origin {
	return origin{
		protocol:      "rest",
		address:       hostOf(r.RemoteAddr),
		requestID:     newRequestID(r.Header.Values(requestIDHeader)...),
		authorization: r.Header.Values("Authorization"),
		languages:     r.Header.Values("Accept-Language"),
	}
}

// headerSize counts as HTTP/2 does.
func headerSize(header http.Header) int {
	size := 0
	for name, values := range header {
		for _, value := range values {
			size += len(name) + len(value) + 32
		}
	}
	return size
}

// guard holds a request against its route before the gateway decodes it.
func (g *gateway) guard(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		route := g.routeOf(r)
		if route == nil { // a route that is no method of the contract: none is registered
			g.routingError(r.Context(), g.mux, nil, w, r, http.StatusNotFound)
			return
		}
		if err := route.admit(w, r); err != nil {
			g.refuse(w, r, route, err)
			return
		}
		next(w, r, params)
	}
}

func (g *gateway) routeOf(r *http.Request) *route {
	pattern, ok := runtime.HTTPPattern(r.Context())
	if !ok {
		return nil
	}
	return g.routes.find(r.Method, pattern.String())
}

// admit reads query and body, and puts them back in the contract's spelling.
func (r *route) admit(w http.ResponseWriter, request *http.Request) error {
	query, err := r.readQuery(request.URL.RawQuery)
	if err != nil {
		return err
	}
	request.URL.RawQuery = query.Encode()
	if r.body == fileBody {
		return r.checkType(request)
	}
	data, err := r.readBody(w, request)
	if err != nil {
		return err
	}
	request.Header.Del("Content-Type") // the gateway has one form of message only
	request.Body = io.NopCloser(bytes.NewReader(data))
	return nil
}

// refuse answers a request that never became a call. It goes through the chain
// all the same, so that it is logged, and so that a caller who may not call the
// method is told that, and not what is wrong with its body.
func (g *gateway) refuse(w http.ResponseWriter, r *http.Request, route *route, why error) {
	writeError(w, status.Convert(g.chain.run(r.Context(), route.method, func(context.Context) error { return why })))
}

// callError answers with the error of a call, or of the gateway about it.
func (g *gateway) callError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	st := status.Convert(err)
	if len(st.Details()) > 0 { // the chain has answered
		writeError(w, st)
		return
	}
	why := asError(err)
	var unescaped *runtime.HTTPStatusError
	if errors.As(err, &unescaped) || st.Code() == codes.InvalidArgument { // the gateway could not decode something
		why = malformed("", "error.json.value")
		why.Cause = err
	}
	if route := g.routeOf(r); route != nil {
		g.refuse(w, r, route, why)
		return
	}
	writeError(w, why.status(requestIDOf(ctx), languageOfCall(ctx)))
}

// routingError answers where no route matches.
func (g *gateway) routingError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, httpStatus int) {
	from, _ := ctx.Value(originKey{}).(origin)
	switch httpStatus {
	case http.StatusMethodNotAllowed:
		g.wrongVerb(w, r, from, func(allowed string) *Error { return methodUnknown("error.method.verb", r.Method, allowed) })
	case http.StatusNotFound:
		writeError(w, methodUnknown("error.method.path").status(from.requestID, from.language()))
	default:
		writeError(w, malformed("", "error.path").status(from.requestID, from.language()))
	}
}

// wrongVerb answers where a path exists, but not for this verb.
func (g *gateway) wrongVerb(w http.ResponseWriter, r *http.Request, from origin, why func(allowed string) *Error) {
	allowed := strings.Join(g.routes.allowed(r.URL.Path), ", ")
	w.Header().Set("Allow", allowed)
	writeErrorAs(w, why(allowed).status(from.requestID, from.language()), http.StatusMethodNotAllowed)
}

// writeError writes a status as AIP-193 has it.
func writeError(w http.ResponseWriter, st *status.Status) {
	writeErrorAs(w, st, httpStatus(st))
}

// httpStatus is what a status is over HTTP.
func httpStatus(st *status.Status) int {
	switch st.Code() {
	case codes.Unimplemented:
		return http.StatusNotFound
	case codes.ResourceExhausted:
		for _, detail := range st.Details() {
			if info, ok := detail.(*errdetails.ErrorInfo); ok && info.Reason == tandemv1.Reason_TOO_LARGE.String() {
				return http.StatusRequestEntityTooLarge
			}
		}
		return http.StatusTooManyRequests
	default:
		return runtime.HTTPStatusFromCode(st.Code())
	}
}

func writeErrorAs(w http.ResponseWriter, st *status.Status, httpStatus int) {
	type body struct {
		Code    int               `json:"code"`
		Message string            `json:"message"`
		Status  string            `json:"status"`
		Details []json.RawMessage `json:"details"`
	}
	b := body{Code: httpStatus, Message: st.Message(), Status: code.Code(st.Proto().GetCode()).String()}
	for _, detail := range st.Proto().GetDetails() {
		if raw, err := protojson.Marshal(detail); err == nil { // the chain attaches only what this program knows
			b.Details = append(b.Details, raw)
		}
	}
	for _, detail := range st.Details() {
		if retry, ok := detail.(*errdetails.RetryInfo); ok {
			w.Header().Set("Retry-After", strconv.Itoa(int(retry.RetryDelay.AsDuration().Seconds()+0.999)))
		}
	}
	if st.Code() == codes.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="tandem"`)
	}
	w.Header().Set("Content-Type", jsonBody)
	w.WriteHeader(httpStatus)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(map[string]body{"error": b}) // the client may be gone; there is nobody to tell
}
