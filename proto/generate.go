// Package proto holds Tandem's contract: the .proto files under tandem/v1, one
// per resource, and beside them the Go messages, gRPC services, REST gateway,
// OpenAPI document and descriptor set generated from them.
//
// Generated files are committed, so that users of Tandem need no generator.
// Contributors run
//
//	go generate ./proto
//
// after changing a .proto file; CI fails when that leaves a difference. The
// first step prints the third-party .proto files that the contract imports into
// .protodeps (git-ignored), which "buf lint" needs as well. The plugins are tool
// lines of the main go.mod, so that generated code and runtime have the same
// version; buf itself lives in the nested module gen, so that its many
// requirements reach nobody else.
package proto

//go:generate go -C gen run ./protodeps ../../.protodeps
//go:generate go -C .. tool -modfile=proto/gen/go.mod buf generate proto --template proto/buf.gen.yaml
//go:generate go -C .. tool -modfile=proto/gen/go.mod buf generate .protodeps --path .protodeps/google/longrunning --template proto/buf.gen.operations.yaml
//go:generate go -C .. tool -modfile=proto/gen/go.mod buf build proto --as-file-descriptor-set -o proto/tandem/v1/tandem.protoset#format=binpb
//go:generate go -C .. tool -modfile=proto/gen/go.mod buf generate --path proto/tandem --path .protodeps/google/longrunning --template proto/buf.gen.openapi.yaml
//go:generate go -C gen run ./openapi ../tandem/v1/tandem.protoset ../openapi.overlay.yaml ../tandem/v1/openapi.yaml
