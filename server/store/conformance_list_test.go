package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

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
