package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWithoutCgo builds the command as somebody without a C compiler would, and reads what it says at start.
func TestWithoutCgo(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "tandem")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("CGO_ENABLED=0 go build: %v\n%s", err, out)
	}
	serve := exec.Command(program, "serve", "--db", filepath.Join(dir, "register.db"))
	serve.Env = environment()
	out, err := serve.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "CGO_ENABLED=1") {
		t.Errorf("serve without cgo: %v\n%s\nwant a failure that names CGO_ENABLED=1", err, out)
	}
	// The batch needs no database, so it needs no C compiler either.
	match := exec.Command(program, "match", "testdata/firms.second.jsonl", "--partnership", "testdata/partnership.second.yaml")
	match.Env = environment()
	if out, err := match.CombinedOutput(); err != nil {
		t.Errorf("match without cgo: %v\n%s", err, out)
	}
}
