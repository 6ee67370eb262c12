package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// echo is the cheapest service of the same contract: it has every answer ready. Its gateway calls it in process and does nothing else.
type echo struct {
	tandemv1.UnimplementedPairingServiceServer
	answers map[string]*tandemv1.FindPartnersResponse

	grpcAddress, httpAddress string
	native                   *grpc.Server
	rest                     *http.Server
	ended                    chan error
}

// FindPartners gives back what was found before.
func (e *echo) FindPartners(_ context.Context, r *tandemv1.FindPartnersRequest) (*tandemv1.FindPartnersResponse, error) {
	answer := e.answers[r.Firm]
	if answer == nil {
		return nil, fmt.Errorf("nothing was prepared for %s", r.Firm)
	}
	return answer, nil
}

func startEcho(answers map[string]*tandemv1.FindPartnersResponse) (*echo, error) {
	e := &echo{answers: answers, native: grpc.NewServer(), ended: make(chan error, 2)}
	tandemv1.RegisterPairingServiceServer(e.native, e)
	mux := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{}}))
	if err := tandemv1.RegisterPairingServiceHandlerServer(context.Background(), mux, e); err != nil {
		return nil, err
	}
	e.rest = &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	native, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	rest, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, native.Close())
	}
	e.grpcAddress, e.httpAddress = native.Addr().String(), rest.Addr().String()
	go func() { e.ended <- e.native.Serve(native) }()
	go func() { e.ended <- e.rest.Serve(rest) }()
	return e, nil
}

func (e *echo) stop() error {
	e.native.Stop()
	err := e.rest.Close()
	for range 2 {
		if ended := <-e.ended; !errors.Is(ended, http.ErrServerClosed) && !errors.Is(ended, grpc.ErrServerStopped) {
			err = errors.Join(err, ended)
		}
	}
	return err
}
