package store

import (
	"crypto/sha256"
	"encoding/binary"
)

// sum builds the input of a digest: every part is preceded by its length, so
// that no two lists of parts are written alike.
type sum []byte

// newSum starts with the table, so that a row of one is never valid in another.
func newSum(table string) sum { return sum(nil).text(table) }

func (s sum) text(v string) sum {
	return append(binary.AppendUvarint(s, uint64(len(v))), v...)
}

func (s sum) bytes(v []byte) sum {
	return append(binary.AppendUvarint(s, uint64(len(v))), v...)
}

func (s sum) number(v int64) sum { return binary.AppendVarint(s, v) }

func (s sum) flag(v bool) sum {
	if v {
		return append(s, 1)
	}
	return append(s, 0)
}

func (s sum) digest() []byte {
	d := sha256.Sum256(s)
	return d[:]
}
