package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// kills is how often the kill campaign kills the server: "go test ./cmd/tandem -run Kill -kills 30" is the long form.
var kills = flag.Int("kills", 3, "how often TestKill kills the server")

// TestMain lets the test binary stand in for the command: a process called tandem is the real one.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tandem": main})
}

// TestScript runs the scripts in testdata/script, which read like a manual of the command.
func TestScript(t *testing.T) {
	samples, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	profiles, err := filepath.Abs("demo/firms.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SAMPLES", samples)
			env.Setenv("PROFILES", profiles)
			env.Values[serverKey{}] = make(map[string]*serverProcess)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"serve": serve,
			"stop":  stop,
			"secret": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) != 2 {
					ts.Fatalf("usage: secret VARIABLE FILE")
				}
				ts.Setenv(args[0], firstLine(ts.ReadFile(args[1])))
			},
		},
	})
}

// exits runs a command and checks its exit code: "exits 2 tandem frim".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// serve starts a server on free ports of loopback and sets SERVER and HTTP to its addresses:
// "serve register.db [FLAG...]".
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: serve DATABASE [FLAG...]")
	}
	p, err := startServer(ts.MkAbs(args[0]), args[1:]...)
	ts.Check(err)
	ts.Setenv("SERVER", p.grpc)
	ts.Setenv("HTTP", p.http)
	running := ts.Value(serverKey{})
	if running == nil {
		ts.Fatalf("Setup has put no place for servers")
	}
	running.(map[string]*serverProcess)[args[0]] = p
	ts.Defer(func() { p.kill() })
}

// stop interrupts a server, which must end with 0: "stop register.db".
func stop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stop DATABASE")
	}
	p := ts.Value(serverKey{}).(map[string]*serverProcess)[args[0]]
	if p == nil {
		ts.Fatalf("no server of %s is running", args[0])
	}
	if err := p.interrupt(); err != nil {
		ts.Fatalf("stopping the server: %v\n%s", err, p.log())
	}
}

// serverKey is where a script keeps its servers.
type serverKey struct{}

func firstLine(s string) string {
	for i, r := range s {
		if r == '\n' {
			return s[:i]
		}
	}
	return s
}

// environment is the caller's without the settings of the command.
func environment(more ...string) []string {
	kept := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}
	return append(kept, more...)
}
