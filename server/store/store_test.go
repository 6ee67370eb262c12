package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// testClock gives a time that only moves when a test moves it.
type testClock struct{ now time.Time }

func (c *testClock) Now() time.Time { return c.now }

func newClock() *testClock {
	return &testClock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
}

func openStore(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func newStore(t testing.TB) *Store {
	t.Helper()
	return openStore(t, filepath.Join(t.TempDir(), "tandem.db"), Options{Now: newClock().Now})
}

// update runs an Update with an audit entry and fails the test on an error.
func update(t testing.TB, s *Store, f func(*Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), audited(f)); err != nil {
		t.Fatal(err)
	}
}

func audited(f func(*Tx) error) func(*Tx) error {
	return func(tx *Tx) error {
		if err := tx.Audit(Entry{Actor: "operator", Role: "ORGANISER", Method: "/test", Outcome: "OK"}); err != nil {
			return err
		}
		return f(tx)
	}
}

func view(t testing.TB, s *Store, f func(*Tx) error) {
	t.Helper()
	if err := s.View(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// wantClean fails the test for everything that Verify finds.
func wantClean(t testing.TB, s *Store) {
	t.Helper()
	findings, err := s.Verify(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("verify: %v", f)
	}
}

// firmRow is a row like the server's, the i-th of a register.
func firmRow(i int) Row {
	country := []string{"CA", "KR"}[i%2]
	f := &tandemv1.Firm{
		Name:        fmt.Sprintf("firms/f-%06d", i),
		DisplayName: fmt.Sprintf("Firm %d", i*7919%100_003),
		NativeName:  "한빛어레이",
		Country:     country,
		Kind:        tandemv1.Firm_COMPANY,
		Summary:     fmt.Sprintf("Maker number %d of thin-line towed arrays and réseaux remorqués.", i),
	}
	for j := range 4 {
		f.Offers = append(f.Offers, &tandemv1.Offer{Capability: fmt.Sprintf("underwater.sonar.c%d", (i+j)%50), Trl: 7, Detail: "for small combatants"})
	}
	return Row{
		Name:        f.GetName(),
		Message:     f,
		DisplayName: f.GetDisplayName(),
		Position:    int64(i * 31 % 1009),
		Unique:      []string{fmt.Sprintf("external_id=X-%d", i)},
		Terms: []string{
			"country=" + country, "kind=COMPANY", "state=APPROVED", "provenance=SELF", "capability=underwater", "capability=underwater.sonar",
			fmt.Sprintf("capability=underwater.sonar.c%d", i%50), fmt.Sprintf("region=%s-%d", country, i%10), fmt.Sprintf("city=%d", i%5000),
		},
	}
}
