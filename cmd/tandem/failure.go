package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// failure is an error as people read it: what is wrong, where, and what to do about it.
type failure struct {
	err       error
	details   []string // indented lines below the error: fields, candidates, rows
	requestID string
	hint      string
	usage     bool // the command was called in a way that it cannot understand
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usage makes an error of a call that cannot be understood.
func usage(hint, format string, args ...any) error {
	return &failure{err: fmt.Errorf(format, args...), hint: hint, usage: true}
}

// hinted makes an error that says what to do about it.
func hinted(hint, format string, args ...any) error {
	return &failure{err: fmt.Errorf(format, args...), hint: hint}
}

// print writes the failure; the message is one line, whatever is in it.
func (f *failure) print(w io.Writer) {
	fmt.Fprintf(w, "tandem: error: %s\n", printable(f.err.Error()))
	for _, line := range f.details {
		fmt.Fprintf(w, "  %s\n", printable(line))
	}
	if f.requestID != "" {
		fmt.Fprintf(w, "  request id: %s\n", f.requestID)
	}
	if f.hint != "" {
		fmt.Fprintf(w, "tandem: hint: %s\n", f.hint)
	}
}

// describe turns any error into a failure: the command's own ones, answers of a server, everything else.
func describe(err error) *failure {
	var known *failure
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, errInterrupted) {
		return &failure{err: errInterrupted}
	}
	var answered interface{ GRPCStatus() *status.Status }
	if errors.As(err, &answered) {
		return describeStatus(answered.GRPCStatus())
	}
	return &failure{err: err}
}

// describeStatus reads an answer of a server with its details.
func describeStatus(answer *status.Status) *failure {
	f := &failure{err: errors.New(answer.Message())}
	var reason string
	var fields, others []string
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				fields = append(fields, located(violation.GetField(), violation.GetDescription()))
			}
		case *errdetails.PreconditionFailure:
			for _, violation := range detail.GetViolations() {
				others = append(others, violation.GetDescription())
			}
		case *errdetails.ErrorInfo:
			reason = detail.GetReason()
		case *errdetails.ResourceInfo:
			others = append(others, detail.GetDescription(), detail.GetResourceName())
		case *errdetails.RetryInfo:
			others = append(others, "try again in "+detail.GetRetryDelay().AsDuration().String())
		case *errdetails.RequestInfo:
			f.requestID = detail.GetRequestId()
		}
	}
	// A message mostly says the first field or the object already; several fields are all listed.
	said := func(words string) bool {
		_, what, _ := strings.Cut(words, ": ")
		return strings.Contains(answer.Message(), words) || what != "" && strings.Contains(answer.Message(), what)
	}
	if len(fields) == 1 {
		fields = slices.DeleteFunc(fields, said)
	}
	f.details = append(fields, slices.DeleteFunc(others, said)...)
	if reason == "" && answer.Code() == codes.Unavailable {
		f.err = errors.New("the server cannot be reached: " + lastCause(answer.Message()))
	}
	f.hint = hintFor(tandemv1.Reason(tandemv1.Reason_value[reason]), answer.Code())
	return f
}

// lastCause is the innermost of gRPC's nested explanations of why there is no connection.
func lastCause(message string) string {
	if i := strings.LastIndex(message, "desc = "); i >= 0 {
		message = message[i+len("desc = "):]
	}
	return strings.TrimPrefix(strings.Trim(message, `"`), "transport: ")
}

func located(place, what string) string {
	switch {
	case place == "":
		return what
	case what == "":
		return place
	}
	return place + ": " + strings.TrimSpace(what)
}

// hintFor says what usually helps.
func hintFor(reason tandemv1.Reason, code codes.Code) string {
	switch reason {
	case tandemv1.Reason_CREDENTIAL_INVALID:
		return "say --credential-file FILE or set TANDEM_CREDENTIAL; an organiser re-issues a lost credential"
	case tandemv1.Reason_ROLE_NOT_ALLOWED:
		return "this needs another role; a firm waits for approval first, and \"tandem credential create --db FILE\" issues credentials on the server's host"
	case tandemv1.Reason_CAPABILITY_UNKNOWN, tandemv1.Reason_CAPABILITY_AMBIGUOUS:
		return "\"tandem catalog suggest TEXT\" finds codes; write one as \"capability:\" instead of \"text:\""
	case tandemv1.Reason_ATTESTATION_MISSING:
		return "say --attest when the text holds no classified and no controlled technical data"
	case tandemv1.Reason_ETAG_STALE:
		return "read it again, and repeat your change"
	case tandemv1.Reason_IMPORT_REFUSED:
		return "mend the lines and try again, with --validate-only first"
	case tandemv1.Reason_NO_FIRMS:
		return "import or approve firms of both sides first"
	case tandemv1.Reason_REGISTRATION_CLOSED:
		return "ask an organiser to create your profile"
	case tandemv1.Reason_INTERNAL:
		return "this is a bug; the server's log has its cause under the request id"
	case tandemv1.Reason_FILTER_INVALID:
		return "a filter looks like: country = \"XX\" AND capability = \"underwater.sonar\""
	default:
	}
	if reason == tandemv1.Reason_REASON_UNSPECIFIED && code == codes.Unavailable {
		return "is the server running? start one with \"tandem serve --db FILE\", or work on a database with --db FILE"
	}
	return ""
}
