package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Finding is one thing that is not as it was written.
type Finding struct {
	// Table it was found in, or "file".
	Table string
	// Name of the row.
	Name string
	// What is wrong.
	What string
}

// String writes the finding on one line.
func (f Finding) String() string { return f.Table + " " + f.Name + ": " + f.What }

// maxFindings of one sort are listed; a file with more is to be restored, not read.
const maxFindings = 1000

// Verify reads everything again and returns what is wrong, nothing where all is
// well: structure, digests of all rows, messages that can be read, terms and
// unique values against their rows, the change log against the rows, revisions
// and audit numbers without a gap. It sees one state and keeps nobody waiting.
func (s *Store) Verify(ctx context.Context) ([]Finding, error) {
	var findings []Finding
	err := s.View(ctx, func(tx *Tx) error {
		v := &verifier{tx: tx}
		for _, step := range []func() error{v.structure, v.rows, v.derived, v.changes, v.audit, v.answers} {
			if err := step(); err != nil {
				return err
			}
		}
		findings = v.findings
		return nil
	})
	return findings, err
}

// checkIntegrity lets SQLite compare tables with indexes and constraints: what
// row digests cannot see is a row that an index no longer leads to.
func (s *Store) checkIntegrity(ctx context.Context) error {
	var lines []string
	for _, pragma := range []string{"integrity_check(10)", "foreign_key_check"} {
		rows, err := s.writer.QueryContext(ctx, "PRAGMA "+pragma)
		if err != nil {
			return s.judge(pragma, err)
		}
		found, err := reportLines(rows)
		if err != nil {
			return s.judge(pragma, err)
		}
		lines = append(lines, found...)
	}
	if len(lines) > 0 {
		return fmt.Errorf("%w: %s", ErrCorrupt, strings.Join(lines, "; "))
	}
	return nil
}

// reportLines reads what a checking pragma found, without its "ok".
func reportLines(rows *sql.Rows) (lines []string, err error) {
	defer rows.Close() //nolint:errcheck // rows.Err says it
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]sql.NullString, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		var line []string
		for _, v := range values {
			line = append(line, v.String)
		}
		if text := strings.Join(line, " "); text != "ok" {
			lines = append(lines, text)
		}
	}
	return lines, rows.Err()
}

type verifier struct {
	tx       *Tx
	findings []Finding
}

func (v *verifier) found(table, name, what string) {
	if len(v.findings) < maxFindings {
		v.findings = append(v.findings, Finding{table, name, what})
	}
}

func (v *verifier) structure() error {
	for _, pragma := range []string{"integrity_check", "foreign_key_check"} {
		rows, err := v.tx.query("PRAGMA " + pragma)
		if err != nil {
			return v.tx.store.judge(pragma, err)
		}
		lines, err := reportLines(rows)
		if err != nil {
			return v.tx.store.judge(pragma, err)
		}
		for _, line := range lines {
			v.found("file", pragma, line)
		}
	}
	return nil
}

// rows checks every row against its digest, its place and its last change.
func (v *verifier) rows() error {
	return v.tx.each("verify rows", func(rows *sql.Rows) error {
		var kind, parent sql.NullString
		var logged sql.NullBool
		r := &stored{}
		err := rows.Scan(&kind, &parent, &logged, &r.id, &r.Name, &r.typ, &r.DisplayName, &r.Position, &r.updateTime, &r.Revision, &r.Deleted, &r.terms, &r.uniques, &r.digest, &r.message)
		if err != nil {
			v.found("rows", r.Name, err.Error())
			return nil
		}
		r.kind = Kind(kind.String)
		name := kind.String + " " + r.Name
		switch {
		case !kind.Valid:
			v.found("rows", r.Name, "belongs to no collection")
		case !bytes.Equal(r.digest, r.sum()):
			v.found("rows", name, "does not match its digest")
		case ParentOf(r.Name) != parent.String:
			v.found("rows", name, "lies under "+parent.String)
		case !logged.Valid:
			v.found("changes", name, fmt.Sprintf("revision %d of the row is missing", r.Revision))
		case logged.Bool != r.Deleted:
			v.found("changes", name, "differs from the row in whether it is deleted")
		default:
			if _, err := r.decode(r.kind); err != nil {
				v.found("rows", name, err.Error())
			}
		}
		return nil
	}, `SELECT c.kind, c.parent, (SELECT h.deleted FROM changes h WHERE h.kind = c.kind AND h.name = r.name AND h.revision = r.revision), `+rowColumns+`
		FROM rows r LEFT JOIN collections c ON c.id = r.collection`)
}

