// Command openapi finishes the OpenAPI document that protoc-gen-openapi wrote.
//
// The plugin knows HTTP rules and comments, and stops there. This step reads the
// contract's descriptor set and
//
//   - adds the limits of the validation rules (maxLength, pattern, minimum,
//     maxItems ...) to properties and query parameters,
//   - names every enum once, with a sentence for each value, instead of
//     repeating its bare values at every use,
//   - describes google.type.Date as the object that the JSON mapping makes of it
//     (the plugin says "string"),
//   - gives every operation the error body that the gateway answers with and
//     says who may call it,
//   - takes out of request bodies what stands in the path,
//   - merges the hand-written overlay: what no descriptor knows, such as the
//     credential and the paths of file streams, whose queries and answers it
//     then describes as the plugin would.
//
// It only rewrites the document it is given, so running the generator again
// gives the same bytes.
package main

import (
	"bytes"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: openapi PROTOSET OVERLAY DOCUMENT")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(protoset, overlay, document string) error {
	contract, err := readProtoset(protoset)
	if err != nil {
		return err
	}
	extra, err := readYAML(overlay)
	if err != nil {
		return err
	}
	doc, err := readYAML(document)
	if err != nil {
		return err
	}
	if err := finish(doc, extra, contract); err != nil {
		return err
	}

	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(doc); err != nil {
		return fmt.Errorf("writing %s: %w", document, err)
	}
	return os.WriteFile(document, out.Bytes(), 0o600)
}

// finish rewrites doc in place. The overlay comes first, so that the operations
// that it adds get their limits and callers like the others.
func finish(doc, overlay *yaml.Node, contract *protoregistry.Files) error {
	e := editor{doc: doc.Content[0], contract: contract}
	merge(e.doc, overlay.Content[0])
	e.index()
	if err := e.queries(); err != nil {
		return err
	}
	if err := e.missing(); err != nil {
		return err
	}
	if err := e.schemas(); err != nil {
		return err
	}
	e.operations()
	sortMapping(get(e.doc, "paths"))
	sortMapping(get(get(e.doc, "components"), "schemas"))
	tidy(e.doc)
	return nil
}

func readProtoset(path string) (*protoregistry.Files, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return nil, fmt.Errorf("linking %s: %w", path, err)
	}
	return files, nil
}

func readYAML(path string) (*yaml.Node, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if len(node.Content) != 1 || node.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: want one YAML mapping", path)
	}
	return &node, nil
}
