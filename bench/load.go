package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// loadCommand is the hidden command of the process that asks.
const loadCommand = "load"

// load has another process ask: its work must not count as the server's.
func (s *serving) load(f *face, requests int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(self, loadCommand, "--protocol", f.protocol, "--address", f.address, //nolint:gosec // this program
		"--requests", strconv.Itoa(requests), "--connections", strconv.Itoa(s.connections))
	// The secret goes where no list of processes shows it.
	command.Stdin = strings.NewReader(s.secret + "\n" + strings.Join(s.ids, "\n"))
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("asking %s: %w\n%s", f.name, err, out)
	}
	return nil
}

// caller asks one face for the partners of a firm.
type caller func(ctx context.Context, firm string) error

func runLoad(flags *flag.FlagSet, args []string, _ io.Writer) error {
	protocol, address := flags.String("protocol", "", "grpc or rest"), flags.String("address", "", "of the face")
	requests, connections := flags.Int("requests", 1, "how many"), flags.Int("connections", 1, "how many at a time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	lines := strings.Split(string(input), "\n")
	secret, firms := lines[0], lines[1:]
	ask, stop, err := dial(*protocol, *address, secret, *connections)
	if err != nil {
		return err
	}
	var next atomic.Int64
	group, ctx := errgroup.WithContext(context.Background())
	for range *connections {
		group.Go(func() error {
			for i := next.Add(1) - 1; i < int64(*requests); i = next.Add(1) - 1 {
				if err := ask(ctx, firms[i%int64(len(firms))]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return errors.Join(group.Wait(), stop())
}

func dial(protocol, address, secret string, connections int) (ask caller, stop func() error, err error) {
	if protocol == "rest" {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
		return func(ctx context.Context, firm string) error { return askREST(ctx, client, address, secret, firm) },
			func() error { client.CloseIdleConnections(); return nil }, nil
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, nil, err
	}
	pairings := tandemv1.NewPairingServiceClient(conn)
	return func(ctx context.Context, firm string) error {
		answer, err := pairings.FindPartners(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+secret), &tandemv1.FindPartnersRequest{Firm: firm})
		if err == nil && len(answer.Pairings) == 0 {
			err = fmt.Errorf("%s has no partners", firm)
		}
		return err
	}, conn.Close, nil
}

func askREST(ctx context.Context, client *http.Client, address, secret, firm string) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/v1/"+firm+":findPartners", nil) //nolint:gosec // the address is our own
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+secret)
	answer, err := client.Do(request) //nolint:gosec // the address is our own
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d: %s", firm, answer.StatusCode, body)
	}
	return err
}
