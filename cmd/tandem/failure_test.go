package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func TestFailures(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		want  string
		usage bool
	}{
		{
			"own usage", usage(asIn("x"), tell("cli.wrong.unknown", "--top", "y", "z")), "tandem: error: --top: “y” is unknown: want z\ntandem: hint: as in: x\n", true,
		},
		{
			"wrapped", fmt.Errorf("opening: %w", hinted(plain("do that"), plain("no"))), "tandem: error: no\ntandem: hint: do that\n", false,
		},
		{
			"one field is said once", answered(t, codes.InvalidArgument, "firm.size: too big", "FIELD_INVALID", field("firm.size", "too big")),
			"tandem: error: firm.size: too big\n  request id: r1\n", false,
		},
		{
			"several fields are all listed",
			answered(t, codes.InvalidArgument, "a: bad (and 1 more)", "CAPABILITY_UNKNOWN", field("a", "bad", "b", "worse")),
			"tandem: error: a: bad (and 1 more)\n  a: bad\n  b: worse\n  request id: r1\n" +
				"tandem: hint: “tandem catalog suggest TEXT” finds codes; write one as “capability:” instead of “text:”\n", false,
		},
		{
			"joined with another", errors.Join(answered(t, codes.Aborted, "it was changed", "ETAG_STALE")),
			"tandem: error: it was changed\n  request id: r1\ntandem: hint: read it again, and repeat your change\n", false,
		},
		{
			"a server cannot steer the terminal", answered(t, codes.Internal, "a\x1b[31m\nb", "SOMETHING_NEW"),
			"tandem: error: a\ufffd[31m b\n  request id: r1\n", false,
		},
		{
			"nobody listens",
			status.FromProto(&statuspb.Status{
				Code:    int32(codes.Unavailable),
				Message: `connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"`,
			}).Err(),
			"tandem: error: the server cannot be reached: nothing listens at 127.0.0.1:1\n" +
				"tandem: hint: is the server running? start one with “tandem serve --db FILE”, or work on a database with --db FILE\n", false,
		},
		{"interrupted", context.Canceled, "tandem: error: interrupted\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			f := describe(test.err, catalog.EN)
			f.print(page{w: &out, width: 1000}, voice{catalog: catalog.Embedded(), language: catalog.EN})
			if diff := cmp.Diff(test.want, out.String()); diff != "" || f.usage != test.usage {
				t.Errorf("usage %t, want %t; text (-want +got):\n%s", f.usage, test.usage, diff)
			}
		})
	}
}

// answered is an answer of a server, as clients get it.
func answered(t *testing.T, code codes.Code, message, reason string, more ...protoadapt.MessageV1) error {
	t.Helper()
	answer, err := status.New(code, message).WithDetails(append(more, //nolint:forbidigo // the test stands in for a server
		&errdetails.ErrorInfo{Reason: reason, Domain: "tandem"}, &errdetails.RequestInfo{RequestId: "r1"})...)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Err()
}

// field makes violations of fields and descriptions in turn.
func field(pairs ...string) protoadapt.MessageV1 {
	bad := new(errdetails.BadRequest)
	for pair := range slices.Chunk(pairs, 2) {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: pair[0], Description: pair[1]})
	}
	return bad
}
