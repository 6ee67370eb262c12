package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// importPart is how many bytes of a file go into one message.
const importPart = 128 << 10

func (a *app) importCommand() *cobra.Command {
	options := new(tandemv1.ImportFirmsRequest_Options)
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Import firms from JSON Lines, one a line: all or nothing",
		Long: "Import firms from a JSON Lines file, one Firm in protobuf JSON a line. Either all lines are taken or none; every bad\n" +
			"line is named with its field and reason. A firm with the name of an existing one replaces it.",
		Example: "  tandem import firms.jsonl --db tandem.db --attest --validate-only",
		Args:    wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if options.Attested, err = a.attest(options.GetAttested()); err != nil {
				return err
			}
			input, err := a.openInput(args[0])
			if err != nil {
				return err
			}
			defer input.Close() //nolint:errcheck // it is only read
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			options.RequestId = requestID()
			stream, err := tandemv1.NewFirmServiceClient(conn).ImportFirms(cmd.Context())
			if err != nil {
				return err
			}
			answer, err := sendFile(stream, options, input)
			if err != nil {
				return err
			}
			return showOne(a, answer, importColumns())
		},
	}
	attesting(cmd, &options.Attested)
	cmd.Flags().BoolVar(&options.ValidateOnly, "validate-only", false, "check and count everything, and store nothing")
	return a.prints(a.talks(cmd))
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
		{key: "revision", cell: func(v voice, r imported) string { return v.number(r.GetRevision()) }},
	}
}
