package store

import (
	"fmt"
	"strings"
)

// AuditQuery says which entries of the audit log are listed, from the newest on.
type AuditQuery struct {
	// Filter is the condition; none where nil. Its terms are `actor=`, `action=` (the
	// last part of the method), `role=`, `outcome=` and `resource=`, the name of a row
	// that the entry's transaction changed; Updated compares the time of the entry.
	Filter Expr
	// Before is the number at which the page before ended; 0 for the first page.
	Before int64
	// Limit is how many entries a page has at most; at least 1.
	Limit int
}

// ListAudit returns a page of the audit log, the newest first, and the number to
// go on before; 0 on the last page. An entry that does not follow the one before
// it, or not its own digest, is ErrCorrupt.
func (tx *Tx) ListAudit(q AuditQuery) (entries []Entry, next int64, err error) {
	if err := tx.usable(false); err != nil {
		return nil, 0, err
	}
	if q.Limit < 1 {
		return nil, 0, fmt.Errorf("%w: limit %d, must be at least 1", ErrMisuse, q.Limit)
	}
	w := &where{term: entryTerm, time: "time"}
	w.add("SELECT "+entryColumns+", (SELECT p.digest FROM audit p WHERE p.number = audit.number - 1) FROM audit WHERE (number < ? OR ? = 0)", q.Before, q.Before)
	if q.Filter != nil {
		w.add(" AND (")
		q.Filter.write(w)
		w.add(")")
	}
	w.add(" ORDER BY number DESC LIMIT ?", q.Limit+1)
	if w.err != nil {
		return nil, 0, w.err
	}
	rows, err := tx.query(w.text.String(), w.args...)
	if err != nil {
		return nil, 0, tx.store.judge("list audit", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		if len(entries) == q.Limit {
			return entries, entries[q.Limit-1].Number, nil
		}
		var before []byte
		e, err := scanEntry(rows, &before)
		if err != nil {
			return nil, 0, tx.store.judge("list audit", err)
		}
		if why := e.fault(e.Number, before); why != "" && !tx.store.options.trustDigests {
			return nil, 0, fmt.Errorf("audit entry %d: %w: %s", e.Number, ErrCorrupt, why)
		}
		entries = append(entries, e)
	}
	return entries, 0, tx.store.judge("list audit", rows.Err())
}

// entryTerm is the condition that an entry of the audit log has a term.
func entryTerm(w *where, term string) {
	field, value, _ := strings.Cut(term, "=")
	switch field {
	case "actor", "role", "outcome":
		w.add(field+" = ?", value)
	case "action":
		w.add("substr(method, ?) = ?", -len(value)-1, "/"+value)
	case "resource":
		kind, _, _ := strings.Cut(value, "/")
		w.add("revision IN (SELECT c.revision FROM changes c WHERE c.kind = ? AND c.name = ?)", kind, value)
	default:
		w.err = fmt.Errorf("%w: audit term %q", ErrMisuse, term)
	}
}
