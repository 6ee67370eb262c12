package store

import (
	"fmt"
	"syscall"
)

// networkFilesystems are those on which SQLite's locks and shared memory, or
// the meaning of fsync, cannot be relied on: their magic numbers in statfs(2).
var networkFilesystems = map[uint32]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xff534d42: "CIFS",
	0xfe534d42: "SMB2",
	0x65735546: "FUSE",
	0x01021997: "9P",
	0x00c36400: "Ceph",
	0x5346414f: "AFS",
	0x73757245: "Coda",
	0x0bd00bd0: "Lustre",
	0x47504653: "GPFS",
	0x01161970: "GFS2",
	0x7461636f: "OCFS2",
	0x786f4256: "VirtualBox shared folder",
}

// checkFilesystem returns what the file lies on, and an error for a network
// file system.
func checkFilesystem(path string) (string, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil {
		return "", fmt.Errorf("file system of %s: %w", path, err)
	}
	magic := uint32(fs.Type) //nolint:gosec // a magic number is 32 bits; some systems sign-extend it
	if name, ok := networkFilesystems[magic]; ok {
		return "", fmt.Errorf("%s lies on a network file system (%s), where a database can be damaged: use a local disk", path, name)
	}
	return fmt.Sprintf("local, type %#x", magic), nil
}
