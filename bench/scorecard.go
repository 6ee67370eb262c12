package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"

	"github.com/blevesearch/bleve/v2"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/scorecard"
	"github.com/canada-korea-roadshow/tandem/server"
)

// shippedOrganisations is the file that the judged cases speak of, seen from this module's folder.
const shippedOrganisations = "../cmd/tandem/demo/firms.jsonl"

func runScorecard(flags *flag.FlagSet, args []string, out io.Writer) error {
	file := flags.String("market", shippedOrganisations, "the `file` of the organisations that the cases name")
	version := flags.String("weights", matching.CurrentVersion, "`version` of the engine's weights")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cat := catalog.Embedded()
	weights, err := matching.WeightsByVersion(*version)
	if err != nil {
		return fmt.Errorf("--weights: %w", err)
	}
	m, err := readMarket(cat, *file)
	if err != nil {
		return err
	}
	// The half that is set aside is not for us to look at.
	o := scorecard.Options{Half: scorecard.Tuned, Workers: runtime.GOMAXPROCS(0)}
	for i, side := range server.DefaultPartnership().Sides {
		o.SideNames[i] = side.DisplayName.GetEn()
	}
	search, err := newTextWays(cat, m.profiles)
	if err != nil {
		return err
	}
	o.Other = search.ways()
	card, err := scorecard.Run(context.Background(), cat, weights, m.profiles, o)
	if err != nil {
		return err
	}
	if search.failed != nil {
		return search.failed
	}
	return card.Write(out)
}

// textWays order counterparts by BM25 over what organisations say, in each side's index.
type textWays struct {
	catalog *catalog.Catalog
	sides   [2]*textSearch
	side    map[string]matching.Side
	failed  error
}

func newTextWays(cat *catalog.Catalog, profiles []matching.Profile) (*textWays, error) {
	w := &textWays{catalog: cat, side: map[string]matching.Side{}}
	var byID [2][]string
	profile := map[string]*matching.Profile{}
	for i := range profiles {
		p := &profiles[i]
		byID[p.Side], profile[p.ID], w.side[p.ID] = append(byID[p.Side], p.ID), p, p.Side
	}
	for side := range w.sides {
		slices.Sort(byID[side])
		index, err := newTextIndex()
		if err != nil {
			return nil, err
		}
		w.sides[side] = &textSearch{index: index, arena: &arena{ids: byID, profile: profile}, catalog: cat}
		if err := w.sides[side].fill(matching.Side(side)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// ways are BM25 as one would use it: needs as the query against offers, and the same from both ends, joined.
func (w *textWays) ways() []scorecard.Way {
	return []scorecard.Way{
		{Name: "BM25, one way", List: func(seeker string) []string { return w.list(seeker, false) }},
		{Name: "BM25, both ways", List: func(seeker string) []string { return w.list(seeker, true) }},
	}
}

func (w *textWays) list(seeker string, both bool) []string {
	others := w.sides[w.side[seeker].Other()]
	scores, err := others.scores(seeker, both)
	if err != nil {
		w.failed = err
		return nil
	}
	ids := others.arena.ids[w.side[seeker].Other()]
	list := make([]string, 0, len(scores))
	for i := range scores {
		list = append(list, ids[i])
	}
	slices.SortFunc(list, func(a, b string) int {
		one, _ := slices.BinarySearch(ids, a)
		two, _ := slices.BinarySearch(ids, b)
		return cmp.Or(cmp.Compare(scores[two], scores[one]), cmp.Compare(one, two))
	})
	return list
}

// scores are those of all that a firm's needs find; both ways, of those that are found in their needs too.
func (s *textSearch) scores(id string, both bool) (map[int]float64, error) {
	p := s.arena.profile[id]
	all, err := s.index.DocCount()
	if err != nil {
		return nil, err
	}
	given, _, err := s.search("offers", needsText(s.catalog, p), int(all)) //nolint:gosec // documents in memory
	if err != nil || !both {
		return given, err
	}
	taken, _, err := s.search("needs", offersText(s.catalog, p), int(all)) //nolint:gosec // documents in memory
	if err != nil {
		return nil, err
	}
	joined := map[int]float64{}
	for i, one := range given {
		if two, ok := taken[i]; ok {
			joined[i] = one * two
		}
	}
	return joined, nil
}

// fill puts the organisations of a side into the index.
func (s *textSearch) fill(side matching.Side) error {
	batch := s.index.NewBatch()
	for i, id := range s.arena.ids[side] {
		if err := addText(batch, s.catalog, i, s.arena.profile[id]); err != nil {
			return err
		}
	}
	return s.index.Batch(batch)
}

func addText(batch *bleve.Batch, cat *catalog.Catalog, i int, p *matching.Profile) error {
	return batch.Index(strconv.Itoa(i), map[string]string{"offers": offersText(cat, p), "needs": needsText(cat, p)})
}
