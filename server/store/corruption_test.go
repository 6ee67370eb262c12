package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// damage changes a copy of a database file, for the i-th time.
type damage func(i int, chance *rand.Rand, file []byte) []byte

func flipBit(_ int, chance *rand.Rand, file []byte) []byte {
	bit := chance.IntN(8 * len(file))
	file[bit/8] ^= 1 << (bit % 8)
	return file
}

// flipHeader flips bit after bit of what stands before the name in one row's
// record: sizes, types, and the values 0 and 1, which are types too.
func flipHeader(i int, _ *rand.Rand, file []byte) []byte {
	at := bytes.Index(file, []byte("firms/f-000042tandem.v1.Firm"))
	file[at-1-i/8] ^= 1 << (i % 8)
	return file
}

const headerBits = 8 * 20

func swapPages(_ int, chance *rand.Rand, file []byte) []byte {
	const page = 4096
	n := len(file) / page
	a := 1 + chance.IntN(n-1)
	b := 1 + (a-1+1+chance.IntN(n-2))%(n-1)
	kept := slices.Clone(file[a*page : (a+1)*page])
	copy(file[a*page:], file[b*page:(b+1)*page])
	copy(file[b*page:], kept)
	return file
}

func truncate(_ int, chance *rand.Rand, file []byte) []byte { return file[:1+chance.IntN(len(file)-1)] }

// TestDamageIsNeverAnswered damages a file again and again: every read then
// gives what was written, or an error. TANDEM_DAMAGES multiplies how often.
func TestDamageIsNeverAnswered(t *testing.T) {
	factor := 1
	if text := os.Getenv("TANDEM_DAMAGES"); text != "" {
		var err error
		if factor, err = strconv.Atoi(text); err != nil {
			t.Fatalf("TANDEM_DAMAGES: %v", err)
		}
	}
	file, want := sample(t)
	for _, kind := range []struct {
		name   string
		times  int
		damage damage
	}{{"flipped bit", 100 * factor, flipBit}, {"flipped header", headerBits, flipHeader}, {"swapped pages", 40 * factor, swapPages}, {"truncation", 20 * factor, truncate}} {
		t.Run(kind.name, func(t *testing.T) {
			result := inflict(t, file, want, kind.damage, kind.times, Options{})
			for _, wrong := range result.wrong {
				t.Error(wrong)
			}
			t.Logf("%d times: %d refused to open, %d reads refused or found by Verify, %d harmless", kind.times, result.refused, result.found, result.harmless)
			if result.refused+result.found == 0 {
				t.Error("nothing was ever detected: does the test damage anything?")
			}
		})
	}
}

// TestDamageNeedsDigests is the test of the test above: without the digests,
// and with SQLite's own check alone, wrong answers are given.
func TestDamageNeedsDigests(t *testing.T) {
	file, want := sample(t)
	result := inflict(t, file, want, flipBit, 80, Options{trustDigests: true})
	if len(result.wrong) == 0 {
		t.Error("no wrong answer without digests: the damage test sees nothing")
	}
	t.Logf("80 flipped bits without digests: %d files with wrong answers", len(result.wrong))
	result = inflict(t, file, want, swapPages, 30, Options{skipIntegrity: true})
	if len(result.wrong) == 0 {
		t.Error("no wrong answer without the check at the start: is it needed?")
	}
	t.Logf("30 swapped pages without the check at the start: %d files with wrong answers", len(result.wrong))
}

type damageResult struct {
	refused, found, harmless int
	wrong                    []string
}

func inflict(t *testing.T, file []byte, want map[string]string, damage damage, times int, o Options) (result damageResult) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandem.db")
	for i := range times {
		chance := rand.New(rand.NewPCG(7, uint64(i)))
		for _, suffix := range []string{"-wal", "-shm"} {
			if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		write(t, path, damage(i, chance, slices.Clone(file)))
		s, err := Open(t.Context(), path, o)
		if err != nil {
			result.refused++
			continue
		}
		got, refused := answersOf(t, s)
		wrong := 0
		for _, question := range slices.Sorted(maps.Keys(want)) {
			if answer, ok := got[question]; ok && answer != want[question] {
				if wrong++; wrong == 1 {
					result.wrong = append(result.wrong, fmt.Sprintf("damage %d: %s answers %.300q, want %.300q", i, question, answer, want[question]))
				}
			}
		}
		findings, err := s.Verify(t.Context())
		switch {
		case err != nil || len(findings) > 0 || refused > 0:
			result.found++
		case wrong == 0:
			result.harmless++
		}
		_ = s.Close() // a damaged file may not close well
	}
	return result
}

