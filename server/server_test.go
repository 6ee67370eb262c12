package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// shippedFirms are the organisations that the demo loads.
func shippedFirms(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("../cmd/tandem/demo/firms.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// openServer opens a new register in a directory of the test.
func openServer(t testing.TB, c Config) *Server {
	t.Helper()
	if c.DB == "" {
		c.DB = filepath.Join(t.TempDir(), "tandem.db")
	}
	c.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// importFile imports a file through a connection. A server that has seen enough closes its end, and its answer, not
// the failed Send, says why.
func importFile(ctx context.Context, conn grpc.ClientConnInterface, file []byte, o *tandemv1.ImportFirmsRequest_Options) (*tandemv1.ImportFirmsResponse, error) {
	stream, err := tandemv1.NewFirmServiceClient(conn).ImportFirms(ctx)
	if err != nil {
		return nil, err
	}
	err = stream.Send(&tandemv1.ImportFirmsRequest{Options: o})
	for len(file) > 0 && err == nil {
		n := min(filePart, len(file))
		err = stream.Send(&tandemv1.ImportFirmsRequest{Data: file[:n]})
		file = file[n:]
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return stream.CloseAndRecv()
}

// withShipped opens a register with the shipped organisations, and its operator's connection.
func withShipped(t testing.TB) (*Server, grpc.ClientConnInterface) {
	t.Helper()
	s := openServer(t, Config{})
	if _, err := importFile(t.Context(), s.Operator(), shippedFirms(t), &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
		t.Fatal(err)
	}
	return s, s.Operator()
}

// finishRun runs a match to its end.
func finishRun(t testing.TB, s *Server, conn grpc.ClientConnInterface, r *tandemv1.CreateMatchRunRequest) *tandemv1.MatchRun {
	t.Helper()
	op, err := tandemv1.NewMatchRunServiceClient(conn).CreateMatchRun(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	name, err := runOf(op.Name)
	if err != nil {
		t.Fatal(err)
	}
	s.runner.wait(t.Context(), name)
	run, err := s.run(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if run.State != tandemv1.MatchRun_SUCCEEDED {
		t.Fatalf("run is %s: %s", run.State, run.Failure)
	}
	return run
}
