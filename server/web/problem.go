package web

import (
	"errors"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// What the door itself refuses.
var (
	errUnknownPage = errors.New("there is no such page for this reader")
	errSignedOut   = errors.New("nobody is signed in")
	errStaleForm   = errors.New("the form is not of this session")
	errForeign     = errors.New("the form was sent by another site")
	errForm        = errors.New("the form cannot be read")
)

// problem is what went wrong, in the reader's language.
type problem struct {
	// Reason is the stable reason of the API, such as ETAG_STALE.
	Reason string
	// Text says what was refused; Fields say so for each field.
	Text   string
	Fields map[string]string
	// Request is the id under which the server's log has it.
	Request string
	code    codes.Code
}

// problemOf reads an error of the API.
func (v *visit) problemOf(err error) problem {
	st := status.Convert(err)
	p := problem{Reason: tandemv1.Reason_INTERNAL.String(), Text: st.Message(), Fields: make(map[string]string), code: st.Code()}
	told := false
	for _, detail := range st.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			p.Reason = detail.Reason
		case *errdetails.LocalizedMessage:
			if told = told || strings.HasPrefix(detail.Locale, v.lang.String()); strings.HasPrefix(detail.Locale, v.lang.String()) {
				p.Text = detail.Message
			}
		case *errdetails.BadRequest:
			for _, f := range detail.FieldViolations {
				field := strings.TrimPrefix(f.Field, "firm.")
				text := f.Description
				if local := f.LocalizedMessage; strings.HasPrefix(local.GetLocale(), v.lang.String()) {
					text = local.GetMessage()
				}
				if _, ok := p.Fields[field]; !ok {
					p.Fields[field] = capital(v.byName(text))
				}
			}
		case *errdetails.RequestInfo:
			p.Request = detail.RequestId
		}
	}
	if key := "web.problem." + p.Reason; !told && v.door.Catalog.HasSentence(key) {
		p.Text = v.say(key)
	}
	p.Text = capital(v.byName(p.Text))
	return p
}

// byName puts the names that a reader knows for the codes of which the API wants one, such as the kinds of organisations.
func (v *visit) byName(text string) string {
	for _, property := range few {
		var codes, names []string
		for i := range property.values.Len() {
			if value := property.values.Get(i); value.Number() != 0 {
				codes = append(codes, string(value.Name()))
				names = append(names, v.door.Catalog.Name(v.lang, property.name+":"+string(value.Name())))
			}
		}
		text = strings.Replace(text, strings.Join(codes, ", "), strings.Join(names, ", "), 1)
	}
	return text
}

// few are the properties of a firm of which a refusal lists all that they can be.
var few = []struct {
	name   string
	values protoreflect.EnumValueDescriptors
}{
	{"kind", tandemv1.Firm_KIND_UNSPECIFIED.Descriptor().Values()}, {"size", tandemv1.Firm_SIZE_UNSPECIFIED.Descriptor().Values()},
	{"mode", tandemv1.Mode_MODE_UNSPECIFIED.Descriptor().Values()},
}

// fail answers with what went wrong.
func (v *visit) fail(err error) {
	switch {
	case errors.Is(err, errUnknownPage):
		err = v.showAs(http.StatusNotFound, "lost", v.say("web.lost.title"), nil)
	case errors.Is(err, errSignedOut):
		err = v.askToSignIn(http.StatusUnauthorized, "")
	case errors.Is(err, errStaleForm):
		err = v.keep(http.StatusForbidden, v.r.URL.Path, v.kept())
	case errors.Is(err, errForeign):
		err = v.showAs(http.StatusForbidden, "problem", v.say("web.problem.title"), problem{Text: v.say("web.problem.foreign")})
	case errors.Is(err, errForm):
		err = v.showAs(http.StatusBadRequest, "problem", v.say("web.problem.title"), problem{Text: v.say("web.problem.form")})
	default:
		err = v.failCall(err)
	}
	if err == nil {
		return
	}
	v.door.Log.ErrorContext(v.ctx(), "page", "path", v.r.URL.Path, "cause", err.Error())
	http.Error(v.w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// failCall answers with what a call refused.
func (v *visit) failCall(err error) error {
	st, ok := status.FromError(err)
	if !ok {
		return err
	}
	code := httpCode(st.Code())
	switch st.Code() { //nolint:exhaustive // the others have no page of their own
	case codes.Unauthenticated: // it was revoked a moment ago
		v.session = nil
		return v.askToSignIn(http.StatusUnauthorized, "")
	case codes.NotFound, codes.PermissionDenied:
		return v.showAs(http.StatusNotFound, "lost", v.say("web.lost.title"), nil)
	case codes.Aborted, codes.AlreadyExists:
		code = http.StatusConflict
	}
	return v.showAs(code, "problem", v.say("web.problem.title"), v.problemOf(err))
}

// httpCode is what a refusal is over HTTP. What is not said here is the reader's to mend.
func httpCode(code codes.Code) int {
	switch code { //nolint:exhaustive // see above
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return http.StatusServiceUnavailable
	case codes.Internal, codes.DataLoss, codes.Unknown:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}
