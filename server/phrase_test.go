package server

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// refusers are the functions that take a sentence, and where its key stands among their arguments.
var refusers = map[string]int{
	"say": 0, "invalid": 1, "invalidAs": 2, "malformed": 1, "wrongState": 1, "precondition": 2, "tooLarge": 1, "tooMany": 1,
	"unavailable": 1, "methodUnknown": 0, "refuse": 2, "fail": 1, "filterError": 0,
}

// Every sentence with which the server refuses something is in the catalogue, and so in three languages, and gets as many arguments as it
// has places; and the catalogue has no sentence that nobody says. So an error that is not translated does not build.
func TestEveryErrorIsTranslated(t *testing.T) {
	cat, said := catalog.Embedded(), make(map[string]bool)
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	positions := gotoken.NewFileSet()
	for _, entry := range files {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(positions, entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if key, ok := literal(n); ok && strings.HasPrefix(key, "error.") {
				said[key] = true
				if !cat.HasSentence(key) {
					t.Errorf("%s: %q is not in the catalogue", positions.Position(n.Pos()), key)
				}
			}
			if call, ok := n.(*ast.CallExpr); ok {
				checkRefusal(t, positions, cat, call)
			}
			return true
		})
	}
	if len(said) < 100 {
		t.Fatalf("found %d sentences: the test looks in the wrong place", len(said))
	}
	for _, key := range cat.Keys() {
		if strings.HasPrefix(key, "error.") && !said[key] {
			t.Errorf("nobody says %s", key)
		}
	}
}

// literal is the value of a string literal.
func literal(n ast.Node) (string, bool) {
	text, ok := n.(*ast.BasicLit)
	if !ok || text.Kind != gotoken.STRING {
		return "", false
	}
	value, err := strconv.Unquote(text.Value)
	return value, err == nil
}

// checkRefusal holds one call against the sentence that it says.
func checkRefusal(t *testing.T, positions *gotoken.FileSet, cat *catalog.Catalog, call *ast.CallExpr) {
	t.Helper()
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	at, ok := refusers[name]
	if !ok || len(call.Args) <= at || call.Ellipsis.IsValid() {
		return
	}
	key, ok := literal(call.Args[at])
	if !ok || !strings.Contains(key, ".") { // a variable that holds a key: its literal is found where it stands
		if ok {
			t.Errorf("%s: %s says %q, which is no key", positions.Position(call.Pos()), name, key)
		}
		return
	}
	got := len(call.Args) - at - 1
	if name == "fail" {
		got++ // the column
	}
	if want := cat.Placeholders(key); got != want {
		t.Errorf("%s: %s gets %d arguments, want %d", positions.Position(call.Pos()), key, got, want)
	}
}

// Every rule of the contract that a request can break has a sentence of its own, and what it shows as right is right.
func TestEveryRuleHasASentence(t *testing.T) {
	checked := 0
	var look func(m protoreflect.MessageDescriptor)
	look = func(m protoreflect.MessageDescriptor) {
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			rules, err := protovalidate.ResolveFieldRules(field)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ruleIDs(rules.ProtoReflect()) {
				checked++
				p := brokenRule(id, field)
				if p.key == "error.rule.other" {
					t.Errorf("%s: the rule %s has no sentence", field.FullName(), id)
				}
				if pattern := rules.GetString().GetPattern(); id == "string.pattern" && pattern != "" && len(p.args) > 0 {
					if example := fmt.Sprint(p.args[0]); !regexp.MustCompile(pattern).MatchString(example) {
						t.Errorf("%s: the example %q does not fit %s", field.FullName(), example, pattern)
					}
				}
			}
		}
		for i := range m.Messages().Len() {
			look(m.Messages().Get(i))
		}
	}
	protoregistry.GlobalFiles.RangeFilesByPackage("tandem.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Messages().Len() {
			look(file.Messages().Get(i))
		}
		return true
	})
	if checked < 100 {
		t.Fatalf("found %d rules: the test looks in the wrong place", checked)
	}
}

// ruleIDs lists the ids under which a field's rules are broken, from the rules themselves.
func ruleIDs(rules protoreflect.Message) []string {
	var ids []string
	rules.Range(func(of protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case of.Name() == "required" && v.Bool():
			ids = append(ids, "required")
		case of.Message() == nil || of.IsList():
		default:
			kind := string(of.Name())
			var names []string
			v.Message().Range(func(rule protoreflect.FieldDescriptor, v protoreflect.Value) bool {
				if rule.Name() == "items" {
					ids = append(ids, ruleIDs(v.Message())...)
				} else {
					names = append(names, string(rule.Name()))
				}
				return true
			})
			if slices.Contains(names, "gte") && slices.Contains(names, "lte") {
				names = append(slices.DeleteFunc(names, func(n string) bool { return n == "gte" || n == "lte" }), "gte_lte")
			}
			for _, name := range names {
				ids = append(ids, kind+"."+name)
			}
		}
		return true
	})
	return ids
}

// What a caller is told it is told in its language, over both protocols: the request's, else that of Accept-Language, else English.
func TestErrorsSpeakTheCallersLanguage(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	const find = `{"firm": "firms/no-such-firm"}`
	for _, test := range []struct{ request, header, locale, says string }{
		{find, "", "en", "firms/no-such-firm does not exist."},
		{find, "fr-CA,fr;q=0.8,en;q=0.5", "fr", "firms/no-such-firm n'existe pas."},
		{find, "de, ko-KR;q=0.9, en;q=0.4", "ko", "firms/no-such-firm 항목이 없습니다."},
		{find, "de", "en", "firms/no-such-firm does not exist."},
		{`{"firm": "firms/no-such-firm", "language": "KO"}`, "fr", "ko", "firms/no-such-firm 항목이 없습니다."},
		{`{"firm": "firms/no-such-firm", "top": 5000}`, "ko", "ko", "목록 길이: 0에서 1,000 사이여야 합니다."},
		{`{"firm": "firms/A"}`, "fr", "fr", "organisation\u00a0: Il faut une forme comme firms/algoma-steel."},
	} {
		got := f.both(t, call{method: "PairingService/FindPartners", credential: organiser, request: test.request, language: test.header})
		if locale, said := got.localized(); locale != test.locale || said != test.says {
			t.Errorf("%s, Accept-Language %q: got %s %q, want %s %q", test.request, test.header, locale, said, test.locale, test.says)
		}
		if got.Code == codes.NotFound && got.Message != "firms/no-such-firm does not exist" {
			t.Errorf("developers are told %q", got.Message)
		}
	}
	violation := f.both(t, call{method: "FirmService/ListFirms", credential: organiser, request: `{"page_size": -1}`, language: "ko"})
	if text := fmt.Sprint(violation.Details...); !strings.Contains(text, "locale:ko message:0에서 500 사이여야 합니다.") {
		t.Errorf("the violation is not in Korean: %s", text)
	}
}

// localized is what an error says to people.
func (a answer) localized() (locale, message string) {
	for _, detail := range a.Details {
		fields := detail.(map[string]any)
		if kind, _ := fields["@type"].(string); strings.HasSuffix(kind, "LocalizedMessage") {
			locale, _ = fields["locale"].(string)
			message, _ = fields["message"].(string)
		}
	}
	return locale, message
}
