package store

import (
	"errors"
	"fmt"
)

// Errors to ask for with errors.Is; the text that wraps them names the row and
// is for the log.
var (
	// ErrNotFound means that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrExists means that the name or a Unique value is taken: see ExistsError.
	ErrExists = errors.New("exists already")
	// ErrReused means that a request_id was used before with another method or body.
	ErrReused = errors.New("request_id was used with another request")
	// ErrCorrupt means that what lies on disk is not what was written.
	ErrCorrupt = errors.New("stored data is damaged")
	// ErrUnavailable means that the store cannot write, or not now; whether this
	// Update was written is unknown.
	ErrUnavailable = errors.New("store is unavailable")
	// ErrBadKey means that Query.After is not a key that List gave for this order.
	ErrBadKey = errors.New("not a page key of this order")
	// ErrMisuse means that the caller broke a rule of the package: a bug.
	ErrMisuse = errors.New("store misused")
)

// ExistsError says what is taken and by which row; it is an ErrExists.
type ExistsError struct {
	// Kind of both rows.
	Kind Kind
	// Name of the row that has it.
	Name string
	// Unique is the value that is taken; empty when it is the name itself.
	Unique string
}

// Error names the row.
func (e *ExistsError) Error() string {
	if e.Unique == "" {
		return fmt.Sprintf("%s %s exists already", e.Kind, e.Name)
	}
	return fmt.Sprintf("%s of %s %s exists already", e.Unique, e.Kind, e.Name)
}

// Is makes an ExistsError an ErrExists.
func (e *ExistsError) Is(target error) bool { return target == ErrExists }
