// Package tandemv1 is Tandem's contract, version 1: messages, gRPC services and
// the REST gateway, generated from the .proto files beside it, which say what
// each method, message and field means. All generated files end in .pb.go or
// .pb.gw.go; edit the .proto files and run "go generate ./proto" instead.
//
// The messages are the server's domain nouns: services, store, access rules and
// reports use them directly. Who may call a method, and from which disclosure
// step on a property shows, is declared in the contract too (access.proto).
//
// Two files for clients in other languages are embedded, and served by every
// server: [OpenAPI] and [Protoset].
package tandemv1

import _ "embed"

// OpenAPI is the OpenAPI 3.0 document of the REST face, in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Protoset is the contract as a serialized FileDescriptorSet with all its
// imports and comments, so that a gRPC client needs no server reflection.
//
//go:embed tandem.protoset
var Protoset []byte
