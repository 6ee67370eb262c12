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
	f, err := facts(cat)
	if err != nil {
		return nil, err
	}
	m, err := matching.NewMarket(cat, t.weights, t.rarity, f, t.market.profiles)
	return &engine{m, t}, err
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

// batch lists the partners of everybody on both sides, as a match run does before it explains them. Only the first
// organisations of a sample are kept, for the checksum.
func (e *engine) batch(k, workers int) (found [][]partner, took time.Duration, err error) {
	queries := sample(checked, len(e.arena.ids[firstSide]))
	found = make([][]partner, len(queries))
	took, err = cpuOf(func() error {
		_, err := e.market.Lists(context.Background(), matching.RunOptions{Top: k, Workers: workers}, func(id string, places []matching.Place) {
			if e.arena.profile[id].Side != firstSide {
				return
			}
			if at := slices.Index(queries, e.arena.byID[firstSide][id]); at >= 0 {
				found[at] = e.partners(places)
			}
		})
		return err
	})
	return found, took, err
}

func (e *engine) close() error { return nil }
