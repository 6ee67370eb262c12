package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// fileMode is the mode of what commands write for others to read.
const fileMode = os.FileMode(0o644)

func (a *app) reportCommand() *cobra.Command {
	request := new(tandemv1.DownloadReportRequest)
	var format, out, kind string
	cmd := &cobra.Command{
		Use:     "report RUN",
		Example: "  tandem report 1 --lang fr -o rapport.html\n  tandem report 1 --lang ko -o roadshow/",
		Args:    wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if folder(out) {
				return a.reportInto(cmd, runName(args[0]), out)
			}
			var err error
			if request.Format, err = reportFormat(format, out); err != nil {
				return err
			}
			if request.Kind, err = enum[tandemv1.DownloadReportRequest_Kind]("--kind", kind); err != nil {
				return err
			}
			if err := a.readable(request.GetFormat(), out); err != nil {
				return err
			}
			request.Name, request.Language = runName(args[0]), a.protoLanguage()
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			return a.writeFile(out, fileMode, func(w io.Writer) error {
				stream, err := tandemv1.NewMatchRunServiceClient(conn).DownloadReport(cmd.Context(), request)
				if err != nil {
					return err
				}
				return receive(w, stream.Recv)
			})
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "match", "")
	formatted(cmd, &format, &request.Bom)
	writes(cmd, &out)
	cmd.Flags().StringVar(&request.Period, "period", "", "")
	cmd.AddCommand(a.fileReportCommand("partnership", tandemv1.DownloadReportRequest_PARTNERSHIP),
		a.fileReportCommand("ministerial", tandemv1.DownloadReportRequest_MINISTERIAL),
		a.fileReportCommand("exposure", tandemv1.DownloadReportRequest_EXPOSURE),
		a.fileReportCommand("completeness", tandemv1.DownloadReportRequest_COMPLETENESS))
	return a.talks(cmd)
}

// folder tells whether an output is meant to be a directory: it is one, or its name ends as one.
func folder(out string) bool {
	if strings.HasSuffix(out, "/") || strings.HasSuffix(out, string(filepath.Separator)) {
		return true
	}
	info, err := os.Stat(out)
	return err == nil && info.IsDir()
}

// reportInto writes into a directory what an organiser takes from a run.
func (a *app) reportInto(cmd *cobra.Command, run, dir string) error {
	for _, flag := range []string{"kind", "format", "bom"} {
		if cmd.Flags().Changed(flag) {
			return usage(asIn("-o "+filepath.Join(dir, "report.html")), tell("cli.wrong.directory", flag, dir))
		}
	}
	conn, end, err := a.connect(cmd)
	if err != nil {
		return err
	}
	defer end() //nolint:errcheck // nothing was written
	return a.writeReports(cmd.Context(), conn, run, dir)
}

// readable refuses to pour a whole HTML page over a terminal.
func (a *app) readable(format tandemv1.DownloadReportRequest_Format, out string) error {
	if out == "-" && interactive(a.stdout) {
		switch format {
		case tandemv1.DownloadReportRequest_HTML:
			return usage(asIn("-o report.html"), tell("cli.wrong.html_terminal"))
		case tandemv1.DownloadReportRequest_XLSX:
			return usage(asIn("-o report.xlsx"), tell("cli.wrong.workbook_terminal"))
		default: // lines of text are
		}
	}
	return nil
}

// writes gives a command the flag of the file that it writes.
func writes(cmd *cobra.Command, out *string) {
	cmd.Flags().StringVarP(out, "out", "o", "-", "")
}

// formatted gives a command the flags of a report's form.
func formatted(cmd *cobra.Command, format *string, bom *bool) {
	cmd.Flags().StringVar(format, "format", "", "")
	choices(cmd, "format", "html", "xlsx", "csv", "jsonl")
	cmd.Flags().BoolVar(bom, "bom", false, "")
}

// reportFormat reads a form by name, or takes it from the name of the file.
func reportFormat(format, out string) (tandemv1.DownloadReportRequest_Format, error) {
	if format == "" {
		switch ending := strings.ToLower(filepath.Ext(out)); ending {
		case ".csv":
			return tandemv1.DownloadReportRequest_CSV, nil
		case ".xlsx":
			return tandemv1.DownloadReportRequest_XLSX, nil
		case ".jsonl", ".ndjson":
			return tandemv1.DownloadReportRequest_JSONL, nil
		case ".html", ".htm", "":
			return tandemv1.DownloadReportRequest_HTML, nil
		default:
			return 0, usage(tell("cli.hint.formats"), tell("cli.wrong.report.ending", out))
		}
	}
	value, err := enum[tandemv1.DownloadReportRequest_Format]("--format", format)
	if err != nil {
		return 0, usage(asIn("--format html"), tell("cli.wrong.unknown", "--format", format, "html, xlsx, csv, jsonl"))
	}
	return value, nil
}
