package store

import (
	"database/sql"
	"errors"
	"strings"
)

// Place is a place in the change log: behind the change of a row, or, without
// kind and name, behind all of a revision. The zero value is before everything.
type Place struct {
	// Revision that made the change.
	Revision int32
	// Kind and Name of the row.
	Kind Kind
	Name string
}

// Newest returns up to limit changes of some kinds after a place, in the order
// (revision, kind, name), each the newest of its row: what a later one made
// obsolete is left out. So a reader who applies them finds each row as its
// change left it, and one who begins at the beginning gets what there is.
func (tx *Tx) Newest(kinds []Kind, after Place, limit int) ([]Change, error) {
	if err := tx.usable(false); err != nil {
		return nil, err
	}
	if after.Kind == "" && after.Name == "" {
		after.Revision++ // nothing comes before the empty kind
	}
	where, args := newest(kinds, after, limit)
	return tx.changes(where, args...)
}

// newest is the condition behind Newest. The plus keeps SQLite from starting at
// the kinds, all of whose changes it would read and sort for each page.
func newest(kinds []Kind, after Place, limit int) (where string, args []any) {
	args = []any{after.Revision, string(after.Kind), after.Name}
	for _, kind := range kinds {
		args = append(args, string(kind))
	}
	return `(revision, kind, name) > (?, ?, ?) AND +kind IN (?` + strings.Repeat(", ?", len(kinds)-1) + `)
		AND NOT EXISTS (SELECT 1 FROM changes newer WHERE newer.kind = changes.kind AND newer.name = changes.name AND newer.revision > changes.revision)
		ORDER BY revision, kind, name LIMIT ?`, append(args, limit)
}

// Mark returns a digest of all that the register went through up to a revision:
// two files with the same mark share their history up to it. ErrNotFound where
// the register has no such revision.
func (tx *Tx) Mark(revision int32) (digest []byte, err error) {
	if err := tx.usable(false); err != nil {
		return nil, err
	}
	// Each audit entry covers the one before it, and no revision is without one.
	err = tx.row("SELECT digest FROM audit WHERE revision = ? ORDER BY number DESC LIMIT 1", revision).Scan(&digest)
	if errors.Is(err, sql.ErrNoRows) || err == nil && revision <= 0 {
		return nil, ErrNotFound
	}
	return digest, tx.store.judge("read mark", err)
}

// Changed returns a channel that is closed after the next Update that changes a
// row. Who asks for it before looking, and waits for it after, misses nothing.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// announce tells everybody who waits that rows have changed.
func (s *Store) announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}
