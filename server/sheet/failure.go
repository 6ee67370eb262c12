package sheet

import (
	"fmt"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Error is why a table cannot be read, as a sentence that says what to do.
type Error struct {
	// Key of the sentence, with the prefix "sheet.".
	Key string
	// Args of the sentence, as catalog.Catalog.Sentence takes them.
	Args []string
	// Cause is what a library said, or nil.
	Cause error
}

// Error is the sentence in English.
func (e *Error) Error() string {
	return catalog.Embedded().Sentence(catalog.EN, e.Key, e.Args...)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Sentence is the error as a message, to be rendered in the reader's language.
func (e *Error) Sentence() *tandemv1.Sentence { return &tandemv1.Sentence{Key: e.Key, Args: e.Args} }

// refuse is an error with its arguments, numbers and texts.
func refuse(key string, args ...any) *Error {
	return &Error{Key: key, Args: arguments(args)}
}

// sentence is a notice or the text of a problem.
func sentence(key string, args ...any) *tandemv1.Sentence {
	return &tandemv1.Sentence{Key: key, Args: arguments(args)}
}

// arguments makes numbers and texts into arguments of a sentence; a text of a stranger must not pass for a name.
func arguments(args []any) []string {
	var typed []string
	for _, arg := range args {
		switch arg := arg.(type) {
		case int:
			typed = append(typed, catalog.Number(arg))
		case string:
			typed = append(typed, catalog.Literal(arg))
		case named:
			typed = append(typed, string(arg))
		default:
			typed = append(typed, catalog.Literal(fmt.Sprint(arg)))
		}
	}
	return typed
}

// named is an argument that the catalogue names in the reader's language, such as "field.offers" by its key.
type named string
