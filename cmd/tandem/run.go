package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// How often a running operation is asked how far it is: often at first, since most runs are short.
const (
	firstPoll = 20 * time.Millisecond
	lastPoll  = time.Second
)

func (a *app) runCommand() *cobra.Command {
	return group(&cobra.Command{Use: "run"},
		a.runCreateCommand(), a.runListCommand(),
		a.runChangeCommand("get",
			func(ctx context.Context, runs tandemv1.MatchRunServiceClient, name string) (*tandemv1.MatchRun, error) {
				return runs.GetMatchRun(ctx, &tandemv1.GetMatchRunRequest{Name: name})
			}),
		a.runChangeCommand("cancel",
			func(ctx context.Context, runs tandemv1.MatchRunServiceClient, name string) (*tandemv1.MatchRun, error) {
				return runs.CancelMatchRun(ctx, &tandemv1.CancelMatchRunRequest{Name: name})
			}),
		a.runChangeCommand("publish",
			func(ctx context.Context, runs tandemv1.MatchRunServiceClient, name string) (*tandemv1.MatchRun, error) {
				return runs.PublishMatchRun(ctx, &tandemv1.PublishMatchRunRequest{Name: name, RequestId: requestID()})
			}),
		a.runResultsCommand(), a.runExportCommand(), a.runCompareCommand(),
	)
}

func (a *app) runCreateCommand() *cobra.Command {
	parameters := new(tandemv1.MatchRun)
	var publish bool
	var dir string
	cmd := &cobra.Command{
		Use:     "create",
		Example: "  tandem run create --top 10 --publish --report roadshow --lang ko",
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := dated(parameters.GetAsOf()); err != nil {
				return err
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			run, err := a.match(cmd.Context(), conn, parameters)
			if err == nil && publish {
				run, err = tandemv1.NewMatchRunServiceClient(conn).PublishMatchRun(cmd.Context(),
					&tandemv1.PublishMatchRunRequest{Name: run.GetName(), RequestId: requestID()})
			}
			if err != nil {
				return err
			}
			if dir != "" {
				if err := a.writeReports(cmd.Context(), conn, run.GetName(), dir); err != nil {
					return err
				}
			}
			return showOne(a, run, runColumns())
		},
	}
	cmd.Flags().StringVar(&dir, "report", "", "")
	cmd.Flags().Int32Var(&parameters.Top, "top", 10, "")
	cmd.Flags().StringVar(&parameters.AsOf, "as-of", "", "")
	cmd.Flags().BoolVar(&publish, "publish", false, "")
	return a.prints(a.talks(cmd))
}

// match starts a run and follows its operation to the end. When the caller is interrupted, the run is cancelled.
func (a *app) match(ctx context.Context, conn grpc.ClientConnInterface, parameters *tandemv1.MatchRun) (*tandemv1.MatchRun, error) {
	runs, operations := tandemv1.NewMatchRunServiceClient(conn), longrunningpb.NewOperationsClient(conn)
	operation, err := runs.CreateMatchRun(ctx, &tandemv1.CreateMatchRunRequest{MatchRun: parameters, RequestId: requestID()})
	if err != nil {
		return nil, err
	}
	bar := a.progress(a.voice().say("cli.matching"))
	defer bar.end()
	for wait := firstPoll; !operation.GetDone(); wait = min(2*wait, lastPoll) {
		select {
		case <-ctx.Done():
			return nil, cancelRun(context.WithoutCancel(ctx), runs, operation)
		case <-time.After(wait):
		}
		if operation, err = operations.GetOperation(ctx, &longrunningpb.GetOperationRequest{Name: operation.GetName()}); err != nil {
			return nil, err
		}
		if metadata := new(tandemv1.MatchRunMetadata); operation.GetMetadata().UnmarshalTo(metadata) == nil {
			bar.at(int(metadata.GetDone()), int(metadata.GetTotal()))
		}
	}
	if problem := operation.GetError(); problem != nil {
		return nil, status.ErrorProto(problem)
	}
	run := new(tandemv1.MatchRun)
	if err := operation.GetResponse().UnmarshalTo(run); err != nil {
		return nil, fmt.Errorf("reading the finished run: %w", err)
	}
	return run, nil
}

