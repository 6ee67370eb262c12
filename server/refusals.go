package server

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// Refused callers are in the audit log, and cannot fill the disk with it. The first refusal of a kind, which is who was refused what
// and why, is written before the caller hears of it. Alike ones in the ten minutes after are only counted; the count is written when
// these are over and another refusal comes, when somebody reads the log, and at the stop. There are at most maxRefusals kinds in ten
// minutes; whoever comes after them is counted together, whatever the address. So ten minutes of a flood write some 70 entries.

const (
	// refusalWindow is how long alike refusals are counted together.
	refusalWindow = 10 * time.Minute
	// maxRefusals is how many kinds of refusals a window tells apart.
	maxRefusals = 32
	// otherAddresses stands for those whom a full window does not tell apart.
	otherAddresses = "addresses/others"
)

// refusal is a kind of refusals.
type refusal struct{ actor, credential, role, method, outcome string }

func (r refusal) compare(other refusal) int {
	return cmp.Or(cmp.Compare(r.outcome, other.outcome), cmp.Compare(r.actor, other.actor), cmp.Compare(r.method, other.method),
		cmp.Compare(r.credential, other.credential), cmp.Compare(r.role, other.role))
}

// refusals are those of the window that runs, each with how many are not written yet.
type refusals struct {
	write func(context.Context, []store.Entry) error // nobody keeps them where nil
	log   *slog.Logger

	mu    sync.Mutex
	begun time.Time
	seen  map[refusal]int32
}

// note records a refusal.
func (r *refusals) note(ctx context.Context, what refusal, now time.Time, requestID string) {
	if r.write == nil {
		return
	}
	r.mu.Lock()
	var entries []store.Entry
	if since := now.Sub(r.begun); r.seen == nil || since >= refusalWindow || since < 0 {
		entries = r.drain()
		r.begun, r.seen = now, make(map[refusal]int32)
	}
	_, known := r.seen[what]
	if !known && len(r.seen) >= maxRefusals {
		what = refusal{actor: otherAddresses, role: tandemv1.Role_ANONYMOUS.String(), outcome: what.outcome}
		_, known = r.seen[what]
	}
	if known {
		r.seen[what]++
	} else {
		r.seen[what] = 0
		first := what.entry(1)
		first.RequestID = requestID
		entries = append(entries, first)
	}
	r.mu.Unlock()
	r.keep(ctx, entries)
}

// settle writes what is only counted so far.
func (r *refusals) settle(ctx context.Context) {
	r.mu.Lock()
	entries := r.drain()
	r.mu.Unlock()
	r.keep(ctx, entries)
}

// drain takes what is only counted so far, in an order of its own.
func (r *refusals) drain() []store.Entry {
	var entries []store.Entry
	for what, count := range r.seen {
		if count > 0 {
			entries = append(entries, what.entry(count))
			r.seen[what] = 0
		}
	}
	slices.SortFunc(entries, func(a, b store.Entry) int { return refusalOf(a).compare(refusalOf(b)) })
	return entries
}

// keep writes entries, also those of a caller who has hung up: it must not be up to the refused what the audit log says of them. A
// refusal stays one where they cannot be written, and the log of the server says so.
func (r *refusals) keep(ctx context.Context, entries []store.Entry) {
	if len(entries) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unaryDeadline)
	defer cancel()
	if err := r.write(ctx, entries); err != nil {
		r.log.LogAttrs(ctx, slog.LevelError, "refusals are not in the audit log", slog.Int("entries", len(entries)), slog.String("cause", err.Error()))
	}
}

func (r refusal) entry(count int32) store.Entry {
	return store.Entry{Actor: r.actor, Credential: r.credential, Role: r.role, Method: r.method, Outcome: r.outcome, Count: count}
}

func refusalOf(e store.Entry) refusal {
	return refusal{actor: e.Actor, credential: e.Credential, role: e.Role, method: e.Method, outcome: e.Outcome}
}

// keepRefusals writes refusals into the audit log.
func (s *Server) keepRefusals(ctx context.Context, entries []store.Entry) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		for _, e := range entries {
			if err := tx.Audit(e); err != nil {
				return err
			}
		}
		return nil
	})
}

// noteRefusal records a call that was refused for who its caller is, or for a claim code that is not good.
func (c *chain) noteRefusal(ctx context.Context, method string, from origin, caller access.Caller, err error) {
	var e *Error
	if !errors.As(err, &e) {
		return
	}
	if e.Reason == tandemv1.Reason_TOO_MANY && !errors.As(e.Cause, &e) {
		return
	}
	what := refusal{actor: callerKey(caller), credential: caller.Credential, role: caller.Role.String(), method: "/" + method, outcome: e.Reason.String()}
	switch e.Code {
	case codes.Unauthenticated, codes.PermissionDenied:
	case codes.NotFound, codes.FailedPrecondition:
		switch e.Reason {
		case tandemv1.Reason_CLAIM_CODE_UNKNOWN, tandemv1.Reason_CLAIM_CODE_USED, tandemv1.Reason_CLAIM_CODE_EXPIRED:
		default:
			return
		}
	default:
		return
	}
	if caller.Role == tandemv1.Role_ANONYMOUS {
		what.actor = c.addressKey(from.address)
		if e.Code == codes.Unauthenticated { // a scan of every method is one kind
			what.method = ""
		}
	}
	c.refusals.note(ctx, what, c.now(), from.requestID)
}

// addressKey tells network addresses apart in the audit log without keeping them: a keyed hash, which only this server can make again.
func (c *chain) addressKey(address string) string {
	if address == "" {
		return callerKey(access.Caller{})
	}
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte("address " + address))
	return "addresses/" + hex.EncodeToString(mac.Sum(nil)[:4])
}
