package server

import (
	"bufio"
	"bytes"
	"context"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// filePart is how many bytes of a file one message carries.
const filePart = 256 << 10

// DownloadReport writes the report of a finished run.
func (s matchRunService) DownloadReport(r *tandemv1.DownloadReportRequest, stream tandemv1.MatchRunService_DownloadReportServer) error {
	file, err := s.report(stream.Context(), r.Name)
	if err != nil {
		return err
	}
	options, err := s.options(stream.Context(), r, file)
	if err != nil {
		return err
	}
	// What goes wrong before there is a part is told by an error alone.
	out := bufio.NewWriterSize(sentParts(func(part []byte) error { return stream.Send(&tandemv1.DownloadReportResponse{Data: part}) }), filePart)
	if err := file.Write(out, r.Kind, r.Format, r.Language, options); err != nil {
		return err
	}
	return out.Flush()
}

// sentParts writes a file by sending its parts.
type sentParts func(part []byte) error

// Write sends bytes, which stay the writer's.
func (send sentParts) Write(b []byte) (int, error) {
	if err := inParts(bytes.Clone(b), send); err != nil {
		return 0, err
	}
	return len(b), nil
}

// report reads what the report of a finished run is made of.
func (s *Server) report(ctx context.Context, name string) (*report.Report, error) {
	file := &report.Report{Catalog: s.catalog}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		run, err := finishedRun(tx, name)
		if err != nil {
			return err
		}
		file.Digest, file.Snapshot, file.Source = run.SnapshotDigest, new(tandemv1.Snapshot), s.source(ctx, name)
		return get(tx, snapshots, name, file.Snapshot)
	})
	return file, err
}

// finishedRun reads a run that must have succeeded.
func finishedRun(tx *store.Tx, name string) (*tandemv1.MatchRun, error) {
	run := new(tandemv1.MatchRun)
	if err := get(tx, matchRuns, name, run); err != nil {
		return nil, err
	}
	if run.State != tandemv1.MatchRun_SUCCEEDED {
		return nil, wrongState(name, "error.run.unfinished", name, term("cli.run_state:"+run.State.String()))
	}
	return run, nil
}

// ExportSnapshot writes the snapshot of a run. Runs that have not finished have one too.
func (s matchRunService) ExportSnapshot(r *tandemv1.ExportSnapshotRequest, stream tandemv1.MatchRunService_ExportSnapshotServer) error {
	snapshot := new(tandemv1.Snapshot)
	err := s.store.View(stream.Context(), func(tx *store.Tx) error { return get(tx, snapshots, r.Name, snapshot) })
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := WriteSnapshot(&out, snapshot); err != nil {
		return err
	}
	return inParts(out.Bytes(), func(part []byte) error { return stream.Send(&tandemv1.ExportSnapshotResponse{Data: part}) })
}

// inParts sends a file in messages of a bounded size.
func inParts(file []byte, send func([]byte) error) error {
	for len(file) > 0 {
		n := min(filePart, len(file))
		if err := send(file[:n]); err != nil {
			return err
		}
		file = file[n:]
	}
	return nil
}
