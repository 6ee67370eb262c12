package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// errorDomain is the domain of every ErrorInfo.
const errorDomain = "tandem"

// Error is the one error type of the server: what a service returns, and what
// every other error becomes before it reaches a caller.
type Error struct {
	// Code is the canonical code; it decides the HTTP status.
	Code codes.Code
	// Reason is the stable reason, ErrorInfo.reason.
	Reason tandemv1.Reason
	// Message says in a sentence what was refused, why, and what would be right.
	Message string
	// Fields are the fields to blame: BadRequest.field_violations.
	Fields []Violation
	// Resource is the name of the object it is about, where there is one.
	Resource string
	// Meta is ErrorInfo.metadata.
	Meta map[string]string
	// RetryAfter says when to try again; 0 where trying again is pointless.
	RetryAfter time.Duration
	// Cause goes to the log, never to the caller.
	Cause error
}

// Violation is one field to blame.
type Violation struct {
	// Field is its path in the request, in the contract's spelling, such as
	// `firm.needs[2].capability`.
	Field string
	// Description says what is wrong with it and what would be right.
	Description string
}

// Error implements error. It does not mention the cause.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", e.Reason, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// with adds a pair to the error's metadata and returns the error.
func (e *Error) with(key, value string) *Error {
	meta := maps.Clone(e.Meta)
	if meta == nil {
		meta = make(map[string]string)
	}
	meta[key] = value
	e.Meta = meta
	return e
}

// invalid refuses the value of one field.
func invalid(field, format string, args ...any) *Error {
	return invalidAs(tandemv1.Reason_FIELD_INVALID, field, format, args...)
}

// invalidAs refuses the value of one field for a reason of its own.
func invalidAs(reason tandemv1.Reason, field, format string, args ...any) *Error {
	return violations(reason, Violation{Field: field, Description: fmt.Sprintf(format, args...)})
}

// violations refuses the values of several fields.
func violations(reason tandemv1.Reason, fields ...Violation) *Error {
	e := &Error{Code: codes.InvalidArgument, Reason: reason, Fields: fields, Message: "the request is not valid"}
	if len(fields) > 0 {
		e.Message = strings.TrimPrefix(fields[0].Field+": "+fields[0].Description, ": ")
	}
	if more := len(fields) - 1; more > 0 {
		e.Message += fmt.Sprintf(" (and %d more)", more)
	}
	return e
}

// malformed refuses a request, or a file in it, that cannot be read at all; at
// is where, such as a field or `byte 17`.
func malformed(at, format string, args ...any) *Error {
	return invalidAs(tandemv1.Reason_MALFORMED, at, format, args...)
}

// notFound says that an object does not exist, or is out of the caller's view:
// both alike.
func notFound(name string) *Error {
	return &Error{
		Code: codes.NotFound, Reason: tandemv1.Reason_NOT_FOUND, Resource: name,
		Message: fmt.Sprintf("%s does not exist", name),
	}
}

// alreadyExists says that an object exists already.
func alreadyExists(name string) *Error {
	return &Error{
		Code: codes.AlreadyExists, Reason: tandemv1.Reason_ALREADY_EXISTS, Resource: name,
		Message: fmt.Sprintf("%s exists already", name),
	}
}

// requestIDReused says that a request_id came before with another body.
func requestIDReused() *Error {
	return &Error{
		Code: codes.AlreadyExists, Reason: tandemv1.Reason_REQUEST_ID_REUSED,
		Message: "request_id was used before with another body; choose a new one for a new request",
		Meta:    map[string]string{"field": "request_id"},
	}
}

// wrongState says that an object is in a state that does not allow this.
func wrongState(name, format string, args ...any) *Error {
	return precondition(tandemv1.Reason_WRONG_STATE, name, format, args...)
}

// precondition refuses a right request at the wrong time.
func precondition(reason tandemv1.Reason, name, format string, args ...any) *Error {
	return &Error{Code: codes.FailedPrecondition, Reason: reason, Resource: name, Message: fmt.Sprintf(format, args...)}
}

// staleEtag says that an object was changed since the caller read it.
func staleEtag(name string) *Error {
	return &Error{
		Code: codes.Aborted, Reason: tandemv1.Reason_ETAG_STALE, Resource: name,
		Message: fmt.Sprintf("%s was changed since it was read; read it again and send its new etag", name),
		Meta:    map[string]string{"field": "etag"},
	}
}

