package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// answerLife is how long an answer is kept at least: a day, as promised, and
// another for a clock that is set forward.
const answerLife = 48 * time.Hour

// Recall returns the answer that a caller's request_id got before. It returns
// ErrReused where the request was another one: another method, or a body with
// another digest.
func (tx *Tx) Recall(caller, requestID, method string, body []byte) (answer []byte, found bool, err error) {
	if err := tx.usable(false); err != nil {
		return nil, false, err
	}
	a := answerRow{caller: caller, requestID: requestID}
	var digest []byte
	err = tx.row("SELECT method, body, time, digest, answer FROM answers WHERE caller = ? AND request_id = ?", caller, requestID).
		Scan(&a.method, &a.body, &a.time, &digest, &a.answer)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, tx.store.judge("read answer", err)
	case !tx.store.options.trustDigests && !bytes.Equal(digest, a.sum()):
		return nil, false, fmt.Errorf("answer to request %q of %q: %w: it does not match its digest", requestID, caller, ErrCorrupt)
	case a.method != method || !bytes.Equal(a.body, body):
		return nil, false, fmt.Errorf("request %q of %q: %w", requestID, caller, ErrReused)
	}
	return a.answer, true, nil
}

// Remember keeps the answer of a request, for Recall after this transaction. It
// is called once for a request_id that Recall does not know.
func (tx *Tx) Remember(caller, requestID, method string, body, answer []byte) error {
	if err := tx.usable(true); err != nil {
		return err
	}
	if err := checkText(caller, requestID, method); err != nil {
		return err
	}
	// A few at a time: the request that happens to find them should not pay for all.
	if _, err := tx.exec("forget answers", "DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers WHERE time < ? ORDER BY time LIMIT 100)",
		tx.now.Add(-answerLife).UnixNano()); err != nil {
		return err
	}
	a := answerRow{caller, requestID, method, append([]byte{}, body...), tx.now.UnixNano(), append([]byte{}, answer...)}
	_, err := tx.exec("write answer", "INSERT INTO answers (caller, request_id, method, body, time, digest, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
		a.caller, a.requestID, a.method, a.body, a.time, a.sum(), a.answer)
	return err
}

type answerRow struct {
	caller, requestID, method string
	body                      []byte
	time                      int64
	answer                    []byte
}

func (a answerRow) sum() []byte {
	return newSum("answers").text(a.caller).text(a.requestID).text(a.method).bytes(a.body).number(a.time).bytes(a.answer).digest()
}
