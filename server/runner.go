package server

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// maxQueued is how many runs may wait behind the one that runs.
const maxQueued = 8

// runner computes match runs, one at a time, in the order in which they were asked for. What it has to do stands in the store: a
// run that a stopped server left is taken up again when the next one opens.
type runner struct {
	server *Server
	wake   chan struct{}
	done   sync.WaitGroup

	mu       sync.Mutex
	queue    []string
	running  string
	stopRun  context.CancelFunc
	progress map[string][2]int
	ended    map[string]chan struct{} // closed when a run has ended
}

func newRunner(s *Server) *runner {
	return &runner{server: s, wake: make(chan struct{}, 1), progress: make(map[string][2]int), ended: make(map[string]chan struct{})}
}

// admit refuses a run while as many wait as may.
func admit(tx *store.Tx) error {
	waiting, err := tx.Count(matchRuns, store.Query{Filter: store.Term("state=QUEUED"), Limit: 1})
	if err == nil && waiting >= maxQueued {
		return tooMany(30*time.Second, "error.run.queue", waiting)
	}
	return err
}

// add queues a run that is in the store.
func (r *runner) add(name string) {
	r.mu.Lock()
	r.queue = append(r.queue, name)
	r.ended[name] = make(chan struct{})
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
}

// cancel stops a run that waits or runs. Its state is the caller's business.
func (r *runner) cancel(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == name {
		r.stopRun()
	}
	if i := slices.Index(r.queue, name); i >= 0 {
		r.queue = slices.Delete(r.queue, i, i+1)
		close(r.ended[name])
		delete(r.ended, name)
	}
}

// progressOf is how many firms of how many a run has done.
func (r *runner) progressOf(name string) (done, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.progress[name]
	return p[0], p[1]
}

