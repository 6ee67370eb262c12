package store

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Entry is one line of the audit log. It is written in the transaction that it
// is about, so that neither is there without the other.
type Entry struct {
	// Actor is who did it: a firm's name, "operator" or the like.
	Actor string
	// Credential is the resource name of the credential that was shown.
	Credential string
	// Role in which it was done.
	Role string
	// Method is the full name of the RPC.
	Method string
	// Objects are the names of what it was done to.
	Objects []string
	// Outcome is "OK" or the reason of a refusal.
	Outcome string
	// RequestID is the id under which the log has the request.
	RequestID string
	// Count is how many alike events the entry stands for; 1 where left out.
	Count int32

	// Number counts entries from 1 without a gap; set by the store.
	Number int64
	// Time is Tx.Now; set by the store.
	Time time.Time
	// Revision that the transaction committed as, 0 where it changed no row; set by the store.
	Revision int32
	// Before and After are digests over the changed rows; empty where none changed; set by the store.
	Before, After []byte
	// Digest covers the entry and the digest of the one before; set by the store.
	Digest []byte
}

// Audit adds an entry to the transaction.
func (tx *Tx) Audit(e Entry) error {
	if err := tx.usable(true); err != nil {
		return err
	}
	if err := checkText(append([]string{e.Actor, e.Credential, e.Role, e.Method, e.Outcome, e.RequestID}, e.Objects...)...); err != nil {
		return err
	}
	e.Count = max(e.Count, 1)
	tx.entries = append(tx.entries, e)
	return nil
}

// AuditLog returns up to limit entries after a number.
func (tx *Tx) AuditLog(after int64, limit int) (entries []Entry, err error) {
	if err := tx.usable(false); err != nil {
		return nil, err
	}
	var before []byte
	if after > 0 {
		err := tx.row("SELECT digest FROM audit WHERE number = ?", after).Scan(&before)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, tx.store.judge("read audit", err)
		}
	}
	next := after + 1
	err = tx.each("read audit", func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		if err != nil {
			return tx.store.judge("read audit", err)
		}
		if why := e.fault(next, before); why != "" && !tx.store.options.trustDigests {
			return fmt.Errorf("audit entry %d: %w: %s", e.Number, ErrCorrupt, why)
		}
		entries, next, before = append(entries, e), e.Number+1, e.Digest
		return nil
	}, "SELECT "+entryColumns+" FROM audit WHERE number > ? ORDER BY number LIMIT ?", after, limit)
	return entries, err
}

// fault says what is wrong with an entry that should have a number and follow
// an entry with a digest; "" where nothing is.
func (e *Entry) fault(number int64, before []byte) string {
	switch {
	case e.Number != number:
		return fmt.Sprintf("number %d is missing", number)
	case !bytes.Equal(e.Digest, e.sum(before)):
		return "it does not match its digest or does not follow the entry before it"
	}
	return ""
}

const entryColumns = "number, revision, time, actor, credential, role, method, objects, outcome, request_id, before, after, digest, count"

func scanEntry(rows *sql.Rows, more ...any) (e Entry, err error) {
	var at int64
	var objects string
	columns := []any{
		&e.Number, &e.Revision, &at, &e.Actor, &e.Credential, &e.Role, &e.Method, &objects, &e.Outcome, &e.RequestID, &e.Before, &e.After, &e.Digest, &e.Count,
	}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return e, err
	}
	e.Time = time.Unix(0, at).UTC()
	if err := json.Unmarshal([]byte(objects), &e.Objects); err != nil {
		return e, fmt.Errorf("audit entry %d: %w: %w", e.Number, ErrCorrupt, err)
	}
	return e, nil
}

func (e *Entry) sum(before []byte) []byte {
	s := newSum("audit").bytes(before).number(e.Number).number(int64(e.Revision)).number(e.Time.UnixNano()).
		text(e.Actor).text(e.Credential).text(e.Role).text(e.Method).text(e.Outcome).text(e.RequestID).bytes(e.Before).bytes(e.After)
	for _, object := range e.Objects {
		s = s.text(object)
	}
	if e.Count != 1 { // entries from before there was a count keep their digests
		s = newSum("folded audit").bytes(s).number(int64(e.Count))
	}
	return s.digest()
}

// writeEntries numbers and chains the entries of the transaction.
func (tx *Tx) writeEntries() error {
	if len(tx.entries) == 0 {
		return nil
	}
	var last int64
	var digest []byte
	err := tx.row("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1").Scan(&last, &digest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return tx.store.judge("read audit", err)
	}
	before, after := tx.changedDigests()
	for _, e := range tx.entries {
		e.Number, e.Time, e.Before, e.After = last+1, tx.now, before, after
		if len(tx.changed) > 0 {
			e.Revision = tx.revision
		}
		e.Digest = e.sum(digest)
		objects, err := json.Marshal(append([]string{}, e.Objects...))
		if err != nil {
			return err
		}
		previous := sql.NullInt64{Int64: last, Valid: last > 0}
		if _, err := tx.exec("write audit", "INSERT INTO audit ("+entryColumns+", previous) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			e.Number, e.Revision, e.Time.UnixNano(), e.Actor, e.Credential, e.Role, e.Method, string(objects), e.Outcome, e.RequestID, e.Before, e.After, e.Digest, e.Count, previous); err != nil {
			return err
		}
		last, digest = e.Number, e.Digest
	}
	return nil
}

// changedDigests sums up the rows that the transaction changed, as they were
// and as they are. Empty, not nil: the columns are NOT NULL.
func (tx *Tx) changedDigests() (before, after []byte) {
	if len(tx.changed) == 0 {
		return []byte{}, []byte{}
	}
	was, is := newSum("before"), newSum("after")
	keys := slices.SortedFunc(maps.Keys(tx.changed), func(a, b rowKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	})
	for _, key := range keys {
		was = was.text(string(key.kind)).text(key.name).bytes(tx.changed[key].before)
		is = is.text(string(key.kind)).text(key.name).bytes(tx.changed[key].after)
	}
	return was.digest(), is.digest()
}