// derived compares the tables of terms and unique values with what the rows,
// whose digests cover it, say of themselves.
func (v *verifier) derived() error {
	for _, d := range []struct{ table, what, query string }{
		{"terms", "is in the row but not in the table", `SELECT r.name, t.value FROM rows r, json_each(iif(json_valid(r.terms), r.terms, '[]')) t
			WHERE NOT EXISTS (SELECT 1 FROM terms x WHERE x.row = r.id AND x.term = t.value AND x.collection = r.collection)`},
		{"terms", "is in the table but not in the row", `SELECT coalesce(r.name, x.row), x.term FROM terms x LEFT JOIN rows r ON r.id = x.row
			WHERE r.id IS NULL OR x.term NOT IN (SELECT value FROM json_each(iif(json_valid(r.terms), r.terms, '[]')))`},
		{"uniques", "is in the row but not in the table", `SELECT r.name, u.value FROM rows r JOIN collections c ON c.id = r.collection, json_each(iif(json_valid(r.uniques), r.uniques, '[]')) u
			WHERE NOT EXISTS (SELECT 1 FROM uniques x WHERE x.kind = c.kind AND x.value = u.value AND x.row = r.id)`},
		{"uniques", "is in the table but not in the row", `SELECT coalesce(r.name, x.row), x.value FROM uniques x LEFT JOIN rows r ON r.id = x.row
			WHERE r.id IS NULL OR x.value NOT IN (SELECT value FROM json_each(iif(json_valid(r.uniques), r.uniques, '[]')))`},
	} {
		err := v.tx.each("verify "+d.table, func(rows *sql.Rows) error {
			var name, value string
			if err := rows.Scan(&name, &value); err != nil {
				return err
			}
			v.found(d.table, name, fmt.Sprintf("%q %s", value, d.what))
			return nil
		}, d.query)
		if err != nil {
			return err
		}
	}
	return nil
}

// changes checks that revisions follow each other, that every one has an audit
// entry, and that the newest change of each name agrees with its row.
func (v *verifier) changes() error {
	var last int32
	err := v.tx.each("verify changes", func(rows *sql.Rows) error {
		var c Change
		var digest []byte
		if err := rows.Scan(&c.Revision, &c.Kind, &c.Name, &c.Deleted, &digest); err != nil {
			return err
		}
		name := fmt.Sprintf("%d %s %s", c.Revision, c.Kind, c.Name)
		if !bytes.Equal(digest, c.sum()) {
			v.found("changes", name, "does not match its digest")
		}
		if c.Revision > last+1 {
			v.found("changes", name, fmt.Sprintf("revision %d is missing", last+1))
		}
		last = max(last, c.Revision)
		return nil
	}, "SELECT revision, kind, name, deleted, digest FROM changes ORDER BY revision, kind, name")
	if err != nil {
		return err
	}
	err = v.tx.each("verify changes", func(rows *sql.Rows) error {
		var kind, name string
		var revision, of int32
		if err := rows.Scan(&kind, &name, &revision, &of); err != nil {
			return err
		}
		v.found("rows", kind+" "+name, fmt.Sprintf("is of revision %d, was changed last at %d", of, revision))
		return nil
	}, `SELECT h.kind, h.name, h.last, coalesce(r.revision, 0) FROM (SELECT kind, name, max(revision) AS last, deleted FROM changes GROUP BY kind, name) h
		LEFT JOIN (rows r JOIN collections c ON c.id = r.collection) ON r.name = h.name AND c.kind = h.kind
		WHERE r.revision IS NOT h.last AND NOT (r.id IS NULL AND h.deleted)`)
	if err != nil {
		return err
	}
	return v.tx.each("verify changes", func(rows *sql.Rows) error {
		var revision int32
		if err := rows.Scan(&revision); err != nil {
			return err
		}
		v.found("audit", fmt.Sprintf("revision %d", revision), "has no entry")
		return nil
	}, "SELECT DISTINCT revision FROM changes EXCEPT SELECT revision FROM audit")
}

func (v *verifier) audit() error {
	next, before := int64(1), []byte(nil)
	return v.tx.each("verify audit", func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		if err != nil {
			v.found("audit", fmt.Sprint(e.Number), err.Error())
			return nil
		}
		if why := e.fault(next, before); why != "" {
			v.found("audit", fmt.Sprint(e.Number), why)
		}
		next, before = e.Number+1, e.Digest
		return nil
	}, "SELECT "+entryColumns+" FROM audit ORDER BY number")
}

func (v *verifier) answers() error {
	return v.tx.each("verify answers", func(rows *sql.Rows) error {
		var a answerRow
		var digest []byte
		if err := rows.Scan(&a.caller, &a.requestID, &a.method, &a.body, &a.time, &a.answer, &digest); err != nil {
			v.found("answers", a.requestID, err.Error())
			return nil
		}
		if !bytes.Equal(digest, a.sum()) {
			v.found("answers", a.caller+" "+a.requestID, "does not match its digest")
		}
		return nil
	}, "SELECT caller, request_id, method, body, time, answer, digest FROM answers ORDER BY caller, request_id")
}
