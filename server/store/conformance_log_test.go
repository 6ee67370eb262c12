package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testLogged(t *testing.T, open database) {
	s := open(t, Options{})
	soft := firmRow(2)
	soft.Deleted = true
	update(t, s, put(firmRow(2), firmRow(1), firmRow(3)))
	update(t, s, put(soft))
	update(t, s, func(tx *Tx) error { return tx.Delete("firms", firmRow(1).Name) })
	update(t, s, func(tx *Tx) error { return nil }) // changes nothing, is no revision
	update(t, s, func(tx *Tx) error {               // twice in one transaction is one change
		if r, err := tx.Revision(); err != nil || r != 4 {
			t.Errorf("revision %d, %v; want 4", r, err)
		}
		if err := tx.Put("firms", firmRow(1)); err != nil {
			return err
		}
		return tx.Delete("firms", firmRow(1).Name)
	})
	name := func(i int) string { return firmRow(i).Name }
	want := []Change{
		{1, "firms", name(1), false}, {1, "firms", name(2), false}, {1, "firms", name(3), false},
		{2, "firms", name(2), true}, {3, "firms", name(1), true}, {4, "firms", name(1), true},
	}
	view(t, s, func(tx *Tx) error {
		got, err := tx.Changes(0, 100)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if r, err := tx.Revision(); err != nil || r != 4 {
			t.Errorf("revision %d, %v; want 4", r, err)
		}
		return err
	})
	wantClean(t, s)
}

// testLoggedLimit: pages of the change log never cut a revision.
func testLoggedLimit(t *testing.T, open database) {
	s := open(t, Options{})
	sizes := []int{3, 1, 5, 2, 1, 1, 4}
	for _, n := range sizes {
		var rows []Row
		for i := range n {
			rows = append(rows, firmRow(i))
		}
		update(t, s, put(rows...))
	}
	for limit := 1; limit < 20; limit++ {
		var got []int
		for since := int32(0); ; {
			var changes []Change
			view(t, s, func(tx *Tx) (err error) {
				changes, err = tx.Changes(since, limit)
				return err
			})
			if len(changes) == 0 {
				break
			}
			for _, c := range changes {
				if c.Revision != since {
					got = append(got, 0)
					since = c.Revision
				}
				got[len(got)-1]++
			}
		}
		if diff := cmp.Diff(sizes, got); diff != "" {
			t.Errorf("limit %d: changes of each revision (-want +got):\n%s", limit, diff)
		}
	}
}

