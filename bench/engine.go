package main

import (
	"context"
	"slices"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// engine is the product: its market, asked as the server asks it.
type engine struct {
	market *matching.Market
	arena  *arena
}

func openEngine(cat *catalog.Catalog, t *arena) (*engine, error) {
	e, _, err := newEngine(cat, t, t.market.profiles)
	return e, err
}

// newEngine makes the market of some profiles, and tells what that took.
func newEngine(cat *catalog.Catalog, t *arena, profiles []matching.Profile) (*engine, time.Duration, error) {
	f, err := facts(cat)
	if err != nil {
		return nil, 0, err
	}
	var m *matching.Market
	took, err := cpuOf(func() (err error) {
		m, err = matching.NewMarket(cat, t.weights, t.rarity, f, profiles)
		return err
	})
	return &engine{m, t}, took, err
}

// find lists the partners of some organisations, one at a time: what a caller asks for online, without the explanation.
func (e *engine) find(queries []int, k int) (found [][]partner, took time.Duration, err error) {
	found = make([][]partner, len(queries))
	took, err = cpuOf(func() error {
		for i, q := range queries {
			places, err := e.market.Places(e.arena.ids[firstSide][q], k)
			if err != nil {
				return err
			}
			found[i] = e.partners(places)
		}
		return nil
	})
	return found, took, err
}

func (e *engine) partners(places []matching.Place) []partner {
	list := make([]partner, len(places))
	for i, p := range places {
		list[i] = partner{index: e.arena.byID[matching.Second][p.ID], tier: int(p.Tier), score: p.Score}
	}
	return list
}

// batch lists the partners of organisations of both sides, as a match run does before it explains them, and tells how far it had to
// look, and what of the time the collector took. Only the first organisations of a sample are kept, for the checksum.
func (e *engine) batch(asked []string, k, workers int) (found [][]partner, passed matching.Bounds, collected, took time.Duration, err error) {
	queries := sample(checked, len(e.arena.ids[firstSide]))
	found = make([][]partner, len(queries))
	took, err = cpuOf(func() error {
		before := collection()
		defer func() { collected = collection() - before }()
		passed, err = e.market.ListsOf(context.Background(), asked, matching.RunOptions{Top: k, Workers: workers}, func(id string, places []matching.Place) {
			index, ok := e.arena.byID[firstSide][id]
			if !ok {
				return
			}
			if at := slices.Index(queries, index); at >= 0 {
				found[at] = e.partners(places)
			}
		})
		return err
	})
	return found, passed, collected, took, err
}

func (e *engine) close() error { return nil }
