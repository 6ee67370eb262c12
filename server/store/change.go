package store

import (
	"bytes"
	"database/sql"
	"fmt"
)

// Change says that a transaction wrote a row.
type Change struct {
	// Revision of the transaction.
	Revision int32
	// Kind and Name of the row.
	Kind Kind
	Name string
	// Deleted is true after a soft and after a hard delete.
	Deleted bool
}

// change logs what the transaction did to a row.
func (tx *Tx) change(kind Kind, name string, deleted bool, before, after []byte) error {
	revision, err := tx.Revision()
	if err != nil {
		return err
	}
	c := Change{revision, kind, name, deleted}
	if _, err := tx.exec("log change", `INSERT INTO changes (revision, kind, name, deleted, digest) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (revision, kind, name) DO UPDATE SET deleted = excluded.deleted, digest = excluded.digest`,
		c.Revision, string(c.Kind), c.Name, c.Deleted, c.sum()); err != nil {
		return err
	}
	if tx.changed == nil {
		tx.changed = map[rowKey]digests{}
	}
	d, again := tx.changed[rowKey{kind, name}]
	if !again {
		d.before = before
	}
	d.after = after
	tx.changed[rowKey{kind, name}] = d
	return nil
}

func (c Change) sum() []byte {
	return newSum("changes").number(int64(c.Revision)).text(string(c.Kind)).text(c.Name).flag(c.Deleted).digest()
}

// Changes returns what was changed after a revision, in the order (revision,
// kind, name): whole revisions, of which all but the first fit into limit.
func (tx *Tx) Changes(since int32, limit int) ([]Change, error) {
	if err := tx.usable(false); err != nil {
		return nil, err
	}
	changes, err := tx.changes("revision > ? ORDER BY revision, kind, name LIMIT ?", since, limit)
	if err != nil || len(changes) == 0 || len(changes) < limit {
		return changes, err
	}
	// The last revision may be cut: it is left for the next call, unless it is the only one.
	first, last := changes[0].Revision, changes[len(changes)-1].Revision
	if first == last {
		return tx.changes("revision = ? ORDER BY kind, name", first)
	}
	for changes[len(changes)-1].Revision == last {
		changes = changes[:len(changes)-1]
	}
	return changes, nil
}

func (tx *Tx) changes(where string, args ...any) (changes []Change, err error) {
	err = tx.each("read changes", func(rows *sql.Rows) error {
		var c Change
		var digest []byte
		if err := rows.Scan(&c.Revision, &c.Kind, &c.Name, &c.Deleted, &digest); err != nil {
			return tx.store.judge("read changes", err)
		}
		if !tx.store.options.trustDigests && !bytes.Equal(digest, c.sum()) {
			return fmt.Errorf("change %d of %s %q: %w: it does not match its digest", c.Revision, c.Kind, c.Name, ErrCorrupt)
		}
		changes = append(changes, c)
		return nil
	}, "SELECT revision, kind, name, deleted, digest FROM changes WHERE "+where, args...)
	return changes, err
}
