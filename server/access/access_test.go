package access_test

import (
	"context"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

func TestCallerOfAContext(t *testing.T) {
	want := access.Caller{Role: tandemv1.Role_FIRM, Firm: "firms/a", Credential: "credentials/c"}
	if got := access.FromContext(access.WithCaller(context.Background(), want)); got != want {
		t.Errorf("FromContext after WithCaller: got %+v, want %+v", got, want)
	}
	if got, want := access.FromContext(context.Background()), (access.Caller{Role: tandemv1.Role_ANONYMOUS}); got != want {
		t.Errorf("FromContext of a bare context: got %+v, want %+v", got, want)
	}
}

func TestNobodyIsANamelessFirm(t *testing.T) {
	if (access.Caller{}).Is("") {
		t.Error("a caller without a firm is taken for a firm without a name")
	}
}
