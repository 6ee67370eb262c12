package server

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// This file publishes runs. The published pairings are the results of the published run, seen through one row that says which run it
// is: whoever reads pairings sees a publication whole or not at all, however long it is. Other systems hear of each pairing by the
// feed, which tells rows that changed; so each published pairing has a small row too. Those are written after the publication, in
// steps that keep nobody waiting, and until the last one the feed ends before it. A stopped server goes on where it finds them.

// publications is the kind of the one row that says which run is published. Its message is that run as it was published; its position
// is the revision from which on the feed waits, 0 where it waits for nothing.
const publications store.Kind = "publications"

const publicationName = "publications/current"

// publication is what the row says.
type publication struct {
	run  *tandemv1.MatchRun // nil before the first
	held int32              // the feed ends before this revision; 0 where it does not wait
}

// publish makes a run the published one.
func (c *change) publish(run *tandemv1.MatchRun) error {
	before, err := publicationOf(c.Tx)
	if err != nil {
		return err
	}
	held := before.held
	if held == 0 {
		held = c.revision
	}
	return c.Put(publications, store.Row{Name: publicationName, Message: run, Position: int64(held)})
}

// publicationOf reads the publication. A register of before there was such a row names its run in each of its pairings.
func publicationOf(tx *store.Tx) (publication, error) {
	row, err := tx.Row(publications, publicationName)
	if err == nil {
		return publication{run: row.Message.(*tandemv1.MatchRun), held: int32(row.Position)}, nil //nolint:gosec // a revision
	}
	if !errors.Is(err, store.ErrNotFound) {
		return publication{}, err
	}
	rows, _, err := list[*tandemv1.Pairing](tx, pairings, store.Query{Limit: 1})
	if err != nil || len(rows) == 0 {
		return publication{}, err
	}
	run := new(tandemv1.MatchRun)
	err = get(tx, matchRuns, store.ParentOf(rows[0].Result), run)
	return publication{run: run}, err
}

// published shows a result as a published pairing.
func (p publication) published(r *tandemv1.MatchResult) *tandemv1.Pairing {
	pairing := r.Pairing
	pairing.Result, pairing.PublishTime = r.Name, p.run.PublishTime
	return pairing
}

// pairing reads a published pairing.
func (p publication) pairing(tx *store.Tx, name string) (*tandemv1.Pairing, error) {
	if p.run == nil {
		return nil, notFound(name)
	}
	result := new(tandemv1.MatchResult)
	err := tx.Get(results, resultName(p.run.Name, name), result)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound(name)
	}
	if err != nil {
		return nil, err
	}
	return p.published(result), nil
}

// resultName is the name of the result of a run that a pairing has.
func resultName(run, pairing string) string {
	return run + "/results/" + strings.TrimPrefix(pairing, "pairings/")
}

// toldPairing reads the pairing that a row of the feed stands for. Its result stays as long as the register.
func toldPairing(tx *store.Tx, name string, into *tandemv1.Pairing) error {
	if err := tx.Get(pairings, name, into); err != nil {
		return err
	}
	result, run := new(tandemv1.MatchResult), new(tandemv1.MatchRun)
	if err := tx.Get(results, into.Result, result); err != nil {
		return err
	}
	if err := tx.Get(matchRuns, store.ParentOf(into.Result), run); err != nil {
		return err
	}
	proto.Reset(into)
	proto.Merge(into, publication{run: run}.published(result))
	return nil
}

// teller writes the rows by which the feed tells a publication.
type teller struct {
	server *Server
	wake   chan struct{}
	done   sync.WaitGroup
}

func newTeller(s *Server) *teller {
	return &teller{server: s, wake: make(chan struct{}, 1)}
}

// tellingStep is how many pairings one transaction tells.
const tellingStep = 500

// retell is how long a teller waits after a failure.
const retell = time.Minute

