package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// noTest is the context of a helper process.
func noTest() context.Context { return context.Background() }

// writers is how many goroutines write at the same time.
const writers = 8

// TestKill kills a process that writes, at random, and looks at what it left:
// everything acknowledged is there, nothing is there by half, request ids are
// honoured. TANDEM_KILLS says how often; a few times where left out.
func TestKill(t *testing.T) {
	kills := 4
	if text := os.Getenv("TANDEM_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatalf("TANDEM_KILLS: %v", err)
		}
	}
	path := filepath.Join(t.TempDir(), "tandem.db")
	chance := rand.New(rand.NewPCG(1, uint64(kills)))
	acknowledged, begun := map[string]bool{}, map[string]bool{}
	unknown := 0
	for range kills {
		runAndKill(t, path, 20+chance.IntN(600), acknowledged, begun)
		unknown += len(begun) - len(acknowledged)
		lookAfterKill(t, path, acknowledged, begun)
	}
	if t.Failed() {
		return
	}
	t.Logf("%d kills of %d writing clients: %d writes acknowledged, %d cut off, 0 lost, 0 half-written", kills, writers, len(begun)-unknown, unknown)
}

// runAndKill starts the writer and kills it after some acknowledgements.
func runAndKill(t *testing.T, path string, after int, acknowledged, begun map[string]bool) {
	t.Helper()
	cmd := helper(t, "writer", path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); {
		// What was printed before the kill counts, also what is read after it.
		switch word, id, _ := cut(lines.Text()); word {
		case "ready":
			t.Logf("open again after %v", time.Since(start))
		case "begin":
			begun[id] = true
		case "done":
			acknowledged[id] = true
			if n++; n == after {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		default:
			t.Fatalf("writer says %q", lines.Text())
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the writer ended by itself")
	}
}

func cut(line string) (word, id string, ok bool) {
	n, err := fmt.Sscanf(line, "%s %s", &word, &id)
	return word, id, err == nil && n == 2
}

func lookAfterKill(t *testing.T, path string, acknowledged, begun map[string]bool) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantClean(t, s)
	lost, half, orphans := 0, 0, 0
	view(t, s, func(tx *Tx) error {
		for id := range begun {
			_, first := tx.Row("firms", "firms/"+id+"-a")
			_, second := tx.Row("firms", "firms/"+id+"-b")
			answer, found, err := tx.Recall("writer", id, "/write", []byte(id))
			if err != nil {
				return err
			}
			switch {
			case (first == nil) != (second == nil) || (first == nil) != found:
				half++
			case acknowledged[id] && first != nil:
				lost++
			case found && string(answer) != "answer to "+id:
				t.Errorf("answer to %s is %q", id, answer)
			}
		}
		n, err := tx.Count("firms", Query{})
		orphans = n - 2*len(begun)
		return err
	})
	if lost > 0 || half > 0 || orphans > 0 {
		t.Errorf("%d acknowledged writes lost, %d half-written, %d never begun", lost, half, orphans)
	}
	// A client that retries everything, whatever it heard, ends with each write once.
	for i, id := range slices.Sorted(maps.Keys(begun)) {
		if acknowledged[id] && i%20 > 0 {
			continue
		}
		if err := writePair(s, id); err != nil {
			t.Errorf("retry of %s: %v", id, err)
		}
		acknowledged[id] = true
	}
	view(t, s, func(tx *Tx) error {
		n, err := tx.Count("firms", Query{})
		if n != 2*len(begun) {
			t.Errorf("%d rows after all retries, want %d", n, 2*len(begun))
		}
		return err
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// writeUntilKilled writes pairs of rows with an answer each, and says what it
// begins and what was acknowledged. Half of the ids are written twice, as by a
// client that did not get its answer.
func writeUntilKilled(path string) {
	s, err := Open(noTest(), path, Options{})
	if err != nil {
		panic(err)
	}
	var mu sync.Mutex
	say := func(word, id string) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(os.Stdout, word+" "+id+"\n")
	}
	say("ready", "now")
	run := os.Getpid()
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("r%d-w%d-%d", run, w, i/2)
				if i%2 == 0 {
					say("begin", id)
				}
				if err := writePair(s, id); err != nil {
					panic(err)
				}
				say("done", id)
			}
		})
	}
	group.Wait()
}

func writePair(s *Store, id string) error {
	return s.Update(noTest(), audited(func(tx *Tx) error {
		if _, found, err := tx.Recall("writer", id, "/write", []byte(id)); found || err != nil {
			return err
		}
		for _, half := range []string{"-a", "-b"} {
			name := "firms/" + id + half
			if err := tx.Insert("firms", Row{Name: name, Message: &tandemv1.Firm{Name: name, Summary: id}, Unique: []string{"external_id=" + name}, Terms: []string{"x=" + id}}); err != nil {
				return err
			}
		}
		return tx.Remember("writer", id, "/write", []byte(id), []byte("answer to "+id))
	}))
}
