package server

import (
	"context"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// CompareMatchRuns tells what became of each pairing between two finished runs, and whose change caused it.
func (s matchRunService) CompareMatchRuns(ctx context.Context, r *tandemv1.CompareMatchRunsRequest) (*tandemv1.CompareMatchRunsResponse, error) {
	base, err := s.report(ctx, r.Base)
	if err != nil {
		return nil, err
	}
	now, err := s.report(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	answer := new(tandemv1.CompareMatchRunsResponse)
	var unchanged int
	answer.Differences, unchanged = report.Compare(base, now)
	answer.Unchanged = int32(unchanged) //nolint:gosec // at most 5 million
	speak(s.catalog, r.Language, answer)
	return answer, report.Tell(base, now, r.Language, answer.Differences)
}

// options gathers what a kind of report needs beside its run.
func (s matchRunService) options(ctx context.Context, r *tandemv1.DownloadReportRequest, file *report.Report) (report.Options, error) {
	o := report.Options{BOM: r.Bom}
	if r.Kind == tandemv1.DownloadReportRequest_PARTNERSHIP && r.Format == tandemv1.DownloadReportRequest_CSV {
		return o, invalid("format", "error.report.partnership_csv")
	}
	var err error
	switch r.Kind {
	case tandemv1.DownloadReportRequest_COMPARISON:
		if r.Base == "" {
			return o, invalid("base", "error.report.base")
		}
		o.Base, err = s.report(ctx, r.Base)
	case tandemv1.DownloadReportRequest_COMPLETENESS:
		err = Complete(s.catalog, file.Snapshot, &o)
	default:
	}
	return o, err
}