// start goes on with what an earlier server left, and works until the context ends.
func (t *teller) start(ctx context.Context) {
	t.ask()
	t.done.Go(func() {
		for {
			var again <-chan time.Time
			if err := t.tell(ctx); err != nil && ctx.Err() == nil {
				t.server.log.ErrorContext(ctx, "telling a publication", slog.String("cause", err.Error()))
				again = time.After(retell)
			}
			select {
			case <-t.wake:
			case <-again:
			case <-ctx.Done():
				return
			}
		}
	})
}

// ask has the teller look for something to tell.
func (t *teller) ask() {
	select {
	case t.wake <- struct{}{}:
	default: // it is awake
	}
}

// wait returns when everything published is told, or the context has ended.
func (t *teller) wait(ctx context.Context) {
	for {
		changed, held := t.server.store.Changed(), int32(0)
		err := t.server.store.View(ctx, func(tx *store.Tx) error {
			p, err := publicationOf(tx)
			held = p.held
			return err
		})
		if err != nil || held == 0 {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// errElse ends the telling of a run in whose place another one was published.
var errElse = errors.New("another run is published")

// tell writes what is not told yet: first the pairings of the published run, then that those of earlier ones are gone. What is told
// already is left alone, so it can be begun again at any time.
func (t *teller) tell(ctx context.Context) error {
	for {
		var p publication
		err := t.server.store.View(ctx, func(tx *store.Tx) (err error) {
			p, err = publicationOf(tx)
			return err
		})
		if err != nil || p.held == 0 {
			return err
		}
		err = t.steps(ctx, p.run.Name, putTold)
		if err == nil {
			err = t.steps(ctx, p.run.Name, dropTold)
		}
		if err == nil {
			err = t.step(ctx, p.run.Name, func(c *change) error {
				return c.Put(publications, store.Row{Name: publicationName, Message: p.run})
			})
		}
		if !errors.Is(err, errElse) {
			return err
		}
	}
}

// step is one transaction of the telling of a run.
func (t *teller) step(ctx context.Context, run string, do func(*change) error) error {
	return t.server.system(ctx, "tandem.v1.MatchRunService/publish", func(c *change) error {
		switch p, err := publicationOf(c.Tx); {
		case err != nil:
			return err
		case p.run.Name != run:
			return errElse
		}
		c.objects = append(c.objects, run)
		return do(c)
	})
}

// steps calls do, a page at a time, until there is no next one.
func (t *teller) steps(ctx context.Context, run string, do func(c *change, run, after string) (next string, err error)) error {
	for after := ""; ; {
		var next string
		err := t.step(ctx, run, func(c *change) (err error) {
			next, err = do(c, run, after)
			return err
		})
		if err != nil || next == "" {
			return err
		}
		after = next
	}
}

// putTold gives a page of the results of a run their rows.
func putTold(c *change, run, after string) (next string, err error) {
	page, next, err := list[*tandemv1.MatchResult](c.Tx, results, store.Query{Parent: run, OrderBy: store.ByPosition, After: after, Limit: tellingStep})
	for _, result := range page {
		told, name := new(tandemv1.Pairing), result.Pairing.Name
		switch err := c.Get(pairings, name, told); {
		case err == nil && told.Result == result.Name:
			continue
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return "", err
		}
		if err := c.Put(pairings, store.Row{Name: name, Message: &tandemv1.Pairing{Name: name, Result: result.Name}}); err != nil {
			return "", err
		}
	}
	return next, err
}

// dropTold removes, of a page of rows, those that are not of a run.
func dropTold(c *change, run, after string) (next string, err error) {
	page, next, err := list[*tandemv1.Pairing](c.Tx, pairings, store.Query{After: after, Limit: tellingStep})
	for _, told := range page {
		if store.ParentOf(told.Result) == run {
			continue
		}
		if err := c.Delete(pairings, told.Name); err != nil {
			return "", err
		}
	}
	return next, err
}
