package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching"
)

type bounds = matching.Bounds

// cell is one measurement. Peer, Market, Size, Seed, K and Queries say which; the rest is what came out.
type cell struct {
	Peer    string `json:"peer"`
	Market  string `json:"market"`
	Size    int    `json:"size"`    // organisations of the larger side
	Others  int    `json:"others"`  // organisations that every query looks at
	Seed    uint64 `json:"seed"`    // of a synthetic market
	K       int    `json:"k"`       // length of a list
	Queries int    `json:"queries"` // organisations that were asked; fewer than all are a sample
	Workers int    `json:"workers"`

	Computes string        `json:"computes"`
	CPU      time.Duration `json:"cpu_ns"`
	Checksum string        `json:"checksum"`
	Lists    string        `json:"lists"`             // of which lists it is the checksum
	Bytes    int64         `json:"bytes,omitempty"`   // of the heap, a firm
	GC       float64       `json:"gc,omitempty"`      // the collector's part of the CPU time
	Bounds   bounds        `json:"bounds,omitzero"`   // how many pairs were past each bound
	Missing  string        `json:"missing,omitempty"` // why there is no figure
}

// nanoseconds is the CPU time a pair: a query and one of the organisations that it looks at.
func (c *cell) nanoseconds() float64 {
	return float64(c.CPU) / float64(c.Queries) / float64(c.Others)
}

// sameAs tells whether two cells are the same measurement.
func (c *cell) sameAs(other *cell) bool {
	return c.Peer == other.Peer && c.Market == other.Market && c.Size == other.Size && c.Seed == other.Seed && c.K == other.K &&
		c.Queries == other.Queries && c.Workers == other.Workers
}

// cells are finished measurements, kept in a file with one a line, so that a run that was stopped goes on where it was.
type cells struct {
	file string
	done []cell
}

// openCells reads what is finished. A half-written last line, as a stopped run may leave, is dropped.
func openCells(file string) (*cells, error) {
	c := &cells{file: file}
	if file == "" {
		return c, nil
	}
	f, err := os.Open(file) //nolint:gosec // the file that was asked for
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var one cell
		if json.Unmarshal(lines.Bytes(), &one) == nil {
			c.done = append(c.done, one)
		}
	}
	return c, errors.Join(lines.Err(), f.Close())
}

// find returns a finished measurement, nil where there is none.
func (c *cells) find(wanted cell) *cell {
	for i := range c.done {
		if c.done[i].sameAs(&wanted) {
			return &c.done[i]
		}
	}
	return nil
}

// add keeps a finished measurement.
func (c *cells) add(one cell) error {
	c.done = append(c.done, one)
	if c.file == "" {
		return nil
	}
	line, err := json.Marshal(one)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// The line end in front closes a line that a stopped run left half-written.
	_, err = fmt.Fprintf(f, "\n%s\n", line)
	return errors.Join(err, f.Close())
}
