package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// line is something that the command says, before it has a language: a message of the catalogue, or words that have none.
type line struct {
	key   string
	args  []any
	plain string
}

// tell makes a line of a message. Texts and numbers stand for themselves, a line inside another is said in the language.
func tell(key string, args ...any) line { return line{key: key, args: args} }

// plain makes a line of words that are the same in every language, such as a path.
func plain(words string) line { return line{plain: words} }

// in says the line.
func (l line) in(v voice) string {
	if l.key == "" {
		return l.plain
	}
	args := make([]string, len(l.args))
	for i, arg := range l.args {
		switch arg := arg.(type) {
		case line:
			args[i] = catalog.Literal(arg.in(v))
		case error:
			args[i] = catalog.Literal(saidOf(arg).in(v))
		case int:
			args[i] = catalog.Number(arg)
		default:
			args[i] = catalog.Literal(fmt.Sprint(arg))
		}
	}
	return v.say(l.key, args...)
}

// failure is an error as people read it: what is wrong, where, and what to do about it.
type failure struct {
	says      line
	err       error  // behind it, where there is one
	details   []line // indented below: fields, candidates, rows
	requestID string
	hint      line
	usage     bool // the command was called in a way that it cannot understand
}

func (f *failure) Error() string {
	return f.says.in(voice{catalog: catalog.Embedded(), language: catalog.EN})
}
func (f *failure) Unwrap() error { return f.err }

// usage makes an error of a call that cannot be understood.
func usage(hint, says line) error { return &failure{says: says, hint: hint, usage: true} }

// hinted makes an error that says what to do about it.
func hinted(hint, says line) error { return &failure{says: says, hint: hint} }

// helped adds to an error what to do about it.
func helped(hint line, err error) error { return &failure{says: saidOf(err), err: err, hint: hint} }

// asIn is the hint that shows how a call looks.
func asIn(example string) line { return tell("cli.hint.as_in", example) }

// saidOf is what an error says, in every language where it can: those of files and flags are put in our own words.
func saidOf(err error) line {
	var known *failure
	var file *fs.PathError
	switch {
	case errors.As(err, &known):
		return known.says
	case errors.As(err, &file) && errors.Is(err, fs.ErrNotExist):
		return tell("cli.wrong.file.absent", file.Path)
	case errors.As(err, &file) && errors.Is(err, os.ErrPermission):
		return tell("cli.wrong.file.denied", file.Path)
	case errors.As(err, &file) && errors.Is(err, syscall.EISDIR):
		return tell("cli.wrong.file.directory", file.Path)
	case errors.As(err, &file) && errors.Is(err, syscall.ENOSPC):
		return tell("cli.wrong.file.full", file.Path)
	case errors.As(err, &file) && errors.Is(err, syscall.EFBIG):
		return tell("cli.wrong.file.large", file.Path)
	case strings.HasPrefix(err.Error(), "not a snapshot:"):
		return tell("cli.wrong.snapshot")
	}
	return plain(err.Error())
}

// saidOfFlag is what is wrong with a flag.
func saidOfFlag(err error) line {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	var misspelt *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "":
		return tell("cli.wrong.flag.unknown", "--"+unknown.GetSpecifiedName())
	case errors.As(err, &unknown):
		return tell("cli.wrong.flag.unknown", "-"+unknown.GetSpecifiedName())
	case errors.As(err, &empty):
		return tell("cli.wrong.flag.empty", "--"+empty.GetFlag().Name)
	case errors.As(err, &wrong):
		return tell("cli.wrong.flag.value", "--"+wrong.GetFlag().Name, wrong.GetValue())
	case errors.As(err, &misspelt):
		return tell("cli.wrong.flag.syntax", misspelt.GetSpecifiedFlag())
	}
	return plain(err.Error())
}

// print writes the failure; the message is one line, whatever is in it, unless a terminal is too narrow for it.
func (f *failure) print(p page, v voice) {
	p.paragraph("", v.say("cli.failure", catalog.Literal(f.says.in(v))))
	for _, detail := range f.details {
		p.paragraph("  ", detail.in(v))
	}
	if f.requestID != "" {
		p.paragraph("  ", v.say("cli.failure.request", catalog.Literal(f.requestID)))
	}
	if hint := f.hint.in(v); hint != "" {
		p.paragraph("", v.say("cli.failure.hint", catalog.Literal(hint)))
	}
}

// describe turns any error into a failure: the command's own ones, answers of a server, everything else.
func describe(err error, l catalog.Language) *failure {
	var known *failure
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, errInterrupted) {
		return &failure{says: tell("cli.wrong.interrupted")}
	}
	var answered interface{ GRPCStatus() *status.Status }
	if errors.As(err, &answered) {
		return describeStatus(answered.GRPCStatus(), l)
	}
	return &failure{says: saidOf(err)}
}

