package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/server"
)

// history is what was written to a register, in the order of its revisions.
type history struct {
	catalog  *catalog.Catalog
	profiles []matching.Profile // as invented; a version of an organisation has what another of its side was invented with

	mu       sync.Mutex
	versions []int // of each organisation, how many there were
	commits  []commit
}

// commit is what one revision brought.
type commit struct {
	revision int32
	firms    []matching.Profile
}

func newHistory(cat *catalog.Catalog, size int) (*history, error) {
	if size < 3 {
		return nil, errors.New("too few organisations to change them")
	}
	profiles := synthetic(cat, size, true, 1).profiles
	return &history{catalog: cat, profiles: profiles, versions: make([]int, len(profiles))}, nil
}

// next makes the next version of some organisations, with the file that imports them.
func (h *history) next(firms []int) (versions []matching.Profile, file []byte, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	size := len(h.profiles) / 2
	for _, i := range firms {
		own := &h.profiles[i]
		// Sides stand one behind the other. A step that is no multiple of the size gives another content each time.
		p := h.profiles[i/size*size+(i%size+h.versions[i]*int(stride(size)))%size]
		p.ID, p.Name = own.ID, own.Name
		h.versions[i]++
		line, err := protojson.Marshal(firmOf(h.catalog, &p))
		if err != nil {
			return nil, nil, err
		}
		versions, file = append(versions, p), append(append(file, line...), '\n')
	}
	return versions, file, nil
}

// written notes what a commit brought.
func (h *history) written(revision int32, versions []matching.Profile) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commits = append(h.commits, commit{revision, versions})
}

// settled are profiles as the register has them, by the rules by which it takes a file.
func (h *history) settled(firms []matching.Profile) ([]matching.Profile, error) {
	partnership := server.DefaultPartnership()
	var file []byte
	for i := range firms {
		line, err := protojson.Marshal(firmOf(h.catalog, &firms[i]))
		if err != nil {
			return nil, err
		}
		file = append(append(file, line...), '\n')
	}
	read, err := server.ReadFirmFile(h.catalog, partnership, file, nil)
	if err != nil {
		return nil, err
	}
	read.Settle(h.catalog, partnership, false)
	if err := read.Refused(); err != nil {
		return nil, err
	}
	snapshot, err := server.NewSnapshot(h.catalog, partnership, read.Accepted(), asOf, 0)
	if err != nil {
		return nil, err
	}
	return server.Profiles(h.catalog, snapshot)
}

// replay goes through the history once more, with the plain scorer, and counts the answers that it would have given otherwise;
// the first of them is a finding, not a failure.
func (h *history) replay(answers []keptAnswer, k int) (differences int, first error, err error) {
	slices.SortFunc(h.commits, func(a, b commit) int { return cmp.Compare(a.revision, b.revision) })
	slices.SortStableFunc(answers, func(a, b keptAnswer) int { return cmp.Compare(a.revision, b.revision) })
	oracle, err := newPlain(h.catalog, matching.CurrentWeights(), matching.Flat(), nil)
	if err != nil {
		return 0, nil, err
	}
	at := 0
	for _, a := range answers {
		for ; at < len(h.commits) && h.commits[at].revision <= a.revision; at++ {
			firms, err := h.settled(h.commits[at].firms)
			if err != nil {
				return 0, nil, err
			}
			oracle.put(firms)
		}
		want := oracle.listOf(a.firm, k)
		if slices.Equal(a.list, want) {
			continue
		}
		if differences++; first == nil {
			first = fmt.Errorf("%s at revision %d: got %v, want %v", a.firm, a.revision, a.list, want)
		}
	}
	return differences, first, nil
}

// report prints what came of it, and fails where an answer was stale or another than the plain scorer's.
func (l *live) report(cpu time.Duration) error {
	kept := l.load.kept
	if len(kept) == 0 || len(l.load.writes) == 0 {
		return errors.New("nothing was asked or nothing was written")
	}
	var chosen []keptAnswer
	for _, i := range sample(l.samples, len(kept)) {
		chosen = append(chosen, kept[i])
	}
	revisions := map[int32]bool{}
	for _, a := range chosen {
		revisions[a.revision] = true
	}
	differences, first, err := l.history.replay(chosen, matching.DefaultTop)
	if err != nil {
		return err
	}
	t := newTableWriter(l.out, fmt.Sprintf("a register of %d firms, %d updates a second in commits of %d for %v, %d clients with %d questions a second",
		len(l.history.profiles), l.rate, l.batch, l.lasts, l.clients, l.asks))
	t.AppendHeader(row("calls", "number", "p50, ms", "p99, ms", "max, ms"))
	for _, kind := range []struct {
		name string
		took []time.Duration
	}{{"questions", l.load.answers}, {"commits", l.load.writes}} {
		slices.Sort(kind.took)
		n := len(kind.took)
		ms := func(i int) string { return fmt.Sprintf("%.2f", kind.took[i].Seconds()*1000) }
		t.AppendRow(row(kind.name, n, ms(n/2), ms(n*99/100), ms(n-1)))
	}
	t.Render()
	if l.singles > 0 {
		fmt.Fprintf(l.out, "single commits: %.0f a second with nothing else to do; updates a commit: %d\n", l.singles, l.batch)
	}
	fmt.Fprintf(l.out, "CPU of the server, from the empty register on: %.1f s\n", cpu.Seconds())
	fmt.Fprintf(l.out, "stale answers: %d of %d\n", l.load.stale, len(kept))
	fmt.Fprintf(l.out, "differences from the plain scorer: %d of %d lists at %d revisions\n", differences, len(chosen), len(revisions))
	if l.load.stale > 0 || differences > 0 {
		return errors.Join(fmt.Errorf("%d stale answers, %d differences", l.load.stale, differences), first)
	}
	return nil
}
