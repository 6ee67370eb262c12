package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// listAudit reads all pages of a query and returns the numbers of the entries.
func listAudit(t *testing.T, s *Store, filter Expr, limit int) (numbers []int64) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		numbers = nil
		for q := (AuditQuery{Filter: filter, Limit: limit}); ; {
			page, next, err := tx.ListAudit(q)
			if err != nil {
				return err
			}
			for _, e := range page {
				numbers = append(numbers, e.Number)
			}
			if next == 0 {
				return nil
			}
			q.Before = next
		}
	})
	return numbers
}

func TestListAudit(t *testing.T) {
	clock := newClock()
	s := openStore(t, filepath.Join(t.TempDir(), "tandem.db"), Options{Now: clock.Now})
	begin := clock.now
	for i, e := range []Entry{
		{Actor: "operator", Role: "ORGANISER", Method: "/tandem.v1.FirmService/CreateFirm", Outcome: "OK"},
		{Actor: "firms/f-000000", Role: "FIRM", Method: "/tandem.v1.FirmService/UpdateFirm", Outcome: "OK"},
		{Actor: "addresses/x", Role: "ANONYMOUS", Method: "/tandem.v1.InvitationService/ClaimFirm", Outcome: "CLAIM_CODE_UNKNOWN", Count: 40},
		{Actor: "operator", Role: "ORGANISER", Method: "/tandem.v1.FirmService/BatchApproveFirms", Outcome: "OK"},
	} {
		clock.now = begin.Add(time.Duration(i) * time.Hour)
		err := s.Update(t.Context(), func(tx *Tx) error {
			var err error
			if i != 2 {
				err = put(firmRow(i % 2))(tx)
			}
			return errors.Join(err, tx.Audit(e))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		filter Expr
		want   []int64
	}{
		{nil, []int64{4, 3, 2, 1}},
		{Term("actor=operator"), []int64{4, 1}},
		{Term("action=CreateFirm"), []int64{1}},
		{Term("action=Firm"), nil}, // the whole of the last part, not its end
		{Term("role=ANONYMOUS"), []int64{3}},
		{Not{Term("outcome=OK")}, []int64{3}},
		{Term("resource=firms/f-000000"), []int64{1}},
		{Term("resource=firms/f-000001"), []int64{4, 2}},
		{Term("resource=firms/f-00000%"), nil},
		{Or{Term("resource=firms/f-000000"), Term("action=ClaimFirm")}, []int64{3, 1}},
		{And{Term("actor=operator"), Updated{Op: NotBefore, At: begin.Add(time.Hour)}}, []int64{4}},
		{Updated{Op: NotBefore, At: time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)}, nil},
		{Updated{Op: Before, At: time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)}, []int64{4, 3, 2, 1}},
		{Updated{Op: After, At: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}, []int64{4, 3, 2, 1}},
		{Or{}, nil},
		{And{}, []int64{4, 3, 2, 1}},
	} {
		for _, limit := range []int{1, 2, 100} {
			if diff := cmp.Diff(test.want, listAudit(t, s, test.filter, limit)); diff != "" {
				t.Errorf("%v, %d a page (-want +got):\n%s", test.filter, limit, diff)
			}
		}
	}
	view(t, s, func(tx *Tx) error {
		for _, bad := range []AuditQuery{{}, {Limit: 1, Filter: Term("number=1")}, {Limit: 1, Filter: Updated{Op: "~"}}} {
			if _, _, err := tx.ListAudit(bad); !errors.Is(err, ErrMisuse) {
				t.Errorf("%v: got %v, want misuse", bad, err)
			}
		}
		return nil
	})
	wantClean(t, s)
}

// Whatever is changed in an entry, also how many events it stands for, the list does not serve it.
func TestListAuditServesNoChangedEntry(t *testing.T) {
	for _, column := range []string{"count = 2", "actor = 'x'", "time = time + 1", `objects = '["firms/x"]'`} {
		path := filepath.Join(t.TempDir(), "tandem.db")
		openStoreAndClose(t, path)
		execute(t, path, "DROP TRIGGER audit_is_not_updated", "UPDATE audit SET "+column+" WHERE number = 1",
			"CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit entries never change'); END")
		s := openStore(t, path, Options{})
		err := s.View(t.Context(), func(tx *Tx) error {
			_, _, err := tx.ListAudit(AuditQuery{Limit: 10})
			return err
		})
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want a corrupt entry", column, err)
		}
	}
}

// A register from before entries were counted is brought up to date, and its chain still holds.
func TestAuditFromBeforeCounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tandem.db")
	openStoreAndClose(t, path)
	execute(t, path, "ALTER TABLE audit DROP COLUMN count", "PRAGMA user_version = 1")
	s := openStore(t, path, Options{})
	update(t, s, put(firmRow(7)))
	if got := fmt.Sprint(listAudit(t, s, nil, 10)); got != "[2 1]" {
		t.Errorf("got entries %s, want [2 1]", got)
	}
	wantClean(t, s)
}
