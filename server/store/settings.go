package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
)

// Setting is one thing on which durability or integrity depends, as it is now.
type Setting struct {
	// Name as in SQLite's manual, or what it is about.
	Name string
	// Value that was read back.
	Value string
	// On says where: writer, reader, or file.
	On string
}

// oldestVersion is the first SQLite without the race that resets a write-ahead
// log in use and loses committed pages (3.7.0 to 3.51.2).
const oldestVersion, oldestVersionText = 3051003, "3.51.3"

// wanted is a pragma and the value that must be read back.
type wanted struct{ pragma, value string }

var (
	bothSettings = []wanted{
		{"journal_mode", "wal"},
		{"synchronous", "2"}, // FULL; the driver resets every connection to NORMAL
		{"foreign_keys", "1"},
		{"trusted_schema", "0"},
		{"cell_size_check", "1"},
		{"busy_timeout", "5000"},
		{"mmap_size", "0"},  // damage in a mapped page bypasses the cache, an I/O error there is a signal
		{"temp_store", "2"}, // MEMORY: what undoes a statement, and sorts, stay out of the temporary directory
		{"locking_mode", "normal"},
		{"ignore_check_constraints", "0"},
		{"writable_schema", "0"},
		{"read_uncommitted", "0"},
	}
	writerSettings = append(slices.Clone(bothSettings), wanted{"query_only", "0"}, wanted{"fullfsync", "1"}, wanted{"checkpoint_fullfsync", "1"})
	readerSettings = append(slices.Clone(bothSettings), wanted{"query_only", "1"})
)

// readerPragmas are set on each connection; the driver sets the others itself.
func readerPragmas() []string {
	return []string{"trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "temp_store = MEMORY"}
}

// writerPragmas adds what makes FULL reach the disk on macOS, where plain fsync does not.
func writerPragmas() []string {
	return append(readerPragmas(), "fullfsync = ON", "checkpoint_fullfsync = ON")
}

// checkPragmas returns what each new connection must pass.
func checkPragmas(settings []wanted) func(read func(pragma string) (string, error)) error {
	return func(read func(pragma string) (string, error)) error {
		for _, w := range settings {
			got, err := read(w.pragma)
			if err != nil {
				return err
			}
			if got != w.value {
				return fmt.Errorf("SQLite setting %s is %s, must be %s: the store would not keep its promises", w.pragma, got, w.value)
			}
		}
		return nil
	}
}

// errNoCgo says what to do about a binary without the C parts.
var errNoCgo = errors.New("this binary was built without cgo; SQLite needs it: install a C compiler and build with CGO_ENABLED=1")

// checkVersion takes what linkedVersion returns.
func checkVersion(text string, number int) error {
	switch {
	case number == 0:
		return errNoCgo
	case number < oldestVersion:
		return fmt.Errorf("linked SQLite is %s, must be %s or newer: older ones can lose committed pages", text, oldestVersionText)
	}
	return nil
}

// Settings reads the settings back from the running store.
func (s *Store) Settings(ctx context.Context) ([]Setting, error) {
	version, _ := linkedVersion()
	info, err := os.Stat(s.path)
	if err != nil {
		return nil, err
	}
	settings := []Setting{
		{"sqlite_version", version, "binary"},
		{"file_mode", fmt.Sprintf("%04o", info.Mode().Perm()), "file"},
		{"file_system", s.disk, "file"},
		{"lock", s.path + ".lock", "file"},
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.turn:
	}
	defer func() { s.turn <- struct{}{} }()
	for _, side := range []struct {
		name     string
		db       *sql.DB
		settings []wanted
	}{{"writer", s.writer, writerSettings}, {"reader", s.reader, readerSettings}} {
		for _, w := range side.settings {
			var value string
			if err := side.db.QueryRowContext(ctx, "PRAGMA "+w.pragma).Scan(&value); err != nil {
				return nil, s.judge("read settings", err)
			}
			settings = append(settings, Setting{w.pragma, value, side.name})
		}
	}
	return append(settings,
		Setting{"connections", strconv.Itoa(s.writer.Stats().MaxOpenConnections), "writer"},
		Setting{"connections", strconv.Itoa(s.reader.Stats().MaxOpenConnections), "reader"}), nil
}
