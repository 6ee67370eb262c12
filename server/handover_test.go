package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// An answer in this process is its caller's own: whatever is done to it, nobody else sees it.
func TestAnswersAreTheCallersOwn(t *testing.T) {
	_, operator := withShipped(t)
	pairings := tandemv1.NewPairingServiceClient(operator)
	got := partners(t, pairings, "firms/algoma-steel")
	want := proto.CloneOf(got)
	spoil(got.ProtoReflect())
	if again := partners(t, pairings, "firms/algoma-steel"); !proto.Equal(want, again) {
		t.Errorf("after a caller changed its answer:\n%s", cmp.Diff(want, again, protocmp.Transform()))
	}
}

// spoil changes every text in a message and in those within.
func spoil(m protoreflect.Message) {
	walk(m, func(inner proto.Message) {
		m := inner.ProtoReflect()
		m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			switch {
			case field.Kind() != protoreflect.StringKind || field.IsMap():
			case field.IsList():
				v.List().Set(0, protoreflect.ValueOfString("spoilt"))
			default:
				m.Set(field, protoreflect.ValueOfString("spoilt"))
			}
			return true
		})
	})
}

// What a caller sends stays its own, and messages of two kinds are no copies of each other.
func TestRequestsAreCopied(t *testing.T) {
	sent := &tandemv1.UpdateFirmRequest{Firm: &tandemv1.Firm{Name: "firms/a"}}
	got := new(tandemv1.UpdateFirmRequest)
	if err := (handover{}).Copy(got, sent); err != nil || !proto.Equal(got, sent) || got.Firm == sent.Firm {
		t.Errorf("got %v (%v) with the firm of the request: %t", got, err, got.Firm == sent.Firm)
	}
	answer := &tandemv1.FindPartnersResponse{Pairings: []*tandemv1.Pairing{{Name: "pairings/a~b"}}, Revision: 3}
	moved := &tandemv1.FindPartnersResponse{RarityRun: "matchRuns/before"}
	if err := (handover{}).Copy(moved, answer); err != nil || !proto.Equal(moved, answer) {
		t.Errorf("got %v (%v), want %v", moved, err, answer)
	}
	if err := (handover{}).Copy(new(tandemv1.Firm), answer); err == nil {
		t.Error("an answer was copied into a firm")
	}
}
