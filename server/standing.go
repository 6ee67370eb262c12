package server

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// standingLists are the lists of everybody, kept beside the live market: a question finds ranks in them that it would have to search for,
// and who watches one is told when it becomes another. They are computed by one goroutine, with one worker, and what writes have gathered
// meanwhile is followed at once; neither a write nor a question waits for it. They are made after the first question and followed for
// who watches at once, for questions when as many had to search as organisations changed: then following, which costs about a search
// or ten for each, is worth it. A register that nobody asks pays nothing, and one that changes faster than it is asked next to nothing.
type standingLists struct {
	limit    int                     // of organisations; see maxStanding
	latest   atomic.Pointer[listing] // nil before the first; stored under the lock
	searched atomic.Int64            // questions that no lists served since there were new ones
	work     sync.WaitGroup

	mu      sync.Mutex
	watched bool       // somebody has asked what became of a list
	since   int32      // from this revision on the history tells every change
	history []step     // oldest first
	running *following // nil if no work is under way
}

// following is work on lists, and what it ended with.
type following struct {
	ended chan struct{}
	err   error // once it has ended
}

// listing is a live market with the lists of everybody in it.
type listing struct {
	*liveMarket
	lists *matching.Standing
}

// step is how the lists came to a revision: of those whose list became another one, the counterparts that were in it before.
type step struct {
	revision int32
	before   map[string][]string
	ids      int // how many are in it, those whose lists they are included
}

// maxStanding is how large a register may be for lists of everybody, whose number of pairs grows with its square; maxSteps and
// maxRemembered are how many steps of them are remembered, and how many ids in all.
const (
	maxStanding   = 100_000
	maxSteps      = 1024
	maxRemembered = 1_000_000
)

// at returns lists as of today that are not behind what was acknowledged before the call. It waits until they are there.
func (l *standingLists) at(ctx context.Context, s *Server) (*listing, error) {
	now, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	for revision := now.revision; ; {
		if n := now.market.Len(); n > l.limit {
			return nil, precondition(tandemv1.Reason_REGISTER_TOO_LARGE, "", "error.standing.limit", n, l.limit)
		}
		found, running := l.reach(revision, now.asOf, s)
		if found != nil {
			return found, nil
		}
		select {
		case <-running.ended:
			if running.err != nil {
				return nil, running.err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.dismissed:
			return nil, stopping()
		}
		if now, err = s.liveNow(ctx); err != nil { // the day may be another by now
			return nil, err
		}
	}
}

// reach returns the lists if they are as new as a revision and as of a day, or the work that may bring them there. A new day is no new
// revision, so there may be several listings of one; their places are the same.
func (l *standingLists) reach(revision int32, day string, s *Server) (*listing, *following) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watched = true
	if latest := l.latest.Load(); latest != nil && latest.revision >= revision && latest.asOf == day {
		return latest, nil
	}
	if l.running == nil {
		l.begin(s.live.current.Load(), s) // never behind the lists that there are, as a market that was found before the lock may be
	}
	return nil, l.running
}

// begin has the lists follow a market, beside the calls. The caller holds the lock, and no such work is under way.
func (l *standingLists) begin(m *liveMarket, s *Server) {
	from, w := l.latest.Load(), &following{ended: make(chan struct{})}
	l.running = w
	l.work.Go(func() {
		next, moved, err := s.followLists(from, m)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running, w.err = nil, err
		l.searched.Store(0)
		switch {
		case err == nil:
			l.take(next, moved)
		case !s.stopped():
			s.log.Error("following the live market with everybody's list", slog.Any("cause", asError(err).Cause))
		}
		close(w.ended)
	})
}

// followLists computes the lists of a market, from earlier ones where there are any. It ends with the server.
func (s *Server) followLists(from *listing, m *liveMarket) (next *listing, moved []string, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	var watch sync.WaitGroup
	defer watch.Wait()
	defer cancel()
	watch.Go(func() {
		select {
		case <-s.dismissed:
			cancel()
		case <-ctx.Done():
		}
	})
	err = recovered(func() (err error) {
		next = &listing{liveMarket: m}
		if from == nil {
			next.lists, err = m.market.Standing(ctx, matching.RunOptions{Top: defaultTop})
		} else {
			next.lists, moved, err = from.lists.With(ctx, m.market)
		}
		return err
	})
	if ctx.Err() != nil {
		err = stopping()
	}
	return next, moved, err
}

// take makes lists the latest and notes what they replace. The caller holds the lock.
func (l *standingLists) take(next *listing, moved []string) {
	latest := l.latest.Load()
	l.latest.Store(next)
	if latest == nil || !l.watched {
		l.since = next.revision
		return
	}
	if len(moved) > 0 {
		before := make(map[string][]string, len(moved))
		for _, id := range moved {
			before[id] = idsOf(latest.lists.Places(id))
		}
		l.remember(next.revision, before)
	}
}

// remember adds a step to the history and forgets the oldest ones that are too many. The caller holds the lock.
func (l *standingLists) remember(revision int32, before map[string][]string) {
	added := step{revision, before, len(before)}
	for _, list := range before {
		added.ids += len(list)
	}
	l.history = append(l.history, added)
	keep, ids := len(l.history), 0
	for keep > 0 && len(l.history)-keep < maxSteps && ids+l.history[keep-1].ids <= maxRemembered {
		keep--
		ids += l.history[keep].ids
	}
	if keep > 0 {
		l.since = l.history[keep-1].revision
		l.history = append([]step(nil), l.history[keep:]...) // even where none is left, the forgotten ones are let go
	}
}

func idsOf(places []matching.Place) []string {
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	return ids
}

// listAt tells who was in an organisation's list at a revision, and whether the list became another one since. It refuses a revision
// that nobody remembers.
func (l *standingLists) listAt(now *listing, id string, revision int32) (ids []string, moved bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if newest := l.latest.Load().revision; revision < l.since || revision > newest {
		return nil, false, revisionGone(revision, l.since, newest)
	}
	for _, step := range l.history {
		if ids, changed := step.before[id]; changed && step.revision > revision && step.revision <= now.revision {
			return ids, true, nil
		}
	}
	return idsOf(now.lists.Places(id)), false, nil
}

// of returns the lists of a market, nil if there are none of this very one, and waits for nothing.
func (l *standingLists) of(m *liveMarket, s *Server) *matching.Standing {
	latest := l.latest.Load()
	if latest != nil && latest.market == m.market {
		return latest.lists
	}
	if searched := l.searched.Add(1); m.market.Len() <= l.limit && (latest == nil || searched > int64(m.changesSince(latest))) {
		l.wanted(s)
	}
	return nil
}

// changesSince counts organisations that were written since there were lists, at most as many as make following no dearer.
func (m *liveMarket) changesSince(latest *listing) int {
	return min(m.written-latest.written, m.market.Len()/4)
}

// wanted has the lists follow the market unless somebody else is about to.
func (l *standingLists) wanted(s *Server) {
	if s.stopped() || !l.mu.TryLock() {
		return
	}
	defer l.mu.Unlock()
	now, latest := s.live.current.Load(), l.latest.Load()
	if now == nil || l.running != nil || latest != nil && (latest.market == now.market || latest.revision > now.revision) {
		return
	}
	l.begin(now, s)
}

// stopped tells whether the server has begun to stop.
func (s *Server) stopped() bool {
	select {
	case <-s.dismissed:
		return true
	default:
		return false
	}
}
