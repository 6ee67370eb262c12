//go:build unix

package store

import (
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDiskStops writes until the system refuses: from the first refusal on
// nothing is acknowledged, reads go on, and everything acknowledged is there
// after a new start.
func TestFullDiskStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tandem.db")
	out, err := helper(t, "full disk", path).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	acknowledged := strings.Fields(string(out))
	if len(acknowledged) < 10 {
		t.Fatalf("only %d rows before the disk was full", len(acknowledged))
	}
	s := openStore(t, path, Options{})
	view(t, s, func(tx *Tx) error {
		for _, name := range acknowledged {
			if _, err := tx.Row("firms", name); err != nil {
				t.Errorf("acknowledged row %s: %v", name, err)
			}
		}
		return nil
	})
	wantClean(t, s)
	update(t, s, put(firmRow(1_000_000)))
}

// writeUntilRefused writes rows under a limit on the size of files, prints the
// acknowledged ones, and makes sure that the store stays stopped.
func writeUntilRefused(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	s, err := Open(noTest(), path, Options{})
	if err != nil {
		panic(err)
	}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		panic(err)
	}
	limit := syscall.Rlimit{Cur: 3_000_000, Max: old.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		err := s.Update(noTest(), audited(put(firmRow(i))))
		if err == nil {
			fmt.Println(firmRow(i).Name)
			continue
		}
		if !errors.Is(err, ErrUnavailable) || s.Err() == nil {
			panic(fmt.Sprint("refused with ", err))
		}
		break
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		panic(err)
	}
	if err := s.Update(noTest(), audited(put(firmRow(0)))); !errors.Is(err, ErrUnavailable) {
		panic(fmt.Sprint("acknowledged again after an I/O error: ", err))
	}
	if err := s.View(noTest(), func(tx *Tx) error { _, err := tx.Row("firms", firmRow(0).Name); return err }); err != nil {
		panic(fmt.Sprint("read after an I/O error: ", err))
	}
}
