package server

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// live is the market of the register as it is now, behind a pointer that questions load and never lock. Whoever writes brings it up
// inside the transaction, from what stands there in the change log, and publishes it the moment that is committed, before anybody is
// told: so a committed write is in the next answer. Where that failed, or nobody has asked yet, the pointer is behind what is
// committed, and the next question follows the log itself: nothing has to be told twice, so nothing can be lost.
type live struct {
	current  atomic.Pointer[liveMarket] // nil until the first question
	turn     chan struct{}              // holds one token: whose turn it is to publish
	patience time.Duration              // how long a question waits for its turn and for the market
	sealing  bool                       // guarded by the turn
	work     sync.WaitGroup             // what builds and seals beside the calls

	imageFrom int                    // from how many firms on there is an image
	imaged    int32                  // the revision of the image that there is
	program   func() (string, error) // which build of this program runs
}

// buildPatience leaves a caller whose market is still being built the time to be told so.
const buildPatience = unaryDeadline / 2

// init makes an empty one.
func (l *live) init() {
	l.turn, l.patience, l.imageFrom, l.program = make(chan struct{}, 1), buildPatience, imageFrom, programDigest
	l.leave()
}

// leave ends a turn.
func (l *live) leave() { l.turn <- struct{}{} }

// liveMarket is the market at one revision. It never changes: an answer that uses one is of one piece.
type liveMarket struct {
	staged
	dated
	firms     *book // deleted ones left out
	revision  int32
	written   int // how many organisations were written since the market was first made
	asOf      string
	rarityRun string // the finished run whose rarity counts, empty before the first
}

// byName lists the market's firms by resource name, those on no side yet too.
func (m *liveMarket) byName() []*tandemv1.Firm {
	return sortedFirms(m.firms.all())
}

// liveNow returns the market as of today, with all that was acknowledged before it is called.
func (s *Server) liveNow(ctx context.Context) (*liveMarket, error) {
	if m := s.live.current.Load(); s.isNow(m) {
		return m, nil
	}
	return s.live.catchUp(ctx, s)
}

// isNow tells whether a market is today's and not behind what is committed.
func (s *Server) isNow(m *liveMarket) bool {
	return m != nil && m.revision >= s.store.Committed() && m.asOf == s.config.Now().UTC().Format(dateOnly)
}

// catchUp waits for the market, or brings it up. What one question builds, all after it use: so it is not given up with the caller
// who happened to ask first, and who cannot wait is told to come again.
func (l *live) catchUp(ctx context.Context, s *Server) (*liveMarket, error) {
	over := time.NewTimer(l.patience)
	defer over.Stop()
	select {
	case <-l.turn:
	case <-over.C:
		return nil, building()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if m := l.current.Load(); s.isNow(m) { // whoever had the turn before brought it
		l.leave()
		return m, nil
	}
	done, from := make(chan error, 1), l.current.Load()
	l.work.Go(func() {
		err := recovered(func() error {
			defer l.leave()
			return l.bringUp(context.WithoutCancel(ctx), s, from)
		})
		done <- err
		if from == nil && err == nil { // the one that was built: nobody else keeps it now
			s.keepImage(context.WithoutCancel(ctx))
		}
	})
	select {
	case err := <-done:
		return l.current.Load(), err
	case <-over.C:
		return nil, building()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// building asks to come again when the market is there.
func building() *Error {
	const wait = 2 * time.Second
	e := unavailable(nil, "error.live.building", int(wait.Seconds()))
	e.RetryAfter = wait
	return e
}

// bringUp publishes the market of what is committed, from an earlier one or, where that is nil, from the whole register. The caller
// has the turn.
func (l *live) bringUp(ctx context.Context, s *Server, from *liveMarket) error {
	return s.store.View(ctx, func(tx *store.Tx) error {
		revision, err := tx.Revision()
		if err != nil {
			return err
		}
		var next *liveMarket
		if from == nil {
			next, err = startLive(s, tx)
		} else {
			next, err = from.advance(s, tx)
		}
		if err != nil {
			return err
		}
		next.revision = revision
		l.publish(s, next)
		return nil
	})
}

// publish gives a market to all questions from now on. The caller has the turn.
func (l *live) publish(s *Server, m *liveMarket) {
	l.current.Store(m)
	l.seal(s)
}

// update is a transaction of the store that the live market follows.
func (s *Server) update(ctx context.Context, write func(*store.Tx) error) error {
	leave := func() {}
	defer func() { leave() }()
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := write(tx); err != nil {
			return err
		}
		leave = s.live.follow(ctx, s, tx)
		return nil
	})
}

// follow prepares the market for what a transaction wrote, and publishes it with the commit. The turn lasts until leave is called. A
// failure is not the writer's: the next question, which finds the market behind, brings it up or says why not.
func (l *live) follow(ctx context.Context, s *Server, tx *store.Tx) (leave func()) {
	if l.current.Load() == nil {
		return func() {} // nobody has asked yet
	}
	select {
	case <-l.turn:
	case <-ctx.Done():
		return func() {} // the commit will not take place either
	}
	err := recovered(func() error {
		next, err := l.current.Load().advance(s, tx)
		if err != nil {
			return err
		}
		tx.OnCommit(func(revision int32) {
			next.revision = revision
			l.publish(s, next)
		})
		return nil
	})
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "following a write", slog.Any("cause", asError(err).Cause))
	}
	return l.leave
}

// sealFrom is how many firms a market may hold loose before it is laid out anew: each search looks at all of them, and laying out costs
// the more the larger the market is.
func sealFrom(market int) int { return min(max(64, market/128), 512) }

// seal lays the market out anew, beside the questions, when writes have left much of it loose. What is written meanwhile is followed
// from the log once more. The caller has the turn.
func (l *live) seal(s *Server) {
	base := *l.current.Load()
	if l.sealing || base.market.Loose() < sealFrom(base.market.Len()) {
		return
	}
	l.sealing = true
	l.work.Go(func() {
		err := recovered(func() error {
			base.market = base.market.Sealed()
			return nil
		})
		<-l.turn
		defer l.leave()
		if err == nil {
			err = recovered(func() error { return l.bringUp(context.Background(), s, &base) })
		}
		if err != nil { // the loose one stays
			s.log.Error("sealing the live market", slog.Any("cause", causeOf(err)))
		}
		l.sealing = false
	})
}

// followed are the kinds of rows that the market is made from.
func followed() []store.Kind {
	return []store.Kind{firms, frameworks, programs, venues, matchRuns}
}

// advance returns the market with what a transaction sees beyond it, as of the transaction's day. Its revision is left to the caller.
func (m *liveMarket) advance(s *Server, tx *store.Tx) (*liveMarket, error) {
	changes, err := tx.Newest(followed(), store.Place{Revision: m.revision}, math.MaxInt)
	if err != nil {
		return nil, err
	}
	next := *m
	next.asOf = tx.Now().UTC().Format(dateOnly)
	facts, rarity := next.asOf != m.asOf, false
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

// buildLive reads the whole register. The revision is left to the caller.
func buildLive(s *Server, tx *store.Tx) (*liveMarket, error) {
	m := &liveMarket{asOf: tx.Now().UTC().Format(dateOnly)}
	list, err := allOf[*tandemv1.Firm](tx, firms)
	if err != nil {
		return nil, err
	}
	if m.dated, err = datedNow(tx); err != nil {
		return nil, err
	}
	facts, err := factsOf(s.catalog, s.partnership, m.dated, m.asOf)
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
	m.firms, m.market, m.written = m.firms.with(now), market, m.written+len(names)
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
