package server

import (
	"context"
	"strings"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// operationService shows match runs as long-running operations. An operation has no row of its own: it is a view of its run.
type operationService struct {
	longrunningpb.UnimplementedOperationsServer
	*Server
}

// operation is the operation of a run.
func (s *Server) operation(run *tandemv1.MatchRun) (*longrunningpb.Operation, error) {
	done, total := s.runner.progressOf(run.Name)
	if run.State == tandemv1.MatchRun_SUCCEEDED {
		total = int(run.FirstFirms + run.SecondFirms)
		done = total
	}
	metadata, err := anypb.New(&tandemv1.MatchRunMetadata{
		MatchRun: run.Name, State: run.State, Done: int32(done), Total: int32(total), CreateTime: run.CreateTime, EndTime: run.EndTime, //nolint:gosec // counts of firms
	})
	if err != nil {
		return nil, err
	}
	op := &longrunningpb.Operation{Name: run.Operation, Metadata: metadata}
	switch run.State {
	case tandemv1.MatchRun_SUCCEEDED:
		response, err := anypb.New(run)
		if err != nil {
			return nil, err
		}
		op.Done, op.Result = true, &longrunningpb.Operation_Response{Response: response}
	case tandemv1.MatchRun_FAILED:
		op.Done, op.Result = true, failure(codes.Internal, run.Failure)
	case tandemv1.MatchRun_CANCELLED:
		op.Done, op.Result = true, failure(codes.Canceled, "the run was cancelled")
	case tandemv1.MatchRun_QUEUED, tandemv1.MatchRun_RUNNING, tandemv1.MatchRun_STATE_UNSPECIFIED:
	}
	return op, nil
}

func failure(code codes.Code, message string) *longrunningpb.Operation_Error {
	return &longrunningpb.Operation_Error{Error: &status.Status{Code: int32(code), Message: message}} //nolint:gosec // a code of gRPC
}

// runOf is the run of an operation.
func runOf(operation string) (string, error) {
	id, ok := strings.CutPrefix(operation, "operations/")
	if !ok || id == "" || strings.Contains(id, "/") {
		return "", invalid("name", "error.operation.name")
	}
	return "matchRuns/" + id, nil
}

// GetOperation reads an operation.
func (s operationService) GetOperation(ctx context.Context, r *longrunningpb.GetOperationRequest) (*longrunningpb.Operation, error) {
	name, err := runOf(r.Name)
	if err != nil {
		return nil, err
	}
	run, err := s.run(ctx, name)
	if err != nil {
		return nil, asOperation(err, r.Name)
	}
	return s.operation(run)
}

// asOperation says "operation" where an error would say "match run".
func asOperation(err error, name string) error {
	if asError(err).Code == codes.NotFound {
		return notFound(name)
	}
	return err
}

// ListOperations lists operations, newest first.
func (s operationService) ListOperations(ctx context.Context, r *longrunningpb.ListOperationsRequest) (*longrunningpb.ListOperationsResponse, error) {
	if r.Filter != "" {
		return nil, invalidAs(tandemv1.Reason_FILTER_INVALID, "filter", "error.operation.filter")
	}
	if r.PageSize < 0 || r.PageSize > maxPage {
		return nil, invalid("page_size", "error.page_size", maxPage)
	}
	caller := access.FromContext(ctx)
	after, err := s.after(caller, r)
	if err != nil {
		return nil, err
	}
	answer := new(longrunningpb.ListOperationsResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		rows, next, err := list[*tandemv1.MatchRun](tx, matchRuns, store.Query{OrderBy: store.ByPosition, After: after, Limit: pageSize(r)})
		if err != nil {
			return err
		}
		answer.Operations = nil
		for _, run := range rows {
			op, err := s.operation(run)
			if err != nil {
				return err
			}
			answer.Operations = append(answer.Operations, op)
		}
		answer.NextPageToken = s.nextToken(caller, r, next)
		return nil
	})
	return answer, err
}

// CancelOperation cancels the run of an operation.
func (s operationService) CancelOperation(ctx context.Context, r *longrunningpb.CancelOperationRequest) (*emptypb.Empty, error) {
	name, err := runOf(r.Name)
	if err != nil {
		return nil, err
	}
	if _, err := s.cancelRun(ctx, r, name); err != nil {
		return nil, asOperation(err, r.Name)
	}
	return new(emptypb.Empty), nil
}

// WaitOperation answers when the operation is done, or after the time that the caller is ready to wait.
func (s operationService) WaitOperation(ctx context.Context, r *longrunningpb.WaitOperationRequest) (*longrunningpb.Operation, error) {
	name, err := runOf(r.Name)
	if err != nil {
		return nil, err
	}
	waiting, cancel := beforeEnd(ctx)
	defer cancel()
	if r.Timeout != nil {
		waiting, cancel = context.WithTimeout(waiting, r.Timeout.AsDuration())
		defer cancel()
	}
	s.runner.wait(waiting, name)
	return s.GetOperation(ctx, &longrunningpb.GetOperationRequest{Name: r.Name})
}

// beforeEnd is the context for waiting within a call: an answer after the call's end would be none.
func beforeEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-time.Second))
	}
	return context.WithCancel(ctx)
}

// DeleteOperation is not supported: runs are kept.
func (s operationService) DeleteOperation(context.Context, *longrunningpb.DeleteOperationRequest) (*emptypb.Empty, error) {
	return nil, methodUnknown("error.operation.delete")
}
