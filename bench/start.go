package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching"
)

// startOf is what the ways to start compute: a market, or only the profiles of one.
const startOf = "start"

// decoded is how many organisations encoding/json decodes at most; more of them would only take longer.
const decoded = 100000

// start measures ways from bytes to organisations in memory, in CPU time an organisation: encoding/json, which then has profiles and
// nothing that can be asked; the engine's market made of such profiles; and its market read from an image.
func (c *contest) start() error {
	firms := len(c.market.profiles)
	ways := []struct {
		name string
		of   int
		run  func() (time.Duration, error)
	}{
		{startPeer + ", anew", firms, func() (time.Duration, error) { return c.made, c.opened() }},
		{startPeer + ", from an image", firms, c.fromImage},
		{startPeer + ", encoding/json", min(firms, decoded), c.fromJSON},
	}
	for _, way := range ways {
		wanted := c.cellOf(way.name, startOf, way.of, 1)
		wanted.Lists = "none"
		if done := c.cells.find(wanted); done != nil {
			c.found = append(c.found, *done)
			continue
		}
		if err := c.opened(); err != nil {
			return err
		}
		took, err := way.run()
		if err != nil {
			return err
		}
		if err := c.keep(wanted, nil, took); err != nil {
			return err
		}
	}
	return nil
}

// fromImage writes the market to a file and reads it again.
func (c *contest) fromImage() (took time.Duration, err error) {
	file, err := os.CreateTemp("", "tandem-image-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	out := bufio.NewWriter(file)
	if err := errors.Join(c.engine.market.WriteImage(out, nil), out.Flush()); err != nil {
		return 0, err
	}
	if _, err := file.Seek(0, 0); err != nil {
		return 0, err
	}
	return cpuOf(func() error {
		m, _, err := matching.ReadImage(file, c.catalog, c.arena.weights, c.engine.market.Facts())
		if err == nil && m.Len() != c.engine.market.Len() {
			err = errors.New("the image lacks organisations")
		}
		return err
	})
}

// fromJSON decodes profiles, one a line.
func (c *contest) fromJSON() (time.Duration, error) {
	var lines bytes.Buffer
	out := json.NewEncoder(&lines)
	for i := range min(decoded, len(c.market.profiles)) {
		if err := out.Encode(&c.market.profiles[i]); err != nil {
			return 0, err
		}
	}
	profiles := make([]matching.Profile, 0, decoded)
	return cpuOf(func() error {
		in := json.NewDecoder(&lines)
		for in.More() {
			var p matching.Profile
			if err := in.Decode(&p); err != nil {
				return err
			}
			profiles = append(profiles, p)
		}
		return nil
	})
}
