package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// feed reads the newest changes after a place, as short texts.
func feed(t *testing.T, s *Store, after Place, limit int) []string {
	t.Helper()
	var lines []string
	view(t, s, func(tx *Tx) error {
		changes, err := tx.Newest([]Kind{"a", "b"}, after, limit)
		for _, c := range changes {
			mark := ""
			if c.Deleted {
				mark = " gone"
			}
			lines = append(lines, fmt.Sprintf("%d %s%s", c.Revision, c.Name, mark))
		}
		return err
	})
	return lines
}

func TestNewest(t *testing.T) {
	s := newStore(t)
	put := func(names ...string) func(*Tx) error {
		return func(tx *Tx) error {
			for _, name := range names {
				kind, _, _ := strings.Cut(name, "/")
				row := firmRow(0)
				row.Name, row.Unique = name, nil
				if err := tx.Put(Kind(kind), row); err != nil {
					return err
				}
			}
			return nil
		}
	}
	update(t, s, put("b/1", "a/1", "a/2", "c/1"))
	update(t, s, put("a/2", "a/3"))
	update(t, s, put("c/2"))
	update(t, s, func(tx *Tx) error { return errors.Join(tx.Delete("a", "a/3"), put("b/2")(tx)) })
	for _, test := range []struct {
		name  string
		after Place
		limit int
		want  []string
	}{
		{"each row once, at its newest change", Place{}, 10, []string{"1 a/1", "1 b/1", "2 a/2", "4 a/3 gone", "4 b/2"}},
		{"limit", Place{}, 2, []string{"1 a/1", "1 b/1"}},
		{"within a revision", Place{1, "a", "a/1"}, 10, []string{"1 b/1", "2 a/2", "4 a/3 gone", "4 b/2"}},
		{"after a change that became obsolete", Place{1, "a", "a/2"}, 2, []string{"1 b/1", "2 a/2"}},
		{"after a revision", Place{Revision: 1}, 10, []string{"2 a/2", "4 a/3 gone", "4 b/2"}},
		{"after the last", Place{4, "b", "b/2"}, 10, nil},
		{"after the newest revision", Place{Revision: 4}, 10, nil},
	} {
		if diff := cmp.Diff(test.want, feed(t, s, test.after, test.limit)); diff != "" {
			t.Errorf("%s: want (-), got (+):\n%s", test.name, diff)
		}
	}
}

// A page of the feed costs its own length, wherever it begins.
func TestNewestWalksTheLog(t *testing.T) {
	s := newStore(t)
	fill(t, s, 1000)
	where, args := newest([]Kind{"firms", "pairings"}, Place{1, "firms", "firms/f-000500"}, 10)
	view(t, s, func(tx *Tx) error {
		got := queryPlan(t, tx, "SELECT revision, kind, name, deleted, digest FROM changes WHERE "+where, args...)
		want := []string{
			"SEARCH changes USING PRIMARY KEY ((revision,kind,name)>(?,?,?))", "CORRELATED SCALAR SUBQUERY 1",
			"SEARCH newer USING COVERING INDEX changes_by_name (kind=? AND name=? AND revision>?)",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want (-), got (+):\n%s", diff)
		}
		return nil
	})
}

// Two files share their marks as long as they share their history.
func TestMark(t *testing.T) {
	clock := newClock()
	at := func(s *Store, revision int32) (mark string, err error) {
		view(t, s, func(tx *Tx) error {
			digest, found := tx.Mark(revision)
			mark, err = string(digest), found
			return nil
		})
		return mark, err
	}
	write := func(s *Store, i int) {
		clock.now = clock.now.Add(1)
		update(t, s, func(tx *Tx) error { return tx.Put("firms", firmRow(i)) })
	}
	one := openStore(t, filepath.Join(t.TempDir(), "one.db"), Options{Now: clock.Now})
	two := openStore(t, filepath.Join(t.TempDir(), "two.db"), Options{Now: clock.Now})
	write(one, 1)
	first, err := at(one, 1)
	if err != nil || len(first) != 32 {
		t.Fatalf("got the mark %x, %v", first, err)
	}
	write(one, 2)
	if again, _ := at(one, 1); again != first {
		t.Error("a later change changed the mark of an earlier revision")
	}
	write(two, 1)
	if other, _ := at(two, 1); other == first {
		t.Error("another register has the same mark")
	}
	for _, revision := range []int32{-1, 0, 3} {
		if _, err := at(one, revision); !errors.Is(err, ErrNotFound) {
			t.Errorf("revision %d: got %v, want ErrNotFound", revision, err)
		}
	}
}

func TestChanged(t *testing.T) {
	s := newStore(t)
	told := func(changed <-chan struct{}) bool {
		select {
		case <-changed:
			return true
		default:
			return false
		}
	}
	one, two := s.Changed(), s.Changed()
	update(t, s, func(*Tx) error { return nil })
	refused := s.Update(t.Context(), audited(func(tx *Tx) error {
		return errors.Join(tx.Put("firms", firmRow(1)), errors.New("no"))
	}))
	if refused == nil || told(one) {
		t.Errorf("a change that was not written was announced (%v)", refused)
	}
	update(t, s, func(tx *Tx) error { return tx.Put("firms", firmRow(1)) })
	if !told(one) || !told(two) {
		t.Error("a change was not announced to everybody")
	}
	if told(s.Changed()) {
		t.Error("a change was announced twice")
	}
}

// What is to be done with a commit is done after it, before Committed and before whoever waits; not without one, and not for nothing.
func TestOnCommit(t *testing.T) {
	s := newStore(t)
	var told []int32
	tell := func(tx *Tx) { tx.OnCommit(func(revision int32) { told = append(told, revision, s.Committed()) }) }
	put := func(name string) func(*Tx) error {
		return func(tx *Tx) error {
			tell(tx)
			return tx.Put("firms", Row{Name: name, Message: &tandemv1.Firm{Name: name}})
		}
	}
	update(t, s, put("firms/a"))
	update(t, s, func(tx *Tx) error { tell(tx); return nil }) // changes nothing
	if err := s.Update(t.Context(), put("firms/unaudited")); !errors.Is(err, ErrMisuse) {
		t.Errorf("without an audit entry: %v", err)
	}
	update(t, s, put("firms/b"))
	if want := []int32{1, 0, 2, 1}; !slices.Equal(told, want) || s.Committed() != 2 {
		t.Errorf("told of %v, committed %d: want %v and 2", told, s.Committed(), want)
	}
}
