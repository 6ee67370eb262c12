package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// liveLoad writes and asks, both at a fixed pace: how long a call took counts from when it was due, so that a slow answer is not made
// up for by asking less.
type liveLoad struct {
	*live
	acknowledged atomic.Int32 // the newest revision whose writer has been told of it

	mu              sync.Mutex // guards what follows
	writes, answers []time.Duration
	stale           int
	kept            []keptAnswer
}

// keptAnswer is an answer as far as the plain scorer can tell it too.
type keptAnswer struct {
	firm     string
	revision int32
	list     []listed
}

// listed is a place in a list.
type listed struct {
	id    string
	tier  int
	score int32
}

// writers is how many commits may be under way.
const writers = 4

// fill imports everybody as they are at first.
func (l *liveLoad) fill(ctx context.Context, conn *grpc.ClientConn) error {
	all := make([]int, len(l.history.profiles))
	for i := range all {
		all[i] = i
	}
	for part := range slices.Chunk(all, 1000) {
		if err := l.write(ctx, conn, part); err != nil {
			return err
		}
	}
	return nil
}

// write has one commit bring a new version of some organisations.
func (l *liveLoad) write(ctx context.Context, conn *grpc.ClientConn, firms []int) error {
	versions, file, err := l.history.next(firms)
	if err != nil {
		return err
	}
	answer, err := importFirms(ctx, conn, file)
	if err != nil {
		return err
	}
	if changed := int(answer.Created + answer.Updated); changed != len(firms) {
		return fmt.Errorf("a commit changed %d of %d organisations", changed, len(firms))
	}
	l.history.written(answer.Revision, versions)
	for before := l.acknowledged.Load(); before < answer.Revision && !l.acknowledged.CompareAndSwap(before, answer.Revision); {
		before = l.acknowledged.Load()
	}
	return nil
}

// batchOf are the organisations of a commit: all of them come in turn, none twice in one.
func (l *liveLoad) batchOf(i, batch int) []int {
	size := len(l.history.profiles)
	firms := make([]int, min(batch, size))
	for j := range firms {
		firms[j] = int(int64(i*batch+j) % int64(size) * stride(size) % int64(size))
	}
	return firms
}

// affordable measures for two seconds how many commits of one organisation each there is room for, and chooses how many updates a commit
// carries: as a system does that sends what changed since the last time it sent. Half of the room is left to the questions.
func (l *liveLoad) affordable(ctx context.Context, conn *grpc.ClientConn) (int, error) {
	const lasts = 2 * time.Second
	var done atomic.Int64
	watch := startWatch()
	group, ctx := errgroup.WithContext(ctx)
	for range writers {
		group.Go(func() error {
			for watch.now() < lasts {
				if err := l.write(ctx, conn, l.batchOf(int(done.Add(1)), 1)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	l.singles = float64(done.Load()) / watch.now().Seconds()
	return max(1, int(2*float64(l.rate)/l.singles+0.999)), err
}

// watch is a clock on the wall: how long callers wait is what is measured here.
type watch struct{ start time.Time }

func startWatch() watch { return watch{time.Now()} } //nolint:forbidigo // no transaction, and nothing that is computed depends on it

func (w watch) now() time.Duration { return time.Since(w.start) } //nolint:forbidigo // as above

// run writes and asks at the same time.
func (l *liveLoad) run(ctx context.Context, conn *grpc.ClientConn) error {
	watch := startWatch()
	group, ctx := errgroup.WithContext(ctx)
	paced := func(workers int, every time.Duration, do func(i int) (*[]time.Duration, error)) {
		var next atomic.Int64
		for range workers {
			group.Go(func() error {
				for {
					i := next.Add(1) - 1
					due := time.Duration(i) * every
					if due >= l.lasts {
						return nil
					}
					time.Sleep(due - watch.now())
					kind, err := do(int(i))
					if err != nil || ctx.Err() != nil {
						return err
					}
					l.mu.Lock()
					*kind = append(*kind, watch.now()-due)
					l.mu.Unlock()
				}
			})
		}
	}
	paced(writers, time.Duration(l.batch)*time.Second/time.Duration(l.rate), func(i int) (*[]time.Duration, error) {
		return &l.writes, l.write(ctx, conn, l.batchOf(i, l.batch))
	})
	clients := make(chan tandemv1.PairingServiceClient, l.clients)
	for range l.clients {
		own, err := l.dial()
		if err != nil {
			return err
		}
		defer own.Close() //nolint:errcheck // the process ends soon
		clients <- tandemv1.NewPairingServiceClient(own)
	}
	paced(l.clients, time.Second/time.Duration(l.asks), func(i int) (*[]time.Duration, error) {
		client := <-clients
		defer func() { clients <- client }()
		return &l.answers, l.question(ctx, client, l.history.profiles[l.batchOf(7*i, 1)[0]].ID)
	})
	return group.Wait()
}

// question asks for the partners of one organisation.
func (l *liveLoad) question(ctx context.Context, client tandemv1.PairingServiceClient, id string) error {
	acknowledged := l.acknowledged.Load()
	answer, err := client.FindPartners(ctx, &tandemv1.FindPartnersRequest{Firm: "firms/" + id})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer.Revision < acknowledged {
		l.stale++
	}
	l.kept = append(l.kept, keptAnswer{firm: id, revision: answer.Revision, list: listOf(id, answer)})
	return nil
}

// listOf is the list in an answer.
func listOf(id string, answer *tandemv1.FindPartnersResponse) []listed {
	var list []listed
	for _, p := range answer.Pairings {
		other := p.First.Name
		if other == "firms/"+id {
			other = p.Second.Name
		}
		list = append(list, listed{other[len("firms/"):], int(p.Tier), p.Score})
	}
	return list
}
