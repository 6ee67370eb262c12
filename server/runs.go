package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// dateOnly is how dates are written.
const dateOnly = time.DateOnly

type matchRunService struct {
	tandemv1.UnimplementedMatchRunServiceServer
	*Server
}

// CreateMatchRun takes a snapshot of the register and queues its computation.
func (s matchRunService) CreateMatchRun(ctx context.Context, r *tandemv1.CreateMatchRunRequest) (*longrunningpb.Operation, error) {
	asked := r.GetMatchRun()
	if asked.GetAsOf() != "" {
		if _, err := matching.ParseDate(asked.GetAsOf()); err != nil {
			return nil, invalid("match_run.as_of", "error.date", asked.AsOf)
		}
	}
	run := new(tandemv1.MatchRun)
	replayed, err := write(ctx, s.Server, r, run, func(c *change) error {
		if err := admit(c.Tx); err != nil {
			return err
		}
		snapshot, err := s.snapshot(c, asked)
		if err != nil {
			return err
		}
		sides := sidesOf(s.partnership, snapshot.Firms)
		if err := noFirms(s.partnership, sides); err != nil {
			return err
		}
		id, err := randomID()
		if err != nil {
			return err
		}
		digest, err := Digest(snapshot)
		if err != nil {
			return err
		}
		proto.Merge(run, &tandemv1.MatchRun{
			Name: "matchRuns/" + id, Top: snapshot.Top, AsOf: snapshot.AsOf, State: tandemv1.MatchRun_QUEUED, Operation: "operations/" + id,
			SnapshotDigest: digest, Revision: c.revision - 1, FirstFirms: sides[0], SecondFirms: sides[1], CreateTime: timestamppb.New(c.Now()),
		})
		if err := c.Put(snapshots, store.Row{Name: run.Name, Message: snapshot}); err != nil {
			return err
		}
		return c.putRun(run)
	})
	if err != nil {
		return nil, err
	}
	if !replayed {
		s.runner.add(run.Name)
	} else if run, err = s.run(ctx, run.Name); err != nil {
		return nil, err
	}
	return s.operation(run)
}

// randomID is an id of a run: nothing in it but chance.
func randomID() (string, error) {
	raw := make([]byte, 10)
	_, err := rand.Read(raw)
	return strings.ToLower(base32.StdEncoding.EncodeToString(raw)), err
}

// snapshot takes everything that a run depends on.
func (s *Server) snapshot(c *change, asked *tandemv1.MatchRun) (*tandemv1.Snapshot, error) {
	list, err := allOf[*tandemv1.Firm](c.Tx, firms)
	if err != nil {
		return nil, err
	}
	d, err := datedNow(c.Tx)
	if err != nil {
		return nil, err
	}
	asOf := asked.GetAsOf()
	if asOf == "" {
		asOf = c.Now().UTC().Format(dateOnly)
	}
	return snapshotOf(s.catalog, s.partnership, list, d, asOf, asked.GetTop())
}

func (c *change) putRun(run *tandemv1.MatchRun) error {
	return c.put(matchRuns, store.Row{
		Name: run.Name, Message: run, Terms: []string{"state=" + run.State.String()},
		Position: -run.CreateTime.AsTime().UnixMicro(), // newest first
	})
}

// run reads a run.
func (s *Server) run(ctx context.Context, name string) (*tandemv1.MatchRun, error) {
	run := new(tandemv1.MatchRun)
	return run, s.store.View(ctx, func(tx *store.Tx) error { return get(tx, matchRuns, name, run) })
}

// GetMatchRun reads one run.
func (s matchRunService) GetMatchRun(ctx context.Context, r *tandemv1.GetMatchRunRequest) (*tandemv1.MatchRun, error) {
	return s.run(ctx, r.Name)
}

