// Package tandem_test holds what is true of the repository as a whole: which
// package may import which, and that the engine is pure.
package tandem_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/canada-korea-roadshow/tandem"

// rule says what the non-test files of one package may import.
type rule struct {
	// own lists packages of this module.
	own []string
	// modules lists path prefixes outside this module and the standard library.
	modules []string
	// pure packages answer the same to the same arguments: see impure.
	pure bool
}

const contract = "proto/tandem/v1"

// protobuf is what every package that handles contract messages may import.
var protobuf = []string{"google.golang.org/protobuf", "google.golang.org/genproto/googleapis"}

// rules is the picture of ARCHITECTURE.md as a table: imports point down the
// list, and a package that is not in it fails the test.
var rules = map[string]rule{
	"cmd/tandem": {
		own: []string{
			"cmd/tandem/demo", "server", "server/store", "server/report", "server/sheet", "server/access", "server/card",
			"matching", "matching/catalog", "matching/names", "matching/scorecard", contract, "proto/google/longrunning",
		},
		modules: append([]string{
			"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/jedib0t/go-pretty", "github.com/schollz/progressbar",
			"golang.org/x/term", "google.golang.org/grpc", "cloud.google.com/go/longrunning", "buf.build/go/protoyaml", "go.yaml.in/yaml",
		}, protobuf...),
	},
	"cmd/tandem/demo": {pure: true},
	"server": {
		own: []string{
			"server/store", "server/report", "server/sheet", "server/access", "server/web", "matching", "matching/catalog", "matching/names",
			contract, "proto/google/longrunning",
		},
		modules: append([]string{
			"google.golang.org/grpc", "github.com/grpc-ecosystem/grpc-gateway/v2", "github.com/fullstorydev/grpchan",
			"buf.build/go/protovalidate", "buf.build/go/protoyaml", "go.einride.tech/aip", "cloud.google.com/go/longrunning",
			"github.com/swaggest/swgui", "golang.org/x/text", "github.com/prometheus/client_golang",
		}, protobuf...),
	},
	"server/web": {
		own: []string{"server/access", "server/card", "server/report", "server/sheet", "matching/catalog", "matching/names", contract},
		modules: append([]string{
			"google.golang.org/grpc", "cloud.google.com/go/longrunning",
		}, protobuf...),
	},
	"server/store": {
		own:     []string{contract},
		modules: append([]string{"github.com/mattn/go-sqlite3"}, protobuf...),
	},
	"server/report": {
		own:     []string{contract, "matching", "matching/catalog", "matching/names"},
		modules: append([]string{"github.com/xuri/excelize/v2"}, protobuf...),
		pure:    true,
	},
	"server/sheet": {
		own:     []string{contract, "matching/catalog", "matching/names"},
		modules: append([]string{"github.com/xuri/excelize/v2", "golang.org/x/text"}, protobuf...),
		pure:    true,
	},
	"server/card": {
		own: []string{contract, "matching/catalog"}, modules: append([]string{"github.com/piglig/go-qr"}, protobuf...), pure: true,
	},
	"server/access":      {own: []string{contract}, modules: protobuf, pure: true},
	"server/browser":     {modules: []string{"github.com/chromedp/chromedp"}}, // imported by tests only
	"matching":           {own: []string{"matching/catalog", "matching/names"}, modules: []string{"golang.org/x/text"}, pure: true},
	"matching/scorecard": {own: []string{"matching", "matching/catalog"}, pure: true},
	"matching/catalog":   {own: []string{"matching/names"}, modules: []string{"golang.org/x/text"}, pure: true},
	"matching/names":     {modules: []string{"golang.org/x/text"}, pure: true},
	// The contract: generated, apart from its embed.go.
	contract: {
		modules: append([]string{
			"google.golang.org/grpc", "github.com/grpc-ecosystem/grpc-gateway/v2", "cloud.google.com/go/longrunning",
			"buf.build/gen/go/bufbuild/protovalidate",
		}, protobuf...),
	},
	"proto/google/longrunning": {
		modules: append([]string{
			"google.golang.org/grpc", "github.com/grpc-ecosystem/grpc-gateway/v2", "cloud.google.com/go/longrunning",
		}, protobuf...),
	},
	"proto": {},
}

// impure lists the standard packages through which a network, a file, a database or chance gets in.
var impure = []string{"net", "os", "database", "syscall", "plugin", "math/rand", "crypto/rand", "log", "runtime"}

// harmless lists what lies below an impure path and is only text handling, or tells where a panic was.
var harmless = []string{"net/url", "net/netip", "net/mail", "runtime/debug"}

// clockCalls are the functions of package time that ask or wait for a clock.
var clockCalls = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

func TestImportsPointDown(t *testing.T) {
	for _, file := range sources(t) {
		dir := path.Dir(file.name)
		rule, ok := rules[dir]
		if !ok {
			t.Errorf("%s: package %s has no line in the import rules of imports_test.go", file.name, dir)
			continue
		}
		for _, spec := range file.syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatalf("%s: import %s: %v", file.name, spec.Path.Value, err)
			}
			if why := rule.refuses(imported); why != "" {
				t.Errorf("%s imports %s: %s", file.name, imported, why)
			}
		}
		if rule.pure {
			refuseClock(t, file)
		}
	}
}

