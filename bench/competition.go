package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// bench is one call of the program.
type bench struct {
	catalog *catalog.Catalog
	out     io.Writer
	cells   *cells
	seed    uint64
	k       int
	// quick asks fewer organisations, for a test.
	quick bool
}

// peers are all that compete, in the order of the table. The scorer and the text index are built for it alone.
func (b *bench) peers() []peer {
	full := func(sparing bool) func(*arena) (finder, error) {
		return func(t *arena) (finder, error) {
			p, err := t.scorer(b)
			if err != nil {
				return nil, err
			}
			own := *p
			own.sparing = sparing
			return inProcess(func(query, k int) ([]partner, error) { return own.list(firstSide, query, k), nil }), nil
		}
	}
	joined := func(open func(*arena, *plain) (finder, error)) func(*arena) (finder, error) {
		return func(t *arena) (finder, error) {
			p, err := t.scorer(b)
			if err != nil {
				return nil, err
			}
			if !p.joinable() {
				return nil, errors.New("this market has rules that a sum over codes cannot say")
			}
			return open(t, p)
		}
	}
	return []peer{
		{"plain", fullScoreOf, [2]int{500, 200}, full(false)},
		{"plain, sparing", fullScoreOf, [2]int{500, 200}, full(true)},
		{"plain core", coreOf, [2]int{500, 200}, func(t *arena) (finder, error) {
			p, err := t.scorer(b)
			return inProcess(func(query, k int) ([]partner, error) { return p.coreList(firstSide, query, k), nil }), err
		}},
		{"engine, one query at a time", fullScoreOf, [2]int{2000, 2000}, func(t *arena) (finder, error) { return openEngine(b.catalog, t) }},
		{"scipy", coreOf, [2]int{1024, 1024}, joined(func(_ *arena, p *plain) (finder, error) { return openScipy(p) })},
		{"sqlite", coreOf, [2]int{200, 60}, joined(openSQLite)},
		{"bleve, one way", bm25Of, [2]int{500, 200}, func(t *arena) (finder, error) { return openBleve(b.catalog, t, false) }},
		{"bleve, both ways", bm25Of, [2]int{200, 60}, func(t *arena) (finder, error) { return openBleve(b.catalog, t, true) }},
	}
}

// largestForAll is the market at which every peer competes; beyond it the engine is alone.
const largestForAll = 20000

