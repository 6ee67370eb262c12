package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options configures a Store; the zero value is what a server wants.
type Options struct {
	// Now is the clock; the system's where left out.
	Now func() time.Time
	// Readers is how many Views run at a time; 4 where left out.
	Readers int
	// Observe is told of every View and Update that ended, "view" or "update", and how long it took after its turn came.
	Observe func(kind string, took time.Duration)

	// What follows exists so that tests can show that a check is needed.
	sabotage      string // a pragma that overrules the settings
	trustDigests  bool   // rows are believed
	skipIntegrity bool   // the file is not checked when opened
}

// Store is one open database. Its methods may be called from many goroutines.
type Store struct {
	path    string
	options Options
	held    *os.File
	disk    string

	writer *sql.DB
	reader *sql.DB
	turn   chan struct{} // holds one token: whose turn it is to write

	committed atomic.Int32 // the revision of the last Update that changed a row

	mu      sync.Mutex
	failed  error         // why nothing is acknowledged any more
	changed chan struct{} // closed at the next change; nil while nobody waits
}

var errClosed = errors.New("closed")

// failure is what an error of the driver means for the store.
type failure int

const (
	failedCall failure = iota // the statement; a bug
	failedWait                // another connection was in the way
	failedDisk                // nothing can be said of the disk any more
	failedData                // the file is not what was written
)

// Open opens the database file at path, creates it where there is none, and
// brings its schema up to date. It refuses a file that another process has open,
// that others may read, that lies on a network file system, that a newer Tandem
// wrote or that is damaged, and a SQLite that does not do as it was told.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = systemClock
	}
	if o.Readers == 0 {
		o.Readers = 4
	}
	if err := checkVersion(linkedVersion()); err != nil {
		return nil, err
	}
	path, err := prepareFile(path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s := &Store{path: path, options: o, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, err), s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.disk, err = checkFilesystem(s.path); err != nil {
		return err
	}
	if s.held, err = lock(s.path + ".lock"); err != nil {
		return err
	}
	var sabotage []string
	if s.options.sabotage != "" {
		sabotage = []string{s.options.sabotage}
	}
	s.writer, err = connect(dataSource(s.path, "_journal_mode=WAL&_cache_size=-65536"), 1,
		append(writerPragmas(), sabotage...), checkPragmas(writerSettings))
	if err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	if !s.options.skipIntegrity {
		if err := s.checkIntegrity(ctx); err != nil {
			return err
		}
	}
	s.reader, err = connect(dataSource(s.path, "mode=ro&_query_only=1&_cache_size=-16384"), s.options.Readers,
		append(readerPragmas(), sabotage...), checkPragmas(readerSettings))
	if err != nil {
		return err
	}
	return s.reader.PingContext(ctx)
}

// Close waits for the Update that is running, folds the write-ahead log into
// the file and lets go of it. Views still running fail.
func (s *Store) Close() error {
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	s.mu.Lock()
	s.failed = errClosed
	s.mu.Unlock()
	var errs []error
	// The readers first: the writer's connection folds the log, and only as the last one.
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.held != nil {
		errs = append(errs, s.held.Close())
		s.held = nil
	}
	return errors.Join(errs...)
}

// Err returns why the store acknowledges nothing any more, nil while it does.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, s.failed)
}

// View calls f with a read transaction: one state of the register, whatever is
// written meanwhile. It goes on after the store stopped acknowledging Updates.
func (s *Store) View(ctx context.Context, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.Err(); errors.Is(err, errClosed) {
		return err
	}
	conn, err := s.reader.Conn(ctx)
	if err != nil {
		return s.judge("connect", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	defer s.observe("view")()
	tx, err := s.begin(ctx, conn, false)
	if err != nil {
		return err
	}
	defer tx.end()
	return f(tx)
}

// Update calls f with the write transaction and commits what it wrote when it
// returns nil; otherwise, and when f panics, nothing is written. Updates wait
// for their turn: f must not call Update, it would wait for itself. A transaction
// that changed rows needs an audit entry.
func (s *Store) Update(ctx context.Context, f func(*Tx) error) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.turn:
	}
	defer func() { s.turn <- struct{}{} }()
	if err := s.Err(); err != nil {
		return err
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return s.judge("connect", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	defer s.observe("update")()
	tx, err := s.begin(ctx, conn, true)
	if err != nil {
		return err
	}
	defer tx.end()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.commit(); err != nil {
		return err
	}
	if len(tx.changed) > 0 {
		if tx.onCommit != nil {
			tx.onCommit(tx.revision)
		}
		s.committed.Store(tx.revision)
		s.announce()
	}
	return nil
}

// Committed is the revision of the last Update of this Store that changed a
// row, 0 before the first: at once, without a transaction.
func (s *Store) Committed() int32 { return s.committed.Load() }

// observe begins to time a transaction; what it returns ends that.
func (s *Store) observe(kind string) func() {
	if s.options.Observe == nil {
		return func() {}
	}
	start := s.options.Now()
	return func() { s.options.Observe(kind, s.options.Now().Sub(start)) }
}

// judge turns an error of the driver into one of the package's, and stops the
// store when the disk or the file can no longer be trusted.
func (s *Store) judge(doing string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch failureOf(err) {
	case failedWait:
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
	case failedDisk:
		s.fail(fmt.Errorf("%s: %w", doing, err))
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, doing, err)
	case failedData:
		s.fail(fmt.Errorf("%s: %w", doing, err))
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, doing, err)
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

// fail stops the store; the first cause is kept.
func (s *Store) fail(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = cause
	}
}

// prepareFile creates the file where there is none, readable by its owner only,
// and returns its path without symbolic links: the lock must be one for all ways
// to it.
func prepareFile(path string) (string, error) {
	if path == "" || strings.HasPrefix(path, ":") {
		return "", fmt.Errorf("path %q: a file is needed", path)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	info, err := f.Stat()
	// Closed before SQLite opens it: closing a descriptor later would drop SQLite's locks.
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others (mode %#o): run chmod 600 %s", path, mode, path)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// dataSource is what the driver opens. What it does not know by a name of its
// own is set as a pragma.
func dataSource(path, more string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_busy_timeout=5000&_synchronous=FULL&_foreign_keys=on&_stmt_cache_size=64&" + more
}
