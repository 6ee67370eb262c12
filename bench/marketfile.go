package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/server"
)

// asOf is the day for which dated facts count; no score depends on it.
const asOf = "2026-11-24"

// readMarket reads a file in the import format: one Firm in protobuf JSON a line. A line that is no firm is refused with its
// number and the reason, as "tandem match" does.
func readMarket(cat *catalog.Catalog, name string) (market, error) {
	data, err := os.ReadFile(name) //nolint:gosec // the file that was asked for
	if err != nil {
		return market{}, err
	}
	partnership := server.DefaultPartnership()
	file, err := server.ReadFirmFile(cat, partnership, data, nil)
	if err != nil {
		return market{}, fmt.Errorf("%s: %w", name, err)
	}
	file.Settle(cat, partnership, false)
	if err := file.Refused(); err != nil {
		return market{}, brokenLines(cat, name, err)
	}
	snapshot, err := server.NewSnapshot(cat, partnership, file.Accepted(), asOf, 0)
	if err != nil {
		return market{}, fmt.Errorf("%s: %w", name, err)
	}
	profiles, err := server.Profiles(cat, snapshot)
	if err != nil {
		return market{}, fmt.Errorf("%s: %w", name, err)
	}
	m := market{name: strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), profiles: profiles}
	var count [2]int
	for i := range profiles {
		count[profiles[i].Side]++
	}
	if m.size = max(count[0], count[1]); min(count[0], count[1]) == 0 {
		return m, fmt.Errorf("%s: %d organisations of one side and %d of the other: there is nothing to match", name, count[0], count[1])
	}
	return m, nil
}

// brokenLines says of every bad line what is wrong with it.
func brokenLines(cat *catalog.Catalog, name string, err error) error {
	var refused *server.ImportError
	if !errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", name, err)
	}
	lines := make([]error, 0, len(refused.Rows))
	for _, row := range refused.Rows {
		why := cat.Sentence(catalog.EN, row.Problem.GetKey(), row.Problem.GetArgs()...)
		if row.Field != "" {
			why = row.Field + ": " + why
		}
		lines = append(lines, fmt.Errorf("%s:%d: %s", name, row.Line, why))
	}
	return errors.Join(lines...)
}

// sides are the two sides of the default partnership.
func sides() (s [2]matching.SideFacts) {
	for i, side := range server.DefaultPartnership().Sides {
		s[i] = matching.SideFacts{ID: side.Id, Countries: side.Countries}
	}
	return s
}

// facts are the catalogue's dated facts. They decide no score, but the engine explains with them.
func facts(cat *catalog.Catalog) (matching.Facts, error) {
	day, err := matching.ParseDate(asOf)
	if err != nil {
		return matching.Facts{}, err
	}
	return matching.SeedFacts(cat, sides(), strings.TrimPrefix(server.DefaultPartnership().UmbrellaFramework, "frameworks/"), day)
}
