package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Every kind of refusal has its HTTP status.
func TestStatusesOverHTTP(t *testing.T) {
	for _, test := range []struct {
		err  *Error
		want int
	}{
		{unauthenticated(), http.StatusUnauthorized},
		{denied(tandemv1.Role_FIRM, "Test/Call"), http.StatusForbidden},
		{notFound("firms/a"), http.StatusNotFound},
		{invalid("name", "is wrong"), http.StatusBadRequest},
		{malformed("", "is not JSON"), http.StatusBadRequest},
		{tooLarge("", "is too large"), http.StatusRequestEntityTooLarge},
		{tooMany(time.Second, "too many"), http.StatusTooManyRequests},
		{wrongState("matchRuns/r1", "it has finished"), http.StatusBadRequest},
		{alreadyExists("firms/a"), http.StatusConflict},
		{requestIDReused(), http.StatusConflict},
		{staleEtag("firms/a"), http.StatusConflict},
		{unavailable(nil, "stopping"), http.StatusServiceUnavailable},
		{methodUnknown("none"), http.StatusNotFound},
		{internalError(nil), http.StatusInternalServerError},
		{&Error{Code: codes.OutOfRange}, http.StatusBadRequest},
		{&Error{Code: codes.DeadlineExceeded}, http.StatusGatewayTimeout},
		{&Error{Code: codes.DataLoss}, http.StatusInternalServerError},
		{&Error{Code: codes.Canceled}, 499},
	} {
		if got := httpStatus(test.err.status("id", catalog.EN)); got != test.want {
			t.Errorf("%s %s: got %d, want %d", test.err.Code, test.err.Reason, got, test.want)
		}
	}
}

// Answers are in camelCase without zero values, and are not kept by anybody on the way.
func TestAnswersOverREST(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/partnership", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, a := f.do(t, r)
	var partnership map[string]any
	if err := json.Unmarshal([]byte(a.File), &partnership); err != nil {
		t.Fatal(err)
	}
	if partnership["displayName"] == nil || partnership["display_name"] != nil {
		t.Errorf("not in camelCase: %s", a.File)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for name := range response.Header {
		if strings.HasPrefix(name, "Grpc-") {
			t.Errorf("metadata of gRPC is in the answer: %s", name)
		}
	}
}

// Both spellings of a field are taken, in a body, in a query and in a mask.
func TestBothSpellings(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	f.firm(t, "steel-house", tandemv1.Firm_APPROVED)
	for spelling, call := range map[string][2]string{
		"camelCase":  {"/v1/firms/steel-house?updateMask=nativeName,summaryNative&attested=true", `{"nativeName": "a", "summaryNative": "b"}`},
		"snake_case": {"/v1/firms/steel-house?update_mask=native_name,summary_native&attested=true", `{"native_name": "c", "summary_native": "d"}`},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, f.base+call[0], strings.NewReader(call[1]))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+organiser)
		_, a := f.do(t, r)
		if a.Code != codes.OK {
			t.Errorf("%s: %s", spelling, a.Message)
			continue
		}
		got := parsed(t, []byte(a.File)).(map[string]any)
		if want := parsed(t, []byte(call[1])).(map[string]any); got["nativeName"] != want["nativeName"] && got["nativeName"] != want["native_name"] {
			t.Errorf("%s: got %v, want %v", spelling, got["nativeName"], want)
		}
	}
}

// The media type of a body is said, and is JSON in UTF-8.
func TestMediaTypes(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	for kind, taken := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "application/json; charset=UTF-8": true, "": true,
		"application/json; charset=euc-kr": false, "text/plain": false, "application/x-www-form-urlencoded": false, "multipart/form-data": false, "json": false,
	} {
		_, a := f.post(t, "/v1/credentials", organiser, kind, `{"role": "AUDITOR"}`)
		if taken && a.Code != codes.OK {
			t.Errorf("%q: %s", kind, a.Message)
		}
		if !taken {
			blames(t, a, codes.InvalidArgument, tandemv1.Reason_MALFORMED, "Content-Type")
		}
	}
}

// Every way in that the contract declares is one that the gateway takes.
func TestRoutesAreTheContracts(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	g, err := newGateway(f.server.chain, f.server.local, f.server.services()...)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.routes) < 40 {
		t.Fatalf("%d routes: the test does not see the contract", len(g.routes))
	}
	for _, route := range g.routes {
		target := variable.ReplaceAllStringFunc(route.template, func(v string) string {
			inner := variable.FindStringSubmatch(v)[1]
			return strings.NewReplacer("**", "x1", "*", "x1").Replace(inner)
		})
		r, err := http.NewRequestWithContext(t.Context(), route.verb, f.base+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, a := f.do(t, r); a.reason() == tandemv1.Reason_METHOD_UNKNOWN.String() {
			t.Errorf("%s %s: %s", route.verb, target, a.Message)
		}
		if !strings.Contains(strings.Join(g.routes.allowed(target), " "), route.verb) {
			t.Errorf("%s is not said to take %s", target, route.verb)
		}
	}
}
