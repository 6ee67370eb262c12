package server

import (
	"testing"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestNothingLiesBelowLeaves holds the messages that walk does not look into against the contract.
func TestNothingLiesBelowLeaves(t *testing.T) {
	for _, leaf := range []proto.Message{&tandemv1.Sentence{}, &tandemv1.LocalizedText{}, &tandemv1.Component_Item{}} {
		fields := leaf.ProtoReflect().Descriptor().Fields()
		for i := range fields.Len() {
			if fields.Get(i).Message() != nil {
				t.Errorf("%s holds a message: walk must look into it", fields.Get(i).FullName())
			}
		}
	}
}
