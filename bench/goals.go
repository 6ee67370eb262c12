package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/jedib0t/go-pretty/v6/table"
)

// printCells lists the measurements of one market beside the engine's batch.
func printCells(w io.Writer, found []cell) {
	found = slices.DeleteFunc(slices.Clone(found), func(c cell) bool { return c.Computes == startOf })
	if len(found) == 0 {
		return
	}
	batch := lookUp(found, batchPeer, 1)
	t := newTableWriter(w, fmt.Sprintf("%s, %d x %d, k = %d", found[0].Market, found[0].Size, found[0].Size, found[0].K))
	t.AppendHeader(row("peer", "computes", "asked", "workers", "ns a pair", "to the batch", "checksum"))
	for i := range found {
		c := &found[i]
		if c.Missing != "" {
			t.AppendRow(row(c.Peer, c.Computes, "", "", "-", "", c.Missing))
			continue
		}
		ratio := ""
		if batch != nil {
			ratio = fmt.Sprintf("%.1f", c.nanoseconds()/batch.nanoseconds())
		}
		t.AppendRow(row(c.Peer, c.Computes, c.Queries, c.Workers, fmt.Sprintf("%.2f", c.nanoseconds()), ratio, c.Checksum))
	}
	t.Render()
}

// goal is a ratio to reach.
type goal struct {
	name           string
	floor, stretch float64
	// most is true where the measured must not be above the floor; else it must not be below.
	most     bool
	measured func(*results) (float64, bool)
}

// results are all cells of a run, by market and size.
type results struct{ cells []cell }

func (r *results) of(peer, market string, size, workers int) *cell {
	for i := range r.cells {
		if c := &r.cells[i]; c.Peer == peer && c.Market == market && c.Size == size && c.Workers == workers && c.Missing == "" {
			return c
		}
	}
	return nil
}

// largest is the measurement of a peer at the largest market.
func (r *results) largest(peer string) (found *cell) {
	for i := range r.cells {
		if c := &r.cells[i]; c.Peer == peer && c.Missing == "" && (found == nil || c.Size > found.Size) {
			found = c
		}
	}
	return found
}

// against is how many times a peer's cost is that of the engine's batch, at 20k.
func against(peer string) func(*results) (float64, bool) {
	return func(r *results) (float64, bool) {
		return quotient(r.of(peer, "clustered", 20000, 1), r.of(batchPeer, "clustered", 20000, 1), (*cell).nanoseconds)
	}
}

func quotient(above, below *cell, of func(*cell) float64) (float64, bool) {
	if above == nil || below == nil {
		return 0, false
	}
	return of(above) / of(below), true
}

// goals are the table of the design.
func goals() []goal {
	perQuery := func(c *cell) float64 { return float64(c.CPU) / float64(c.Queries) }
	return []goal{
		{"plain scorer / batch", 25, 50, false, against("plain")},
		{"plain scorer, modulator only where it counts / batch", 25, 50, false, against("plain, sparing")},
		{"scipy / batch", 12, 25, false, against("scipy")},
		{"Bleve, both ways / batch", 60, 100, false, against("bleve, both ways")},
		{"Bleve, one way / batch", 10, 20, false, against("bleve, one way")},
		{"SQLite join / batch", 120, 250, false, against("sqlite")},
		{"a query of the batch at 200k / 20k", 8.5, 6.5, true, func(r *results) (float64, bool) {
			return quotient(r.of(batchPeer, "clustered", 200000, 1), r.of(batchPeer, "clustered", 20000, 1), perQuery)
		}},
		{"unclustered / clustered", 1.8, 1.4, true, func(r *results) (float64, bool) {
			return quotient(r.of(batchPeer, "unclustered", 20000, 1), r.of(batchPeer, "clustered", 20000, 1), (*cell).nanoseconds)
		}},
		{"two workers / one, CPU", 1.2, 1.1, true, func(r *results) (float64, bool) {
			return quotient(r.of(batchPeer, "clustered", 20000, 2), r.of(batchPeer, "clustered", 20000, 1), (*cell).nanoseconds)
		}},
		{"with need texts / without", 2, 1.5, true, func(r *results) (float64, bool) {
			return quotient(r.of(batchPeer, "clustered", 20000, 1), r.of(batchPeer, "clustered-core", 20000, 1), (*cell).nanoseconds)
		}},
		{"standing lists after 1 % changed / batch", 0.25, 0.15, true, func(r *results) (float64, bool) {
			return quotient(r.of(standingPeer, "clustered", 20000, 1), r.of("engine, batch", "clustered", 20000, 1), (*cell).nanoseconds)
		}},
		{"heap bytes a firm at 1M", 1000, 650, true, func(r *results) (float64, bool) {
			c := r.of(batchPeer, "clustered", 1000000, 1)
			if c == nil || c.Bytes == 0 {
				return 0, false
			}
			return float64(c.Bytes), true
		}},
		{"encoding/json / start from an image, of the largest market", 12, 25, false, func(r *results) (float64, bool) {
			return quotient(r.largest(startPeer+", encoding/json"), r.largest(startPeer+", from an image"), (*cell).nanoseconds)
		}},
	}
}

