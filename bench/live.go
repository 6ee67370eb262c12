package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server"
)

// live is a measurement of a register that changes while many ask. The server is another process with a database on disk; this one
// writes and asks over gRPC, and afterwards replays what it wrote into the plain scorer, to hold the answers against it.
type live struct {
	firms, clients, batch, samples int
	rate, asks                     int // of writes and questions, a second
	lasts                          time.Duration
	profile                        string
	out                            io.Writer
	catalog                        *catalog.Catalog

	address, secret string
	history         *history
	load            *liveLoad
	singles         float64 // commits a second, one firm each
}

// liveServer is the hidden command of the process that serves.
const liveServer = "live-server"

func runLive(flags *flag.FlagSet, args []string, out io.Writer) error {
	l := &live{out: out, catalog: catalog.Embedded()}
	flags.IntVar(&l.firms, "firms", 5000, "organisations of both sides together")
	flags.IntVar(&l.clients, "clients", 50, "how many ask, each over a connection of its own")
	flags.IntVar(&l.rate, "rate", 1000, "updates of organisations a second")
	flags.IntVar(&l.asks, "asks", 250, "questions a second, by all clients together")
	flags.IntVar(&l.batch, "batch", 0, "updates in a commit; 0 for as few as the disk's sync leaves room for")
	flags.IntVar(&l.samples, "samples", 2000, "answers that are held against the plain scorer")
	flags.StringVar(&l.profile, "profile", "", "a `file` for a CPU profile of the server")
	seconds := flags.Int("seconds", 60, "how long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for name, value := range map[string]int{"firms": l.firms / 2, "clients": l.clients, "rate": l.rate, "asks": l.asks, "seconds": *seconds} {
		if value < 1 {
			return fmt.Errorf("--%s: too few", name)
		}
	}
	l.lasts = time.Duration(*seconds) * time.Second
	dir, err := os.MkdirTemp("", "tandem-live-")
	if err != nil {
		return err
	}
	return errors.Join(l.measure(dir), os.RemoveAll(dir))
}

func (l *live) measure(dir string) (err error) {
	stop, err := l.start(dir)
	if err != nil {
		return err
	}
	cpu, err := l.ask()
	if err = errors.Join(err, stop(&cpu)); err != nil {
		return err
	}
	return l.report(cpu)
}

// ask fills the register and has it written to and asked.
func (l *live) ask() (cpu time.Duration, err error) {
	ctx := context.Background()
	conn, err := l.dial()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if l.history, err = newHistory(l.catalog, l.firms/2); err != nil {
		return 0, err
	}
	l.load = &liveLoad{live: l}
	if err := l.load.fill(ctx, conn); err != nil {
		return 0, err
	}
	if l.batch == 0 {
		if l.batch, err = l.load.affordable(ctx, conn); err != nil {
			return 0, err
		}
	}
	return 0, l.load.run(ctx, conn)
}

// dial connects as the organiser.
func (l *live) dial() (*grpc.ClientConn, error) {
	return grpc.NewClient(l.address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(bearer(l.secret)))
}

// bearer is a credential that goes with every call.
type bearer string

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials: the server is on this machine.
func (b bearer) RequireTransportSecurity() bool { return false }

// door is what the serving process tells of itself.
type door struct{ Address, Secret string }

// start starts the serving process. What stop returns has the CPU time that the process took.
func (l *live) start(dir string) (stop func(cpu *time.Duration) error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(self, liveServer, "--db", filepath.Join(dir, "tandem.db"), "--profile", l.profile) //nolint:gosec // this program
	command.Stderr = os.Stderr
	said, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	alive, err := command.StdinPipe() // the server lasts as long as this
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	stop = func(cpu *time.Duration) error {
		err := errors.Join(alive.Close(), command.Wait())
		*cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
		return err
	}
	line, err := bufio.NewReader(said).ReadBytes('\n')
	var d door
	if err == nil {
		err = json.Unmarshal(line, &d)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the serving process: %w", err), stop(new(time.Duration)))
	}
	l.address, l.secret = d.Address, d.Secret
	return stop, nil
}

// runLiveServer serves a database until its input ends.
func runLiveServer(flags *flag.FlagSet, args []string, out io.Writer) (err error) {
	db, profile := flags.String("db", "", "the database `file`"), flags.String("profile", "", "a `file` for a CPU profile")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	register, err := server.Open(ctx, server.Config{
		DB: *db, GRPCAddress: "127.0.0.1:0", HTTPAddress: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, register.Close()) }()
	issued, err := tandemv1.NewCredentialServiceClient(register.Operator()).CreateCredential(ctx, &tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_ORGANISER})
	if err != nil {
		return err
	}
	stopProfile, err := profiled(*profile)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopProfile()) }()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whichever way it ends, it has ended
		stop()
	}()
	var told error
	err = register.Serve(ctx, func(grpcAddress, _ string) {
		told = json.NewEncoder(out).Encode(door{grpcAddress, issued.Secret}) //nolint:gosec // into a pipe of the process that asks
	})
	return errors.Join(err, told)
}