func testAudited(t *testing.T, open database) {
	clock := newClock()
	s := open(t, Options{Now: clock.Now})
	if err := s.Update(t.Context(), put(firmRow(1))); !errors.Is(err, ErrMisuse) {
		t.Errorf("update without audit entry: %v, want misuse", err)
	}
	wantEmpty(t, s)

	entry := Entry{Actor: "operator", Credential: "credentials/c", Role: "ORGANISER", Method: "/m", Objects: []string{"firms/x"}, Outcome: "OK", RequestID: "q"}
	refused := Entry{Outcome: "WRONG_STATE", Objects: []string{}}
	for _, f := range []func(tx *Tx) error{
		func(tx *Tx) error { return errors.Join(tx.Audit(entry), put(firmRow(1))(tx), tx.Audit(refused)) },
		func(tx *Tx) error { return tx.Audit(refused) },
		func(tx *Tx) error { return errors.Join(put(firmRow(1))(tx), tx.Audit(entry)) },
	} {
		if err := s.Update(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	var got []Entry
	view(t, s, func(tx *Tx) (err error) {
		got, err = tx.AuditLog(0, 100)
		return err
	})
	entry.Count, refused.Count = 1, 1
	want := []Entry{entry, refused, refused, entry}
	for i, revision := range []int32{1, 1, 0, 2} {
		want[i].Number, want[i].Time, want[i].Revision = int64(i+1), clock.now, revision
		want[i].Before, want[i].After, want[i].Digest = got[i].Before, got[i].After, got[i].Digest
		if has := len(got[i].Before) == 32 && len(got[i].After) == 32; has != (revision > 0) {
			t.Errorf("entry %d has digests: %v", i+1, has)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("audit log (-want +got):\n%s", diff)
	}
	if bytes.Equal(got[0].Before, got[0].After) || bytes.Equal(got[0].After, got[3].After) {
		t.Error("digests before and after a change are alike")
	}
	view(t, s, func(tx *Tx) error {
		page, err := tx.AuditLog(2, 1)
		if diff := cmp.Diff(want[2:3], page); diff != "" {
			t.Errorf("audit page (-want +got):\n%s", diff)
		}
		return err
	})
	wantClean(t, s)
}

func testAuditedChain(t *testing.T, open database) {
	s := open(t, Options{})
	for i := range 5 {
		update(t, s, put(firmRow(i)))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Options{})
	update(t, s, put(firmRow(9))) // goes on where the last start ended
	var log []Entry
	view(t, s, func(tx *Tx) (err error) {
		log, err = tx.AuditLog(0, 100)
		return err
	})
	var before []byte
	for i, e := range log {
		if why := e.fault(int64(i+1), before); why != "" {
			t.Errorf("entry %d: %s", e.Number, why)
		}
		if why := e.fault(int64(i+1), []byte("x")); why == "" {
			t.Errorf("entry %d follows anything", e.Number)
		}
		before = e.Digest
	}
	if len(log) != 6 {
		t.Errorf("%d entries, want 6", len(log))
	}
}

func testIdempotent(t *testing.T, open database) {
	s := open(t, Options{})
	update(t, s, func(tx *Tx) error {
		if _, found, err := tx.Recall("firms/a", "r1", "/create", []byte("body")); found || err != nil {
			t.Errorf("recall before: %v, %v", found, err)
		}
		return errors.Join(put(firmRow(1))(tx), tx.Remember("firms/a", "r1", "/create", []byte("body"), []byte("answer")))
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Options{})
	view(t, s, func(tx *Tx) error {
		answer, found, err := tx.Recall("firms/a", "r1", "/create", []byte("body"))
		if string(answer) != "answer" || !found || err != nil {
			t.Errorf("recall: %q, %v, %v", answer, found, err)
		}
		for _, other := range [][2]string{{"/create", "other body"}, {"/delete", "body"}} {
			if _, _, err := tx.Recall("firms/a", "r1", other[0], []byte(other[1])); !errors.Is(err, ErrReused) {
				t.Errorf("recall for %v: %v, want reused", other, err)
			}
		}
		for _, other := range [][2]string{{"firms/b", "r1"}, {"firms/a", "r2"}} {
			if _, found, err := tx.Recall(other[0], other[1], "/create", []byte("body")); found || err != nil {
				t.Errorf("recall of %v: %v, %v; want nothing", other, found, err)
			}
		}
		return nil
	})
	wantClean(t, s)
}

// testIdempotentAge: an answer lives at least a day, and not for ever.
func testIdempotentAge(t *testing.T, open database) {
	clock := newClock()
	s := open(t, Options{Now: clock.Now})
	remember := func(id string) {
		update(t, s, func(tx *Tx) error { return tx.Remember("c", id, "m", nil, nil) })
	}
	known := func(id string) (found bool) {
		view(t, s, func(tx *Tx) (err error) {
			_, found, err = tx.Recall("c", id, "m", nil)
			return err
		})
		return found
	}
	remember("old")
	clock.now = clock.now.Add(25 * time.Hour)
	remember("middle")
	if !known("old") {
		t.Error("an answer was forgotten after a day")
	}
	clock.now = clock.now.Add(24 * time.Hour)
	remember("new")
	if known("old") || !known("middle") || !known("new") {
		t.Errorf("known after two days: old %v, middle %v, new %v", known("old"), known("middle"), known("new"))
	}
}
