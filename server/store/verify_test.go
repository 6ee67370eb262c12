package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestVerifyFinds changes a file behind the store's back in ways that SQLite
// itself takes for sound, and expects each to be found and named.
func TestVerifyFinds(t *testing.T) {
	unlock := "DROP TRIGGER audit_is_not_updated; DROP TRIGGER audit_is_not_deleted;"
	relock := `CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'audit entries never change'); END;
		CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'audit entries are never deleted'); END;`
	for _, test := range []struct{ name, tamper, want string }{
		{"message", "UPDATE rows SET message = zeroblob(length(message)) WHERE id = 2", "rows firms firms/f-000001: does not match its digest"},
		{"sort value", "UPDATE rows SET position = 7 WHERE id = 2", "rows firms firms/f-000001: does not match its digest"},
		{"exchanged rows", "UPDATE rows SET name = CASE name WHEN 'firms/f-000001' THEN 'x' WHEN 'firms/f-000002' THEN 'firms/f-000001' ELSE name END", "rows firms firms/f-000001: does not match its digest"},
		{"old row", "UPDATE rows SET deleted = 1 - deleted", "rows firms firms/f-000000: does not match its digest"},
		{"lost row", "DELETE FROM rows WHERE id = 2", "rows firms firms/f-000001: is of revision 0, was changed last at 2"},
		{"moved row", "INSERT INTO collections VALUES (99, 'venues', ''); UPDATE rows SET collection = 99 WHERE id = 2", "rows venues firms/f-000001: does not match its digest"},
		{"lost term", "DELETE FROM terms WHERE row = 2 AND term = 'country=KR'", `terms firms/f-000001: "country=KR" is in the row but not in the table`},
		{"added term", "INSERT INTO terms SELECT id, 'country=XX', collection FROM rows WHERE id = 2", `terms firms/f-000001: "country=XX" is in the table but not in the row`},
		{"lost value", "DELETE FROM uniques WHERE row = 2", `uniques firms/f-000001: "external_id=X-1" is in the row but not in the table`},
		{"added value", "INSERT INTO uniques VALUES ('firms', 'z', 2)", `uniques firms/f-000001: "z" is in the table but not in the row`},
		{"lost change", "DELETE FROM changes WHERE revision = 2", "changes firms firms/f-000001: revision 2 of the row is missing"},
		{"lost revision", "DELETE FROM changes WHERE revision = 2", "changes 3 firms firms/f-000002: revision 2 is missing"},
		{"changed change", "UPDATE changes SET deleted = 1 WHERE revision = 2", "changes 2 firms firms/f-000001: does not match its digest"},
		{"changed entry", "UPDATE audit SET actor = 'nobody' WHERE number = 3", "audit 3: it does not match its digest"},
		{"changed objects", "UPDATE audit SET objects = '[\"firms/z\"]' WHERE number = 3", "audit 3: it does not match its digest"},
		{"lost entry", "PRAGMA foreign_keys = OFF; DELETE FROM audit WHERE number = 3", "audit 4: number 3 is missing"},
		{"lost last entry", "DELETE FROM audit WHERE number = 5", "audit revision 5: has no entry"},
		{"changed answer", "UPDATE answers SET answer = x'01' WHERE request_id = 'r2'", "answers c r2: does not match its digest"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tandem.db")
			s, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 5 {
				update(t, s, func(tx *Tx) error {
					if err := tx.Remember("c", fmt.Sprint("r", i), "m", nil, nil); err != nil {
						return err
					}
					return tx.Put("firms", firmRow(i))
				})
			}
			wantClean(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			execute(t, path, "PRAGMA foreign_keys = ON;"+unlock, test.tamper, relock)
			s = openStore(t, path, Options{skipIntegrity: true})
			findings, err := s.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(findings, func(f Finding) bool { return strings.HasPrefix(f.String(), test.want) }) {
				t.Errorf("verify: %v, want %q", findings, test.want)
			}
		})
	}
}

// TestAuditIsAppendOnly asks the database itself, not the code above it.
func TestAuditIsAppendOnly(t *testing.T) {
	s := newStore(t)
	update(t, s, put(firmRow(1)))
	update(t, s, put(firmRow(2)))
	columns := strings.Replace(entryColumns, "number,", "", 1)
	for _, statement := range []string{
		"UPDATE audit SET actor = 'nobody'",
		"DELETE FROM audit WHERE number = 2",
		"INSERT INTO audit (number, previous, " + columns + ") SELECT 4, 3, " + columns + " FROM audit WHERE number = 2",
		"INSERT INTO audit (number, previous, " + columns + ") SELECT 4, 2, " + columns + " FROM audit WHERE number = 2",
		"INSERT INTO audit (number, previous, " + columns + ") SELECT 3, NULL, " + columns + " FROM audit WHERE number = 2",
		"INSERT INTO audit (number, previous, " + columns + ") SELECT 0, -1, " + columns + " FROM audit WHERE number = 2",
	} {
		if _, err := s.writer.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s: went through", statement)
		}
	}
	wantClean(t, s)
}
