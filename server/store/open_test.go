package store

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain turns the test binary into the helper processes of some tests.
func TestMain(m *testing.M) {
	switch path := os.Getenv("STORE_TEST_PATH"); os.Getenv("STORE_TEST_ROLE") {
	case "writer":
		writeUntilKilled(path)
	case "holder":
		holdOpen(path)
	case "full disk":
		writeUntilRefused(path)
	default:
		// Each check is a database with its own syncs; -rapid.checks asks for more.
		if err := flag.Set("rapid.checks", "20"); err != nil {
			panic(err)
		}
		goleak.VerifyTestMain(m)
	}
}

// helper is the command that plays a role on a database.
func helper(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Env = append(os.Environ(), "STORE_TEST_ROLE="+role, "STORE_TEST_PATH="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestSettingsAreReadBack(t *testing.T) {
	s := newStore(t)
	settings, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, setting := range settings {
		got[setting.On+" "+setting.Name] = setting.Value
	}
	for _, on := range []string{"writer", "reader"} {
		for name, want := range map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "trusted_schema": "0", "cell_size_check": "1", "busy_timeout": "5000",
		} {
			if got[on+" "+name] != want {
				t.Errorf("%s of the %s is %q, want %q", name, on, got[on+" "+name], want)
			}
		}
	}
	for name, want := range map[string]string{"writer query_only": "0", "reader query_only": "1", "writer connections": "1", "file file_mode": "0600"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(s.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode of %s is %v, want owner only", info.Name(), info.Mode())
		}
	}
}

// TestSettingsMismatchStops breaks each setting on every connection.
func TestSettingsMismatchStops(t *testing.T) {
	for pragma, name := range map[string]string{
		"synchronous = NORMAL":          "synchronous is 1, must be 2",
		"foreign_keys = OFF":            "foreign_keys is 0, must be 1",
		"trusted_schema = ON":           "trusted_schema is 1, must be 0",
		"cell_size_check = OFF":         "cell_size_check is 0, must be 1",
		"busy_timeout = 1":              "busy_timeout is 1, must be 5000",
		"journal_mode = DELETE":         "journal_mode is delete, must be wal",
		"ignore_check_constraints = ON": "ignore_check_constraints is 1, must be 0",
		"mmap_size = 1000000":           "mmap_size is 1000000, must be 0",
		"temp_store = FILE":             "temp_store is 1, must be 2",
		"locking_mode = EXCLUSIVE":      "locking_mode is exclusive, must be normal",
	} {
		_, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), Options{sabotage: pragma})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("open with PRAGMA %s: %v, want %q", pragma, err, name)
		}
	}
	if err := checkVersion("3.51.2", 3051002); err == nil || !strings.Contains(err.Error(), "3.51.3") {
		t.Errorf("SQLite 3.51.2: %v, want a refusal", err)
	}
	if err := checkVersion("3.51.3", 3051003); err != nil {
		t.Errorf("SQLite 3.51.3: %v", err)
	}
}

// TestUpdateLocksAtOnce: a transaction that only read so far already keeps
// every other writer out.
func TestUpdateLocksAtOnce(t *testing.T) {
	s := newStore(t)
	other, err := connect(dataSource(s.path, "_journal_mode=WAL"), 1, []string{"busy_timeout = 0"}, func(func(string) (string, error)) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	update(t, s, func(*Tx) error {
		if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err == nil || failureOf(err) != failedWait {
			t.Errorf("another writer during an Update: %v, want busy", err)
		}
		return nil
	})
}

func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tandem.db")
	cmd := helper(t, "holder", path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{path, link} {
		_, err = Open(t.Context(), way, Options{})
		if want := fmt.Sprintf("process %d on", cmd.Process.Pid); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("second open: %v, want an error naming %s", err, want)
		}
	}
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	openStore(t, path, Options{})
}

