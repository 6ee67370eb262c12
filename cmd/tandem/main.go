// Package main is the tandem command: the server, the demonstration, a client for each resource of the contract,
// and the batch match that needs neither server nor database.
//
// Results go to stdout and everything else to stderr, so that any command can stand in a pipe. An error is one line
// that says what is wrong, followed by the fields that it concerns, the request id and a hint. The command ends with
// 0 when it did what was asked, 1 when it failed, 2 when it was called in a way that it cannot understand; 3 is kept
// for plans that are computed but leave constraints unmet.
//
// Every setting is a flag, then an environment variable TANDEM_*, then a default, in this order. Client commands
// speak gRPC, to --server ADDRESS with a credential or in process over --db FILE as the host's operator; the same
// interceptors stand in both ways. What describes firms and pairings is said in the language of --lang.
//
// There is a file for each resource (firm.go, run.go, catalog.go, ...) with its subcommands and its columns; what they
// share is in command.go (usage and exit codes), settings.go (flags and environment), connection.go (the way to a
// server), output.go (table, json, yaml, csv), voice.go (language) and failure.go (errors).
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	os.Exit(tandem())
}

// tandem runs the command on the process's own arguments and streams.
func tandem() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who interrupts twice does not want to wait
	return run(ctx, os.Args[1:], terminal{
		stdin:  os.Stdin,
		stdout: os.Stdout,
		stderr: os.Stderr,
		env:    os.LookupEnv,
		now:    time.Now, //nolint:forbidigo // the command is where the outside world, and so the clock, comes in
	})
}
