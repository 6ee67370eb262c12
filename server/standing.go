package server

import (
	"context"
	"slices"
	"sync"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// standingLists are the lists of everybody, kept beside the live market for those who watch one of them. They are computed by one
// goroutine, with one worker, when somebody watches: what writes have gathered meanwhile is followed at once, and neither a write nor any
// other question waits for it. A register that nobody watches pays nothing.
type standingLists struct {
	limit   int // of organisations; see maxStanding
	mu      sync.Mutex
	latest  *listing   // nil before the first
	since   int32      // from this revision on the history tells every change
	history []step     // oldest first
	running *following // nil if no work is under way
	work    sync.WaitGroup
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
}

// maxStanding is how large a register may be for lists of everybody, whose number of pairs grows with its square; maxSteps is how many
// steps of them are remembered.
const (
	maxStanding = 100_000
	maxSteps    = 1024
)

// at returns lists of a market that is not behind what was acknowledged before the call. It waits until they are there.
func (l *standingLists) at(ctx context.Context, s *Server) (*listing, error) {
	now, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	for {
		if n := now.market.Len(); n > l.limit {
			return nil, precondition(tandemv1.Reason_REGISTER_TOO_LARGE, "", "error.standing.limit", n, l.limit)
		}
		found, running := l.reach(now, s)
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
	}
}

// reach returns the lists if they are as new as a market, or the work that may bring them there.
func (l *standingLists) reach(m *liveMarket, s *Server) (*listing, *following) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.latest != nil && l.latest.revision >= m.revision {
		return l.latest, nil
	}
	if l.running == nil {
		from, w := l.latest, &following{ended: make(chan struct{})}
		l.running = w
		l.work.Go(func() {
			next, moved, err := s.followLists(from, m)
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.running, w.err = nil, err; err == nil {
				l.take(next, moved)
			}
			close(w.ended)
		})
	}
	return nil, l.running
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
	if l.latest == nil {
		l.latest, l.since = next, next.revision
		return
	}
	if len(moved) > 0 {
		before := make(map[string][]string, len(moved))
		for _, id := range moved {
			before[id] = idsOf(l.latest.lists.Places(id))
		}
		l.history = append(l.history, step{next.revision, before})
	}
	if n := len(l.history) - maxSteps; n > 0 {
		l.since = l.history[n-1].revision
		l.history = slices.Clone(l.history[n:])
	}
	l.latest = next
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
	if revision < l.since || revision > l.latest.revision {
		return nil, false, revisionGone(revision, l.since, l.latest.revision)
	}
	for _, step := range l.history {
		if ids, changed := step.before[id]; changed && step.revision > revision && step.revision <= now.revision {
			return ids, true, nil
		}
	}
	return idsOf(now.lists.Places(id)), false, nil
}

// of returns the lists of a market, nil if there are none of this very one.
func (l *standingLists) of(m *matching.Market) *matching.Standing {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.latest == nil || l.latest.lists.Market() != m {
		return nil
	}
	return l.latest.lists
}
