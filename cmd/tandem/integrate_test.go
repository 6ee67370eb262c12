package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// integratePage tells systems how to keep in step; its commands are replayed, so that it cannot lie.
const integratePage = "../../docs/integrate.md"

// TestIntegrate replays the blocks of the page in their order against a real server: those marked `sh` with curl, then those
// marked `sh python` with a client generated from the contract that the server gives out.
func TestIntegrate(t *testing.T) {
	needs(t, "curl", "sed", "bash")
	dir := t.TempDir()
	db := filepath.Join(dir, "tandem.db")
	secret := command(t, "credential", "create", "--db", db, "--role", "organiser")
	if err := os.WriteFile(filepath.Join(dir, "organiser.credential"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := startServer(db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.kill)
	page, err := os.ReadFile(integratePage)
	if err != nil {
		t.Fatal(err)
	}
	replay := func(t *testing.T, blocks []string, path string) string {
		t.Helper()
		if len(blocks) == 0 {
			t.Fatal("the page has no such blocks")
		}
		script := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(script, []byte(strings.Join(blocks, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("bash", "-euvo", "pipefail", script)
		cmd.Dir = dir
		cmd.Env = append(environment("TANDEM_URL=http://"+server.http, "TANDEM_SERVER="+server.grpc), "PATH="+path+os.Getenv("PATH"))
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	t.Run("curl", func(t *testing.T) {
		blocks := fenced(string(page), "sh")
		out := replay(t, blocks, "")
		t.Logf("%d blocks, %d calls with curl", len(blocks), strings.Count(strings.Join(blocks, "\n"), "curl -K"))
		if !strings.Contains(strings.ReplaceAll(out, " ", ""), `{"created":4,`) {
			t.Errorf("the import has not created 4:\n%s", out)
		}
	})
	t.Run("python", func(t *testing.T) {
		needs(t, "protoc", "grpc_python_plugin")
		path := pythonWithGRPC(t)
		client, err := os.ReadFile("../../docs/client.py")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "client.py"), client, 0o600); err != nil {
			t.Fatal(err)
		}
		blocks := fenced(string(page), "sh python")
		out := replay(t, blocks, path)
		for _, want := range []string{
			"imported: 0 new, 1 replaced, 3 unchanged\n", "\nmatched: 2 pairings in matchRuns/", "\nchange: firms/acadia-arrays\n", "\nmirrored: 5 firms\n",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("the client has not said %q:\n%s", want, out)
			}
		}
		if again := replay(t, blocks[len(blocks)-1:], path); strings.Contains(again, "change: firms/") {
			t.Errorf("started again, the client applied firms that have not changed:\n%s", again)
		}
	})
}

// fenced returns the code blocks of a page that are marked so.
func fenced(page, mark string) (blocks []string) {
	var block []string
	inside, wanted := false, false
	for line := range strings.Lines(page) {
		switch text := strings.TrimRight(line, "\n"); {
		case !inside && strings.HasPrefix(text, "```"):
			inside, wanted = true, text == "```"+mark
		case inside && text == "```":
			if wanted {
				blocks = append(blocks, strings.Join(block, ""))
			}
			inside, block = false, nil
		case inside:
			block = append(block, line)
		}
	}
	return blocks
}

// needs skips a test where a program is missing; in CI all are there.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			lacks(t, program)
		}
	}
}

func lacks(t *testing.T, what string) {
	t.Helper()
	const packages = "(Debian: curl, python3-grpcio, python3-protobuf, protobuf-compiler, protobuf-compiler-grpc)"
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed: the page cannot be replayed %s", what, packages)
	}
	t.Skipf("%s is not installed %s", what, packages)
}

// pythonWithGRPC finds a Python that has grpc and returns what stands before PATH so that it is python3: a machine may have several.
func pythonWithGRPC(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import grpc, google.protobuf").Run() != nil {
			continue
		}
		found, err := exec.LookPath(python)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "python3"), []byte("#!/bin/sh\nexec "+found+" \"$@\"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return dir + ":"
	}
	lacks(t, "grpc for Python")
	return ""
}