// cancelRun cancels the run that an operation stands for, and says that it was interrupted.
func cancelRun(ctx context.Context, runs tandemv1.MatchRunServiceClient, operation *longrunningpb.Operation) error {
	metadata := new(tandemv1.MatchRunMetadata)
	if err := operation.GetMetadata().UnmarshalTo(metadata); err != nil {
		return errInterrupted
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	_, err := runs.CancelMatchRun(ctx, &tandemv1.CancelMatchRunRequest{Name: metadata.GetMatchRun()})
	if err != nil {
		return &failure{says: tell("cli.wrong.run_goes_on", metadata.GetMatchRun(), err), err: errInterrupted}
	}
	return errInterrupted
}

func (a *app) runListCommand() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:  "list",
		Args: wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			answer := new(tandemv1.ListMatchRunsResponse)
			answer.MatchRuns, err = all(limit, func(size int32, token string) ([]*tandemv1.MatchRun, string, error) {
				page, err := tandemv1.NewMatchRunServiceClient(conn).ListMatchRuns(cmd.Context(),
					&tandemv1.ListMatchRunsRequest{PageSize: size, PageToken: token})
				return page.GetMatchRuns(), page.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			return show(a, answer, answer.MatchRuns, runColumns())
		},
	}
	return limited(a.prints(a.talks(cmd)), &limit)
}

// runChangeCommand makes a command that takes one run and answers it.
func (a *app) runChangeCommand(verb string,
	call func(context.Context, tandemv1.MatchRunServiceClient, string) (*tandemv1.MatchRun, error),
) *cobra.Command {
	cmd := &cobra.Command{
		Use:  verb + " RUN",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			run, err := call(cmd.Context(), tandemv1.NewMatchRunServiceClient(conn), runName(args[0]))
			if err != nil {
				return err
			}
			return showOne(a, run, runColumns())
		},
	}
	return a.prints(a.talks(cmd))
}

func (a *app) runResultsCommand() *cobra.Command {
	request := new(tandemv1.ListMatchResultsRequest)
	var limit int
	cmd := &cobra.Command{
		Use:  "results RUN",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Parent, request.Language = runName(args[0]), a.protoLanguage()
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			answer := new(tandemv1.ListMatchResultsResponse)
			answer.Results, err = results(cmd.Context(), conn, request, limit)
			if err != nil {
				return err
			}
			pairings := pairingsOf(answer.Results)
			if err := show(a, answer, pairings, pairingColumns(pairings)); err != nil {
				return err
			}
			a.noticePairings(pairings)
			return nil
		},
	}
	cmd.Flags().StringVar(&request.Filter, "filter", "", "")
	return limited(a.prints(a.talks(cmd)), &limit)
}

// results reads the results of a run, best first.
func results(ctx context.Context, conn grpc.ClientConnInterface, request *tandemv1.ListMatchResultsRequest, limit int) ([]*tandemv1.MatchResult, error) {
	return all(limit, func(size int32, token string) ([]*tandemv1.MatchResult, string, error) {
		request.PageSize, request.PageToken = size, token
		page, err := tandemv1.NewMatchRunServiceClient(conn).ListMatchResults(ctx, request)
		return page.GetResults(), page.GetNextPageToken(), err
	})
}

func pairingsOf(results []*tandemv1.MatchResult) []*tandemv1.Pairing {
	pairings := make([]*tandemv1.Pairing, len(results))
	for i, result := range results {
		pairings[i] = result.GetPairing()
	}
	return pairings
}

func (a *app) runExportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "export RUN",
		Example: "  tandem run export 1 -o snapshot.json && tandem match --snapshot snapshot.json -o report.html",
		Args:    wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			stream, err := tandemv1.NewMatchRunServiceClient(conn).ExportSnapshot(cmd.Context(),
				&tandemv1.ExportSnapshotRequest{Name: runName(args[0])})
			if err != nil {
				return err
			}
			return a.writeFile(out, fileMode, func(w io.Writer) error { return receive(w, stream.Recv) })
		},
	}
	writes(cmd, &out)
	return a.talks(cmd)
}

func runColumns() []column[*tandemv1.MatchRun] {
	type run = *tandemv1.MatchRun
	return []column[run]{
		{key: "name", cell: func(_ voice, r run) string { return r.GetName() }},
		{key: "state", cell: func(v voice, r run) string { return v.enum("cli.run_state", r.GetState()) }},
		{key: "as_of", cell: func(_ voice, r run) string { return r.GetAsOf() }},
		{key: "top", cell: func(v voice, r run) string { return v.number(r.GetTop()) }, number: true},
		{key: "firms", cell: func(v voice, r run) string {
			return joined(" + ", v.number(r.GetFirstFirms()), v.number(r.GetSecondFirms()))
		}, number: true},
		{key: "results", cell: func(v voice, r run) string { return v.number(r.GetResults()) }, number: true},
		{key: "create_time", cell: func(v voice, r run) string { return v.moment(r.GetCreateTime()) }},
		{key: "publish_time", cell: func(v voice, r run) string { return v.moment(r.GetPublishTime()) }},
		{key: "snapshot_digest", cell: func(v voice, r run) string {
			if digest := r.GetSnapshotDigest(); !v.raw && len(digest) > 12 {
				return digest[:12] + "…"
			}
			return r.GetSnapshotDigest()
		}},
	}
}
