package server

import (
	"context"
	"errors"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
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
	effects, err := Effects(ctx, s.catalog, base, now)
	if err != nil {
		return nil, err
	}
	var unchanged int
	answer.Differences, unchanged = report.Compare(base, now, effects)
	answer.Unchanged = int32(unchanged) //nolint:gosec // at most 5 million
	speak(s.catalog, r.Language, answer)
	return answer, report.Tell(base, now, r.Language, answer.Differences)
}

// mostMatched bounds how many organisations are matched in all to prove the causes of a comparison: a few seconds of work.
const mostMatched = 4_000

// Effects computes for each change between two reports which pairings would not be as they are without it: it takes the change back
// and matches anew. It is nil where that would take too long, or where the later report is not what this version of Tandem computes.
func Effects(ctx context.Context, cat *catalog.Catalog, base, now *report.Report) (report.Effects, error) {
	if err := errors.Join(base.Hold(), now.Hold()); err != nil { // pairings are compared by name
		return nil, err
	}
	changes := report.Changes(base, now)
	if len(changes) == 0 || (len(changes)+1)*len(now.Snapshot.GetFirms()) > mostMatched || base.Snapshot.GetCatalogDigest() != now.Snapshot.GetCatalogDigest() {
		return nil, nil
	}
	moves := func(undone ...string) (map[string]bool, error) {
		pairings, err := Match(ctx, cat, report.Undo(base.Snapshot, now.Snapshot, undone...), MatchOptions{AllPairs: now.AllPairs})
		return report.Differing(pairings, now.Pairings), err
	}
	if moved, err := moves(); err != nil || len(moved) > 0 {
		return nil, err
	}
	effects := report.Effects{}
	for _, change := range changes {
		var err error
		if effects[change], err = moves(change); err != nil {
			return nil, err
		}
	}
	return effects, nil
}

// options gathers what a kind of report needs beside its run.
func (s matchRunService) options(ctx context.Context, r *tandemv1.DownloadReportRequest, file *report.Report) (report.Options, error) {
	o := report.Options{BOM: r.Bom}
	if (r.Kind == tandemv1.DownloadReportRequest_PARTNERSHIP || r.Kind == tandemv1.DownloadReportRequest_MINISTERIAL) && r.Format == tandemv1.DownloadReportRequest_CSV {
		return o, invalid("format", "error.report.partnership_csv")
	}
	var err error
	if o.Period, err = report.ParsePeriod(r.Period); err != nil {
		return o, invalid("period", "error.report.period", r.Period)
	}
	switch r.Kind {
	case tandemv1.DownloadReportRequest_COMPARISON:
		if r.Base == "" {
			return o, invalid("base", "error.report.base")
		}
		if o.Base, err = s.report(ctx, r.Base); err == nil {
			o.Effects, err = Effects(ctx, s.catalog, o.Base, file)
		}
	case tandemv1.DownloadReportRequest_COMPLETENESS:
		err = Complete(ctx, s.catalog, file.Snapshot, &o)
	default:
	}
	return o, err
}
