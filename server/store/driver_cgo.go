//go:build cgo

package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/mattn/go-sqlite3"
)

// connector opens connections that all pass the same check: the pragmas are
// set, and what the settings ask for is read back before anybody uses it.
type connector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
}

// connect returns a pool of at most n connections.
func connect(dsn string, n int, pragmas []string, check func(read func(pragma string) (string, error)) error) (*sql.DB, error) {
	hook := func(c *sqlite3.SQLiteConn) error {
		for _, p := range pragmas {
			if _, err := c.Exec("PRAGMA "+p, nil); err != nil {
				return fmt.Errorf("PRAGMA %s: %w", p, err)
			}
		}
		return check(func(pragma string) (string, error) { return readPragma(c, pragma) })
	}
	db := sql.OpenDB(&connector{driver: &sqlite3.SQLiteDriver{ConnectHook: hook}, dsn: dsn})
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// Connect implements driver.Connector.
func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return c.driver }

func readPragma(c *sqlite3.SQLiteConn, name string) (value string, err error) {
	rows, err := c.Query("PRAGMA "+name, nil)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(row); errors.Is(err, io.EOF) || len(row) == 0 {
		return "", fmt.Errorf("PRAGMA %s is unknown to this SQLite", name)
	} else if err != nil {
		return "", err
	}
	return fmt.Sprint(row[0]), nil
}

// linkedVersion returns SQLite's version, as text and as number.
func linkedVersion() (string, int) {
	text, number, _ := sqlite3.Version()
	return text, number
}

// failureOf says what an error of the driver means for the store.
func failureOf(err error) failure {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return failedCall
	}
	switch e.Code {
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return failedData
	case sqlite3.ErrIoErr, sqlite3.ErrFull, sqlite3.ErrCantOpen, sqlite3.ErrProtocol, sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrNomem:
		return failedDisk
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return failedWait
	default:
		return failedCall
	}
}
