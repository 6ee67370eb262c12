package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"errors"
	"flag"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // for tamper
	"github.com/rogpeppe/go-internal/testscript"
)

// kills is how often the kill campaign kills the server: "go test ./cmd/tandem -run Kill -kills 30" is the long form.
var kills = flag.Int("kills", 3, "how often TestKill kills the server")

// changes is how many changes TestFollow makes: "go test ./cmd/tandem -run Follow -changes 10000" is the long form.
var changes = flag.Int("changes", 1000, "how many changes TestFollow makes")

// TestMain lets the test binary stand in for the command: a process called tandem is the real one, one called consumer is
// another system that follows its feed.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tandem": main, "consumer": consumerMain})
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
			"certificate": certificate,
			"exits":       exits,
			"reads":       reads,
			"serve":       serve,
			"stop":        stop,
			"tamper":      tamper,
			"korean":      korean,
			"code": func(ts *testscript.TestScript, neg bool, args []string) {
				code := regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){3}`).FindString(ts.ReadFile(args[1]))
				if neg || len(args) != 2 || code == "" {
					ts.Fatalf("usage: code VARIABLE FILE, which holds a claim code")
				}
				ts.Setenv(args[0], code)
			},
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

// reads copies lines from a pipe to a file until one of them has a word: "reads PIPE FILE WORD".
func reads(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: reads PIPE FILE WORD")
	}
	pipe, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer pipe.Close()
	var seen strings.Builder
	found := false
	for lines := bufio.NewScanner(pipe); !found && lines.Scan(); {
		seen.WriteString(lines.Text() + "\n")
		found = strings.Contains(lines.Text(), args[2])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(seen.String()), 0o600))
	if !found {
		ts.Fatalf("%q was not among the lines\n%s", args[2], &seen)
	}
}

// korean checks that a file is in Korean: no word of it is in Latin letters but those that match, such as names and codes:
// "korean FILE PATTERN".
func korean(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: korean FILE PATTERN")
	}
	rest := regexp.MustCompile(args[1]).ReplaceAllString(ts.ReadFile(args[0]), "")
	if word := regexp.MustCompile(`[A-Za-z]{2,}`).FindString(rest); word != "" {
		ts.Fatalf("%q is not Korean:\n%s", word, rest)
	}
	if !regexp.MustCompile(`[가-힣]`).MatchString(rest) {
		ts.Fatalf("there is no Korean in it:\n%s", rest)
	}
}

// certificate makes a certificate of loopback that signs itself: "certificate cert.pem key.pem".
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate CERTIFICATE KEY")
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for i, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: cert}, {Type: "PRIVATE KEY", Bytes: private}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[i]), pem.EncodeToMemory(block), 0o600))
	}
}

// tamper changes a database behind the command's back: "tamper register.db STATEMENT".
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tamper DATABASE STATEMENT")
	}
	db, err := sql.Open("sqlite3", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	done, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%s changed nothing (%v)", args[1], err)
	}
}

// serverKey is where a script keeps its servers.
type serverKey struct{}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// environment is the caller's without the settings of the command.
func environment(more ...string) []string {
	kept := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir()}
	return append(kept, more...)
}
