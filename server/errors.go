package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
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
	// says in a sentence what was refused, why, and what would be right; where it has no key, the first of the fields says it.
	says phrase
	// under is the key of a sentence into which what the first of the fields says is put, such as "nothing was imported: {0}".
	under string
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
	// says what is wrong with it and what would be right.
	says phrase
}

// Error implements error. It does not mention the cause.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", e.Reason, e.message())
}

// message is what developers read, in English and with paths as the contract has them.
func (e *Error) message() string {
	if e.says.key != "" {
		return brief(e.says.in(catalog.EN))
	}
	if len(e.Fields) == 0 {
		return brief(say("error.request").in(catalog.EN))
	}
	first := e.Fields[0]
	text := strings.TrimPrefix(first.Field+": "+brief(first.says.in(catalog.EN)), ": ")
	if more := len(e.Fields) - 1; more > 0 {
		text = say("error.more", text, more).in(catalog.EN)
	}
	if e.under != "" {
		text = brief(say(e.under, text).in(catalog.EN))
	}
	return text
}

// told is what people read, in their language and with fields by their names.
func (e *Error) told(l catalog.Language) string {
	switch {
	case e.says.key != "":
		return e.says.in(l)
	case len(e.Fields) == 0:
		return say("error.request").in(l)
	}
	text := e.Fields[0].says.in(l)
	if field := e.Fields[0].Field; field != "" {
		text = say("error.about", labelOf(l, field), text).in(l)
	}
	if more := len(e.Fields) - 1; more > 0 {
		text = say("error.more", strings.TrimSuffix(text, "."), more).in(l)
	}
	if e.under != "" {
		text = say(e.under, text).in(l)
	}
	return text
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

// invalid refuses the value of one field. The key, here and below, is of the message catalogue; a test holds every one against it.
func invalid(field, key string, args ...any) *Error {
	return invalidAs(tandemv1.Reason_FIELD_INVALID, field, key, args...)
}

// invalidAs refuses the value of one field for a reason of its own.
func invalidAs(reason tandemv1.Reason, field, key string, args ...any) *Error {
	return violations(reason, Violation{Field: field, says: say(key, args...)})
}

// violations refuses the values of several fields.
func violations(reason tandemv1.Reason, fields ...Violation) *Error {
	return &Error{Code: codes.InvalidArgument, Reason: reason, Fields: fields}
}

// malformed refuses a request, or a file in it, that cannot be read at all; at
// is where, such as a field or `line[17]`.
func malformed(at, key string, args ...any) *Error {
	return invalidAs(tandemv1.Reason_MALFORMED, at, key, args...)
}

// notFound says that an object does not exist, or is out of the caller's view:
// both alike.
func notFound(name string) *Error {
	return &Error{Code: codes.NotFound, Reason: tandemv1.Reason_NOT_FOUND, Resource: name, says: say("error.absent", name)}
}

// alreadyExists says that an object exists already.
func alreadyExists(name string) *Error {
	return &Error{Code: codes.AlreadyExists, Reason: tandemv1.Reason_ALREADY_EXISTS, Resource: name, says: say("error.exists", name)}
}

// requestIDReused says that a request_id came before with another body.
func requestIDReused() *Error {
	return &Error{
		Code: codes.AlreadyExists, Reason: tandemv1.Reason_REQUEST_ID_REUSED, says: say("error.request_id"), Meta: map[string]string{"field": "request_id"},
	}
}

// wrongState says that an object is in a state that does not allow this.
func wrongState(name, key string, args ...any) *Error {
	return precondition(tandemv1.Reason_WRONG_STATE, name, key, args...)
}

// precondition refuses a right request at the wrong time.
func precondition(reason tandemv1.Reason, name, key string, args ...any) *Error {
	return &Error{Code: codes.FailedPrecondition, Reason: reason, Resource: name, says: say(key, args...)}
}

// staleEtag says that an object was changed since the caller read it.
func staleEtag(name string) *Error {
	return &Error{
		Code: codes.Aborted, Reason: tandemv1.Reason_ETAG_STALE, Resource: name, says: say("error.etag", name), Meta: map[string]string{"field": "etag"},
	}
}

// tooLarge refuses a message, file or number of items above its limit.
func tooLarge(at, key string, args ...any) *Error {
	e := &Error{Code: codes.ResourceExhausted, Reason: tandemv1.Reason_TOO_LARGE, says: say(key, args...)}
	if at != "" {
		e.Fields = []Violation{{Field: at, says: e.says}}
	}
	return e
}

// tooLargeMessage refuses a request above the limit of all requests.
func tooLargeMessage() *Error { return tooLarge("", "error.large.message", maxMessage) }

// tooMany refuses what goes over a quota or into a full queue.
func tooMany(after time.Duration, key string, args ...any) *Error {
	return &Error{Code: codes.ResourceExhausted, Reason: tandemv1.Reason_TOO_MANY, RetryAfter: after, says: say(key, args...)}
}

// unavailable says that the server cannot do it now.
func unavailable(cause error, key string, args ...any) *Error {
	return &Error{
		Code: codes.Unavailable, Reason: tandemv1.Reason_UNAVAILABLE, RetryAfter: time.Second, says: say(key, args...), Cause: cause,
	}
}

// unauthenticated refuses a caller without a valid credential: none, a wrong, an
// expired and a revoked one all alike.
func unauthenticated() *Error {
	return &Error{Code: codes.Unauthenticated, Reason: tandemv1.Reason_CREDENTIAL_INVALID, says: say("error.credential")}
}

// denied refuses a caller whose role may never call a method.
func denied(role tandemv1.Role, method string) *Error {
	why := say("error.role", term("role:"+role.String()), method)
	switch role {
	case tandemv1.Role_FIRM_PENDING:
		why = say("error.role.pending", method)
	case tandemv1.Role_FIRM_SUSPENDED:
		why = say("error.role.suspended", method)
	default: // says what it is
	}
	return &Error{
		Code: codes.PermissionDenied, Reason: tandemv1.Reason_ROLE_NOT_ALLOWED, says: why,
		Meta: map[string]string{"role": role.String(), "method": method},
	}
}

// methodUnknown refuses a method, or a use of it, that does not exist.
func methodUnknown(key string, args ...any) *Error {
	return &Error{Code: codes.Unimplemented, Reason: tandemv1.Reason_METHOD_UNKNOWN, says: say(key, args...)}
}

// internalError is a bug: the caller is told nothing but where to look.
func internalError(cause error) *Error {
	return &Error{Code: codes.Internal, Reason: tandemv1.Reason_INTERNAL, Cause: cause, says: say("error.internal")}
}

// asError turns any error into an *Error: the server's own as they are, those of
// the libraries below by what they mean, everything else into INTERNAL.
func asError(err error) *Error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Code: codes.DeadlineExceeded, Reason: tandemv1.Reason_CANCELLED, Cause: err, says: say("error.deadline")}
	case errors.Is(err, context.Canceled):
		return &Error{Code: codes.Canceled, Reason: tandemv1.Reason_CANCELLED, Cause: err, says: say("error.cancelled")}
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
		e := nameless(alreadyExists("")).with("field", field)
		e.says = say("error.exists.value", field, value)
		e.Fields = []Violation{{Field: field, says: say("error.exists.taken", value)}}
		return e
	case errors.As(err, &taken):
		return alreadyExists(taken.Name)
	case errors.Is(err, store.ErrExists):
		return &Error{Code: codes.AlreadyExists, Reason: tandemv1.Reason_ALREADY_EXISTS, says: say("error.exists.any")}
	case errors.Is(err, store.ErrNotFound):
		return &Error{Code: codes.NotFound, Reason: tandemv1.Reason_NOT_FOUND, says: say("error.absent.any")}
	case errors.Is(err, store.ErrReused):
		return requestIDReused()
	case errors.Is(err, store.ErrCorrupt):
		return &Error{Code: codes.DataLoss, Reason: tandemv1.Reason_DATA_CORRUPT, Cause: err, says: say("error.corrupt")}
	case errors.Is(err, store.ErrUnavailable):
		return unavailable(err, "error.store")
	default:
		return nil
	}
}

