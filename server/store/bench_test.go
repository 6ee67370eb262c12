package store

import (
	"fmt"
	"path/filepath"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// BenchmarkImport writes 10,000 firms in one transaction.
func BenchmarkImport(b *testing.B) {
	rows := make([]Row, 10_000)
	for i := range rows {
		rows[i] = firmRow(i)
	}
	for i := 0; b.Loop(); i++ {
		s, err := Open(b.Context(), filepath.Join(b.TempDir(), fmt.Sprintf("%d.db", i)), Options{})
		if err != nil {
			b.Fatal(err)
		}
		update(b, s, func(tx *Tx) error {
			for _, r := range rows {
				if err := tx.Put("firms", r); err != nil {
					return err
				}
			}
			return nil
		})
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommit writes one row in one durable transaction.
func BenchmarkCommit(b *testing.B) {
	s := newStore(b)
	row := firmRow(1)
	for b.Loop() {
		update(b, s, func(tx *Tx) error { return tx.Put("firms", row) })
	}
}

func filled(b *testing.B, n int) *Store {
	b.Helper()
	s := newStore(b)
	fill(b, s, n)
	return s
}

func fill(tb testing.TB, s *Store, n int) {
	tb.Helper()
	update(tb, s, func(tx *Tx) error {
		for i := range n {
			if err := tx.Put("firms", firmRow(i)); err != nil {
				return err
			}
		}
		return nil
	})
}

func BenchmarkGet(b *testing.B) {
	s := filled(b, 10_000)
	names := make([]string, 10_000)
	for i := range names {
		names[i] = firmRow(i).Name
	}
	i := 0
	for b.Loop() {
		view(b, s, func(tx *Tx) error { return tx.Get("firms", names[i%len(names)], &tandemv1.Firm{}) })
		i += 7919
	}
}

func BenchmarkListPage(b *testing.B) {
	s := filled(b, 10_000)
	for _, q := range []Query{
		{},
		{OrderBy: ByDisplayName},
		{OrderBy: ByDisplayName, Filter: And{Term("country=KR"), Term("capability=underwater.sonar.c7")}},
		{OrderBy: ByUpdateTime, Desc: true, Filter: Term("city=77")},
	} {
		q.Limit = 100
		b.Run(fmt.Sprintf("%s %v", q.OrderBy, q.Filter), func(b *testing.B) {
			for b.Loop() {
				view(b, s, func(tx *Tx) error {
					page, err := tx.List("firms", q)
					if err == nil && len(page.Rows) == 0 {
						b.Error("empty page")
					}
					return err
				})
			}
		})
	}
}

// BenchmarkOpen opens a register of 10,000 firms, integrity check included.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "tandem.db")
	s, err := Open(b.Context(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	fill(b, s, 10_000)
	for b.Loop() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
		if s, err = Open(b.Context(), path, Options{}); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkVerify(b *testing.B) {
	s := filled(b, 10_000)
	for b.Loop() {
		wantClean(b, s)
	}
}
