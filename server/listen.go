package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	grpccredentials "google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
)

// Limits of connections, and of how long anything of them may take.
const (
	maxConnections  = 5000
	headerTimeout   = 5 * time.Second
	bodyTimeout     = 30 * time.Second
	answerTimeout   = reportDeadline + 30*time.Second
	idleTimeout     = time.Minute
	connectionAge   = 30 * time.Minute
	connectionGrace = 30 * time.Second
	keepaliveEvery  = time.Minute
	// stopTimeout leaves room below the 10 s that a stop may take in all.
	stopTimeout = 8 * time.Second
)

// Serve listens over gRPC and over HTTP until ctx is done, then stops within 10
// seconds: calls that run may finish, new ones are turned away. An empty address
// is not listened on. When both listen, ready is called with their addresses.
func (s *Server) Serve(ctx context.Context, ready func(grpcAddress, httpAddress string)) error {
	certificate, err := s.config.certificate()
	if err != nil {
		return err
	}
	var open atomic.Bool
	api, err := newGateway(s.chain, s.local, s.services()...)
	if err != nil {
		return err
	}
	// The web pages stand outside: no other origin's page has business with them.
	pages, err := newDoor(s, certificate != nil, crossOrigin(s.config.CORSOrigins, newPages(api, open.Load)))
	if err != nil {
		return err
	}
	rest := newHTTPServer(pages, certificate, s.log)
	native, healthy, err := s.newGRPCServer(certificate)
	if err != nil {
		return err
	}
	grpcListener, err := listen(s.config.GRPCAddress, certificate != nil)
	if err != nil {
		return fmt.Errorf("gRPC: %w", err)
	}
	httpListener, err := listen(s.config.HTTPAddress, certificate != nil)
	if err != nil {
		return errors.Join(fmt.Errorf("HTTP: %w", err), closeListener(grpcListener))
	}

	ended := make(chan error, 2)
	var faces sync.WaitGroup
	serve := func(face func() error) {
		faces.Go(func() { ended <- face() })
	}
	if grpcListener != nil {
		serve(func() error { return native.Serve(grpcListener) })
	}
	if httpListener != nil {
		serve(func() error { return serveHTTP(rest, httpListener) })
	}
	open.Store(true)
	if ready != nil {
		ready(addressOf(grpcListener), addressOf(httpListener))
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-ended: // one of the two broke: neither goes on
	}
	open.Store(false)
	healthy.Shutdown()
	s.dismiss() // who follows changes would stay
	stop(native, rest, stopTimeout)
	faces.Wait()
	return err
}

// stop ends both faces together, first asking, then not.
func stop(native *grpc.Server, rest *http.Server, within time.Duration) {
	var both sync.WaitGroup
	both.Go(func() {
		// gRPC itself would wait for open streams for ever.
		timer := time.AfterFunc(within, native.Stop)
		defer timer.Stop()
		native.GracefulStop()
	})
	both.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		if rest.Shutdown(ctx) != nil {
			_ = rest.Close() // it breaks connections off, which is the point
		}
	})
	both.Wait()
}

// newGRPCServer builds the gRPC face. Reflection is off: /tandem.protoset has the
// contract for clients that want it.
func (s *Server) newGRPCServer(certificate *tls.Certificate) (*grpc.Server, *health.Server, error) {
	options := []grpc.ServerOption{
		grpc.ForceServerCodecV2(newCodec()),
		// Above maxMessage the chain answers with a proper error; far above it gRPC
		// itself refuses, before it has read anything.
		grpc.MaxRecvMsgSize(4 * maxMessage),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.ConnectionTimeout(headerTimeout),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: keepaliveEvery}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			Time: keepaliveEvery, MaxConnectionAge: connectionAge, MaxConnectionAgeGrace: connectionGrace,
		}),
		grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
			from := originOf(stream.Context())
			name, _ := grpc.MethodFromServerStream(stream)
			return methodUnknown("error.method.name", name).status(from.requestID, from.language()).Err()
		}),
	}
	if certificate != nil {
		options = append(options, grpc.Creds(grpccredentials.NewTLS(tlsConfig(certificate))))
	}
	native := grpc.NewServer(options...)
	healthy := health.NewServer()
	healthpb.RegisterHealthServer(native, healthy)
	return native, healthy, s.chain.register(native, true, s.services()...)
}

// newHTTPServer builds the HTTP face.
func newHTTPServer(handler http.Handler, certificate *tls.Certificate, log *slog.Logger) *http.Server {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    2 * maxHeaders, // above maxHeaders the gateway answers with a proper error
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	if certificate != nil {
		server.TLSConfig = tlsConfig(certificate)
	}
	return server
}

func serveHTTP(server *http.Server, listener net.Listener) error {
	serve := server.Serve
	if server.TLSConfig != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func tlsConfig(certificate *tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
}

// certificate loads the configured certificate; nil where there is none.
func (c Config) certificate() (*tls.Certificate, error) {
	if c.TLSCert == "" && c.TLSKey == "" {
		return nil, nil
	}
	certificate, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &certificate, nil
}

// listen opens an address; nil where it is empty. Without a certificate only
// loopback is listened on, since a credential in the clear is everybody's.
func listen(address string, secured bool) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", address, err)
	}
	if !secured && !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("address %q can be reached from outside, so it needs a certificate (--tls-cert, --tls-key); without one listen on loopback, such as 127.0.0.1:%d",
			address, resolved.Port)
	}
	listener, err := net.ListenTCP("tcp", resolved)
	if err != nil {
		return nil, err
	}
	return &countedListener{Listener: listener, places: make(chan struct{}, maxConnections)}, nil
}

func closeListener(listener net.Listener) error {
	if listener == nil {
		return nil
	}
	return listener.Close()
}

func addressOf(listener net.Listener) string {
	if listener == nil {
		return ""
	}
	return listener.Addr().String()
}

// countedListener closes connections that come when all places are taken.
type countedListener struct {
	net.Listener
	places chan struct{}
}

// Accept implements net.Listener.
func (l *countedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		select {
		case l.places <- struct{}{}:
			return &countedConn{Conn: conn, leave: sync.OnceFunc(func() { <-l.places })}, nil
		default:
			_ = conn.Close() // a full house has nothing to say to it
		}
	}
}

// countedConn gives its place back when it is closed.
type countedConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *countedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}