// refuses returns why a package under the rule may not import a path; "" where
// it may.
func (r rule) refuses(imported string) string {
	if own, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
		if !slices.Contains(r.own, own) {
			return "not one of the packages that stand below it in the import rules"
		}
		return ""
	}
	first, _, _ := strings.Cut(imported, "/")
	if strings.Contains(first, ".") {
		if !slices.ContainsFunc(r.modules, func(prefix string) bool { return below(imported, prefix) }) {
			return "a module that the import rules do not give it"
		}
		return ""
	}
	if r.pure && !slices.Contains(harmless, imported) &&
		slices.ContainsFunc(impure, func(prefix string) bool { return below(imported, prefix) }) {
		return "the package is pure: no network, files, database, log or chance"
	}
	return ""
}

func below(imported, prefix string) bool {
	return imported == prefix || strings.HasPrefix(imported, prefix+"/")
}

// TestRulesRefuse is the proof that the rules above can fail.
func TestRulesRefuse(t *testing.T) {
	for _, test := range []struct {
		from, imported string
		refused        bool
	}{
		{"matching", "google.golang.org/protobuf/proto", true},
		{"matching", "os", true},
		{"matching", "net/http", true},
		{"matching", "math/rand/v2", true},
		{"matching", "math/bits", false},
		{"matching", modulePath + "/matching/catalog", false},
		{"matching", modulePath + "/server", true},
		{"matching/catalog", modulePath + "/matching", true},
		{"server/access", "google.golang.org/grpc/metadata", true},
		{"server/report", "net/url", false},
		{"server/report", modulePath + "/server/store", true},
		{"server/store", modulePath + "/server", true},
		{"server", "github.com/mattn/go-sqlite3", true},
		{"server", "net/http", false},
	} {
		if why := rules[test.from].refuses(test.imported); (why != "") != test.refused {
			t.Errorf("%s imports %s: refused %q, want refused: %t", test.from, test.imported, why, test.refused)
		}
	}
}

// refuseClock reports calls that ask the clock.
func refuseClock(t *testing.T, file source) {
	t.Helper()
	ast.Inspect(file.syntax, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains(clockCalls, selector.Sel.Name) {
			t.Errorf("%s uses time.%s: the package is pure and is given the time", file.at(node), selector.Sel.Name)
		}
		return true
	})
}

// partnershipWord matches what only a partnership file, the catalogue's data or
// the demo may name: its countries, their codes, their agencies. The Korean
// language is none of that, and korea-class is the id of an outside list of the
// catalogue, as kic is.
var (
	partnershipWord = regexp.MustCompile(`(?i:\b(korea|canada|canadian)\b)|\b(DAPA|CCC|KRIT|DRDC)\b|^["` + "`" + `](KR|CA|KOR|CAN)(-\w*)?["` + "`" + `]$`)
	outsideList     = strings.NewReplacer("korea-class", "", modulePath, "")
)

// TestNoPartnershipInCode keeps another ally a matter of another file.
func TestNoPartnershipInCode(t *testing.T) {
	for _, file := range sources(t) {
		if nameable := []string{"cmd/tandem/demo", "matching/catalog"}; slices.Contains(nameable, path.Dir(file.name)) {
			continue // the shipped profiles and the shipped vocabulary, whose loaders quote what they load
		}
		if strings.HasPrefix(file.name, "proto/") {
			continue // generated: the contract's own comments and descriptors
		}
		ast.Inspect(file.syntax, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				if node.Kind == token.STRING && partnershipWord.MatchString(outsideList.Replace(node.Value)) {
					t.Errorf("%s: %s names one partnership; read it from the partnership file or the catalogue", file.at(node), node.Value)
				}
			}
			return true
		})
	}
}

// TestEngineCompilesForTheBrowser proves the purity once more: no cgo, no
// operating system.
func TestEngineCompilesForTheBrowser(t *testing.T) {
	build := exec.Command("go", "build", "-o", os.DevNull, "./matching/...")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("GOOS=js GOARCH=wasm go build ./matching/...: %v\n%s", err, out)
	}
}

// TestRulesNameRooms finds rules whose package is gone. Rooms that the
// architecture plans and a later change fills are listed here.
func TestRulesNameRooms(t *testing.T) {
	planned := []string{"matching/names"}
	seen := make(map[string]bool)
	for _, file := range sources(t) {
		seen[path.Dir(file.name)] = true
	}
	for _, room := range slices.Sorted(maps.Keys(rules)) {
		if !seen[room] && !slices.Contains(planned, room) {
			t.Errorf("the import rules name %s, which has no Go file", room)
		}
	}
}

// source is one hand-written or generated Go file that is no test.
type source struct {
	name   string // slash-separated, from the repository's root
	syntax *ast.File
	fset   *token.FileSet
}

func (s source) at(node ast.Node) string {
	return s.name + ":" + strconv.Itoa(s.fset.Position(node.Pos()).Line)
}

// sources parses every non-test Go file of this module, whatever its build
// constraints, in path order. Nested modules keep their own rules.
func sources(t *testing.T) []source {
	t.Helper()
	var files []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if name == "." {
				return nil
			}
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if err == nil || strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" {
				return filepath.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		syntax, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, source{name: filepath.ToSlash(name), syntax: syntax, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatalf("reading the sources: %v", err)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found")
	}
	return files
}
