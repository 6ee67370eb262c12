package server

import (
	"context"
	"net/http"

	"google.golang.org/grpc"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/web"
)

// door lets web pages call the services in the name of whoever signed in: in process, through the same chain as everybody.
type door struct{ *Server }

// newDoor builds the web pages of a server and puts them in front of what else it answers over HTTP. The pages have / and /web/.
func newDoor(s *Server, secure bool, next http.Handler) (http.Handler, error) {
	pages, err := web.New(web.Config{
		Gate: door{s}, Catalog: s.catalog, Partnership: s.Partnership(), Now: s.config.Now, Secure: secure, Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	visited := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := originOfRequest(r)
		from.protocol, from.authorization = "web", nil // a page's caller is its session's, whatever the headers say
		w.Header().Set(requestIDHeader, from.requestID)
		pages.ServeHTTP(w, r.WithContext(withOrigin(r.Context(), from)))
	})
	mux := http.NewServeMux()
	mux.Handle("/{$}", visited)
	mux.Handle("/web/", visited)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Asking first keeps the multiplexer's own redirects and answers away from the API.
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}), nil
}

// Enter implements web.Gate: failed tries count against the address as they do over the API.
func (d door) Enter(ctx context.Context, secret string) (web.Pass, error) {
	from := originOf(ctx)
	from.authorization = []string{"Bearer " + secret}
	if _, err := d.chain.authenticate(ctx, from); err != nil {
		d.chain.noteRefusal(ctx, "tandem.web/SignIn", from, access.Caller{Role: tandemv1.Role_ANONYMOUS}, err)
		return nil, asError(err).status(from.requestID, from.language()).Err()
	}
	return access.Hash(d.key, secret), nil
}

// Bearer implements web.Gate.
func (d door) Bearer(ctx context.Context, pass web.Pass) (access.Caller, error) {
	caller, err := d.identify(ctx, pass)
	if err != nil {
		return access.Caller{}, asError(err).status(originOf(ctx).requestID, originOf(ctx).language()).Err()
	}
	return caller, nil
}

// As implements web.Gate.
func (d door) As(pass web.Pass, reads catalog.Language) grpc.ClientConnInterface {
	return passConn{d.local, pass, reads}
}

// passConn is the in-process connection of the bearer of a pass, who reads errors in the language that the page is in.
type passConn struct {
	grpc.ClientConnInterface
	pass  web.Pass
	reads catalog.Language
}

// Invoke implements grpc.ClientConnInterface.
func (c passConn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return c.ClientConnInterface.Invoke(c.passing(ctx), method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (c passConn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.ClientConnInterface.NewStream(c.passing(ctx), desc, method, opts...)
}

func (c passConn) passing(ctx context.Context) context.Context {
	from := originOf(ctx)
	from.pass, from.languages = c.pass, []string{c.reads.String()}
	return withOrigin(ctx, from)
}