// compete measures all peers on a market and returns the cells in the order of peers, the engine's batches last.
func (b *bench) compete(m market, only func(name string) bool) ([]cell, error) {
	c := &contest{bench: b, market: m}
	for _, p := range b.peers() {
		if !only(p.name) || m.size > largestForAll && p.name != enginePeer {
			continue
		}
		queries := p.queries[0]
		if m.size > 2000 {
			queries = p.queries[1]
		}
		if b.quick {
			queries = checked
		}
		if err := c.measure(p, min(queries, m.size)); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	for _, workers := range []int{1, 2} {
		if only(batchPeer) && (workers == 1 || m.size <= largestForEverybody) {
			if err := c.batch(workers); err != nil {
				return nil, err
			}
		}
	}
	if only(standingPeer) && m.size <= largestForEverybody {
		if err := c.standing(); err != nil {
			return nil, err
		}
	}
	if only(startPeer) && m.name == "clustered" {
		if err := c.start(); err != nil {
			return nil, err
		}
	}
	return c.found, c.agree()
}

// largestForEverybody is the market at which the batch is everybody's; beyond it some are asked, evenly chosen.
const (
	largestForEverybody = 200000
	askedBeyond         = 8192
)

// The engine in its ways. It has no limit of size.
const (
	enginePeer = "engine, one query at a time"
	batchPeer  = "engine, batch"
	startPeer  = "start"
)

// contest is one market's part of a run. Its arena is made when the first unfinished measurement asks for it.
type contest struct {
	*bench
	market market
	arena  *arena
	engine *engine
	bytes  int64         // of the heap that the engine's market took, a firm
	made   time.Duration // the CPU time that making it took
	found  []cell
}

func (c *contest) prepared() *arena {
	if c.arena == nil {
		c.arena = c.newArena(c.market)
	}
	return c.arena
}

// sideSizes counts the organisations of both sides.
func (m market) sideSizes() (n [2]int) {
	for i := range m.profiles {
		n[m.profiles[i].Side]++
	}
	return n
}

func (c *contest) cellOf(name, computes string, queries, others int) cell {
	return cell{
		Peer: name, Market: c.market.name, Size: c.market.size, Others: others, Seed: c.seed, K: c.k, Queries: queries, Workers: 1,
		Computes: computes, Lists: fmt.Sprintf("first %d of the sample", min(checked, c.market.sideSizes()[0])),
	}
}

// measure measures one peer, unless that is done.
func (c *contest) measure(p peer, queries int) error {
	sizes := c.market.sideSizes()
	wanted := c.cellOf(p.name, p.computes, min(queries, sizes[0]), sizes[1])
	if done := c.cells.find(wanted); done != nil {
		c.found = append(c.found, *done)
		return nil
	}
	f, err := p.open(c.prepared())
	if err != nil {
		wanted.Missing = err.Error()
		c.found = append(c.found, wanted) // not kept: it may be there next time
		return nil
	}
	found, took, err := f.find(sample(wanted.Queries, sizes[0]), c.k)
	if err := errors.Join(err, f.close()); err != nil {
		return err
	}
	return c.keep(wanted, found, took)
}

func (c *contest) keep(wanted cell, found [][]partner, took time.Duration) error {
	wanted.CPU, wanted.Checksum = took, checksum(found)
	c.found = append(c.found, wanted)
	return c.cells.add(wanted)
}

// batch measures the lists of everybody on both sides, or in a very large market of some.
func (c *contest) batch(workers int) error {
	sizes := c.market.sideSizes()
	everybody := sizes[0] + sizes[1]
	of := everybody
	if c.market.size > largestForEverybody {
		of = 2 * askedBeyond
	}
	// Half of them look at one side and half at the other: as many pairs as everybody looking at the mean.
	wanted := c.cellOf(batchPeer, fullScoreOf, of, 2*sizes[0]*sizes[1]/everybody)
	wanted.Workers = workers
	if done := c.cells.find(wanted); done != nil {
		c.found = append(c.found, *done)
		return nil
	}
	if err := c.opened(); err != nil {
		return err
	}
	var asked []string
	for side := range c.arena.ids {
		ids := c.arena.ids[side]
		for _, i := range sample(of*len(ids)/everybody, len(ids)) {
			asked = append(asked, ids[i])
		}
	}
	found, passed, collected, took, err := c.engine.batch(asked, c.k, workers)
	if err != nil {
		return err
	}
	wanted.Bytes, wanted.Bounds, wanted.GC = c.bytes, passed, float64(collected)/float64(took)
	return c.keep(wanted, found, took)
}

// opened makes the engine's market, and notes what it takes of the heap: with all that it keeps of profiles that nobody else has.
func (c *contest) opened() error {
	t := c.prepared()
	if c.engine != nil {
		return nil
	}
	profiles := c.market.profiles
	before := heap()
	if c.market.again != nil {
		profiles = c.market.again()
	}
	made, took, err := newEngine(c.catalog, t, profiles)
	if err != nil {
		return err
	}
	c.engine, c.made = made, took
	c.bytes = (heap() - before) / int64(made.market.Len())
	return nil
}

// heap is what is reachable now.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far below 2^63
}

// errDisagree is returned when peers that compute the same found something else.
var errDisagree = errors.New("peers that compute the same found different lists")

// agree holds the checksums of exact peers against each other.
func (c *contest) agree() error {
	for _, computes := range []string{fullScoreOf, coreOf} {
		sums := map[string]string{}
		for i := range c.found {
			if one := &c.found[i]; one.Computes == computes && one.Missing == "" {
				sums[one.Checksum] = one.Peer
			}
		}
		if len(sums) > 1 {
			return fmt.Errorf("%s %d, %s: %w: %v", c.market.name, c.market.size, computes, errDisagree, sums)
		}
	}
	return nil
}
