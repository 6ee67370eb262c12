package server

import (
	"context"
	"errors"
	"math"
	"sync"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// live is the market of the register as it is now. It follows the change log: every question first brings it up to the revision
// that its transaction reads, so that a committed write is in the next answer and nothing needs to be told.
type live struct {
	mu      sync.Mutex // guards what follows
	current *liveMarket
	sealing bool
	seals   sync.WaitGroup
}

// liveMarket is the market at one revision. It never changes: an answer that uses one is of one piece.
type liveMarket struct {
	staged
	dated
	firms     *book // deleted ones left out
	revision  int32
	asOf      string
	rarityRun string // the finished run whose rarity counts, empty before the first
}

// byName lists the market's firms by resource name, those on no side yet too.
func (m *liveMarket) byName() []*tandemv1.Firm {
	return sortedFirms(m.firms.all())
}

// liveNow returns the market as of today and of the register's newest revision.
func (s *Server) liveNow(ctx context.Context) (*liveMarket, error) {
	s.live.mu.Lock() // before a connection is taken: who waits here must not keep the readers from everybody
	defer s.live.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// What one question builds, all after it use: it is not given up with the caller who happened to ask first.
	var m *liveMarket
	err := s.store.View(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		var err error
		m, err = s.live.at(s, tx)
		return err
	})
	return m, err
}

// at brings the market up to the transaction's revision. The caller holds the lock.
func (l *live) at(s *Server, tx *store.Tx) (*liveMarket, error) {
	asOf := tx.Now().UTC().Format(dateOnly)
	revision, err := tx.Revision()
	if err != nil {
		return nil, err
	}
	if l.current != nil && l.current.revision >= revision && l.current.asOf == asOf {
		return l.current, nil
	}
	next, err := l.advance(s, tx, revision, asOf)
	if err != nil {
		return nil, err
	}
	l.current = next
	l.seal()
	return next, nil
}

// sealFrom is how many firms a market may hold loose before it is laid out anew.
const sealFrom = 64

// seal lays the market out anew, beside the questions, when writes have left much of it loose. What is written meanwhile is followed
// from the log once more. The caller holds the lock.
func (l *live) seal() {
	if l.sealing || l.current.market.Loose() < sealFrom {
		return
	}
	l.sealing = true
	base := *l.current
	l.seals.Go(func() {
		base.market = base.market.Sealed()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.current, l.sealing = &base, false
	})
}

// advance follows the change log from the current market, or builds the first one.
func (l *live) advance(s *Server, tx *store.Tx, revision int32, asOf string) (*liveMarket, error) {
	if l.current == nil {
		return buildLive(s, tx, revision, asOf)
	}
	changes, err := tx.Changes(l.current.revision, math.MaxInt)
	if err != nil {
		return nil, err
	}
	next := *l.current
	next.revision, next.asOf = revision, asOf
	facts, rarity := asOf != l.current.asOf, false
	var names []string
	for _, c := range changes {
		switch c.Kind {
		case firms:
			names = append(names, c.Name)
		case frameworks, programs, venues:
			facts = true
		case matchRuns:
			rarity = true
		}
	}
	if len(names) > 0 {
		if err := next.follow(s, tx, names); err != nil {
			return nil, err
		}
	}
	if facts {
		if err := next.reread(s, tx); err != nil {
			return nil, err
		}
	}
	if rarity {
		if err := next.recount(s, tx); err != nil {
			return nil, err
		}
	}
	return &next, nil
}

// buildLive reads the whole register.
func buildLive(s *Server, tx *store.Tx, revision int32, asOf string) (*liveMarket, error) {
	m := &liveMarket{revision: revision, asOf: asOf}
	list, err := allOf[*tandemv1.Firm](tx, firms)
	if err != nil {
		return nil, err
	}
	if m.dated, err = datedNow(tx); err != nil {
		return nil, err
	}
	facts, err := factsOf(s.catalog, s.partnership, m.dated, asOf)
	if err != nil {
		return nil, err
	}
	profiles, err := profilesOf(s.catalog, s.partnership, list)
	if err != nil {
		return nil, err
	}
	m.scene = newScene(s.catalog, list, m.dated)
	m.firms = m.scene.firms
	if m.market, err = matching.NewMarket(s.catalog, s.weights, matching.Flat(), facts, profiles); err != nil {
		return nil, err
	}
	return m, m.recount(s, tx)
}

// follow takes over changed firms.
func (m *liveMarket) follow(s *Server, tx *store.Tx, names []string) error {
	now := make(map[string]*tandemv1.Firm, len(names))
	var changed []matching.Profile
	var removed []string
	for _, name := range names {
		f := new(tandemv1.Firm)
		err := get(tx, firms, name, f)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err != nil || f.DeleteTime != nil {
			now[firmSlug(name)] = nil
			removed = append(removed, firmSlug(name))
			continue
		}
		now[firmSlug(name)] = f
		profiles, err := profilesOf(s.catalog, s.partnership, []*tandemv1.Firm{f})
		if err != nil {
			return err
		}
		if len(profiles) == 0 {
			removed = append(removed, firmSlug(name))
		}
		changed = append(changed, profiles...)
	}
	market, err := m.market.With(changed, removed)
	if err != nil {
		return err
	}
	m.firms, m.market = m.firms.with(now), market
	m.scene = m.scene.with(m.firms)
	return nil
}

// reread takes over the dated facts.
func (m *liveMarket) reread(s *Server, tx *store.Tx) error {
	d, err := datedNow(tx)
	if err != nil {
		return err
	}
	facts, err := factsOf(s.catalog, s.partnership, d, m.asOf)
	if err != nil {
		return err
	}
	m.market = m.market.WithFacts(facts)
	m.dated, m.scene = d, m.scene.withFacts(d)
	return nil
}

// recount takes over the rarity of the latest finished run.
func (m *liveMarket) recount(s *Server, tx *store.Tx) error {
	run, err := latestFinished(tx)
	if err != nil || run == nil || run.Name == m.rarityRun {
		return err
	}
	snapshot := new(tandemv1.Snapshot)
	if err := get(tx, snapshots, run.Name, snapshot); err != nil {
		return err
	}
	profiles, err := profilesOf(s.catalog, snapshot.Partnership, snapshot.Firms)
	if err != nil {
		return err
	}
	m.market, m.rarityRun = m.market.WithRarity(matching.Count(s.catalog, s.weights, profiles)), run.Name
	return nil
}

// datedNow reads the dated facts of the register.
func datedNow(tx *store.Tx) (d dated, err error) {
	if d.frameworks, err = allOf[*tandemv1.Framework](tx, frameworks); err != nil {
		return d, err
	}
	if d.programs, err = allOf[*tandemv1.Program](tx, programs); err != nil {
		return d, err
	}
	d.venues, err = allOf[*tandemv1.Venue](tx, venues)
	return d, err
}
