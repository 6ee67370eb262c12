package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"buf.build/go/protoyaml"
	"go.yaml.in/yaml/v3"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// maxFirmFile is more than any profile needs, so that a wrong file is refused before it is read.
const maxFirmFile = 1 << 20

// firmFile is a profile as somebody wrote it, with the places of its fields.
type firmFile struct {
	name string
	firm *tandemv1.Firm
	root *yaml.Node
}

// readFirmFile reads a Firm in protobuf YAML. Errors name the line and column.
func (a *app) readFirmFile(name string) (*firmFile, error) {
	input, err := a.openInput(name)
	if err != nil {
		return nil, err
	}
	defer input.Close() //nolint:errcheck // it is only read
	content, err := io.ReadAll(io.LimitReader(input, maxFirmFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", name, err)
	case len(content) > maxFirmFile:
		return nil, hinted(tell("cli.hint.one_firm"), tell("cli.wrong.large", name))
	}
	file := &firmFile{name: name, firm: new(tandemv1.Firm), root: new(yaml.Node)}
	if err := yaml.Unmarshal(content, file.root); err != nil {
		return nil, hinted(tell("cli.hint.yaml"), yamlFault(name, err))
	}
	options := protoyaml.UnmarshalOptions{Path: name}
	if err := options.Unmarshal(content, file.firm); err != nil {
		return nil, unreadable(name, err)
	}
	return file, nil
}

// unreadable makes the parser's list of problems, each with its place and line, into a failure.
func unreadable(name string, err error) error {
	f := &failure{
		says: tell("cli.wrong.firm_file", name),
		hint: tell("cli.hint.firm_fields"),
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		if strings.TrimSpace(line) != "" {
			f.details = append(f.details, fieldFault(strings.TrimRight(line, " ")))
		}
	}
	return f
}

// locate adds file and line to the fields that a server refused: "firm.offers[0].text" stands at firm.yaml:9.
func (f *firmFile) locate(err error, l catalog.Language) error {
	var answered interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &answered) {
		return err
	}
	answer := answered.GRPCStatus()
	full := describeStatus(answer, l)
	var details []line
	for _, detail := range answer.Details() {
		bad, ok := detail.(*errdetails.BadRequest)
		if !ok {
			continue
		}
		for _, violation := range bad.GetFieldViolations() {
			details = append(details, plain(f.place(violation.GetField())+violationIn(l, violation)))
		}
	}
	switch len(details) {
	case 0:
	case 1:
		full.says, full.details = details[0], nil
	default:
		full.says, full.details = tell("cli.wrong.fields", len(details)), details
	}
	return full
}

// place is where a field of the request stands in the file.
func (f *firmFile) place(field string) string {
	path := strings.TrimPrefix(field, "firm.")
	if line := lineOf(f.root, f.firm.ProtoReflect().Descriptor(), path); line > 0 {
		return fmt.Sprintf("%s:%d: %s: ", f.name, line, path)
	}
	return field + ": "
}

var pathStep = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)|^\[([0-9]+)\]`)

// lineOf walks a field path such as "offers[0].text" down the nodes as far as they go and returns the last line; 0 when
// not even the first step is there.
func lineOf(node *yaml.Node, message protoreflect.MessageDescriptor, path string) int {
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := 0
	for path != "" {
		step := pathStep.FindStringSubmatch(path)
		if step == nil {
			return line
		}
		path = strings.TrimPrefix(path[len(step[0]):], ".")
		var next *yaml.Node
		if step[2] != "" {
			if i, err := strconv.Atoi(step[2]); err == nil && node.Kind == yaml.SequenceNode && i < len(node.Content) {
				next = node.Content[i]
			}
		} else {
			next, message = child(node, message, step[1])
		}
		if next == nil {
			return line
		}
		node, line = next, next.Line
	}
	return line
}

// child finds a field's value under either of its two names, and the message that it holds.
func child(node *yaml.Node, message protoreflect.MessageDescriptor, name string) (*yaml.Node, protoreflect.MessageDescriptor) {
	names := []string{name}
	if message != nil {
		if field := message.Fields().ByTextName(name); field != nil {
			names = append(names, field.JSONName())
			message = field.Message()
		}
	}
	if node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		for _, name := range names {
			if node.Content[i].Value == name {
				return node.Content[i+1], message
			}
		}
	}
	return nil, nil
}

// fresh refuses to put a secret over a file that is there already.
func (a *app) fresh(name string) error {
	if name == "" || name == "-" {
		return nil
	}
	_, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	return hinted(tell("cli.hint.new_file"), tell("cli.wrong.exists", name))
}
