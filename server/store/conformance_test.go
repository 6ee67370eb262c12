package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// database opens the same database again and again: what the suite needs to
// know of one. A second database passes the suite by a second value of this type.
type database func(t *testing.T, o Options) *Store

func TestSQLiteConforms(t *testing.T) {
	conform(t, func(t *testing.T) database {
		path := filepath.Join(t.TempDir(), "tandem.db")
		return func(t *testing.T, o Options) *Store { return openStore(t, path, o) }
	})
}

// conform runs one subtest for each "must" of the package doc.
func conform(t *testing.T, create func(t *testing.T) database) {
	for _, must := range []struct {
		name string
		test func(t *testing.T, open database)
	}{
		{"durable", testDurable},
		{"atomic/error", testAtomicError},
		{"atomic/panic", testAtomicPanic},
		{"atomic/swallowed", testAtomicSwallowed},
		{"serial", testSerial},
		{"snapshot", testSnapshot},
		{"rows", testRows},
		{"unique/name", testUniqueName},
		{"unique/value", testUniqueValue},
		{"paged/orders", testPagedOrders},
		{"paged/while writing", testPagedWhileWriting},
		{"paged/parent", testPagedParent},
		{"paged/keys", testPagedKeys},
		{"filtered", testFiltered},
		{"filtered/hostile", testFilteredHostile},
		{"logged", testLogged},
		{"logged/limit", testLoggedLimit},
		{"audited", testAudited},
		{"audited/chain", testAuditedChain},
		{"idempotent", testIdempotent},
		{"idempotent/age", testIdempotentAge},
		{"cancelled", testCancelled},
		{"misused", testMisused},
	} {
		t.Run(must.name, func(t *testing.T) { must.test(t, create(t)) })
	}
}

func put(rows ...Row) func(*Tx) error {
	return func(tx *Tx) error {
		for _, r := range rows {
			if err := tx.Put("firms", r); err != nil {
				return err
			}
		}
		return nil
	}
}

func testDurable(t *testing.T, open database) {
	clock := newClock()
	s := open(t, Options{Now: clock.Now})
	row := firmRow(3)
	update(t, s, put(row))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Options{Now: clock.Now})
	view(t, s, func(tx *Tx) error {
		got, err := tx.Row("firms", row.Name)
		if err != nil {
			return err
		}
		if len(got.Digest) != 32 {
			t.Errorf("digest of %d bytes, want 32", len(got.Digest))
		}
		want := row
		want.Revision, want.UpdateTime, want.Digest = 1, clock.now, got.Digest
		slices.Sort(want.Terms)
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("row after a new start (-want +got):\n%s", diff)
		}
		return nil
	})
	wantClean(t, s)
}

func testAtomicError(t *testing.T, open database) {
	s := open(t, Options{})
	boom := errors.New("boom")
	err := s.Update(t.Context(), audited(func(tx *Tx) error {
		if err := put(firmRow(1), firmRow(2))(tx); err != nil {
			return err
		}
		if err := tx.Remember("a", "r", "m", nil, []byte("answer")); err != nil {
			return err
		}
		return boom
	}))
	if !errors.Is(err, boom) {
		t.Errorf("update: %v, want boom", err)
	}
	wantEmpty(t, s)
}

func testAtomicPanic(t *testing.T, open database) {
	s := open(t, Options{})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = s.Update(t.Context(), audited(func(tx *Tx) error {
			if err := put(firmRow(1))(tx); err != nil {
				return err
			}
			panic("boom")
		}))
	}()
	wantEmpty(t, s)
	update(t, s, put(firmRow(1))) // the turn was given back
}

// testAtomicSwallowed: after a write failed half-way, a closure that goes on
// as if nothing had happened commits nothing.
func testAtomicSwallowed(t *testing.T, open database) {
	s := open(t, Options{})
	err := s.Update(t.Context(), audited(func(tx *Tx) error {
		if err := put(firmRow(1))(tx); err != nil {
			return err
		}
		for range 2 { // the second one breaks the constraint on answers
			_ = tx.Remember("a", "r", "m", nil, nil)
		}
		return nil
	}))
	if err == nil {
		t.Error("update with a swallowed error was acknowledged")
	}
	wantEmpty(t, s)
}

func wantEmpty(t *testing.T, s *Store) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		n, err := tx.Count("firms", Query{})
		if err != nil || n != 0 {
			t.Errorf("%d rows, %v; want none", n, err)
		}
		if r, err := tx.Revision(); err != nil || r != 0 {
			t.Errorf("revision %d, %v; want 0", r, err)
		}
		if log, err := tx.AuditLog(0, 10); err != nil || len(log) != 0 {
			t.Errorf("%d audit entries, %v; want none", len(log), err)
		}
		if _, found, err := tx.Recall("a", "r", "m", nil); err != nil || found {
			t.Errorf("answer found: %v, %v; want none", found, err)
		}
		return nil
	})
	wantClean(t, s)
}