// describeStatus reads an answer of a server with its details. Whoever reads another language than developers is told what the server
// says to people, and no paths.
func describeStatus(answer *status.Status, l catalog.Language) *failure {
	message, reason, role, requestID, resource := answer.Message(), "", "", "", ""
	var fields, others []string
	retry := 0
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.LocalizedMessage:
			if l != catalog.EN && detail.GetLocale() == l.String() {
				message = detail.GetMessage()
			}
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				fields = append(fields, located(violation.GetField(), violationIn(l, violation)))
			}
		case *errdetails.PreconditionFailure:
			for _, violation := range detail.GetViolations() {
				others = append(others, violation.GetDescription())
			}
		case *errdetails.ErrorInfo:
			reason, role = detail.GetReason(), detail.GetMetadata()["role"]
		case *errdetails.ResourceInfo:
			resource = detail.GetResourceName()
			others = append(others, detail.GetDescription(), resource)
		case *errdetails.RetryInfo:
			retry = int(detail.GetRetryDelay().AsDuration().Seconds() + 0.999)
		case *errdetails.RequestInfo:
			requestID = detail.GetRequestId()
		}
	}
	f := &failure{says: plain(message), requestID: requestID}
	f.details = notYetSaid(message, fields, others, l)
	if retry > 0 {
		f.details = append(f.details, tell("cli.failure.retry", retry))
	}
	if reason == "" && answer.Code() == codes.Unavailable {
		f.says, f.details = unreachable(answer.Message()), nil
	}
	if reason == tandemv1.Reason_CREDENTIAL_INVALID.String() {
		f.says, f.details = tell("cli.wrong.credential"), nil // the server's words are about headers
	}
	f.hint = hintFor(tandemv1.Reason(tandemv1.Reason_value[reason]), role, answer.Code())
	if reason == tandemv1.Reason_NOT_FOUND.String() {
		f.hint = listing(resource)
	}
	return f
}

// notYetSaid are the details that a message does not say already: it mostly says the first field or the object; several fields are all listed.
func notYetSaid(message string, fields, others []string, l catalog.Language) []line {
	said := func(words string) bool {
		_, what, _ := strings.Cut(words, ": ")
		return strings.Contains(message, words) || what != "" && strings.Contains(message, what)
	}
	if len(fields) == 1 {
		fields = slices.DeleteFunc(fields, said)
	}
	if l != catalog.EN {
		others = nil // they repeat the message for developers
	}
	var lines []line
	for _, words := range append(fields, slices.DeleteFunc(others, said)...) {
		lines = append(lines, plain(words))
	}
	return lines
}

// violationIn is what is wrong with a field, in a language where the server says it in that one.
func violationIn(l catalog.Language, v *errdetails.BadRequest_FieldViolation) string {
	if l != catalog.EN && v.GetLocalizedMessage().GetLocale() == l.String() {
		return v.GetLocalizedMessage().GetMessage()
	}
	return v.GetDescription()
}

// dialled is the address in what gRPC says about a connection.
var dialled = regexp.MustCompile(`dial tcp (?:lookup )?(\S+?):? `)

// unreachable says why there is no connection: in our own words where it is one of the usual reasons.
func unreachable(message string) line {
	address := ""
	if found := dialled.FindStringSubmatch(message); found != nil {
		address = found[1]
	}
	for _, usual := range []struct{ said, key string }{
		{"connection refused", "cli.wrong.unreachable.refused"},
		{"no such host", "cli.wrong.unreachable.name"},
		{"zero addresses", "cli.wrong.unreachable.name"},
		{"i/o timeout", "cli.wrong.unreachable.timeout"},
		{"no route to host", "cli.wrong.unreachable.timeout"},
		{"network is unreachable", "cli.wrong.unreachable.timeout"},
		{"does not look like a TLS handshake", "cli.wrong.unreachable.plain"},
		{"failed to verify certificate", "cli.wrong.unreachable.certificate"},
	} {
		if strings.Contains(message, usual.said) {
			return tell(usual.key, address)
		}
	}
	return tell("cli.wrong.unreachable", lastCause(message))
}

// lastCause is the innermost of gRPC's nested explanations of why there is no connection.
func lastCause(message string) any {
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

// listing is the hint that names the command which lists what was not found.
func listing(resource string) line {
	collection, _, _ := strings.Cut(resource, "/")
	command := map[string]string{ //nolint:gosec // G101: "credential list" is a command
		"firms": "firm list", "matchRuns": "run list", "pairings": "pairings", "credentials": "credential list", "invitations": "invitation list",
		"capabilities": "catalog capabilities list", "frameworks": "catalog frameworks list", "programs": "catalog programs list",
		"venues": "catalog venues list", "actors": "catalog actors list", "themes": "catalog themes list",
	}[collection]
	if command == "" {
		return line{}
	}
	return tell("cli.hint.names", "tandem "+command)
}

// hintFor says what usually helps.
func hintFor(reason tandemv1.Reason, role string, code codes.Code) line {
	switch reason {
	case tandemv1.Reason_CREDENTIAL_INVALID:
		return tell("cli.hint.credential")
	case tandemv1.Reason_ROLE_NOT_ALLOWED:
		switch role { // who waits is helped by no other role
		case tandemv1.Role_FIRM_PENDING.String():
			return tell("cli.hint.pending")
		case tandemv1.Role_FIRM_SUSPENDED.String():
			return tell("cli.hint.suspended")
		}
		return tell("cli.hint.role")
	case tandemv1.Reason_CAPABILITY_UNKNOWN, tandemv1.Reason_CAPABILITY_AMBIGUOUS:
		return tell("cli.hint.capability")
	case tandemv1.Reason_ATTESTATION_MISSING:
		return tell("cli.hint.attest")
	case tandemv1.Reason_ETAG_STALE:
		return tell("cli.hint.etag")
	case tandemv1.Reason_IMPORT_REFUSED:
		return tell("cli.hint.import")
	case tandemv1.Reason_NO_FIRMS:
		return tell("cli.hint.no_firms")
	case tandemv1.Reason_REGISTRATION_CLOSED:
		return tell("cli.hint.registration")
	case tandemv1.Reason_INTERNAL:
		return tell("cli.hint.internal")
	case tandemv1.Reason_FILTER_INVALID:
		return tell("cli.hint.filter")
	case tandemv1.Reason_CLAIM_CODE_UNKNOWN:
		return tell("cli.hint.claim")
	default:
	}
	if reason == tandemv1.Reason_REASON_UNSPECIFIED && code == codes.Unavailable {
		return tell("cli.hint.serving")
	}
	return line{}
}