// wait returns when a run has ended here, or the context has.
func (r *runner) wait(ctx context.Context, name string) {
	r.mu.Lock()
	ended := r.ended[name]
	r.mu.Unlock()
	if ended == nil {
		return
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// start takes up what an earlier server left, and works until the context ends.
func (r *runner) start(ctx context.Context) error {
	err := r.server.store.View(ctx, func(tx *store.Tx) error {
		waiting := store.Or{store.Term("state=QUEUED"), store.Term("state=RUNNING")}
		left, _, err := list[*tandemv1.MatchRun](tx, matchRuns, store.Query{OrderBy: store.ByPosition, Desc: true, Filter: waiting, Limit: 2 * maxQueued})
		for _, run := range left {
			r.add(run.Name)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.done.Go(func() { r.work(ctx) })
	return nil
}

func (r *runner) work(ctx context.Context) {
	r.sweep(ctx)
	for {
		name, runCtx := r.next(ctx)
		if name == "" {
			select {
			case <-r.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		start := r.server.config.Now()
		err := r.compute(runCtx, name)
		r.server.metrics.run(outcomeOf(runCtx, err), r.server.config.Now().Sub(start))
		if err != nil && runCtx.Err() == nil && !errors.Is(err, errNotRunning) {
			r.server.log.ErrorContext(ctx, "match run", slog.String("match_run", name), slog.String("cause", err.Error()))
			r.fail(ctx, name)
		}
		if err != nil {
			r.clear(ctx, name)
		}
		r.end(name)
		if ctx.Err() != nil {
			return // the run stays as it is and is taken up at the next start
		}
	}
}

// outcomeOf is how a run ended, in a word.
func outcomeOf(ctx context.Context, err error) string {
	switch {
	case ctx.Err() != nil, errors.Is(err, errNotRunning):
		return "stopped"
	case err != nil:
		return "failed"
	}
	return "computed"
}

// next takes the first waiting run.
func (r *runner) next(ctx context.Context) (string, context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 || ctx.Err() != nil {
		return "", nil
	}
	r.running, r.queue = r.queue[0], r.queue[1:]
	runCtx, cancel := context.WithCancel(ctx)
	r.stopRun = cancel
	return r.running, runCtx
}

func (r *runner) end(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopRun()
	r.running = ""
	delete(r.progress, name)
	close(r.ended[name])
	delete(r.ended, name)
}

// compute computes a run and stores its results. Cancelled ones are left alone.
func (r *runner) compute(ctx context.Context, name string) error {
	s := r.server
	snapshot := new(tandemv1.Snapshot)
	if started, err := r.begin(ctx, name, snapshot); err != nil || !started {
		return err
	}
	if err := s.clearResults(ctx, name); err != nil { // of a server that was stopped
		return err
	}
	firms := 0
	found, err := Rank(ctx, s.catalog, snapshot, MatchOptions{Progress: func(done, total int) {
		firms = total
		r.advance(name, done/2, total)
	}})
	if err != nil {
		return err
	}
	err = s.storeResults(ctx, name, found, func(written int) { r.advance(name, firms/2+(firms-firms/2)*written/found.Len(), firms) })
	if err != nil {
		return err
	}
	return s.whileRunning(ctx, name, func(c *change, run *tandemv1.MatchRun) error {
		run.State, run.EndTime = tandemv1.MatchRun_SUCCEEDED, timestamppb.New(c.Now())
		run.Results = int32(found.Len()) //nolint:gosec // at most 5 million
		return c.putRun(run)
	})
}

// advance tells how far a run is. An organisation is half done when its list is found, and done when its share of the results is
// written, which takes about as long.
func (r *runner) advance(name string, done, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress[name] = [2]int{done, total}
}

// fail ends a run that could not be computed or written back, so that nobody waits for it.
func (r *runner) fail(ctx context.Context, name string) {
	err := r.server.system(ctx, "tandem.v1.MatchRunService/compute", func(c *change) error {
		run := new(tandemv1.MatchRun)
		if err := get(c.Tx, matchRuns, name, run); err != nil {
			return err
		}
		if run.State != tandemv1.MatchRun_QUEUED && run.State != tandemv1.MatchRun_RUNNING {
			return nil
		}
		run.State, run.EndTime = tandemv1.MatchRun_FAILED, timestamppb.New(c.Now())
		run.Failure = "internal error; the server's log has the cause under the run's name"
		return c.putRun(run)
	})
	if err != nil { // the store does not take it: the next start takes the run up again
		r.server.log.ErrorContext(ctx, "match run", slog.String("match_run", name), slog.String("cause", err.Error()))
	}
}

// sweep removes what an earlier server's runs that came to nothing have left.
func (r *runner) sweep(ctx context.Context) {
	ended := store.Query{Filter: store.Or{store.Term("state=CANCELLED"), store.Term("state=FAILED")}, Limit: maxPage}
	for {
		var runs []*tandemv1.MatchRun
		err := r.server.store.View(ctx, func(tx *store.Tx) (err error) {
			runs, ended.After, err = list[*tandemv1.MatchRun](tx, matchRuns, ended)
			return err
		})
		for _, run := range runs {
			r.clear(ctx, run.Name)
		}
		if err != nil && ctx.Err() == nil {
			r.server.log.ErrorContext(ctx, "removing what ended runs have left", slog.String("cause", err.Error()))
		}
		if err != nil || ended.After == "" {
			return
		}
	}
}

// clear removes what a run that came to nothing has written. What it leaves nobody sees.
func (r *runner) clear(ctx context.Context, name string) {
	if err := r.server.clearResults(ctx, name); err != nil && ctx.Err() == nil {
		r.server.log.ErrorContext(ctx, "match run", slog.String("match_run", name), slog.String("cause", err.Error()))
	}
}

// begin marks a run as running and reads its snapshot; started is false for one that was cancelled meanwhile.
func (r *runner) begin(ctx context.Context, name string, snapshot *tandemv1.Snapshot) (started bool, err error) {
	err = r.server.system(ctx, "tandem.v1.MatchRunService/compute", func(c *change) error {
		started = false
		run := new(tandemv1.MatchRun)
		if err := get(c.Tx, matchRuns, name, run); err != nil {
			return err
		}
		if run.State != tandemv1.MatchRun_QUEUED && run.State != tandemv1.MatchRun_RUNNING {
			return nil
		}
		started = true
		run.State = tandemv1.MatchRun_RUNNING
		if err := get(c.Tx, snapshots, name, snapshot); err != nil {
			return err
		}
		return c.putRun(run)
	})
	return started, err
}

// system runs a change that no caller asked for.
func (s *Server) system(ctx context.Context, method string, run func(*change) error) error {
	return s.update(ctx, func(tx *store.Tx) error {
		c := &change{Tx: tx, caller: access.Caller{Credential: "system"}}
		var err error
		if c.revision, err = tx.Revision(); err != nil {
			return err
		}
		if err := run(c); err != nil {
			return err
		}
		return tx.Audit(c.entry(ctx, method))
	})
}
