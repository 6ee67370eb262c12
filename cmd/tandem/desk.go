package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"google.golang.org/grpc"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// writeReports writes what an organiser takes from a finished run into a directory: the report to read, the workbook to sort,
// and the pages to hand out. Each file is written whole or not at all.
func (a *app) writeReports(ctx context.Context, conn grpc.ClientConnInterface, run, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return helped(roomHint(err), err)
	}
	for _, file := range []struct {
		name string
		kind tandemv1.DownloadReportRequest_Kind
		form tandemv1.DownloadReportRequest_Format
	}{
		{"report.html", tandemv1.DownloadReportRequest_MATCH, tandemv1.DownloadReportRequest_HTML},
		{"report.xlsx", tandemv1.DownloadReportRequest_MATCH, tandemv1.DownloadReportRequest_XLSX},
		{"handouts.html", tandemv1.DownloadReportRequest_HANDOUTS, tandemv1.DownloadReportRequest_HTML},
	} {
		request := &tandemv1.DownloadReportRequest{Name: run, Kind: file.kind, Format: file.form, Language: a.protoLanguage()}
		err := a.writeFile(filepath.Join(dir, file.name), fileMode, func(w io.Writer) error {
			stream, err := tandemv1.NewMatchRunServiceClient(conn).DownloadReport(ctx, request)
			if err != nil {
				return err
			}
			return receive(w, stream.Recv)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
