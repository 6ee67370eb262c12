//go:build !cgo

package store

import (
	"database/sql"
	"errors"
)

// SQLite is C: without it there is no store, and whoever starts one is told what to do.
func connect(string, int, []string, func(func(string) (string, error)) error) (*sql.DB, error) {
	return nil, errors.New("this binary was built without cgo; SQLite needs it: install a C compiler and build with CGO_ENABLED=1")
}

func linkedVersion() (string, int) { return "none", 0 }

func failureOf(error) failure { return failedCall }
