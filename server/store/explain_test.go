package store

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// TestListsWalkAnIndex asks SQLite how it would answer every kind of list: none
// scans a table, and none sorts but what starts from a rare term.
func TestListsWalkAnIndex(t *testing.T) {
	s := newStore(t)
	fill(t, s, few*2+10) // country= is frequent, city= is rare
	rare, frequent := Term("city=7"), Term("country=KR")
	for _, order := range []Order{ByName, ByDisplayName, ByUpdateTime, ByPosition} {
		for _, desc := range []bool{false, true} {
			for _, filter := range []Expr{nil, frequent, Not{frequent}, Or{frequent, rare}, And{frequent, Term("kind=COMPANY")}, Updated{After, systemClock()}, rare, And{frequent, rare}} {
				for _, later := range []bool{false, true} {
					for _, deleted := range []bool{false, true} {
						q := Query{OrderBy: order, Desc: desc, Filter: filter, Limit: 10, ShowDeleted: deleted}
						if later {
							q.After = (&plan{Query: q}).key(&Row{Name: "firms/f-000100", DisplayName: "Firm 5"})
						}
						explain(t, s, q)
					}
				}
			}
		}
	}
}

func explain(t *testing.T, s *Store, q Query) {
	t.Helper()
	view(t, s, func(tx *Tx) error {
		p, ok, err := tx.plan("firms", q)
		if err != nil || !ok {
			t.Fatalf("plan of %+v: %v, %v", q, ok, err)
		}
		text, args, err := p.sql()
		if err != nil {
			return err
		}
		lines := queryPlan(t, tx, text, args...)
		walked := "SEARCH r USING INDEX rows_by_" + string(p.OrderBy) + " (collection=?"
		if p.start != "" {
			walked = "SEARCH s USING COVERING INDEX rows_by_term (collection=? AND term=?)"
		} else if q.After != "" {
			walked = map[bool]string{false: walked + " AND " + string(p.OrderBy) + ">?)", true: walked + " AND " + string(p.OrderBy) + "<?)"}[q.Desc]
			if p.OrderBy != ByName {
				column := string(p.OrderBy)
				walked = "SEARCH r USING INDEX rows_by_" + column + " (collection=? AND (" + column + ",name)" + map[bool]string{false: ">", true: "<"}[q.Desc] + "(?,?))"
			}
		}
		if !strings.HasPrefix(lines[0], walked) {
			t.Errorf("%+v starts with %q, want %q", q, lines[0], walked)
		}
		for _, line := range lines {
			if strings.HasPrefix(line, "SCAN ") || strings.Contains(line, "AUTOMATIC") || strings.Contains(line, "TEMP B-TREE") && p.start == "" {
				t.Errorf("%+v: %s", q, strings.Join(lines, "; "))
			}
		}
		return nil
	})
}

// TestQueriesUseIndexes looks at the other statements that run on every request.
func TestQueriesUseIndexes(t *testing.T) {
	s := newStore(t)
	view(t, s, func(tx *Tx) error {
		for _, query := range []string{
			"SELECT " + rowColumns + " FROM rows r WHERE r.name = ? AND r.collection = (SELECT id FROM collections WHERE kind = ? AND parent = ?)",
			"SELECT r.name FROM uniques u JOIN rows r ON r.id = u.row WHERE u.kind = ? AND u.value = ?",
			"SELECT coalesce(max(revision), 0) FROM changes WHERE ?",
			"SELECT revision, kind, name, deleted, digest FROM changes WHERE revision > ? ORDER BY revision, kind, name LIMIT ?",
			"SELECT number, digest FROM audit WHERE number > ? ORDER BY number LIMIT ?",
			"SELECT method FROM answers WHERE caller = ? AND request_id = ?",
			"SELECT rowid FROM answers WHERE time < ? ORDER BY time LIMIT 100",
			"SELECT id, parent FROM collections WHERE kind = ? ORDER BY parent",
		} {
			args := make([]any, strings.Count(query, "?"))
			for i := range args {
				args[i] = 1
			}
			for _, line := range queryPlan(t, tx, query, args...) {
				if strings.HasPrefix(line, "SCAN ") || strings.Contains(line, "TEMP B-TREE") {
					t.Errorf("%s: %s", query, line)
				}
			}
		}
		return nil
	})
}

func queryPlan(t *testing.T, tx *Tx, query string, args ...any) (lines []string) {
	t.Helper()
	err := tx.each("explain", func(rows *sql.Rows) error {
		var id, parent, unused int
		var line string
		err := rows.Scan(&id, &parent, &unused, &line)
		lines = append(lines, line)
		return err
	}, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil || len(lines) == 0 {
		t.Fatal(fmt.Errorf("explain %s: %w", query, err))
	}
	return lines
}