// ListMatchRuns lists runs, newest first.
func (s matchRunService) ListMatchRuns(ctx context.Context, r *tandemv1.ListMatchRunsRequest) (*tandemv1.ListMatchRunsResponse, error) {
	caller := access.FromContext(ctx)
	after, err := s.after(caller, r)
	if err != nil {
		return nil, err
	}
	answer := new(tandemv1.ListMatchRunsResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		rows, next, err := list[*tandemv1.MatchRun](tx, matchRuns, store.Query{OrderBy: store.ByPosition, After: after, Limit: pageSize(r)})
		answer.MatchRuns, answer.NextPageToken = rows, s.nextToken(caller, r, next)
		return err
	})
	return answer, err
}

// latestFinished reads the run that succeeded last; nil before the first.
func latestFinished(tx *store.Tx) (*tandemv1.MatchRun, error) {
	rows, _, err := list[*tandemv1.MatchRun](tx, matchRuns, store.Query{OrderBy: store.ByPosition, Limit: 1, Filter: store.Term("state=SUCCEEDED")})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// CancelMatchRun cancels a run that has not finished; a cancelled one stays so.
func (s matchRunService) CancelMatchRun(ctx context.Context, r *tandemv1.CancelMatchRunRequest) (*tandemv1.MatchRun, error) {
	return s.cancelRun(ctx, r, r.Name)
}

func (s *Server) cancelRun(ctx context.Context, r proto.Message, name string) (*tandemv1.MatchRun, error) {
	run := new(tandemv1.MatchRun)
	_, err := write(ctx, s, r, run, func(c *change) error {
		if err := get(c.Tx, matchRuns, name, run); err != nil {
			return err
		}
		switch run.State {
		case tandemv1.MatchRun_CANCELLED:
			return nil
		case tandemv1.MatchRun_SUCCEEDED, tandemv1.MatchRun_FAILED:
			return wrongState(name, "error.run.ended", name, term("cli.run_state:"+run.State.String()))
		case tandemv1.MatchRun_QUEUED, tandemv1.MatchRun_RUNNING, tandemv1.MatchRun_STATE_UNSPECIFIED:
		}
		run.State, run.EndTime = tandemv1.MatchRun_CANCELLED, timestamppb.New(c.Now())
		return c.putRun(run)
	})
	if err == nil {
		s.runner.cancel(name)
	}
	return run, err
}

// PublishMatchRun publishes a run: its results become the pairings that firms see. Publishing the run that is published already
// changes nothing.
func (s matchRunService) PublishMatchRun(ctx context.Context, r *tandemv1.PublishMatchRunRequest) (*tandemv1.MatchRun, error) {
	run := new(tandemv1.MatchRun)
	_, err := write(ctx, s.Server, r, run, func(c *change) error {
		finished, err := finishedRun(c.Tx, r.Name)
		if err != nil {
			return err
		}
		proto.Merge(run, finished)
		if before, err := publicationOf(c.Tx); err != nil || before.run.GetName() == run.Name {
			return err
		}
		run.PublishTime = timestamppb.New(c.Now())
		if err := c.publish(run); err != nil {
			return err
		}
		return c.putRun(run)
	})
	if err != nil || onlyChecks(r) {
		return run, err
	}
	// Whoever looks at the feed next shall find it there; a long publication reaches the feed a little later.
	s.teller.ask()
	waiting, cancel := beforeEnd(ctx)
	defer cancel()
	s.teller.wait(waiting)
	return run, nil
}

// ListMatchResults lists the results of a run, best first.
func (s matchRunService) ListMatchResults(ctx context.Context, r *tandemv1.ListMatchResultsRequest) (*tandemv1.ListMatchResultsResponse, error) {
	query, err := s.pairingQuery(ctx, r, r.Filter)
	if err != nil {
		return nil, err
	}
	query.Parent = r.Parent
	answer := new(tandemv1.ListMatchResultsResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		proto.Reset(answer)
		run := new(tandemv1.MatchRun)
		if err := get(tx, matchRuns, r.Parent, run); err != nil || run.State != tandemv1.MatchRun_SUCCEEDED {
			return err // what an unfinished run has written so far is nobody's yet
		}
		rows, next, err := list[*tandemv1.MatchResult](tx, results, query)
		answer.Results, answer.NextPageToken = rows, s.nextToken(access.FromContext(ctx), r, next)
		return err
	})
	if err != nil {
		return nil, err
	}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}
