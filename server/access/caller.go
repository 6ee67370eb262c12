package access

import (
	"context"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Caller is who makes a call, once authenticated.
type Caller struct {
	// Role is what the caller is; ANONYMOUS without a credential.
	Role tandemv1.Role
	// Firm is the caller's own firm, `firms/{firm}`; empty for everyone but firms.
	Firm string
	// Credential is the credential used, `credentials/{credential}`; empty for
	// anonymous callers and for the operator.
	Credential string
	// Operator is true for whoever runs the server's host and calls in process.
	Operator bool
}

type callerKey struct{}

// WithCaller returns a context that carries the caller of the call.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// FromContext returns the caller of the call; an anonymous one where nobody was
// authenticated.
func FromContext(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(Caller); ok {
		return c
	}
	return Caller{Role: tandemv1.Role_ANONYMOUS}
}

// Staff reports whether the caller sees everything that shows to anybody:
// organisers, auditors and integrations do.
func (c Caller) Staff() bool {
	switch c.Role {
	case tandemv1.Role_ORGANISER, tandemv1.Role_AUDITOR, tandemv1.Role_INTEGRATION:
		return true
	default:
		return false
	}
}

// Is reports whether the named firm is the caller's own.
func (c Caller) Is(firm string) bool {
	return firm != "" && firm == c.Firm
}
