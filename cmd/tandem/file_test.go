package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestFullDiskLeavesNoHalfFile ends a file in its middle: the old one stays, and nothing else is left.
func TestFullDiskLeavesNoHalfFile(t *testing.T) {
	full := errors.New("no space left on device")
	name := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(name, []byte("the old report"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := new(app).writeFile(name, fileMode, func(w io.Writer) error {
		if _, err := io.WriteString(w, "half of the n"); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("writeFile: %v, want %v", err, full)
	}
	if content, err := os.ReadFile(name); err != nil || string(content) != "the old report" {
		t.Errorf("the file holds %q (%v), want what it held before", content, err)
	}
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries in the directory (%v), want 1", len(entries), err)
	}
}
