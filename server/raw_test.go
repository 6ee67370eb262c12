package server

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"
)

// rawCodec sends and receives bytes as they are.
type rawCodec struct{}

// rawCall is a call whose messages are bytes.
var rawCall = grpc.ForceCodecV2(rawCodec{})

// Marshal implements encoding.CodecV2.
func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	data, _ := v.([]byte)
	return mem.BufferSlice{mem.SliceBuffer(data)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// Name implements encoding.CodecV2.
func (rawCodec) Name() string { return "proto" }
