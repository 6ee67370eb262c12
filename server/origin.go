package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"net/netip"
	"regexp"
	"strings"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// requestIDHeader carries the request id, in requests and answers, over both
// protocols.
const requestIDHeader = "x-request-id"

// origin is what a transport knows of a call before anybody looks at who makes
// it. Calls of the gateway and of the operator come in process: their origin
// rides on the client's context, which only code of this process can make, never
// on metadata, which any client can.
type origin struct {
	protocol      string // "grpc", "rest", "web" or "operator"
	address       string // the peer's IP address, where there is one
	requestID     string
	authorization []string
	pass          []byte // of web pages: the hash of the credential that their reader signed in with
	operator      bool
	languages     []string // Accept-Language, as it came
}

type (
	originKey    struct{}
	requestIDKey struct{}
)

func withOrigin(ctx context.Context, o origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// originOf finds the origin of a call in the context of its server side.
func originOf(ctx context.Context) origin {
	if client := inprocgrpc.ClientContext(ctx); client != nil {
		ctx = client
	} else if md, ok := metadata.FromIncomingContext(ctx); ok {
		o := origin{
			protocol: "grpc", authorization: md.Get("authorization"), requestID: newRequestID(md.Get(requestIDHeader)...),
			languages: md.Get(languageHeader),
		}
		if p, ok := peer.FromContext(ctx); ok {
			o.address = hostOf(p.Addr.String())
		}
		return o
	}
	if o, ok := ctx.Value(originKey{}).(origin); ok {
		return o
	}
	return origin{requestID: newRequestID()}
}

// requestIDOf returns the id of the request that a call belongs to, for the log,
// the audit and the answer.
func requestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// validRequestID matches the ids that callers may choose: nothing that could
// forge a line of a log.
var validRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// newRequestID takes over the id that a caller sent, where it sent one valid id,
// so that its own log and ours can be read together; else it draws one.
func newRequestID(sent ...string) string {
	if len(sent) == 1 && validRequestID.MatchString(sent[0]) {
		return sent[0]
	}
	raw := make([]byte, 10)
	_, _ = rand.Read(raw) // it never fails, as documented
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw))
}

// hostOf returns the IP address of an address with port; "" where it is none.
// An IPv6 caller commands at least the 64 bits below its prefix, so these are
// one address.
func hostOf(address string) string {
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	ip := parsed.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, _ := ip.Prefix(64) // 64 is a length that every IPv6 address has
	return prefix.String()
}

// operatorConn is the in-process connection of whoever runs the server's host.
type operatorConn struct {
	grpc.ClientConnInterface
}

// Invoke implements grpc.ClientConnInterface.
func (c operatorConn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return c.ClientConnInterface.Invoke(asOperator(ctx), method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (c operatorConn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.ClientConnInterface.NewStream(asOperator(ctx), desc, method, opts...)
}

func asOperator(ctx context.Context) context.Context {
	said, _ := metadata.FromOutgoingContext(ctx)
	return withOrigin(ctx, origin{protocol: "operator", operator: true, requestID: newRequestID(), languages: said.Get(languageHeader)})
}
