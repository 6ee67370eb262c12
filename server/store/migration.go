package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// The schema's history: file n brings version n-1 to n; none is ever edited
// after its release, and there is no way back. SQLite's user_version counts
// them and is written in the same transaction, so that a migration tool with a
// table of its own would add a dependency and a second truth.
//
//go:embed migrations/*.sql
var migrations embed.FS

const applicationID = 0x546e646d // "Tndm"

// migrate brings the schema up to date and makes sure that it is what the
// migrations make of an empty file.
func (s *Store) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	var version, application, tables int
	row := s.writer.QueryRowContext(ctx, `SELECT v.user_version, a.application_id, (SELECT count(*) FROM sqlite_schema)
		FROM pragma_user_version v, pragma_application_id a`)
	if err := row.Scan(&version, &application, &tables); err != nil {
		return s.judge("read schema version", err)
	}
	switch fresh := version == 0 && application == 0 && tables == 0; {
	case !fresh && application != applicationID:
		return fmt.Errorf("this is a database of another program (application id %#x)", application)
	case version > len(names):
		return fmt.Errorf("schema version %d is newer than this binary knows (%d): use the Tandem that wrote it, or a newer one", version, len(names))
	}
	for v := version; v < len(names); v++ {
		if err := s.apply(ctx, names[v], v+1); err != nil {
			return err
		}
	}
	return s.checkSchema(ctx, names)
}

// apply runs one migration in one transaction.
func (s *Store) apply(ctx context.Context, name string, version int) error {
	text, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return s.judge(name, err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to undo
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return s.judge(name, err)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return s.judge(name, err)
	}
	return s.judge(name, tx.Commit())
}

// checkSchema compares the file's schema with that of an empty database after
// the same migrations: constraints carry invariants, so none may be missing.
func (s *Store) checkSchema(ctx context.Context, names []string) error {
	model, err := connect("file::memory:", 1, nil, func(func(string) (string, error)) error { return nil })
	if err != nil {
		return err
	}
	defer model.Close() //nolint:errcheck // a database in memory
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := model.ExecContext(ctx, string(text)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	want, err := schemaOf(ctx, model)
	if err != nil {
		return err
	}
	got, err := schemaOf(ctx, s.writer)
	if err != nil {
		return s.judge("read schema", err)
	}
	if i := slices.IndexFunc(want, func(line string) bool { return !slices.Contains(got, line) }); i >= 0 {
		return fmt.Errorf("%w: the schema lacks %s", ErrCorrupt, firstLine(want[i]))
	}
	if i := slices.IndexFunc(got, func(line string) bool { return !slices.Contains(want, line) }); i >= 0 {
		return fmt.Errorf("%w: the schema has a foreign %s", ErrCorrupt, firstLine(got[i]))
	}
	return nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// schemaOf lists the statements that make the tables, indexes and triggers.
func schemaOf(ctx context.Context, db *sql.DB) (lines []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, rows.Err()
}