// tooLarge refuses a message, file or number of items above its limit.
func tooLarge(at, format string, args ...any) *Error {
	e := &Error{Code: codes.ResourceExhausted, Reason: tandemv1.Reason_TOO_LARGE, Message: fmt.Sprintf(format, args...)}
	if at != "" {
		e.Fields = []Violation{{Field: at, Description: e.Message}}
	}
	return e
}

// tooLargeMessage refuses a request above the limit of all requests.
func tooLargeMessage() *Error {
	return tooLarge("", "the request is larger than %d bytes, the limit of a message", maxMessage)
}

// tooMany refuses what goes over a quota or into a full queue.
func tooMany(after time.Duration, format string, args ...any) *Error {
	return &Error{
		Code: codes.ResourceExhausted, Reason: tandemv1.Reason_TOO_MANY, RetryAfter: after,
		Message: fmt.Sprintf(format, args...),
	}
}

// unavailable says that the server cannot do it now.
func unavailable(cause error, format string, args ...any) *Error {
	return &Error{
		Code: codes.Unavailable, Reason: tandemv1.Reason_UNAVAILABLE, RetryAfter: time.Second,
		Message: fmt.Sprintf(format, args...), Cause: cause,
	}
}

// unauthenticated refuses a caller without a valid credential: none, a wrong, an
// expired and a revoked one all alike.
func unauthenticated() *Error {
	return &Error{
		Code: codes.Unauthenticated, Reason: tandemv1.Reason_CREDENTIAL_INVALID,
		Message: "this needs a valid credential, as the header `Authorization: Bearer tnd_...`",
	}
}

// denied refuses a caller whose role may never call a method.
func denied(role tandemv1.Role, method string) *Error {
	message := fmt.Sprintf("the role %s may not call %s", role, method)
	switch role {
	case tandemv1.Role_FIRM_PENDING:
		message = fmt.Sprintf("the firm waits for approval by an organiser; until then it may not call %s", method)
	case tandemv1.Role_FIRM_SUSPENDED:
		message = fmt.Sprintf("the firm is suspended; until an organiser approves it again it may not call %s", method)
	default: // says what it is
	}
	return &Error{
		Code: codes.PermissionDenied, Reason: tandemv1.Reason_ROLE_NOT_ALLOWED, Message: message,
		Meta: map[string]string{"role": role.String(), "method": method},
	}
}

// methodUnknown refuses a method, or a use of it, that does not exist.
func methodUnknown(format string, args ...any) *Error {
	return &Error{Code: codes.Unimplemented, Reason: tandemv1.Reason_METHOD_UNKNOWN, Message: fmt.Sprintf(format, args...)}
}

// internalError is a bug: the caller is told nothing but where to look.
func internalError(cause error) *Error {
	return &Error{
		Code: codes.Internal, Reason: tandemv1.Reason_INTERNAL, Cause: cause,
		Message: "internal error; the server's log has the cause under the request id",
	}
}

// asError turns any error into an *Error: the server's own as they are, those of
// the libraries below by what they mean, everything else into INTERNAL.
func asError(err error) *Error {
	var own *Error
	var validation *protovalidate.ValidationError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &validation):
		return fromValidation(validation)
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{
			Code: codes.DeadlineExceeded, Reason: tandemv1.Reason_CANCELLED, Cause: err,
			Message: "the deadline passed before the answer was ready; whether a change was made can be seen by sending the same request_id again",
		}
	case errors.Is(err, context.Canceled):
		return &Error{Code: codes.Canceled, Reason: tandemv1.Reason_CANCELLED, Message: "the caller cancelled", Cause: err}
	}
	if e := fromStore(err); e != nil {
		return e
	}
	if st, ok := status.FromError(err); ok {
		return fromLibrary(st, err)
	}
	return internalError(err)
}

// fromStore says what an error of the store means to the caller; nil where the
// error is not the store's. Its own text names rows and stays in the log.
func fromStore(err error) *Error {
	var taken *store.ExistsError
	switch {
	case errors.As(err, &taken) && taken.Unique != "":
		field, value, _ := strings.Cut(taken.Unique, "=")
		e := nameless(alreadyExists(fmt.Sprintf("%s %q", field, value))).with("field", field)
		e.Fields = []Violation{{Field: field, Description: fmt.Sprintf("%q is taken; it must be another one", value)}}
		return e
	case errors.As(err, &taken):
		return alreadyExists(taken.Name)
	case errors.Is(err, store.ErrExists):
		return nameless(alreadyExists("the object"))
	case errors.Is(err, store.ErrNotFound):
		return nameless(notFound("the object"))
	case errors.Is(err, store.ErrReused):
		return requestIDReused()
	case errors.Is(err, store.ErrCorrupt):
		return &Error{
			Code: codes.DataLoss, Reason: tandemv1.Reason_DATA_CORRUPT, Cause: err,
			Message: "a stored row does not match its digest and is not served; the server's log names it, and `tandem verify` looks for more",
		}
	case errors.Is(err, store.ErrUnavailable):
		return unavailable(err, "the store cannot be written now; whether this change was made can be seen by sending the same request_id again")
	default:
		return nil
	}
}

