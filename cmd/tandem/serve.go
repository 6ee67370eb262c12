package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/server"
)

func (a *app) serveCommand() *cobra.Command {
	var config server.Config
	var metrics string
	cmd := &cobra.Command{
		Use: "serve",
		Example: "  tandem serve --db tandem.db\n" +
			"  tandem serve --db tandem.db --metrics 127.0.0.1:9091\n" +
			"  tandem serve --db tandem.db --grpc :9090 --http :8443 --tls-cert cert.pem --tls-key key.pem",
		Args: wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.settings.db == "" {
				return usage(asIn("tandem serve --db tandem.db"), tell("cli.wrong.db"))
			}
			if (config.TLSCert == "") != (config.TLSKey == "") {
				return usage(tell("cli.hint.both"), tell("cli.wrong.tls"))
			}
			if err := sheltered(&config); err != nil {
				return err
			}
			config.Logger = slog.New(slog.NewTextHandler(a.stderr, nil))
			s, err := a.openServer(cmd.Context(), config)
			if err != nil {
				return err
			}
			stopMetrics, err := a.serveMetrics(s, metrics)
			if err != nil {
				return errors.Join(err, s.Close())
			}
			err = s.Serve(cmd.Context(), func(grpc, http string) {
				scheme := "http"
				if config.TLSCert != "" {
					scheme = "https"
				}
				fmt.Fprintln(a.stderr, tell("cli.serving", grpc, scheme, http).in(a.voice()))
			})
			return stopped(cmd.Context(), errors.Join(err, stopMetrics(), s.Close()))
		},
	}
	cmd.Flags().StringVar(&metrics, "metrics", "", "")
	listens(cmd, &config)
	cmd.Flags().StringVar(&config.TLSCert, "tls-cert", "", "")
	cmd.Flags().StringVar(&config.TLSKey, "tls-key", "", "")
	cmd.Flags().StringSliceVar(&config.CORSOrigins, "cors-origin", nil, "")
	return a.stores(cmd)
}

// sheltered refuses an address that others can reach without a certificate, before anything is opened.
func sheltered(config *server.Config) error {
	for _, at := range [][2]string{{"--grpc", config.GRPCAddress}, {"--http", config.HTTPAddress}} {
		host, _, err := net.SplitHostPort(at[1])
		switch {
		case err != nil:
			return usage(asIn(at[0]+" 127.0.0.1:0"), tell("cli.wrong.address", at[0], at[1]))
		case config.TLSCert == "" && !loopback(host):
			return usage(tell("cli.hint.certificate"), tell("cli.wrong.outside", at[0], at[1]))
		}
	}
	return nil
}

// serveMetrics serves metrics where an address is given.
func (a *app) serveMetrics(s *server.Server, address string) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	bound, stop, err := s.ServeMetrics(address)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(a.stderr, tell("cli.metrics", bound).in(a.voice()))
	return stop, nil
}

// listens gives a command the flags of those that serve.
func listens(cmd *cobra.Command, config *server.Config) {
	cmd.Flags().StringVar(&config.GRPCAddress, "grpc", defaultGRPC, "")
	cmd.Flags().StringVar(&config.HTTPAddress, "http", defaultHTTP, "")
}

// stopped is no error when somebody asked a server to stop and it did.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
