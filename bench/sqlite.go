package main

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	_ "github.com/mattn/go-sqlite3" // the database that is measured

	"github.com/canada-korea-roadshow/tandem/matching"
)

// sqliteJoin computes the core with a join on an in-memory SQLite. Offers are expanded over the affinity table when they are
// stored, so that a coverage is one sum. The order by the product of both coverages before rounding is that of the core but
// for ties and neighbours, which the last rows settle.
type sqliteJoin struct {
	inProcess
	db       *sql.DB
	scorer   *plain
	pairs    *sql.Stmt
	oneSided *sql.Stmt
}

// slack is how many rows are read beyond the list, so that rounding cannot hide a partner.
const slack = 40

const sqliteTables = `
CREATE TABLE need_a (firm INTEGER, code INTEGER, weight INTEGER, PRIMARY KEY (firm, code)) WITHOUT ROWID;
CREATE TABLE offer_a (firm INTEGER, code INTEGER, value INTEGER, PRIMARY KEY (firm, code)) WITHOUT ROWID;
CREATE TABLE need_b (code INTEGER, firm INTEGER, weight INTEGER, PRIMARY KEY (code, firm)) WITHOUT ROWID;
CREATE TABLE offer_b (code INTEGER, firm INTEGER, value INTEGER, PRIMARY KEY (code, firm)) WITHOUT ROWID;`

const sqliteCoverages = `WITH
f AS (SELECT o.firm, SUM(n.weight * o.value) AS raw FROM need_a n JOIN offer_b o ON o.code = n.code WHERE n.firm = ?1 GROUP BY o.firm),
g AS (SELECT n.firm, SUM(n.weight * o.value) AS raw FROM offer_a o JOIN need_b n ON n.code = o.code WHERE o.firm = ?1 GROUP BY n.firm)
`

const sqlitePairs = sqliteCoverages + `SELECT f.firm, f.raw, g.raw FROM f JOIN g ON g.firm = f.firm
ORDER BY 1.0 * f.raw / (f.raw + ?2) * g.raw / (g.raw + ?2) DESC, f.firm LIMIT ?3`

const sqliteOneSided = sqliteCoverages + `SELECT COALESCE(f.firm, g.firm), COALESCE(f.raw, 0), COALESCE(g.raw, 0)
FROM f FULL JOIN g ON g.firm = f.firm WHERE f.raw IS NULL OR g.raw IS NULL`

func openSQLite(t *arena, p *plain) (finder, error) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would be a database of its own
	s := &sqliteJoin{db: db, scorer: p}
	s.inProcess = s.list
	return s, errors.Join(s.fill(), s.prepare())
}

func (s *sqliteJoin) fill() error {
	if _, err := s.db.Exec(sqliteTables); err != nil {
		return err
	}
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	for side, name := range []string{"a", "b"} {
		for i := range s.scorer.sides[side] {
			f := &s.scorer.sides[side][i]
			wanted := f.wanted()
			for _, code := range slices.Sorted(maps.Keys(wanted)) {
				if _, err := tx.Exec(fmt.Sprintf("INSERT INTO need_%s (firm, code, weight) VALUES (?, ?, ?)", name), i, code, wanted[code]); err != nil {
					return err
				}
			}
			for code, value := range s.scorer.expanded(f) {
				if value == 0 {
					continue
				}
				if _, err := tx.Exec(fmt.Sprintf("INSERT INTO offer_%s (firm, code, value) VALUES (?, ?, ?)", name), i, code, value); err != nil {
					return err
				}
			}
		}
	}
	return tx.Commit()
}

func (s *sqliteJoin) prepare() (err error) {
	if _, err = s.db.Exec("ANALYZE"); err != nil {
		return err
	}
	if s.pairs, err = s.db.Prepare(sqlitePairs); err != nil {
		return err
	}
	s.oneSided, err = s.db.Prepare(sqliteOneSided)
	return err
}

func (s *sqliteJoin) list(query, k int) ([]partner, error) {
	found, err := s.read(s.pairs, query, s.scorer.halfway, k+slack)
	if err != nil {
		return nil, err
	}
	if len(found) == k+slack && found[k-1].score <= found[len(found)-1].score {
		return nil, fmt.Errorf("sqlite: more than %d equal pairs; the list of %d cannot be settled", slack, query)
	}
	if len(found) < k {
		rest, err := s.read(s.oneSided, query)
		if err != nil {
			return nil, err
		}
		found = append(found, rest...)
	}
	slices.SortFunc(found, partner.compare)
	return found[:min(k, len(found))], nil
}

func (s *sqliteJoin) read(statement *sql.Stmt, args ...any) (found []partner, err error) {
	rows, err := statement.Query(args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var index, f, g int
		if err := rows.Scan(&index, &f, &g); err != nil {
			return nil, err
		}
		core, tier := s.scorer.core(s.scorer.phi(f), s.scorer.phi(g))
		found = append(found, partner{index, tier, int32(core)}) //nolint:gosec // at most 65280
	}
	return found, rows.Err()
}

func (s *sqliteJoin) close() error {
	return errors.Join(s.pairs.Close(), s.oneSided.Close(), s.db.Close())
}

// firstSide is the side whose organisations are asked.
const firstSide = matching.First
