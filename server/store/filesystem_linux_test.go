package store

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
)

func TestNetworkFilesystemsAreRefused(t *testing.T) {
	for _, name := range []string{"NFS", "SMB2", "CIFS", "FUSE", "9P"} {
		if !slices.Contains(slices.Collect(maps.Values(networkFilesystems)), name) {
			t.Errorf("%s is not refused", name)
		}
	}
	if got, err := checkFilesystem(t.TempDir()); err != nil || got == "" {
		t.Errorf("temporary directory: %q, %v", got, err)
	}
	if _, err := checkFilesystem(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("file system of a file that is not there")
	}
}
