package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"github.com/canada-korea-roadshow/tandem/cmd/tandem/demo"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server"
)

func (a *app) demoCommand() *cobra.Command {
	var config server.Config
	var out string
	var once bool
	cmd := &cobra.Command{
		Use:     "demo",
		Example: "  tandem demo --lang ko\n  tandem demo --db demo.db --no-serve",
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			config.GRPCAddress = a.freeAddress(cmd, "grpc", config.GRPCAddress)
			config.HTTPAddress = a.freeAddress(cmd, "http", config.HTTPAddress)
			if a.settings.db == "" {
				dir, err := os.MkdirTemp("", "tandem-demo-")
				if err != nil {
					return err
				}
				defer os.RemoveAll(dir) //nolint:errcheck // the system removes what is left
				a.settings.db = filepath.Join(dir, "register.db")
			}
			s, err := a.openServer(cmd.Context(), config)
			if err != nil {
				return err
			}
			err = a.demonstrate(cmd.Context(), s, out, once)
			return stopped(cmd.Context(), errors.Join(err, s.Close()))
		},
	}
	listens(cmd, &config)
	cmd.Flags().StringVarP(&out, "out", "o", "report.html", "")
	cmd.Flags().BoolVar(&once, "no-serve", false, "")
	return a.stores(cmd)
}

// freeAddress keeps the address that was asked for, and replaces a default one that somebody else listens on.
func (a *app) freeAddress(cmd *cobra.Command, flag, address string) string {
	_, set := a.env(variable(flag))
	if cmd.Flags().Changed(flag) || set {
		return address
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = listener.Close() // the server opens it again
	return address
}

// demonstrate runs the whole demonstration on an open server, through the same calls that any client makes.
func (a *app) demonstrate(ctx context.Context, s *server.Server, out string, once bool) error {
	conn := s.Operator()
	began := a.now()
	if err := a.demoFirms(ctx, conn); err != nil {
		return err
	}
	run, err := a.match(ctx, conn, &tandemv1.MatchRun{Top: 10})
	if err != nil {
		return err
	}
	runs := tandemv1.NewMatchRunServiceClient(conn)
	if run, err = runs.PublishMatchRun(ctx, &tandemv1.PublishMatchRunRequest{Name: run.GetName(), RequestId: requestID()}); err != nil {
		return err
	}
	stage := &stage{voice: a.voice(), page: a.page(), conn: conn, run: run}
	if err := stage.show(ctx, a.now().Sub(began)); err != nil {
		return err
	}
	err = a.writeFile(out, fileMode, func(w io.Writer) error {
		stream, err := runs.DownloadReport(ctx, &tandemv1.DownloadReportRequest{Name: run.GetName(), Language: a.protoLanguage()})
		if err != nil {
			return err
		}
		return receive(w, stream.Recv)
	})
	if err != nil {
		return err
	}
	stage.line("demo.report", "text:"+out)
	if once {
		return nil
	}
	organiser, err := demoCredential(ctx, conn, &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_ORGANISER})
	if err != nil {
		return err
	}
	firm, err := demoCredential(ctx, conn, &tandemv1.CreateCredentialRequest{
		Role: tandemv1.Credential_FIRM, Firm: stage.best.GetFirst().GetName(),
	})
	if err != nil {
		return err
	}
	return s.Serve(ctx, func(grpc, http string) { stage.invite(invitation{grpc, http, organiser, firm}) })
}

// demoFirms imports the shipped organisations into a database that has none.
func (a *app) demoFirms(ctx context.Context, conn grpc.ClientConnInterface) error {
	firms := tandemv1.NewFirmServiceClient(conn)
	present, err := firms.ListFirms(ctx, &tandemv1.ListFirmsRequest{PageSize: 1, ShowDeleted: true})
	if err != nil || len(present.GetFirms()) > 0 {
		return err
	}
	stream, err := firms.ImportFirms(ctx)
	if err != nil {
		return err
	}
	_, err = sendFile(stream, &tandemv1.ImportFirmsRequest_Options{Attested: true, RequestId: requestID()}, demo.Firms())
	return err
}

// demoCredential issues a credential for a day.
func demoCredential(ctx context.Context, conn grpc.ClientConnInterface, request *tandemv1.CreateCredentialRequest) (string, error) {
	request.DisplayName, request.RequestId, request.Ttl = "demonstration", requestID(), oneDay()
	answer, err := tandemv1.NewCredentialServiceClient(conn).CreateCredential(ctx, request)
	return answer.GetSecret(), err
}

// seconds writes a duration for people.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
