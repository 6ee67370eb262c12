package store

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Expr is a condition on rows, or on entries of the audit log. Its values reach the database as parameters only.
type Expr interface {
	// write appends the condition, over what the terms and the time of the where are of.
	write(*where)
}

// Term holds for rows that have the term, such as "country=KR".
type Term string

// And holds where all of its conditions do, also where it has none.
type And []Expr

// Or holds where one of its conditions does; never where it has none.
type Or []Expr

// Not holds where its condition does not.
type Not struct{ Expr Expr }

// Updated compares the time of a row's last change, or that of an entry.
type Updated struct {
	Op Op
	At time.Time
}

// Op is a comparison.
type Op string

// The comparisons.
const (
	Before    Op = "<"
	NotAfter  Op = "<="
	At        Op = "="
	NotAt     Op = "!="
	NotBefore Op = ">="
	After     Op = ">"
)

// maxConditions keeps a filter below SQLite's limit on the depth of expressions,
// which is 1000.
const maxConditions = 900

// where collects a condition and its parameters.
type where struct {
	text  strings.Builder
	args  []any
	count int
	term  func(w *where, term string) // appends the condition of a term
	time  string                      // the column that Updated compares
	err   error
}

func (w *where) add(text string, args ...any) {
	w.text.WriteString(text)
	w.args = append(w.args, args...)
}

func (w *where) condition() {
	if w.count++; w.count > maxConditions && w.err == nil {
		w.err = fmt.Errorf("%w: a filter has at most %d conditions", ErrMisuse, maxConditions)
	}
}

func (t Term) write(w *where) {
	w.condition()
	w.term(w, string(t))
}

// rowTerm is the condition that the row r has a term.
func rowTerm(w *where, term string) {
	w.add("EXISTS (SELECT 1 FROM terms t WHERE t.row = r.id AND t.term = ?)", term)
}

func (a And) write(w *where) { w.join(a, " AND ", "TRUE") }

func (o Or) write(w *where) { w.join(o, " OR ", "FALSE") }

func (w *where) join(parts []Expr, with, empty string) {
	w.condition()
	if len(parts) == 0 {
		w.add(empty)
		return
	}
	w.add("(")
	for i, part := range parts {
		if i > 0 {
			w.add(with)
		}
		part.write(w)
	}
	w.add(")")
}

func (n Not) write(w *where) {
	w.condition()
	w.add("NOT (")
	n.Expr.write(w)
	w.add(")")
}

func (u Updated) write(w *where) {
	w.condition()
	switch u.Op {
	case Before, NotAfter, At, NotAt, NotBefore, After:
		w.add(w.time+" "+string(u.Op)+" ?", nanoseconds(u.At))
	default:
		w.err = fmt.Errorf("%w: comparison %q", ErrMisuse, u.Op)
	}
}

// nanoseconds is a point in time as rows have it. Those that are too far away to be counted so are at the end of time.
func nanoseconds(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// required lists terms that every row under the condition has.
func required(e Expr) (terms []Term) {
	switch e := e.(type) {
	case Term:
		return []Term{e}
	case And:
		for _, part := range e {
			terms = append(terms, required(part)...)
		}
	}
	return terms
}