// nameless drops the name of an object that has none.
func nameless(e *Error) *Error {
	e.Resource = ""
	return e
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
		return methodUnknown("error.method.form")
	case codes.Unavailable:
		return unavailable(err, "error.unavailable")
	default:
		return internalError(err)
	}
}

// status builds what goes to the caller, who reads a language. Nothing else in Tandem builds a status.
func (e *Error) status(requestID string, l catalog.Language) *status.Status {
	message := clean(e.message())
	details := []protoadapt.MessageV1{
		protoadapt.MessageV1Of(&errdetails.ErrorInfo{Reason: e.Reason.String(), Domain: errorDomain, Metadata: cleanMap(e.Meta)}),
		protoadapt.MessageV1Of(localizedMessage(l, e.told(l))),
	}
	if len(e.Fields) > 0 {
		details = append(details, protoadapt.MessageV1Of(e.badRequest(l)))
	}
	if e.Code == codes.FailedPrecondition {
		details = append(details, protoadapt.MessageV1Of(&errdetails.PreconditionFailure{
			Violations: []*errdetails.PreconditionFailure_Violation{
				{Type: e.Reason.String(), Subject: clean(e.Resource), Description: message},
			},
		}))
	}
	if e.Resource != "" {
		collection, _, _ := strings.Cut(e.Resource, "/")
		details = append(details, protoadapt.MessageV1Of(&errdetails.ResourceInfo{
			ResourceType: clean(collection), ResourceName: clean(e.Resource), Description: message,
		}))
	}
	if e.RetryAfter > 0 {
		details = append(details, protoadapt.MessageV1Of(&errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)}))
	}
	if requestID != "" {
		details = append(details, protoadapt.MessageV1Of(&errdetails.RequestInfo{RequestId: requestID}))
	}
	st := status.New(e.Code, message)
	detailed, err := st.WithDetails(details...)
	if err != nil { // only for an OK code, which no Error has
		return st
	}
	return detailed
}

// badRequest lists the fields to blame. A violation has a text of its own for people where they read another language than developers.
func (e *Error) badRequest(l catalog.Language) *errdetails.BadRequest {
	bad := new(errdetails.BadRequest)
	for _, v := range e.Fields[:min(len(e.Fields), maxFields)] {
		violation := &errdetails.BadRequest_FieldViolation{
			Field: clean(v.Field), Description: clean(brief(v.says.in(catalog.EN))), Reason: e.Reason.String(),
		}
		if l != catalog.EN {
			violation.LocalizedMessage = localizedMessage(l, v.says.in(l))
		}
		bad.FieldViolations = append(bad.FieldViolations, violation)
	}
	return bad
}

func localizedMessage(l catalog.Language, text string) *errdetails.LocalizedMessage {
	return &errdetails.LocalizedMessage{Locale: l.String(), Message: clean(text)}
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
