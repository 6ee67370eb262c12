package store

import (
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Order is what a list is sorted by; the name decides between equals.
type Order string

// The orders.
const (
	ByName        Order = "name"
	ByDisplayName Order = "display_name"
	ByUpdateTime  Order = "update_time"
	ByPosition    Order = "position"
)

// Query says which rows of a kind are listed, and from where on.
type Query struct {
	// Parent under which the names lie: "" or such as "matchRuns/r1".
	Parent string
	// Filter is the condition; none where nil.
	Filter Expr
	// OrderBy is the order; ByName where empty.
	OrderBy Order
	// Desc turns the order round.
	Desc bool
	// After is the Next of the page before; "" for the first one.
	After string
	// Limit is how many rows a page has at most; at least 1.
	Limit int
	// ShowDeleted lists softly deleted rows too.
	ShowDeleted bool
}

// Page is a part of a list.
type Page struct {
	// Rows in order.
	Rows []Row
	// Next is where the next page begins; "" on the last one. It reveals the sort
	// value and name of the last row and is not signed.
	Next string
}

// few is up to how many rows a term is worth starting from: so many are sorted
// at once, more are walked in order, where the next page is never far.
const few = 1000

// List returns a page of rows.
func (tx *Tx) List(kind Kind, q Query) (Page, error) {
	if err := tx.usable(false); err != nil {
		return Page{}, err
	}
	if q.Limit < 1 {
		return Page{}, fmt.Errorf("%w: limit %d, must be at least 1", ErrMisuse, q.Limit)
	}
	plan, ok, err := tx.plan(kind, q)
	if err != nil || !ok {
		return Page{}, err
	}
	text, args, err := plan.sql()
	if err != nil {
		return Page{}, err
	}
	var page Page
	more := false
	err = tx.each("list", func(rows *sql.Rows) error {
		if len(page.Rows) == q.Limit {
			more = true
			return nil
		}
		row, err := tx.scanRow(kind, q.Parent, rows)
		page.Rows = append(page.Rows, row)
		return err
	}, text, args...)
	if err != nil {
		return Page{}, err
	}
	if more {
		page.Next = plan.key(&page.Rows[len(page.Rows)-1])
	}
	return page, nil
}

// Count returns how many rows a query has on all its pages.
func (tx *Tx) Count(kind Kind, q Query) (int, error) {
	if err := tx.usable(false); err != nil {
		return 0, err
	}
	q.After, q.OrderBy = "", ByName
	plan, ok, err := tx.plan(kind, q)
	if err != nil || !ok {
		return 0, err
	}
	plan.count = true
	text, args, err := plan.sql()
	if err != nil {
		return 0, err
	}
	var n int
	return n, tx.store.judge("count", tx.row(text, args...).Scan(&n))
}

// Each calls f with every row of a kind, deleted ones too, ordered by parent and
// name, without holding them all. f may read, but not write rows of the kind.
func (tx *Tx) Each(kind Kind, f func(Row) error) error {
	if err := tx.usable(false); err != nil {
		return err
	}
	type place struct {
		id     int64
		parent string
	}
	var places []place
	err := tx.each("read collections", func(rows *sql.Rows) error {
		var p place
		err := rows.Scan(&p.id, &p.parent)
		places = append(places, p)
		return err
	}, "SELECT id, parent FROM collections WHERE kind = ? ORDER BY parent", string(kind))
	if err != nil {
		return err
	}
	for _, p := range places {
		err := tx.each("scan", func(rows *sql.Rows) error {
			row, err := tx.scanRow(kind, p.parent, rows)
			if err != nil {
				return err
			}
			return f(row)
		}, "SELECT "+rowColumns+" FROM rows r INDEXED BY rows_by_name WHERE r.collection = ? ORDER BY r.name", p.id)
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) scanRow(kind Kind, parent string, rows *sql.Rows) (Row, error) {
	r := &stored{kind: kind}
	if err := r.scan(rows.Scan); err != nil {
		return Row{}, tx.store.judge("read row", err)
	}
	if err := tx.store.check(r, parent); err != nil {
		return Row{}, err
	}
	return r.decode(kind)
}

// plan is how a query is answered.
type plan struct {
	Query
	collection int64
	start      Term // the term that is started from, where one is rare enough
	value      any  // where After begins
	name       string
	count      bool
}

// plan returns how to answer a query; false where there is nothing to list.
func (tx *Tx) plan(kind Kind, q Query) (*plan, bool, error) {
	p := &plan{Query: q}
	switch q.OrderBy {
	case "":
		p.OrderBy = ByName
	case ByName, ByDisplayName, ByUpdateTime, ByPosition:
	default:
		return nil, false, fmt.Errorf("%w: order %q", ErrMisuse, q.OrderBy)
	}
	if q.After != "" {
		if err := p.parseKey(q.After); err != nil {
			return nil, false, err
		}
	}
	err := tx.row("SELECT id FROM collections WHERE kind = ? AND parent = ?", string(kind), q.Parent).Scan(&p.collection)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, tx.store.judge("read collection", err)
	}
	fewest := few + 1
	for _, term := range required(q.Filter) {
		var n int
		if err := tx.row("SELECT count(*) FROM (SELECT 1 FROM terms WHERE collection = ? AND term = ? LIMIT ?)", p.collection, string(term), fewest).Scan(&n); err != nil {
			return nil, false, tx.store.judge("count term", err)
		}
		if n < fewest {
			p.start, fewest = term, n
		}
	}
	return p, true, nil
}

// sql writes the query. Which index it walks is said, not left to statistics.
func (p *plan) sql() (string, []any, error) {
	w := &where{term: rowTerm, time: "r.update_time"}
	if p.After != "" && p.OrderBy == ByUpdateTime {
		w.time = "+r.update_time" // the page key says where in it to begin, and the sign keeps the index for that
	}
	columns := rowColumns
	if p.count {
		columns = "count(*)"
	}
	if p.start != "" {
		w.add("SELECT "+columns+" FROM terms s INDEXED BY rows_by_term CROSS JOIN rows r ON r.id = s.row WHERE s.collection = ? AND s.term = ?", p.collection, string(p.start))
	} else {
		w.add("SELECT "+columns+" FROM rows r INDEXED BY rows_by_"+string(p.OrderBy)+" WHERE r.collection = ?", p.collection)
	}
	if !p.ShowDeleted {
		w.add(" AND r.deleted = 0")
	}
	if p.Filter != nil {
		w.add(" AND (")
		p.Filter.write(w)
		w.add(")")
	}
	if p.count {
		return w.text.String(), w.args, w.err
	}
	compare, direction := ">", ""
	if p.Desc {
		compare, direction = "<", " DESC"
	}
	column := "r." + string(p.OrderBy)
	switch {
	case p.After == "":
	case p.OrderBy == ByName:
		w.add(" AND r.name "+compare+" ?", p.name)
	default:
		w.add(" AND ("+column+", r.name) "+compare+" (?, ?)", p.value, p.name)
	}
	w.add(" ORDER BY " + column + direction)
	if p.OrderBy != ByName {
		w.add(", r.name" + direction)
	}
	w.add(" LIMIT ?", p.Limit+1)
	return w.text.String(), w.args, w.err
}

// key makes the key of a row: order, its value there, name.
func (p *plan) key(r *Row) string {
	value := "" // by name the name is all
	switch p.OrderBy {
	case ByName:
	case ByDisplayName:
		value = r.DisplayName
	case ByUpdateTime:
		value = strconv.FormatInt(r.UpdateTime.UnixNano(), 10)
	case ByPosition:
		value = strconv.FormatInt(r.Position, 10)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(string(p.OrderBy) + "\x00" + value + "\x00" + r.Name))
}

func (p *plan) parseKey(key string) error {
	text, err := base64.RawURLEncoding.DecodeString(key)
	parts := strings.Split(string(text), "\x00")
	if err != nil || len(parts) != 3 || parts[0] != string(p.OrderBy) {
		return fmt.Errorf("%w: %q", ErrBadKey, key)
	}
	p.value, p.name = parts[1], parts[2]
	if p.OrderBy == ByUpdateTime || p.OrderBy == ByPosition {
		if p.value, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
			return fmt.Errorf("%w: %q", ErrBadKey, key)
		}
	}
	return nil
}
