package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// errOnlyChecked rolls back a change that was asked for with validate_only.
var errOnlyChecked = errors.New("only checked")

// change is one write in progress: what it changed goes to the audit log in the same transaction.
type change struct {
	*store.Tx
	caller   access.Caller
	revision int32 // as which it will commit
	objects  []string
}

// put writes a row that a person or system wrote, and notes it for the audit log.
func (c *change) put(kind store.Kind, row store.Row) error {
	c.objects = append(c.objects, row.Name)
	return c.Put(kind, row)
}

// write runs a change in one transaction with its audit entry, once per request_id: a repeated request gets the answer of the
// first, and replayed is true. Files are what the request carries beside its message. The change may be run again after a lost race, so it has no effects but those on the store.
func write[R proto.Message](ctx context.Context, s *Server, request proto.Message, answer R, run func(*change) error, files ...[]byte) (replayed bool, err error) {
	method, _ := grpc.Method(ctx)
	caller := access.FromContext(ctx)
	id, body, scope := requestID(request), requestDigest(request, files), callerKey(caller)
	if caller.Role == tandemv1.Role_ANONYMOUS { // strangers may choose the same id
		scope += " " + hex.EncodeToString(body[:8])
	}
	err = s.update(ctx, func(tx *store.Tx) error {
		proto.Reset(answer)
		replayed = false
		if id != "" {
			stored, found, err := tx.Recall(scope, id, method, body)
			if err != nil {
				return err
			}
			if found {
				replayed = true
				return proto.Unmarshal(stored, answer)
			}
		}
		c := &change{Tx: tx, caller: caller}
		var err error
		if c.revision, err = tx.Revision(); err != nil {
			return err
		}
		if err := run(c); err != nil {
			return err
		}
		if onlyChecks(request) {
			return errOnlyChecked
		}
		if err := tx.Audit(c.entry(ctx, method)); err != nil {
			return err
		}
		if id == "" {
			return nil
		}
		stored, err := proto.Marshal(answer)
		if err != nil {
			return err
		}
		return tx.Remember(scope, id, method, body, stored)
	})
	if errors.Is(err, errOnlyChecked) {
		err = nil
		walk(answer.ProtoReflect(), unstamp) // what was not stored has no revision and no etag
	}
	return replayed, err
}

// entry is the audit entry of the change.
func (c *change) entry(ctx context.Context, method string) store.Entry {
	return store.Entry{
		Actor: callerKey(c.caller), Credential: c.caller.Credential, Role: c.caller.Role.String(), Method: method, Objects: c.objects,
		Outcome: "OK", RequestID: requestIDOf(ctx),
	}
}

// callerKey names a caller in the audit log and scopes its request ids: a firm's by the firm, so that a rotated credential
// still settles an unknown outcome.
func callerKey(c access.Caller) string {
	switch {
	case c.Operator:
		return "operator"
	case c.Firm != "":
		return c.Firm
	case c.Credential != "":
		return c.Credential
	}
	return "anonymous"
}

// requestID is the client's id of the request, where the request has one.
func requestID(m proto.Message) string {
	if r, ok := m.(interface{ GetRequestId() string }); ok {
		return r.GetRequestId()
	}
	return ""
}

func onlyChecks(m proto.Message) bool {
	r, ok := m.(interface{ GetValidateOnly() bool })
	return ok && r.GetValidateOnly()
}

// requestDigest tells requests with the same request_id apart.
func requestDigest(m proto.Message, files [][]byte) []byte {
	sum := sha256.New()
	sum.Write(wire(m))
	for _, file := range files {
		sum.Write(file)
	}
	return sum.Sum(nil)
}

// wire is a message's deterministic wire form. Messages that were decoded or built here can always be encoded.
func wire(m proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil
	}
	return b
}

// stamp sets what the server keeps of a resource beside its content: revision, etag and times, where the message has them.
func (c *change) stamp(m proto.Message) {
	r := m.ProtoReflect()
	fields := r.Descriptor().Fields()
	set := func(name string, v protoreflect.Value) {
		if f := fields.ByTextName(name); f != nil {
			r.Set(f, v)
		}
	}
	now := protoreflect.ValueOfMessage(timestamppb.New(c.Now()).ProtoReflect())
	set("revision", protoreflect.ValueOfInt32(c.revision))
	set("etag", protoreflect.ValueOfString(strconv.FormatInt(int64(c.revision), 36)))
	set("update_time", now)
	if f := fields.ByTextName("create_time"); f != nil && !r.Has(f) {
		r.Set(f, now)
	}
}

// unstamp clears what stamp sets, so that what is left is the content.
func unstamp(m proto.Message) {
	r := m.ProtoReflect()
	for _, name := range []string{"revision", "etag", "update_time", "create_time"} {
		if f := r.Descriptor().Fields().ByTextName(name); f != nil {
			r.Clear(f)
		}
	}
}

// checkEtag refuses a change of something that was changed since the caller read it.
func checkEtag(name, given, current string) error {
	if given == "" || given == current {
		return nil
	}
	return staleEtag(name)
}
