package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
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

// What helps a writer depends on what was in the way: a full disk is no question of permission.
func TestUnwrittenFileSaysWhatHelps(t *testing.T) {
	for _, test := range []struct {
		err         error
		cause, hint string
	}{
		{syscall.ENOSPC, "cli.wrong.file.full", "cli.hint.full"},
		{syscall.EFBIG, "cli.wrong.file.large", "cli.hint.large"},
		{syscall.EACCES, "cli.wrong.file.denied", "cli.hint.place"},
	} {
		err := unwritten("report.html", &fs.PathError{Op: "write", Path: "report.html", Err: test.err})
		for _, l := range []catalog.Language{catalog.EN, catalog.FR, catalog.KO} {
			v := voice{catalog: catalog.Embedded(), language: l}
			told := describe(err, l)
			if got, want := told.hint.in(v), tell(test.hint).in(v); got != want {
				t.Errorf("%v in %s: the hint is %q, want %q", test.err, l, got, want)
			}
			if got, want := told.says.in(v), tell(test.cause, "report.html").in(v); !strings.Contains(got, want) {
				t.Errorf("%v in %s: it says %q, want %q in it", test.err, l, got, want)
			}
		}
	}
}
