//go:build !unix

package store

import (
	"errors"
	"os"
)

// lock refuses: without flock nothing keeps two servers off one file.
func lock(string) (*os.File, error) {
	return nil, errors.New("the store runs on Unix systems only; a client works here against a server elsewhere")
}
