//go:build !cgo

package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenWithoutCgo is the one test that makes sense without SQLite:
// CGO_ENABLED=0 go test -run TestOpenWithoutCgo
func TestOpenWithoutCgo(t *testing.T) {
	_, err := Open(t.Context(), filepath.Join(t.TempDir(), "tandem.db"), Options{})
	if err == nil || !strings.Contains(err.Error(), "build with CGO_ENABLED=1") {
		t.Errorf("open: %v, want what to install", err)
	}
}
