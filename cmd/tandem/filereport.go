package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// fileReportCommand writes a report of one kind of a file of firms, or of a server's run.
func (a *app) fileReportCommand(name string, kind tandemv1.DownloadReportRequest_Kind) *cobra.Command {
	b := batch{kind: kind, pairs: "best"}
	var runID string
	cmd := &cobra.Command{
		Use:     name + " [FILE]",
		Example: "  tandem report " + name + " firms.jsonl --as-of 2026-11-24 -o " + name + ".html\n  tandem report " + name + " --run 1 --lang fr -o " + name + ".xlsx",
		Args:    wants(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if runID == "" && len(args) == 1 && namesRun(args[0]) {
				runID, args = args[0], nil
			}
			if runID == "" && len(args) == 0 && b.snapshot == "" {
				return usage(asIn(cmd.CommandPath()+" --run RUN"), tell("cli.wrong.report_source"))
			}
			if runID != "" {
				if len(args) > 0 || b.snapshot != "" || b.asOf != "" {
					return usage(tell("cli.hint.run_holds"), tell("cli.wrong.file_or_run"))
				}
				return a.downloadKind(cmd, &b, runID, "")
			}
			if err := b.check(cmd, args); err != nil {
				return err
			}
			if _, err := report.ParsePeriod(b.period); err != nil { // before anything is matched
				return usage(asIn("--period 2026-H1"), tell("error.report.period", b.period))
			}
			snapshot, err := a.matchInput(&b, args)
			if err != nil {
				return err
			}
			return a.matchSnapshot(cmd.Context(), &b, snapshot)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&runID, "run", "", "")
	flags.StringVar(&b.snapshot, "snapshot", "", "")
	flags.StringVar(&b.asOf, "as-of", "", "")
	if kind == tandemv1.DownloadReportRequest_PARTNERSHIP || kind == tandemv1.DownloadReportRequest_MINISTERIAL {
		flags.StringVar(&b.period, "period", "", "")
	}
	flags.Int32Var(&b.top, "top", 10, "")
	tabled(cmd, &b.table)
	formatted(cmd, &b.format, &b.bom)
	writes(cmd, &b.out)
	return a.talks(cmd)
}

// namesRun tells whether a word names a run where a file may stand as well: in full, or as no file is named.
func namesRun(word string) bool {
	if strings.HasPrefix(word, "matchRuns/") {
		return true
	}
	if word == "-" || strings.ContainsAny(word, `./\`) {
		return false
	}
	_, err := os.Stat(word)
	return errors.Is(err, fs.ErrNotExist)
}

// runCompareCommand writes what changed between two runs.
func (a *app) runCompareCommand() *cobra.Command {
	b := batch{kind: tandemv1.DownloadReportRequest_COMPARISON}
	cmd := &cobra.Command{
		Use:     "compare RUN BASE",
		Example: "  tandem run compare 2 1 --lang ko -o changes.html",
		Args:    wants(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.downloadKind(cmd, &b, args[0], runName(args[1]))
		},
	}
	formatted(cmd, &b.format, &b.bom)
	writes(cmd, &b.out)
	return a.talks(cmd)
}

// downloadKind downloads a report of a kind of a server's run.
func (a *app) downloadKind(cmd *cobra.Command, b *batch, runID, base string) error {
	format, err := reportFormat(b.format, b.out)
	if err == nil {
		err = a.readable(format, b.out)
	}
	if err != nil {
		return err
	}
	conn, end, err := a.connect(cmd)
	if err != nil {
		return err
	}
	defer end() //nolint:errcheck // nothing was written
	return a.writeFile(b.out, fileMode, func(w io.Writer) error {
		stream, err := tandemv1.NewMatchRunServiceClient(conn).DownloadReport(cmd.Context(), &tandemv1.DownloadReportRequest{
			Name: runName(runID), Base: base, Kind: b.kind, Period: b.period, Format: format, Language: a.protoLanguage(), Bom: b.bom,
		})
		if err != nil {
			return err
		}
		return receive(w, stream.Recv)
	})
}

// reportOptions computes what a kind of report needs beside the pairings.
func (a *app) reportOptions(ctx context.Context, b *batch, r *report.Report) (report.Options, error) {
	o := report.Options{BOM: b.bom}
	var err error
	if o.Period, err = report.ParsePeriod(b.period); err != nil {
		return o, err
	}
	if b.kind == tandemv1.DownloadReportRequest_COMPLETENESS {
		err := server.Complete(ctx, a.catalog, r.Snapshot, &o)
		return o, err
	}
	if b.compare == "" {
		return o, nil
	}
	b.kind = tandemv1.DownloadReportRequest_COMPARISON
	data, err := a.readInput(b.compare)
	if err != nil {
		return o, err
	}
	earlier, err := server.ReadSnapshot(a.catalog, bytes.NewReader(data))
	if err != nil {
		return o, hinted(tell("cli.hint.snapshots"), tell("cli.wrong.file", b.compare, err))
	}
	o.Base = &report.Report{Catalog: a.catalog, Snapshot: earlier}
	if o.Base.Digest, err = server.Digest(earlier); err != nil {
		return o, err
	}
	o.Base.Pairings, err = server.Match(ctx, a.catalog, earlier, server.MatchOptions{Workers: b.workers, AllPairs: r.AllPairs})
	if err == nil {
		o.Effects, err = server.Effects(ctx, a.catalog, o.Base, r)
	}
	return o, err
}