// sample makes a file with some of everything, and the answers to all questions.
func sample(t *testing.T) ([]byte, map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandem.db")
	s, err := Open(t.Context(), path, Options{Now: newClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	for i := range sampleRows {
		update(t, s, func(tx *Tx) error {
			row := firmRow(i)
			row.Deleted = i%10 == 9
			run := fmt.Sprintf("matchRuns/r%d", i%3)
			name := fmt.Sprintf("%s/results/%03d", run, i)
			return errors.Join(tx.Put("firms", row),
				tx.Put("results", Row{Name: name, Message: &tandemv1.MatchResult{Name: name}, Position: int64(-i)}),
				tx.Remember("firms/a", fmt.Sprint(i), "/m", []byte{byte(i)}, binary.AppendVarint([]byte("answer"), int64(i))))
		})
	}
	want, refused := answersOf(t, s)
	if refused > 0 {
		t.Fatalf("%d of %d reads refused on a sound file", refused, len(want))
	}
	wantClean(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file, want
}

const sampleRows = 100

// answersOf asks everything that can be asked; refused counts errors. A row that
// is not found is an answer.
func answersOf(t *testing.T, s *Store) (answers map[string]string, refused int) {
	t.Helper()
	answers = map[string]string{}
	ask := func(question string, f func(*Tx) (string, error)) {
		err := s.View(t.Context(), func(tx *Tx) error {
			answer, err := f(tx)
			if errors.Is(err, ErrNotFound) {
				answer, err = "not found", nil
			}
			if err == nil {
				answers[question] = answer
			}
			return err
		})
		if err != nil {
			refused++
		}
	}
	text := func(r Row) string {
		return fmt.Sprintf("%s %q %q %q %d %v %d %v %s", r.Name, r.Terms, r.Unique, r.DisplayName, r.Position, r.Deleted, r.Revision, r.UpdateTime, compact(r))
	}
	for i := range sampleRows {
		row := firmRow(i)
		ask("row "+row.Name, func(tx *Tx) (string, error) {
			r, err := tx.Row("firms", row.Name)
			return text(r), err
		})
		ask("find "+row.Unique[0], func(tx *Tx) (string, error) {
			r, err := tx.Find("firms", row.Unique[0])
			return r.Name, err
		})
		ask("answer "+fmt.Sprint(i), func(tx *Tx) (string, error) {
			answer, found, err := tx.Recall("firms/a", fmt.Sprint(i), "/m", []byte{byte(i)})
			return fmt.Sprint(string(answer), found), err
		})
	}
	for _, order := range []Order{ByName, ByDisplayName, ByUpdateTime, ByPosition} {
		for _, filter := range []Expr{nil, Term("country=KR"), Not{Term("country=KR")}, Term("city=7")} {
			for _, kind := range []Kind{"firms", "results"} {
				q := Query{OrderBy: order, Filter: filter, Limit: 2 * sampleRows}
				if kind == "results" {
					q.Parent = "matchRuns/r1"
				}
				question := fmt.Sprint("list ", kind, order, filter)
				ask(question, func(tx *Tx) (string, error) {
					page, err := tx.List(kind, q)
					return fmt.Sprint(names(page.Rows)), err
				})
				ask("count "+question, func(tx *Tx) (string, error) {
					n, err := tx.Count(kind, q)
					return fmt.Sprint(n), err
				})
			}
		}
	}
	ask("each", func(tx *Tx) (all string, err error) {
		err = tx.Each("firms", func(r Row) error { all += text(r); return nil })
		return all, err
	})
	ask("changes", func(tx *Tx) (string, error) {
		changes, err := tx.Changes(0, 10_000)
		return fmt.Sprint(changes), err
	})
	ask("revision", func(tx *Tx) (string, error) {
		r, err := tx.Revision()
		return fmt.Sprint(r), err
	})
	ask("audit", func(tx *Tx) (string, error) {
		log, err := tx.AuditLog(0, 10_000)
		return fmt.Sprint(log), err
	})
	return answers, refused
}

// compact writes a message on one line, which prototext does differently from run to run of the binary only.
func compact(r Row) string {
	if r.Message == nil {
		return ""
	}
	return prototext.MarshalOptions{}.Format(r.Message)
}
