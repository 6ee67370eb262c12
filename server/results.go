package server

import (
	"cmp"
	"context"
	"errors"
	"slices"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// This file keeps the results of runs. They are written while they are computed and read while they are reported, a step at a time, so
// that neither takes memory for all of them nor the register from others. Until its run has finished a result is nobody's, and from
// then on it never changes.

// resultStep is how many results one transaction writes, and resultPage how many one reads.
const (
	resultStep = 250
	resultPage = 500
)

// errNotRunning ends the computation of a run that was cancelled.
var errNotRunning = errors.New("the run is not running any more")

// whileRunning is a transaction of the computation of a run. It writes nothing for one that was cancelled.
func (s *Server) whileRunning(ctx context.Context, name string, do func(*change, *tandemv1.MatchRun) error) error {
	return s.system(ctx, "tandem.v1.MatchRunService/compute", func(c *change) error {
		run := new(tandemv1.MatchRun)
		if err := get(c.Tx, matchRuns, name, run); err != nil {
			return err
		}
		if run.State != tandemv1.MatchRun_RUNNING {
			return errNotRunning
		}
		return do(c, run)
	})
}

// storeResults writes the results of a run and tells how many it has written.
func (s *Server) storeResults(ctx context.Context, run string, found *Matched, written func(n int)) error {
	var step []*tandemv1.Pairing
	n := 0
	flush := func() error {
		err := s.whileRunning(ctx, run, func(c *change, _ *tandemv1.MatchRun) error {
			c.objects = append(c.objects, run)
			for i, p := range step {
				row := store.Row{
					Name: resultName(run, p.Name), Message: &tandemv1.MatchResult{Name: resultName(run, p.Name), Pairing: p},
					Position: int64(n + i), Terms: pairingTerms(p),
				}
				if err := c.Put(results, row); err != nil {
					return err
				}
			}
			return nil
		})
		n += len(step)
		written(n)
		step = step[:0]
		return err
	}
	err := found.Each(ctx, func(p *tandemv1.Pairing) error {
		if step = append(step, p); len(step) < resultStep {
			return nil
		}
		return flush()
	})
	if err != nil || len(step) == 0 {
		return err
	}
	return flush()
}

// clearResults removes the results of a run that has not finished.
func (s *Server) clearResults(ctx context.Context, run string) error {
	for {
		var left []*tandemv1.MatchResult
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			left, _, err = list[*tandemv1.MatchResult](tx, results, store.Query{Parent: run, Limit: resultStep})
			return err
		})
		if err != nil || len(left) == 0 {
			return err
		}
		err = s.system(ctx, "tandem.v1.MatchRunService/compute", func(c *change) error {
			c.objects = append(c.objects, run)
			for _, result := range left {
				if err := c.Delete(results, result.Name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// place is what a result is ordered by in reports.
type place struct {
	name  string // of the pairing
	tier  tandemv1.Pairing_Tier
	score int32
}

// places orders the results of a finished run as reports do: by name where tier and score are the same.
func (s *Server) places(ctx context.Context, run string) ([]place, error) {
	var order []place
	query := store.Query{Parent: run, OrderBy: store.ByPosition, Limit: resultPage}
	for {
		err := s.store.View(ctx, func(tx *store.Tx) error {
			page, next, err := list[*tandemv1.MatchResult](tx, results, query)
			for _, r := range page {
				order = append(order, place{r.Pairing.Name, r.Pairing.Tier, r.Pairing.Score})
			}
			query.After = next
			return err
		})
		if err != nil {
			return nil, err
		}
		if query.After == "" {
			break
		}
	}
	slices.SortFunc(order, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(b.score, a.score), cmp.Compare(a.name, b.name))
	})
	return order, nil
}

// source gives the results of a finished run to reports. It reads what they are ordered by first, once, and each result when it is
// asked for.
func (s *Server) source(ctx context.Context, run string) report.Source {
	var order []place
	return func(wanted func(i int) bool, visit func(i int, p *tandemv1.Pairing) error) error {
		if order == nil {
			var err error
			if order, err = s.places(ctx, run); err != nil {
				return err
			}
		}
		for from := 0; from < len(order); from += resultPage {
			var page []*tandemv1.MatchResult
			var at []int
			err := s.store.View(ctx, func(tx *store.Tx) error {
				page, at = nil, nil
				for i := from; i < min(from+resultPage, len(order)); i++ {
					if wanted != nil && !wanted(i) {
						continue
					}
					result := new(tandemv1.MatchResult)
					if err := tx.Get(results, resultName(run, order[i].name), result); err != nil {
						return err
					}
					page, at = append(page, result), append(at, i)
				}
				return nil
			})
			if err != nil {
				return err
			}
			for i, result := range page {
				if err := visit(at[i], result.Pairing); err != nil {
					return err
				}
			}
		}
		return nil
	}
}
