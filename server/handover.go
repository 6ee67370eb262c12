package server

import (
	"strings"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// handover carries messages between callers and services of this process. The chain gives every answer to its caller alone (see
// disclose), so it changes hands without another copy. What a caller sends stays the caller's, and is copied.
type handover struct{ inprocgrpc.ProtoCloner }

// Copy implements inprocgrpc.Cloner.
func (h handover) Copy(out, in any) error {
	answer, isMessage := in.(proto.Message)
	to, intoMessage := out.(proto.Message)
	if !isMessage || !intoMessage || !isAnswer(answer) || answer.ProtoReflect().Descriptor() != to.ProtoReflect().Descriptor() {
		return h.ProtoCloner.Copy(out, in)
	}
	proto.Reset(to)
	answer.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		to.ProtoReflect().Set(field, value)
		return true
	})
	return nil
}

// isAnswer tells answers from what is also sent in requests; the contract's linter sees to the names.
func isAnswer(m proto.Message) bool {
	return strings.HasSuffix(string(m.ProtoReflect().Descriptor().Name()), "Response")
}