// testSerial counts up from many goroutines: no step is lost.
func testSerial(t *testing.T, open database) {
	s := open(t, Options{})
	const writers, steps = 8, 25
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range steps {
				err := s.Update(t.Context(), audited(func(tx *Tx) error {
					r := firmRow(1)
					switch old, err := tx.Row("firms", r.Name); {
					case err == nil:
						r.Position = old.Position + 1
					case errors.Is(err, ErrNotFound):
						r.Position = 1
					default:
						return err
					}
					return tx.Put("firms", r)
				}))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	view(t, s, func(tx *Tx) error {
		r, err := tx.Row("firms", firmRow(1).Name)
		if r.Position != writers*steps || r.Revision != writers*steps {
			t.Errorf("counted to %d at revision %d, want %d", r.Position, r.Revision, writers*steps)
		}
		return err
	})
	wantClean(t, s)
}

// testSnapshot reads twice in one View with a write between; and readers see
// pairs of rows that are always written together.
func testSnapshot(t *testing.T, open database) {
	s := open(t, Options{})
	pair := func(i int64) func(*Tx) error {
		a, b := firmRow(1), firmRow(2)
		a.Position, b.Position = i, i
		return put(a, b)
	}
	update(t, s, pair(0))
	view(t, s, func(tx *Tx) error {
		before, err := tx.Revision()
		if err != nil {
			return err
		}
		update(t, s, pair(1))
		r, err := tx.Row("firms", firmRow(1).Name)
		if r.Position != 0 {
			t.Errorf("a View saw a later write: position %d", r.Position)
		}
		if after, err := tx.Revision(); err != nil || after != before {
			t.Errorf("revision went from %d to %d in one View, %v", before, after, err)
		}
		return err
	})
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for last := int64(0); ; {
				select {
				case <-done:
					return
				default:
				}
				err := s.View(t.Context(), func(tx *Tx) error {
					a, err := tx.Row("firms", firmRow(1).Name)
					if err != nil {
						return err
					}
					b, err := tx.Row("firms", firmRow(2).Name)
					if a.Position != b.Position || a.Position < last {
						t.Errorf("a View saw %d and %d after %d", a.Position, b.Position, last)
					}
					last = a.Position
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range int64(100) {
		update(t, s, pair(i+2))
	}
	close(done)
	readers.Wait()
}

func testRows(t *testing.T, open database) {
	clock := newClock()
	s := open(t, Options{Now: clock.Now})
	update(t, s, put(firmRow(1), firmRow(2)))
	first := firmRow(1)

	clock.now = clock.now.Add(time.Hour)
	changed := firmRow(1)
	changed.DisplayName, changed.Terms, changed.Unique, changed.Deleted = "Changed", []string{"b", "a", "b"}, nil, true
	proto.Merge(changed.Message, &tandemv1.Firm{City: "Ulsan"})
	update(t, s, put(changed))
	view(t, s, func(tx *Tx) error {
		got, err := tx.Row("firms", first.Name)
		if err != nil {
			return err
		}
		want := changed
		want.Terms, want.Revision, want.UpdateTime, want.Digest = []string{"a", "b"}, 2, clock.now, got.Digest
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("row (-want +got):\n%s", diff)
		}
		var firm tandemv1.Firm
		if err := tx.Get("firms", first.Name, &firm); err != nil || firm.GetCity() != "Ulsan" {
			t.Errorf("get: city %q, %v", firm.GetCity(), err)
		}
		if _, err := tx.Find("firms", first.Unique[0]); !errors.Is(err, ErrNotFound) {
			t.Errorf("find a value that was given up: %v, want not found", err)
		}
		if r, err := tx.Find("firms", firmRow(2).Unique[0]); err != nil || r.Name != firmRow(2).Name {
			t.Errorf("find: %s, %v", r.Name, err)
		}
		for _, kind := range []Kind{"firms", "venues"} {
			if err := tx.Get(kind, "firms/none", &firm); !errors.Is(err, ErrNotFound) {
				t.Errorf("get absent row of %s: %v, want not found", kind, err)
			}
		}
		if err := tx.Get("firms", first.Name, &tandemv1.Pairing{}); !errors.Is(err, ErrMisuse) {
			t.Errorf("get into another type: %v, want misuse", err)
		}
		return nil
	})

	update(t, s, func(tx *Tx) error { return tx.Delete("firms", first.Name) })
	view(t, s, func(tx *Tx) error {
		if _, err := tx.Row("firms", first.Name); !errors.Is(err, ErrNotFound) {
			t.Errorf("get deleted row: %v, want not found", err)
		}
		return nil
	})
	if err := s.Update(t.Context(), audited(func(tx *Tx) error { return tx.Delete("firms", first.Name) })); !errors.Is(err, ErrNotFound) {
		t.Errorf("delete twice: %v, want not found", err)
	}
	update(t, s, func(tx *Tx) error { return tx.Insert("firms", first) })
	wantClean(t, s)
}

func testUniqueName(t *testing.T, open database) {
	s := open(t, Options{})
	update(t, s, put(firmRow(1)))
	update(t, s, func(tx *Tx) error {
		err := tx.Insert("firms", firmRow(1))
		var taken *ExistsError
		if !errors.Is(err, ErrExists) || !errors.As(err, &taken) || taken.Name != firmRow(1).Name || taken.Unique != "" {
			t.Errorf("insert twice: %v, want an ExistsError", err)
		}
		// A refusal leaves the transaction whole, and another kind has names of its own.
		return tx.Insert("suppliers", Row{Name: firmRow(1).Name, Message: firmRow(1).Message})
	})
	wantClean(t, s)
}

func testUniqueValue(t *testing.T, open database) {
	s := open(t, Options{})
	update(t, s, put(firmRow(1), firmRow(2)))
	thief := firmRow(2)
	thief.Unique = append(thief.Unique, firmRow(1).Unique...)
	update(t, s, func(tx *Tx) error {
		err := tx.Put("firms", thief)
		want := &ExistsError{Kind: "firms", Name: firmRow(1).Name, Unique: firmRow(1).Unique[0]}
		var got *ExistsError
		if errors.As(err, &got); cmp.Diff(want, got) != "" {
			t.Errorf("put with a taken value: %v, want %v", err, want)
		}
		if err := tx.Put("suppliers", Row{Name: "suppliers/x", Message: thief.Message, Unique: thief.Unique}); err != nil {
			t.Errorf("same value in another kind: %v", err)
		}
		own := firmRow(1)
		own.Unique = append(own.Unique, "alias=1")
		return tx.Put("firms", own)
	})
	wantClean(t, s)
}

func testCancelled(t *testing.T, open database) {
	s := open(t, Options{})
	update(t, s, put(firmRow(1), firmRow(2)))
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, audited(func(tx *Tx) error {
		if err := put(firmRow(3))(tx); err != nil {
			return err
		}
		cancel()
		return put(firmRow(4))(tx)
	}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("update: %v, want cancelled", err)
	}
	if err := s.View(ctx, func(*Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("view: %v, want cancelled", err)
	}
	// Who waits for its turn can give up.
	update(t, s, func(*Tx) error {
		if err := s.Update(ctx, put(firmRow(4))); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting update: %v, want cancelled", err)
		}
		return nil
	})
	view(t, s, func(tx *Tx) error {
		if n, err := tx.Count("firms", Query{}); n != 2 || err != nil {
			t.Errorf("%d rows, %v; want 2", n, err)
		}
		return nil
	})
	if err := s.Err(); err != nil {
		t.Errorf("a cancelled context stopped the store: %v", err)
	}
}

func testMisused(t *testing.T, open database) {
	s := open(t, Options{})
	var kept *Tx
	view(t, s, func(tx *Tx) error {
		kept = tx
		for name, err := range map[string]error{
			"put":      tx.Put("firms", firmRow(1)),
			"insert":   tx.Insert("firms", firmRow(1)),
			"delete":   tx.Delete("firms", "firms/x"),
			"audit":    tx.Audit(Entry{}),
			"remember": tx.Remember("", "", "", nil, nil),
		} {
			if !errors.Is(err, ErrMisuse) {
				t.Errorf("%s in a View: %v, want misuse", name, err)
			}
		}
		return nil
	})
	if _, err := kept.Row("firms", "firms/x"); !errors.Is(err, ErrMisuse) {
		t.Errorf("use after the end: %v, want misuse", err)
	}
	for _, bad := range []Row{
		{Name: "firms/x"}, {Message: &tandemv1.Firm{}}, {Name: "a\x00", Message: &tandemv1.Firm{}},
		{Name: "a", Message: &tandemv1.Firm{}, Terms: []string{"\xff"}}, {Name: "a", Message: &tandemv1.Firm{}, Unique: []string{"\x00"}},
		{Name: "a", Message: &tandemv1.Firm{}, DisplayName: "\xed\xa0\x80"}, {Name: "a", Message: &tandemv1.Firm{Name: "\xff"}},
	} {
		err := s.Update(t.Context(), audited(func(tx *Tx) error { return tx.Put("firms", bad) }))
		if !errors.Is(err, ErrMisuse) {
			t.Errorf("put %+v: %v, want misuse", bad, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), put()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("update after close: %v, want unavailable", err)
	}
	if err := s.View(t.Context(), func(*Tx) error { return nil }); !errors.Is(err, ErrUnavailable) {
		t.Errorf("view after close: %v, want unavailable", err)
	}
}
