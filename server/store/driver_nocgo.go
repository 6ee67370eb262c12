//go:build !cgo

package store

import "database/sql"

// SQLite is C: without it there is no store, and whoever opens one is told what to do.
func connect(string, int, []string, func(func(string) (string, error)) error) (*sql.DB, error) {
	return nil, errNoCgo
}

func linkedVersion() (string, int) { return "", 0 }

func failureOf(error) failure { return failedCall }
