package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

const (
	// importPart is how many bytes of a file go into one message.
	importPart = 128 << 10
	// maxTold is how many remarks on rows are told; nobody reads more on a screen.
	maxTold = 100
)

func (a *app) importCommand() *cobra.Command {
	options := new(tandemv1.ImportFirmsRequest_Options)
	var review string
	cmd := &cobra.Command{
		Use: "import FILE",
		Example: "  tandem import firms.jsonl --db tandem.db --attest --validate-only\n" +
			"  tandem import list.xlsx --partial --review list.reviewed.xlsx --lang ko --attest",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if options.Attested, err = a.attest(options.GetAttested()); err != nil {
				return err
			}
			data, err := a.readInput(args[0])
			if err != nil {
				return err
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			options.RequestId, options.Language = requestID(), a.protoLanguage()
			firms := tandemv1.NewFirmServiceClient(conn)
			if review != "" {
				if err := a.review(cmd, firms, options, data, review); err != nil {
					return err
				}
			}
			stream, err := firms.ImportFirms(cmd.Context())
			if err != nil {
				return err
			}
			answer, err := sendFile(stream, options, bytes.NewReader(data))
			if err != nil {
				return err
			}
			a.tellFile(answer.GetColumns(), answer.GetNotices(), answer.GetProblems())
			return showOne(a, answer, importColumns())
		},
	}
	attesting(cmd, &options.Attested)
	cmd.Flags().BoolVar(&options.ValidateOnly, "validate-only", false, "")
	cmd.Flags().BoolVar(&options.Partial, "partial", false, "")
	cmd.Flags().BoolVar(&options.Deletions, "deletions", false, "")
	cmd.Flags().BoolVar(&options.OverwriteSelf, "overwrite-self", false, "")
	cmd.Flags().StringVar(&review, "review", "", "")
	tabled(cmd, options)
	return a.prints(a.talks(cmd))
}

// tabled adds the flags that say how a table is read.
func tabled(cmd *cobra.Command, options *tandemv1.ImportFirmsRequest_Options) {
	cmd.Flags().StringArrayVar(&options.ColumnMap, "map", nil, "")
	cmd.Flags().StringVar(&options.Encoding, "encoding", "", "")
	choices(cmd, "encoding", "utf-8", "utf-16", "cp949", "windows-1252")
}

// review writes the list back with what is wrong in each row.
func (a *app) review(cmd *cobra.Command, firms tandemv1.FirmServiceClient, options *tandemv1.ImportFirmsRequest_Options, data []byte, name string) error {
	stream, err := firms.ReviewFirms(cmd.Context())
	if err != nil {
		return err
	}
	for first := true; first || len(data) > 0; first = false {
		part := &tandemv1.ReviewFirmsRequest{Data: data[:min(len(data), importPart)]}
		if first {
			part.Options = options
		}
		if err := stream.Send(part); err != nil {
			break // the answer says why
		}
		data = data[len(part.Data):]
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return a.writeFile(name, 0o644, func(w io.Writer) error { return receive(w, stream.Recv) })
}

// tellFile says how a table was understood and what is wrong with its rows.
func (a *app) tellFile(columns []*tandemv1.ImportFirmsResponse_ColumnGuess, notices []*tandemv1.Sentence, problems []*tandemv1.ImportFirmsResponse_RowProblem) {
	for _, c := range columns {
		field := c.GetField()
		if field == "" {
			field = "-"
		}
		fmt.Fprintf(a.stderr, "%s  %s → %s\n", c.GetLetter(), c.GetHeader(), field)
	}
	for _, n := range notices {
		fmt.Fprintln(a.stderr, n.GetText())
	}
	for i, p := range problems {
		if i == maxTold {
			fmt.Fprintln(a.stderr, a.catalog.Sentence(a.language(), "desk.rows.more", catalog.Number(len(problems)-i)))
			break
		}
		where := strings.TrimSpace(fmt.Sprintf("%d  %s", p.GetRow(), cmp.Or(p.GetColumn(), p.GetField())))
		line := where + ": " + p.GetProblem().GetText()
		if len(p.GetNearestCodes()) > 0 && !strings.Contains(line, p.GetNearestCodes()[0]) {
			line += " (" + strings.Join(p.GetNearestCodes(), ", ") + ")"
		}
		fmt.Fprintln(a.stderr, line)
	}
}

// importStream is the client's end of an import.
type importStream interface {
	Send(*tandemv1.ImportFirmsRequest) error
	CloseAndRecv() (*tandemv1.ImportFirmsResponse, error)
}

// sendFile sends the options and then the file. A server that has seen enough closes its end; its answer says why.
func sendFile(stream importStream, options *tandemv1.ImportFirmsRequest_Options, file io.Reader) (*tandemv1.ImportFirmsResponse, error) {
	request := &tandemv1.ImportFirmsRequest{Options: options}
	part := make([]byte, importPart)
	for {
		n, err := io.ReadFull(file, part)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("reading the file: %w", err)
		}
		request.Data = part[:n]
		if n > 0 || request.Options != nil {
			if sent := stream.Send(request); errors.Is(sent, io.EOF) {
				break
			} else if sent != nil {
				return nil, sent
			}
		}
		request = new(tandemv1.ImportFirmsRequest)
		if err != nil {
			break
		}
	}
	return stream.CloseAndRecv()
}

func importColumns() []column[*tandemv1.ImportFirmsResponse] {
	type imported = *tandemv1.ImportFirmsResponse
	return []column[imported]{
		{key: "created", cell: func(v voice, r imported) string { return v.number(r.GetCreated()) }},
		{key: "updated", cell: func(v voice, r imported) string { return v.number(r.GetUpdated()) }},
		{key: "unchanged", cell: func(v voice, r imported) string { return v.number(r.GetUnchanged()) }},
		{key: "kept", cell: func(v voice, r imported) string { return v.number(r.GetKept()) }},
		{key: "deleted", cell: func(v voice, r imported) string { return v.number(r.GetDeleted()) }},
		{key: "incomplete", cell: func(v voice, r imported) string { return v.number(r.GetIncomplete()) }},
		{key: "refused", cell: func(v voice, r imported) string { return v.number(r.GetRefused()) }},
		{key: "revision", cell: func(v voice, r imported) string { return v.number(r.GetRevision()) }},
	}
}