// printGoals says which goals the measurements reach.
func printGoals(w io.Writer, found []cell) {
	r := &results{found}
	t := newTableWriter(w, "goals")
	t.AppendHeader(row("ratio of CPU time", "floor", "stretch", "measured", ""))
	rows := 0
	for _, g := range goals() {
		measured, ok := g.measured(r)
		if !ok {
			continue
		}
		rows++
		t.AppendRow(row(g.name, g.floor, g.stretch, fmt.Sprintf("%.2f", measured), g.verdict(measured)))
	}
	if rows > 0 {
		t.Render()
	}
}

// verdict says what a figure reaches.
func (g *goal) verdict(measured float64) string {
	reaches := func(mark float64) bool { return measured >= mark }
	if g.most {
		reaches = func(mark float64) bool { return measured <= mark }
	}
	switch {
	case reaches(g.stretch):
		return "stretch"
	case reaches(g.floor):
		return "floor"
	}
	return "below floor"
}

func lookUp(found []cell, peer string, workers int) *cell {
	for i := range found {
		if found[i].Peer == peer && found[i].Workers == workers && found[i].Missing == "" {
			return &found[i]
		}
	}
	return nil
}

func newTableWriter(w io.Writer, title string) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	t.SetTitle(title)
	t.SetStyle(table.StyleLight)
	return t
}

func row(cells ...any) table.Row { return cells }

// printCurve says how the engine's cost grows with the market, what it takes of memory, and which part of all pairs is past each bound.
func printCurve(w io.Writer, found []cell) {
	t := newTableWriter(w, "the engine's batch, one worker, by size")
	t.AppendHeader(row("market", "a side", "asked", "ns a pair", "us a query", "B a firm", "GC", "past gates", "found", "given", "text", "scored"))
	rows := 0
	for i := range found {
		c := &found[i]
		if c.Peer != batchPeer || c.Workers != 1 || c.Bounds.Pairs == 0 {
			continue
		}
		rows++
		part := func(n int) string { return fmt.Sprintf("%.4f %%", 100*float64(n)/float64(c.Bounds.Pairs)) }
		t.AppendRow(row(c.Market, c.Size, c.Queries, fmt.Sprintf("%.2f", c.nanoseconds()), fmt.Sprintf("%.1f", float64(c.CPU)/float64(c.Queries)/1000),
			c.Bytes, fmt.Sprintf("%.1f %%", 100*c.GC), part(c.Bounds.Gates), part(c.Bounds.Found), part(c.Bounds.Given), part(c.Bounds.Text), part(c.Bounds.Scored)))
	}
	if rows > 0 {
		t.Render()
	}
	t = newTableWriter(w, "start, CPU time an organisation")
	t.AppendHeader(row("way", "a side", "organisations", "us each"))
	rows = 0
	for i := range found {
		if c := &found[i]; c.Computes == startOf {
			rows++
			t.AppendRow(row(c.Peer, c.Size, c.Queries, fmt.Sprintf("%.2f", c.nanoseconds()/1000)))
		}
	}
	if rows > 0 {
		t.Render()
	}
}
