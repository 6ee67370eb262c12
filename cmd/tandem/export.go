package main

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
)

// firmExportCommand writes the register as a file that "tandem import" takes back without a change.
func (a *app) firmExportCommand() *cobra.Command {
	var out string
	var request tandemv1.ListFirmsRequest
	cmd := &cobra.Command{
		Use:     "export",
		Example: "  tandem firm export -o firms.xlsx --lang ko",
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, err := a.firmWriter(out)
			if err != nil {
				return err
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			firms, err := all(0, func(size int32, token string) ([]*tandemv1.Firm, string, error) {
				request.PageSize, request.PageToken = size, token
				page, err := tandemv1.NewFirmServiceClient(conn).ListFirms(cmd.Context(), &request)
				return page.GetFirms(), page.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			data, err := write(firms)
			if err != nil {
				return err
			}
			return a.writeFile(out, 0o600, func(w io.Writer) error { // a register is nobody else's
				_, err := w.Write(data)
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "firms.xlsx", "")
	cmd.Flags().StringVar(&request.Filter, "filter", "", "")
	return a.talks(cmd)
}

// firmWriter chooses the form of an export by the name of its file.
func (a *app) firmWriter(out string) (func([]*tandemv1.Firm) ([]byte, error), error) {
	table := func(form tandemv1.ImportFirmsRequest_Format) func([]*tandemv1.Firm) ([]byte, error) {
		return func(firms []*tandemv1.Firm) ([]byte, error) {
			return sheet.Export(a.catalog, firms, a.language(), form)
		}
	}
	switch extension := strings.ToLower(filepath.Ext(out)); {
	case extension == ".xlsx":
		return table(tandemv1.ImportFirmsRequest_XLSX), nil
	case extension == ".csv":
		return table(tandemv1.ImportFirmsRequest_CSV), nil
	case extension == ".jsonl", out == "-":
		return firmLines, nil
	default:
		return nil, usage(asIn("tandem firm export -o firms.xlsx"), tell("cli.wrong.ending", "--out", out, ".xlsx, .csv, .jsonl"))
	}
}

// firmLines is firms as JSON Lines, without what only the server sets.
func firmLines(firms []*tandemv1.Firm) ([]byte, error) {
	var lines bytes.Buffer
	for _, firm := range firms {
		own := proto.CloneOf(firm)
		own.State, own.Missing, own.Capabilities, own.NeedsInferred, own.Etag, own.Revision = 0, nil, nil, false, "", 0
		own.CreateTime, own.UpdateTime, own.DeleteTime = nil, nil, nil
		if err := jsonLine(&lines, own); err != nil {
			return nil, err
		}
	}
	return lines.Bytes(), nil
}