// nameless drops the name of an object that has none.
func nameless(e *Error) *Error {
	e.Resource = ""
	return e
}

// fromValidation lists the rules of the contract that a request breaks.
func fromValidation(err *protovalidate.ValidationError) *Error {
	fields := make([]Violation, 0, len(err.Violations))
	for _, v := range err.Violations {
		description := v.Proto.GetMessage()
		switch rule := v.Proto.GetRuleId(); {
		case rule == "enum.not_in" && v.FieldDescriptor != nil && v.FieldDescriptor.Enum() != nil:
			description = "must be stated: " + enumNames(v.FieldDescriptor.Enum())
		case description == "":
			description = "breaks the rule " + rule
		}
		fields = append(fields, Violation{Field: protovalidate.FieldPathString(v.Proto.GetField()), Description: description})
	}
	return violations(tandemv1.Reason_FIELD_INVALID, fields...)
}

// fromLibrary gives a reason to a status that gRPC itself made.
func fromLibrary(st *status.Status, err error) *Error {
	switch st.Code() {
	case codes.ResourceExhausted:
		return tooLargeMessage()
	case codes.Canceled:
		return asError(context.Canceled)
	case codes.DeadlineExceeded:
		return asError(context.DeadlineExceeded)
	case codes.Unimplemented:
		return methodUnknown("the server has no such method, or not in this form")
	case codes.Unavailable:
		return unavailable(err, "the server is not available")
	default:
		return internalError(err)
	}
}

// status builds what goes to the caller. Nothing else in Tandem builds a status.
func (e *Error) status(requestID string) *status.Status {
	st := status.New(e.Code, clean(e.Message))
	details := []protoadapt.MessageV1{
		protoadapt.MessageV1Of(&errdetails.ErrorInfo{Reason: e.Reason.String(), Domain: errorDomain, Metadata: cleanMap(e.Meta)}),
	}
	if len(e.Fields) > 0 {
		bad := &errdetails.BadRequest{}
		for _, v := range e.Fields[:min(len(e.Fields), maxFields)] {
			bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Field: clean(v.Field), Description: clean(v.Description), Reason: e.Reason.String(),
			})
		}
		details = append(details, protoadapt.MessageV1Of(bad))
	}
	if e.Code == codes.FailedPrecondition {
		details = append(details, protoadapt.MessageV1Of(&errdetails.PreconditionFailure{
			Violations: []*errdetails.PreconditionFailure_Violation{
				{Type: e.Reason.String(), Subject: clean(e.Resource), Description: clean(e.Message)},
			},
		}))
	}
	if e.Resource != "" {
		collection, _, _ := strings.Cut(e.Resource, "/")
		details = append(details, protoadapt.MessageV1Of(&errdetails.ResourceInfo{
			ResourceType: clean(collection), ResourceName: clean(e.Resource), Description: clean(e.Message),
		}))
	}
	if e.RetryAfter > 0 {
		details = append(details, protoadapt.MessageV1Of(&errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)}))
	}
	if requestID != "" {
		details = append(details, protoadapt.MessageV1Of(&errdetails.RequestInfo{RequestId: requestID}))
	}
	detailed, err := st.WithDetails(details...)
	if err != nil { // only for an OK code, which no Error has
		return st
	}
	return detailed
}

// maxFields is how many fields an error lists at most.
const maxFields = 100

// longestText is where a text quoted in an error is cut: an answer must not be
// as large as the request that it refuses.
const longestText = 500

// clean makes a text fit for a status: valid UTF-8 and not too long.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if runes := []rune(text); len(runes) > longestText {
		return string(runes[:longestText]) + "…"
	}
	return text
}

func cleanMap(m map[string]string) map[string]string {
	cleaned := make(map[string]string, len(m))
	for key, value := range m {
		cleaned[clean(key)] = clean(value)
	}
	return cleaned
}
