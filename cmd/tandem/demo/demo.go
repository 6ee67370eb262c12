// Package demo carries the profiles that "tandem demo" shows itself with: 217 real organisations, compiled from
// public knowledge.
//
// Nobody at these organisations stated the needs in them; they are what an organisation of its kind plausibly looks
// for. Every profile therefore has the provenance COMPILED, and every view of one says that its needs are inferred.
// The whole disclaimer is in the README.md beside the data.
//
// The file is the same JSON Lines form that "tandem import" and "tandem match" read, so it is also the sample to
// start from when one's own list of organisations has to be written.
package demo

import (
	"bytes"
	_ "embed"
	"io"
)

//go:embed firms.jsonl
var firms []byte

// Firms returns the profiles as JSON Lines, one Firm a line.
func Firms() io.Reader { return bytes.NewReader(firms) }
