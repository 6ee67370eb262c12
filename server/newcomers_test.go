package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// An address may register so many at once and then as many as an hour brings, evenly; another one is not held up by it, all together are.
func TestNewcomersAreCountedByAddress(t *testing.T) {
	var n newcomers
	now := newClock().Now()
	for i := range maxNewcomersOfAddress {
		if err := n.admit("192.0.2.1", now); err != nil {
			t.Fatalf("refused after %d: %v", i, err)
		}
		n.count("192.0.2.1", now)
	}
	every := time.Hour / maxNewcomersOfAddress
	err := n.admit("192.0.2.1", now)
	if e := asError(err); err == nil || e.Code != codes.ResourceExhausted || e.RetryAfter < every || e.RetryAfter > every+time.Second {
		t.Errorf("above the limit: got %v, want a refusal for %s", err, every)
	}
	if err := n.admit("192.0.2.2", now); err != nil {
		t.Errorf("another address: %v", err)
	}
	if err := n.admit("192.0.2.1", now.Add(every)); err != nil {
		t.Errorf("%s later: %v", every, err)
	}
	for i := range maxNewcomers - maxNewcomersOfAddress {
		n.count(fmt.Sprintf("198.51.100.%d/%d", i%250, i/250), now)
	}
	if err := n.admit("192.0.2.2", now); err == nil || asError(err).says.key != "error.registrations.all" {
		t.Errorf("all together above the limit: got %v", err)
	}
	later := now.Add(2 * time.Hour)
	for i := range 3 * maxNewcomers {
		n.count(fmt.Sprint(i), later.Add(time.Duration(i)*time.Hour))
	}
	if got := len(n.addresses); got > 2*maxNewcomers {
		t.Errorf("%d addresses are kept, want those forgotten whose hour is over", got)
	}
}

// What registers over gRPC and over REST counts against the caller's own address, not against the gateway, and is refused in its
// language; a call that only checks counts nothing, and an answer is given again at any time.
func TestTooManyNewcomers(t *testing.T) {
	now := newClock()
	f := serveFaces(t, openServer(t, Config{Now: now.Now}))
	const firm = `"attested": true, "firm": {"display_name": "Newcomer", "country": "KR", "kind": "COMPANY"}`
	newcomer := call{method: "FirmService/RegisterFirm", request: `{` + firm + `}`}
	check := call{method: "FirmService/RegisterFirm", request: `{` + firm + `, "validate_only": true}`}
	for range maxNewcomersOfAddress - 1 {
		f.server.newcomers.count("127.0.0.1", now.Now())
	}
	for range 3 {
		if got := f.overREST(t, check); got.Code != codes.OK {
			t.Fatalf("a check within the limit: %s", got.Message)
		}
	}
	register := func() *http.Response {
		body := strings.NewReader(`{` + firm + `, "request_id": "0123456789abcdef0123"}`)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.base+"/v1/firms:register", body)
		if err != nil {
			t.Fatal(err)
		}
		response, _ := f.do(t, r)
		return response
	}
	if got := register(); got.StatusCode != http.StatusOK {
		t.Fatalf("the last within the limit: %s", got.Status)
	}
	for _, c := range []call{newcomer, check} {
		blames(t, f.both(t, c), codes.ResourceExhausted, tandemv1.Reason_TOO_MANY)
	}
	for language, want := range map[string]string{"en": "from this address within an hour; try again in 13 seconds", "fr": "depuis cette adresse", "ko": "이 주소에서 한 시간 안에"} {
		newcomer.language = language
		if _, said := f.both(t, newcomer).localized(); !strings.Contains(said, want) {
			t.Errorf("in %s: got %q, want %q", language, said, want)
		}
	}
	if got := register(); got.StatusCode != http.StatusOK {
		t.Errorf("the same request again: %s, want its answer", got.Status)
	}
	now.add(time.Hour / maxNewcomersOfAddress)
	if got := register(); got.StatusCode != http.StatusOK {
		t.Errorf("after the wait: %s", got.Status)
	}
}
