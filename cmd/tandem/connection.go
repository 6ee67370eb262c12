package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/canada-korea-roadshow/tandem/server"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// maxAnswer is what a client accepts in one message: a page of 500 pairings with all their parts.
const maxAnswer = 64 << 20

// retries repeats calls that found no server or a stopping one. Every write carries a request_id, so a repeated one
// is answered as the first was.
const retries = `{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.1s",
	"maxBackoff": "1s", "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// connect finds the server that a command speaks to: a database opened in this process, or an address. The returned
// function ends the connection.
func (a *app) connect(cmd *cobra.Command) (grpc.ClientConnInterface, func() error, error) {
	if a.settings.db != "" {
		return a.open(cmd.Context())
	}
	address, plain, err := whereIs(a.settings.server)
	if err != nil {
		return nil, nil, usage(asIn("--server tandem.example.org:9090"), tell("cli.wrong.server", a.settings.server))
	}
	secret, err := a.secret(cmd.Flags())
	if err != nil {
		return nil, nil, err
	}
	secured := credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	if plain {
		secured = insecure.NewCredentials()
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(secured),
		grpc.WithDefaultServiceConfig(retries),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)),
		grpc.WithUserAgent("tandem/" + version()),
	}
	if secret != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer{secret: secret, plain: plain}))
	}
	conn, err := grpc.NewClient(address, options...)
	if err != nil {
		return nil, nil, usage(asIn("--server tandem.example.org:9090"), tell("cli.wrong.server", a.settings.server))
	}
	return speaking{conn, a.language().String()}, conn.Close, nil
}

// speaking is a connection that tells the server in which language its errors are read.
type speaking struct {
	grpc.ClientConnInterface
	language string
}

// Invoke implements grpc.ClientConnInterface.
func (s speaking) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return s.ClientConnInterface.Invoke(metadata.AppendToOutgoingContext(ctx, "accept-language", s.language), method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (s speaking) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return s.ClientConnInterface.NewStream(metadata.AppendToOutgoingContext(ctx, "accept-language", s.language), desc, method, opts...)
}

// open opens the database of --db in this process and speaks to it as the host's operator.
func (a *app) open(ctx context.Context) (grpc.ClientConnInterface, func() error, error) {
	s, err := a.openServer(ctx, server.Config{})
	if err != nil {
		return nil, nil, err
	}
	return speaking{s.Operator(), a.language().String()}, s.Close, nil
}

// openServer opens the database of the settings with whatever else the configuration says.
func (a *app) openServer(ctx context.Context, config server.Config) (*server.Server, error) {
	partnership, err := a.readPartnership()
	if err != nil {
		return nil, err
	}
	config.DB, config.KeyFile, config.Partnership, config.Now = a.settings.db, a.settings.keyFile, partnership, a.now
	if config.Logger == nil {
		config.Logger = slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	}
	s, err := server.Open(ctx, config)
	if err != nil {
		return nil, a.unopened(err)
	}
	return s, nil
}

// unopened says what to do about a database that cannot be opened.
func (a *app) unopened(err error) error {
	switch {
	case errors.Is(err, store.ErrCorrupt):
		return &failure{says: tell("cli.wrong.corrupt", a.settings.db), details: []line{plain(err.Error())}, hint: tell("cli.hint.restore"), err: err}
	case strings.Contains(err.Error(), "another process"):
		return &failure{says: tell("cli.wrong.locked", a.settings.db), details: []line{plain(err.Error())}, hint: tell("cli.hint.speak"), err: err}
	}
	return err
}

// whereIs reads the address of a server and whether to speak to it in plain: only to loopback, where "https://" before
// the address still asks for encryption.
func whereIs(server string) (address string, plain bool, err error) {
	address, secured := strings.CutPrefix(server, "https://")
	host, _, err := net.SplitHostPort(address)
	return address, !secured && loopback(host), err
}

// loopback reports whether a host is this machine, where a plain connection is as good as an encrypted one.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// bearer puts the credential into the Authorization header of every call.
type bearer struct {
	secret string
	plain  bool
}

// GetRequestMetadata returns the header.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + b.secret}, nil
}

// RequireTransportSecurity keeps the credential off plain connections to other machines.
func (b bearer) RequireTransportSecurity() bool { return !b.plain }

// requestID names one invocation's write, so that a retry is answered as the first attempt was.
func requestID() string { return rand.Text() }

// all follows a list page by page until its end, or until it has as many as wanted; 0 wants all.
func all[T any](wanted int, page func(size int32, token string) ([]T, string, error)) ([]T, error) {
	const most = 500
	var items []T
	token := ""
	for {
		size := int32(most)
		if left := wanted - len(items); wanted > 0 && left < most {
			size = int32(left) //nolint:gosec // G115: less than most
		}
		more, next, err := page(size, token)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
		if next == "" || wanted > 0 && len(items) >= wanted {
			return items, nil
		}
		token = next
	}
}

// limited gives a listing command the flag that ends it early.
func limited(cmd *cobra.Command, limit *int) *cobra.Command {
	cmd.Flags().IntVar(limit, "limit", 0, "")
	return cmd
}
