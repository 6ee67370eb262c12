package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// Tx is one transaction, valid until the closure that it was given to returns.
// It belongs to one goroutine.
type Tx struct {
	store *Store
	ctx   context.Context // the caller's: asked between statements
	conn  *sql.Conn
	now   time.Time

	writes   bool
	ended    bool
	broken   error // the first failed write: half of something may be there, so nothing is committed
	revision int32 // 0 until asked for
	entries  []Entry
	changed  map[rowKey]digests
	found    map[rowKey]int64 // collections by kind and parent
	onCommit func(int32)
}

// rowKey is a kind with a name, or with a parent.
type rowKey struct {
	kind Kind
	name string
}

// digests of a row before and after the transaction; nil where there is none.
type digests struct{ before, after []byte }

// begin begins by hand: the sql.Tx of the standard library spends a goroutine on
// every query to watch a context that a commit must not be cut off by anyway.
func (s *Store) begin(ctx context.Context, conn *sql.Conn, writes bool) (*Tx, error) {
	statement := "BEGIN"
	if writes {
		// At once, not at the first write: a transaction that began by reading could be refused later.
		statement = "BEGIN IMMEDIATE"
	}
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), statement); err != nil {
		return nil, s.judge("begin", err)
	}
	return &Tx{store: s, ctx: ctx, conn: conn, writes: writes, now: s.options.Now().UTC().Round(0)}, nil
}

// Now is the time at which the transaction began: one for everything in it.
func (tx *Tx) Now() time.Time { return tx.now }

// Revision is the revision that this Update will commit as when it changes a
// row, or the one that this View sees.
func (tx *Tx) Revision() (int32, error) {
	if err := tx.usable(false); err != nil {
		return 0, err
	}
	if tx.revision == 0 {
		if err := tx.row("SELECT coalesce(max(revision), 0) FROM changes").Scan(&tx.revision); err != nil {
			return 0, tx.store.judge("read revision", err)
		}
		if tx.writes {
			tx.revision++
		}
	}
	return tx.revision, nil
}

// OnCommit has f called with the revision right after an Update that changed
// a row is committed, before Update returns, before Committed says so and before
// anybody who waits for changes is told. The last one given is called.
func (tx *Tx) OnCommit(f func(revision int32)) { tx.onCommit = f }

// usable is asked first by every method.
func (tx *Tx) usable(writes bool) error {
	switch {
	case tx.ended:
		return fmt.Errorf("%w: transaction used after its end", ErrMisuse)
	case writes && !tx.writes:
		return fmt.Errorf("%w: write in a View", ErrMisuse)
	case tx.broken != nil:
		return tx.broken
	}
	return tx.ctx.Err()
}

// commit writes the audit entries and commits.
func (tx *Tx) commit() error {
	if err := tx.usable(true); err != nil {
		return err
	}
	if len(tx.changed) > 0 && len(tx.entries) == 0 {
		return fmt.Errorf("%w: an Update that changes rows needs an audit entry", ErrMisuse)
	}
	if err := tx.writeEntries(); err != nil {
		return err
	}
	tx.ended = true
	if _, err := tx.conn.ExecContext(context.WithoutCancel(tx.ctx), "COMMIT"); err != nil {
		// Whether it was written only a new start can tell.
		tx.store.fail(fmt.Errorf("commit: %w", err))
		return fmt.Errorf("%w: commit: %w", ErrUnavailable, err)
	}
	return nil
}

// end undoes what was not committed. A connection that cannot is not used again.
func (tx *Tx) end() {
	if tx.ended {
		return
	}
	tx.ended = true
	if _, err := tx.conn.ExecContext(context.WithoutCancel(tx.ctx), "ROLLBACK"); err != nil {
		if tx.writes {
			tx.store.fail(fmt.Errorf("rollback: %w", err))
		}
		_ = tx.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// exec runs a statement that writes. After one failed nothing is committed,
// even where the closure swallows the error.
func (tx *Tx) exec(doing, query string, args ...any) (sql.Result, error) {
	result, err := tx.conn.ExecContext(context.WithoutCancel(tx.ctx), query, args...)
	if err != nil {
		tx.broken = tx.store.judge(doing, err)
		return nil, tx.broken
	}
	return result, nil
}

func (tx *Tx) row(query string, args ...any) *sql.Row {
	return tx.conn.QueryRowContext(context.WithoutCancel(tx.ctx), query, args...)
}

func (tx *Tx) query(query string, args ...any) (*sql.Rows, error) {
	return tx.conn.QueryContext(context.WithoutCancel(tx.ctx), query, args...)
}

// each calls scan for every row that a query gives.
func (tx *Tx) each(doing string, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.query(query, args...)
	if err != nil {
		return tx.store.judge(doing, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		if err := tx.ctx.Err(); err != nil {
			return err
		}
		if err := scan(rows); err != nil {
			return err
		}
	}
	return tx.store.judge(doing, rows.Err())
}
