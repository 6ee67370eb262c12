package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
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

func names(rows []Row) (names []string) {
	for _, r := range rows {
		names = append(names, r.Name)
	}
	return names
}

// listed walks all pages of a query.
func listed(t *testing.T, s *Store, kind Kind, q Query) (all []string) {
	t.Helper()
	for {
		var page Page
		view(t, s, func(tx *Tx) (err error) {
			page, err = tx.List(kind, q)
			return err
		})
		all = append(all, names(page.Rows)...)
		if len(page.Rows) > q.Limit {
			t.Fatalf("page of %d rows, limit %d", len(page.Rows), q.Limit)
		}
		if page.Next == "" {
			return all
		}
		q.After = page.Next
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

// testPagedOrders compares every order, both ways, with and without filters and
// page sizes, with a sort in memory.
func testPagedOrders(t *testing.T, open database) {
	clock := newClock()
	s := open(t, Options{Now: clock.Now})
	var rows []Row
	for i := range 60 {
		r := firmRow(i)
		r.DisplayName = []string{"같은", "same", "Équipe", ""}[i%4] // many equals
		r.Position, r.Deleted = int64(i%7-3), i%11 == 0
		clock.now = clock.now.Add(time.Duration(i%3) * time.Minute)
		update(t, s, put(r))
		r.UpdateTime = clock.now
		rows = append(rows, r)
	}
	orders := map[Order]func(a, b Row) int{
		ByName:        func(a, b Row) int { return 0 },
		ByDisplayName: func(a, b Row) int { return strings.Compare(a.DisplayName, b.DisplayName) },
		ByUpdateTime:  func(a, b Row) int { return a.UpdateTime.Compare(b.UpdateTime) },
		ByPosition:    func(a, b Row) int { return int(a.Position - b.Position) },
	}
	for order, compare := range orders {
		for _, desc := range []bool{false, true} {
			for _, filter := range []Expr{nil, Term("country=KR"), And{Term("country=KR"), Not{Term("region=KR-3")}}} {
				for _, limit := range []int{1, 7, 60, 100} {
					want := slices.Clone(rows)
					want = slices.DeleteFunc(want, func(r Row) bool {
						return r.Deleted || filter != nil && !slices.Contains(r.Terms, "country=KR") ||
							filter != nil && fmt.Sprint(filter) != "country=KR" && slices.Contains(r.Terms, "region=KR-3")
					})
					slices.SortFunc(want, func(a, b Row) int {
						c := compare(a, b)
						if c == 0 {
							c = strings.Compare(a.Name, b.Name)
						}
						if desc {
							c = -c
						}
						return c
					})
					q := Query{OrderBy: order, Desc: desc, Filter: filter, Limit: limit}
					if diff := cmp.Diff(names(want), listed(t, s, "firms", q)); diff != "" {
						t.Fatalf("%+v (-want +got):\n%s", q, diff)
					}
				}
			}
		}
	}
	if got := len(listed(t, s, "firms", Query{Limit: 9, ShowDeleted: true})); got != len(rows) {
		t.Errorf("%d rows with deleted ones, want %d", got, len(rows))
	}
}

// testPagedWhileWriting: a row that is there from the first page to the last is
// listed exactly once, whatever comes and goes around it.
func testPagedWhileWriting(t *testing.T, open database) {
	s := open(t, Options{})
	var stay []string
	for i := 0; i < 40; i += 2 {
		update(t, s, put(firmRow(i)))
		stay = append(stay, firmRow(i).Name)
	}
	q := Query{Limit: 3}
	var got []string
	for i := 1; ; i += 2 {
		var page Page
		view(t, s, func(tx *Tx) (err error) {
			page, err = tx.List("firms", q)
			return err
		})
		for _, r := range page.Rows {
			if slices.Contains(stay, r.Name) {
				got = append(got, r.Name)
			}
		}
		if q.After = page.Next; page.Next == "" {
			break
		}
		update(t, s, put(firmRow(i), firmRow(39-i)))
		update(t, s, func(tx *Tx) error {
			if err := tx.Delete("firms", firmRow(i).Name); err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			return nil
		})
	}
	if diff := cmp.Diff(stay, got); diff != "" {
		t.Errorf("rows listed while others were written (-want +got):\n%s", diff)
	}
}

func testPagedParent(t *testing.T, open database) {
	s := open(t, Options{})
	var want []string
	update(t, s, func(tx *Tx) error {
		for run := range 3 {
			for i := range 5 {
				name := fmt.Sprintf("matchRuns/r%d/results/a%d~b", run, i)
				if err := tx.Insert("results", Row{Name: name, Message: &tandemv1.MatchResult{Name: name}, Position: int64(-i), Terms: []string{"tier=1"}}); err != nil {
					return err
				}
				if run == 1 {
					want = append([]string{name}, want...)
				}
			}
		}
		return nil
	})
	for _, filter := range []Expr{nil, Term("tier=1")} {
		got := listed(t, s, "results", Query{Parent: "matchRuns/r1", OrderBy: ByPosition, Filter: filter, Limit: 2})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("results of one run (-want +got):\n%s", diff)
		}
	}
	for _, parent := range []string{"", "matchRuns", "matchRuns/r9"} {
		if got := listed(t, s, "results", Query{Parent: parent, Limit: 9}); len(got) > 0 {
			t.Errorf("under %q: %v, want nothing", parent, got)
		}
	}
	all := 0
	view(t, s, func(tx *Tx) error {
		last := ""
		return tx.Each("results", func(r Row) error {
			if r.Name <= last {
				t.Errorf("each: %s after %s", r.Name, last)
			}
			last = r.Name
			all++
			return nil
		})
	})
	if all != 15 {
		t.Errorf("each gave %d rows, want 15", all)
	}
}

func testPagedKeys(t *testing.T, open database) {
	s := open(t, Options{})
	update(t, s, put(firmRow(1), firmRow(2), firmRow(3)))
	view(t, s, func(tx *Tx) error {
		page, err := tx.List("firms", Query{Limit: 1})
		if err != nil || page.Next == "" {
			t.Fatalf("page without next, %v", err)
		}
		for _, q := range []Query{
			{After: page.Next, OrderBy: ByPosition}, {After: page.Next[1:]}, {After: "x"}, {After: "%"}, {After: page.Next + "AA", OrderBy: ByUpdateTime},
		} {
			q.Limit = 1
			if _, err := tx.List("firms", q); !errors.Is(err, ErrBadKey) {
				t.Errorf("list after %q by %q: %v, want bad key", q.After, q.OrderBy, err)
			}
		}
		return nil
	})
}

// testFiltered compares every form of condition with its meaning.
func testFiltered(t *testing.T, open database) {
	clock := newClock()
	s := open(t, Options{Now: clock.Now})
	start := clock.now
	type item struct {
		at    time.Time
		terms []string
	}
	rows := map[string]item{}
	for i := range 32 {
		r := firmRow(i)
		r.Terms = nil
		for bit := range 5 {
			if i>>bit&1 == 1 {
				r.Terms = append(r.Terms, fmt.Sprintf("bit=%d", bit))
			}
		}
		clock.now = clock.now.Add(time.Minute)
		update(t, s, put(r))
		rows[r.Name] = item{clock.now, r.Terms}
	}
	bit := func(n int) Expr { return Term(fmt.Sprintf("bit=%d", n)) }
	has := func(i item, n int) bool { return slices.Contains(i.terms, fmt.Sprintf("bit=%d", n)) }
	middle := start.Add(16 * time.Minute)
	for _, test := range []struct {
		filter Expr
		holds  func(item) bool
	}{
		{bit(0), func(i item) bool { return has(i, 0) }},
		{Term("bit=9"), func(item) bool { return false }},
		{Not{bit(3)}, func(i item) bool { return !has(i, 3) }},
		{And{}, func(item) bool { return true }},
		{Or{}, func(item) bool { return false }},
		{Not{Or{}}, func(item) bool { return true }},
		{And{bit(0), bit(1), Not{bit(2)}}, func(i item) bool { return has(i, 0) && has(i, 1) && !has(i, 2) }},
		{Or{bit(0), And{bit(1), bit(2)}}, func(i item) bool { return has(i, 0) || has(i, 1) && has(i, 2) }},
		{Not{And{bit(0), Or{bit(1), bit(4)}}}, func(i item) bool { return !has(i, 0) || !has(i, 1) && !has(i, 4) }},
		{Updated{Before, middle}, func(i item) bool { return i.at.Before(middle) }},
		{Updated{NotAfter, middle}, func(i item) bool { return !i.at.After(middle) }},
		{Updated{At, middle}, func(i item) bool { return i.at.Equal(middle) }},
		{Updated{NotAt, middle}, func(i item) bool { return !i.at.Equal(middle) }},
		{Updated{NotBefore, middle}, func(i item) bool { return !i.at.Before(middle) }},
		{And{bit(4), Updated{After, middle}}, func(i item) bool { return has(i, 4) && i.at.After(middle) }},
	} {
		var want []string
		for name, i := range rows {
			if test.holds(i) {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, listed(t, s, "firms", Query{Filter: test.filter, Limit: 5})); diff != "" {
			t.Errorf("%#v (-want +got):\n%s", test.filter, diff)
		}
		view(t, s, func(tx *Tx) error {
			n, err := tx.Count("firms", Query{Filter: test.filter, Limit: 1})
			if n != len(want) {
				t.Errorf("%#v: count %d, want %d", test.filter, n, len(want))
			}
			return err
		})
	}
}

// testFilteredHostile: what a caller writes is a value, never a part of the query.
func testFilteredHostile(t *testing.T, open database) {
	s := open(t, Options{})
	hostile := `x' OR 1=1; DROP TABLE rows; --"]`
	r := firmRow(1)
	r.Terms, r.Unique, r.DisplayName = []string{hostile, `{"a":["`}, []string{hostile}, hostile
	update(t, s, put(r, firmRow(2)))
	for _, order := range []Order{ByName, ByDisplayName} {
		if diff := cmp.Diff([]string{r.Name}, listed(t, s, "firms", Query{Filter: Term(hostile), OrderBy: order, Limit: 1})); diff != "" {
			t.Errorf("hostile term (-want +got):\n%s", diff)
		}
	}
	deep, wide, chain := Expr(Term("x")), Or{}, Expr(Term(hostile))
	for range maxConditions - 2 {
		deep, wide = Not{deep}, append(wide, Term(hostile))
	}
	for range maxConditions/2 - 1 {
		chain = And{chain, Term(hostile)}
	}
	for name, filter := range map[string]Expr{"deep": Or{deep}, "wide": wide, "all of": And(wide), "chain": chain} {
		if got := listed(t, s, "firms", Query{Filter: filter, Limit: 1}); name != "deep" && len(got) != 1 {
			t.Errorf("largest filter, %s: %v, want one row", name, got)
		}
	}
	view(t, s, func(tx *Tx) error {
		if _, err := tx.Find("firms", hostile); err != nil {
			t.Errorf("find: %v", err)
		}
		for _, q := range []Query{
			{Filter: Not{Not{Not{deep}}}, Limit: 1}, {OrderBy: "name; DROP TABLE rows", Limit: 1}, {Filter: Updated{Op: "OR 1=1 OR"}, Limit: 1}, {Limit: 0}, {Limit: -1},
		} {
			if _, err := tx.List("firms", q); !errors.Is(err, ErrMisuse) {
				t.Errorf("list: %v, want misuse", err)
			}
		}
		return nil
	})
}

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