// holdOpen keeps a database open until its input ends.
func holdOpen(path string) {
	s, err := Open(noTest(), path, Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println("open")
	_, _ = os.Stdin.Read(make([]byte, 1))
	if err := s.Close(); err != nil {
		panic(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name, want string
		prepare    func(t *testing.T, path string) string
	}{
		{"readable by others", "chmod 600", func(t *testing.T, path string) string {
			write(t, path, nil)
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		}},
		{"no database", "not a database", func(t *testing.T, path string) string {
			write(t, path, bytes.Repeat([]byte("# Minutes of a meeting\n"), 400))
			return path
		}},
		{"database of another program", "another program", func(t *testing.T, path string) string {
			execute(t, path, "CREATE TABLE notes (text)")
			return path
		}},
		{"newer schema", "newer than this binary knows", func(t *testing.T, path string) string {
			openStoreAndClose(t, path)
			execute(t, path, "PRAGMA user_version = 99")
			return path
		}},
		{"missing constraint", "lacks CREATE UNIQUE INDEX rows_by_name", func(t *testing.T, path string) string {
			openStoreAndClose(t, path)
			execute(t, path, "DROP INDEX rows_by_name")
			return path
		}},
		{"foreign trigger", "foreign CREATE TRIGGER", func(t *testing.T, path string) string {
			openStoreAndClose(t, path)
			execute(t, path, "CREATE TRIGGER x AFTER INSERT ON rows BEGIN DELETE FROM rows; END")
			return path
		}},
		{"directory", "directory", func(t *testing.T, path string) string { return filepath.Dir(path) }},
		{"memory", "a file is needed", func(*testing.T, string) string { return ":memory:" }},
		{"device", "not a regular file", func(*testing.T, string) string { return os.DevNull }},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.prepare(t, filepath.Join(t.TempDir(), "tandem.db"))
			s, err := Open(t.Context(), path, Options{})
			if err == nil {
				t.Error("opened", s.Close())
			} else if !strings.Contains(err.Error(), test.want) {
				t.Errorf("open: %v, want %q in it", err, test.want)
			}
		})
	}
}

// TestPathsWithSigns: what means something in a URI is part of a name here.
func TestPathsWithSigns(t *testing.T) {
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "#1.db", "등록.db", "a&b=c.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := openStore(t, path, Options{})
		update(t, s, put(firmRow(1)))
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func openStoreAndClose(t *testing.T, path string) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, put(firmRow(1), firmRow(2)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// execute changes a database behind the store's back.
func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	if _, err := prepareFile(path); err != nil {
		t.Fatal(err)
	}
	db, err := connect("file:"+path, 1, nil, func(func(string) (string, error)) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestMigrationStopsHalfWay: a migration that fails leaves the version before it.
func TestMigrationStopsHalfWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tandem.db")
	execute(t, path, "PRAGMA application_id = 1416520813", "CREATE TABLE terms (x)") // stands in the way of the first migration
	if _, err := Open(t.Context(), path, Options{}); err == nil {
		t.Fatal("opened over a foreign table")
	}
	execute(t, path, "DROP TABLE terms")
	s := openStore(t, path, Options{})
	update(t, s, put(firmRow(1)))
	wantClean(t, s)
}

func TestClockIsFrozen(t *testing.T) {
	clock := newClock()
	moving := func() time.Time {
		clock.now = clock.now.Add(time.Second)
		return clock.now
	}
	s := openStore(t, filepath.Join(t.TempDir(), "tandem.db"), Options{Now: moving})
	var first time.Time
	view(t, s, func(tx *Tx) error {
		first = tx.Now()
		if second := tx.Now(); second != first {
			t.Errorf("now went from %v to %v in one transaction", first, second)
		}
		return nil
	})
	update(t, s, func(tx *Tx) error {
		if want := first.Add(time.Second); tx.Now() != want {
			t.Errorf("now is %v in the next transaction, want %v", tx.Now(), want)
		}
		return nil
	})
}
