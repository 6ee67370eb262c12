package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	grpccredentials "google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Without a certificate nobody outside is listened to.
func TestOnlyLoopbackWithoutACertificate(t *testing.T) {
	for address, allowed := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:0": true, "localhost:0": true,
		":0": false, "0.0.0.0:0": false, "[::]:0": false, "192.0.2.1:0": false,
	} {
		listener, err := listen(address, false)
		switch {
		case err == nil && !allowed:
			t.Errorf("%s is listened on", address)
		case err != nil && allowed && address != "[::1]:0": // a machine may be without IPv6
			t.Errorf("%s: %v", address, err)
		case err != nil && !allowed && !strings.Contains(err.Error(), "certificate"):
			t.Errorf("%s: %v does not say what is missing", address, err)
		}
		if err := closeListener(listener); err != nil {
			t.Error(err)
		}
	}
	s := openServer(t, Config{GRPCAddress: "127.0.0.1:0", HTTPAddress: ":0"})
	if err := s.Serve(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("Serve: got %v, want an error about the certificate", err)
	}
	broken := openServer(t, Config{TLSCert: "none.pem", TLSKey: "none.pem", GRPCAddress: "127.0.0.1:0"})
	if err := broken.Serve(t.Context(), nil); err == nil {
		t.Error("Serve goes on without the certificate that it was given")
	}
}

// certify writes a certificate for loopback and returns its files and its pool.
func certify(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, content := range map[string][]byte{certFile: certificate, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certificate)
	return certFile, keyFile, pool
}

// With a certificate both faces speak TLS 1.2 or later and nothing else.
func TestServeWithACertificate(t *testing.T) {
	certFile, keyFile, pool := certify(t)
	s := openServer(t, Config{TLSCert: certFile, TLSKey: keyFile, GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0"})
	ctx, cancel := context.WithCancel(t.Context())
	addresses, ended := make(chan [2]string, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(g, h string) { addresses <- [2]string{g, h} }) }()
	at := <-addresses
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	client := &http.Client{Transport: transport}
	get := func(url string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		return response, err
	}
	if response, err := get("https://" + at[1] + "/v1/partnership"); err != nil || response.StatusCode != http.StatusOK || response.ProtoMajor != 2 {
		t.Errorf("HTTPS: got %v, %v; want 200 over HTTP/2", response, err)
	}
	if response, err := get("http://" + at[1] + "/v1/partnership"); err == nil && response.StatusCode == http.StatusOK {
		t.Error("HTTP without TLS is answered too")
	}
	conn, err := grpc.NewClient(at[0], grpc.WithTransportCredentials(grpccredentials.NewTLS(&tls.Config{RootCAs: pool})))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tandemv1.NewPartnershipServiceClient(conn).GetPartnership(t.Context(), &tandemv1.GetPartnershipRequest{}); err != nil {
		t.Errorf("gRPC over TLS: %v", err)
	}
	for _, address := range at {
		old, err := tls.Dial("tcp", address, &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}) //nolint:gosec // G402: that it is refused is the test
		if err == nil {
			t.Errorf("%s takes TLS 1.1", address)
			_ = old.Close()
		}
	}
	transport.CloseIdleConnections()
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// Health is told without a credential and without details; when the server stops
// it is the first to say so.
func TestHealth(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	health := healthpb.NewHealthClient(f.conn)
	answer, err := health.Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || answer.Status != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("gRPC: got %v, %v; want SERVING", answer, err)
	}
	for target, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ok\n"} {
		if got := f.get(t, target); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

// get reads a page.
func (f *faces) get(t testing.TB, target string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, a := f.do(t, r)
	return a.File
}

// A server stops in time though a client holds a call open, which gRPC alone
// would wait for.
func TestStopDoesNotWaitForEver(t *testing.T) {
	s := openServer(t, Config{})
	native, healthy, err := s.newGRPCServer(nil)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- native.Serve(listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(grpcPlain))
	if err != nil {
		t.Fatal(err)
	}
	watch, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watch.Recv(); err != nil { // the call is open, and goes on
		t.Fatal(err)
	}
	healthy.Shutdown()
	start := time.Now()
	stop(native, &http.Server{ReadHeaderTimeout: time.Second}, 50*time.Millisecond)
	if took := time.Since(start); took > time.Minute {
		t.Errorf("stopping took %s", took)
	}
	if err := <-ended; err != nil {
		t.Errorf("serving: %v", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// Connections above the limit are closed; those that end make room.
func TestConnectionsHaveALimit(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &countedListener{Listener: inner, places: make(chan struct{}, 1)}
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	first := dial()
	held := <-accepted
	second := dial()
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Error("a connection above the limit is not closed")
	}
	for range 2 { // a second Close gives no second place back
		_ = held.Close()
	}
	third := dial()
	for _, conn := range []io.Closer{<-accepted, first, second, third, listener} {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, open := <-accepted; open {
		t.Error("accepted after the end")
	}
}
