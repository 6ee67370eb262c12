package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// Each error of what lies below has a reason of its own, and its text stays in the log.
func TestErrorsFromBelow(t *testing.T) {
	for _, test := range []struct {
		err    error
		code   codes.Code
		reason tandemv1.Reason
		says   string
	}{
		{fmt.Errorf("row: %w", store.ErrNotFound), codes.NotFound, tandemv1.Reason_NOT_FOUND, "the object does not exist"},
		{fmt.Errorf("row: %w", store.ErrExists), codes.AlreadyExists, tandemv1.Reason_ALREADY_EXISTS, "the object exists already"},
		{&store.ExistsError{Kind: "firms", Name: "firms/a"}, codes.AlreadyExists, tandemv1.Reason_ALREADY_EXISTS, "firms/a exists already"},
		{&store.ExistsError{Kind: "firms", Name: "firms/secret", Unique: "external_id=7"}, codes.AlreadyExists, tandemv1.Reason_ALREADY_EXISTS, `external_id “7” exists already`},
		{fmt.Errorf("row: %w", store.ErrReused), codes.AlreadyExists, tandemv1.Reason_REQUEST_ID_REUSED, "request_id was used before"},
		{fmt.Errorf("row: %w", store.ErrCorrupt), codes.DataLoss, tandemv1.Reason_DATA_CORRUPT, "does not match its digest"},
		{fmt.Errorf("row: %w", store.ErrUnavailable), codes.Unavailable, tandemv1.Reason_UNAVAILABLE, "cannot be written now"},
		{fmt.Errorf("row: %w", store.ErrMisuse), codes.Internal, tandemv1.Reason_INTERNAL, "internal error"},
		{io.ErrUnexpectedEOF, codes.Internal, tandemv1.Reason_INTERNAL, "internal error"},
		{fmt.Errorf("row: %w", notFound("firms/a")), codes.NotFound, tandemv1.Reason_NOT_FOUND, "firms/a does not exist"},
		{fmt.Errorf("row: %w", context.DeadlineExceeded), codes.DeadlineExceeded, tandemv1.Reason_CANCELLED, "the deadline passed"},
		{status.FromContextError(context.Canceled).Err(), codes.Canceled, tandemv1.Reason_CANCELLED, "the caller cancelled"},
		{status.FromContextError(context.DeadlineExceeded).Err(), codes.DeadlineExceeded, tandemv1.Reason_CANCELLED, "the deadline passed"},
	} {
		a := errorAnswer(t, asError(test.err).status("id", catalog.EN))
		if a.Code != test.code || a.reason() != test.reason.String() || !strings.Contains(a.Message, test.says) {
			t.Errorf("%v: got %s %s: %s; want %s %s: ... %s ...", test.err, a.Code, a.reason(), a.Message, test.code, test.reason, test.says)
		}
		if strings.Contains(fmt.Sprint(a), "row: ") || strings.Contains(fmt.Sprint(a), "secret") {
			t.Errorf("%v: the caller is told what belongs in the log: %v", test.err, a)
		}
	}
}

// What an error carries, as a client in any language finds it.
func TestDetailsOfAnError(t *testing.T) {
	e := wrongState("matchRuns/r1", "error.stopping").with("state", "SUCCEEDED")
	e.Cause = errors.New("in the log")
	const stopping = "the server is stopping; call again with the last position"
	got := errorAnswer(t, e.status("id-1", catalog.FR))
	want := answer{Code: codes.FailedPrecondition, Message: stopping, Details: []any{
		map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "WRONG_STATE", "domain": "tandem", "metadata": map[string]any{"state": "SUCCEEDED"},
		},
		map[string]any{
			"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "fr",
			"message": "Le serveur s'arrête; rappeler avec la dernière position.",
		},
		map[string]any{
			"@type": "type.googleapis.com/google.rpc.PreconditionFailure", "violations": []any{
				map[string]any{"type": "WRONG_STATE", "subject": "matchRuns/r1", "description": stopping},
			},
		},
		map[string]any{
			"@type": "type.googleapis.com/google.rpc.ResourceInfo", "resourceType": "matchRuns", "resourceName": "matchRuns/r1", "description": stopping,
		},
		map[string]any{"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "id-1"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-) and got (+) differ:\n%s", diff)
	}
}

// An error can be sent whatever it quotes, and is not as large as what it refuses.
func TestErrorsQuoteWithCare(t *testing.T) {
	st := notFound("firms/\xff"+strings.Repeat("가", 10_000)).status("id", catalog.KO)
	raw, err := protojson.Marshal(st.Proto())
	if err != nil {
		t.Fatalf("an error that quotes bad UTF-8 cannot be sent: %v", err)
	}
	if len(raw) > 10_000 {
		t.Errorf("the error has %d bytes", len(raw))
	}
}

func TestErrorsListAHundredFieldsAtMost(t *testing.T) {
	var fields []Violation
	for i := range 1000 {
		fields = append(fields, Violation{Field: fmt.Sprint("f", i), says: say("error.utf8")})
	}
	a := errorAnswer(t, violations(tandemv1.Reason_FIELD_INVALID, fields...).status("id", catalog.KO))
	if len(a.fields()) != maxFields {
		t.Errorf("got %d fields, want %d", len(a.fields()), maxFields)
	}
	if want := "f0: it is not valid UTF-8; send text in UTF-8 (and 999 more)"; a.Message != want {
		t.Errorf("got %q, want %q", a.Message, want)
	}
}
