// Command protodeps prints the third-party .proto files that Tandem's contract
// imports into a folder (git-ignored, by convention .protodeps).
//
// The descriptors are already linked into Go modules whose versions go.sum
// pins, so nothing third-party is committed, no schema registry is asked, and
// generation works without a network once the modules are in the cache.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate" // buf/validate
	_ "cloud.google.com/go/longrunning/autogen/longrunningpb"                   // google/longrunning, google/rpc/status
	_ "google.golang.org/genproto/googleapis/api/annotations"                   // google/api
	_ "google.golang.org/genproto/googleapis/api/httpbody"                      // google/api/httpbody
	_ "google.golang.org/genproto/googleapis/rpc/errdetails"                    // google/rpc/error_details
	_ "google.golang.org/genproto/googleapis/type/date"                         // google/type/date
	_ "google.golang.org/genproto/googleapis/type/decimal"                      // google/type/decimal
	_ "google.golang.org/genproto/googleapis/type/interval"                     // google/type/interval
	_ "google.golang.org/genproto/googleapis/type/money"                        // google/type/money
)

// wanted are the path prefixes to print. Without the list every descriptor
// that some dependency happens to link would be printed too.
var wanted = []string{"google/api/", "google/rpc/", "google/longrunning/", "google/type/", "buf/validate/"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: protodeps FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

// run empties the folder of .proto files and prints the wanted ones into it, so
// that a file which a new module version dropped does not linger.
func run(folder string) error {
	if err := sweep(folder); err != nil {
		return err
	}
	files := linked()
	// SortElements stays off: it reorders fields, and then a recompiled
	// descriptor differs from the linked one.
	printer := protoprint.Printer{Compact: true}
	for _, file := range files {
		path := filepath.Join(folder, filepath.FromSlash(file.Path()))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		text, err := printer.PrintProtoToString(file)
		if err != nil {
			return fmt.Errorf("printing %s: %w", file.Path(), err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes the .proto files below folder; a folder that is not there is
// already swept.
func sweep(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err) && path == folder:
			return filepath.SkipAll
		case err != nil:
			return err
		case !entry.IsDir() && filepath.Ext(path) == ".proto":
			return os.Remove(path)
		}
		return nil
	})
}

// linked returns the wanted descriptors in path order.
func linked() []protoreflect.FileDescriptor {
	var files []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if slices.ContainsFunc(wanted, func(prefix string) bool { return strings.HasPrefix(file.Path(), prefix) }) {
			files = append(files, file)
		}
		return true
	})
	slices.SortFunc(files, func(a, b protoreflect.FileDescriptor) int { return strings.Compare(a.Path(), b.Path()) })
	return files
}
