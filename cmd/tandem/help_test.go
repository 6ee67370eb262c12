package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// everyCommand calls a function for a command and all below it.
func everyCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, child := range cmd.Commands() {
		everyCommand(child, visit)
	}
}

// TestHelpIsOfTheCatalogue finds commands and flags whose words are not in messages.csv, and rows of messages.csv that are of no command.
func TestHelpIsOfTheCatalogue(t *testing.T) {
	a := &app{catalog: catalog.Embedded()}
	of := make(map[string]bool)
	has := func(cmd *cobra.Command, key string) {
		of[key] = true
		if !a.catalog.HasSentence(key) {
			t.Errorf("%s: messages.csv has no row %s", cmd.CommandPath(), key)
		}
	}
	everyCommand(a.commandTree(), func(cmd *cobra.Command) {
		path := pathOf(cmd)
		if cmd.Short != "" || cmd.Long != "" {
			t.Errorf("%s: its words stand in the code; they belong to cli.command.%s and cli.about.%s of messages.csv", cmd.CommandPath(), path, path)
		}
		has(cmd, "cli.command."+path)
		of["cli.about."+path] = true
		for _, word := range strings.Fields(words(cmd)) {
			has(cmd, "cli.word."+strings.TrimSuffix(strings.Trim(word, "[]"), "..."))
		}
		cmd.InheritedFlags() // merges them
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if flag.Usage != "" {
				t.Errorf("%s --%s: its words stand in the code; they belong to cli.flag.%s of messages.csv", cmd.CommandPath(), flag.Name, flag.Name)
			}
			has(cmd, a.flagKey(path, flag.Name))
		})
	})
	of["cli.flag.help"], of["cli.word.FLAGS"], of["cli.word.COMMAND"] = true, true, true
	for _, key := range a.catalog.Keys() {
		if worded(key) && !of[key] {
			t.Errorf("%s of messages.csv is of no command", key)
		}
	}
}

// worded tells whether a sentence is one that a command gets by its place in the tree.
func worded(key string) bool {
	for _, family := range []string{"cli.command.", "cli.about.", "cli.flag.", "cli.word."} {
		if strings.HasPrefix(key, family) {
			return true
		}
	}
	return false
}

// asTyped are words of a help page that are the same in every language: what one types, names, forms and fields.
var asTyped = regexp.MustCompile(strings.Join([]string{
	`tandem credential\s+create --db`, `(?m)^  (tandem|source) .*$`, `(?m)^  [a-z-]+  `, // examples, and lists of commands
	`--?[a-z][a-z-]*`, `https?://[a-z.]*`, `TANDEM_[A-Z_]+`, `[A-Z][A-Z0-9]+_[A-Z_]+`, `\w*\.(yaml|xlsx|html|csv|json|key)`, `[a-z]+/[a-z-]+`, `[a-z]+(\.[a-z]+)+:\d+`, `[a-z]+_[a-z]+`,
	`tandem((?: |\n +)[a-z-]+)*`, `protobuf`, `\b(Go|ApproveFirm|Firm|Tandem|Prometheus|SQLite|etag|bash|zsh|fish|powershell)\b`,
	`\b(API|AIP-160|BOM|CSV|JSON|Lines|PEM|QR|REST|gRPC|URL|UTC|XLSX|YAML|ISO|Arctic)\b`,
	`\b(table|json|yaml|csv|xlsx|jsonl|html|utf|cp949|windows|en|fr|ko|me|desc|best|all|match|handouts|partnership|exposure|completeness|ministerial|operator|system)\b`,
	`\b(organiser|auditor|integration|firm|name|country|region|kind|size|state|capability|tier|band|section|condition|program|theme|tag|gate|framework|text|cpsp|needs)\b`,
	`\b(MICRO|PRIME|SMALL|MEDIUM|LARGE|COMPANY|UNIVERSITY|GOVERNMENT|SUPPLY|INVESTMENT|CLEAR|ACTION|HOLD|BLOCK|PENDING)\b`,
}, "|"))

// foreignIn finds what is not of a language: any word in Latin letters, or one that only English has.
var foreignIn = map[catalog.Language]*regexp.Regexp{
	catalog.FR: regexp.MustCompile(`(?i)\b(the|of|and|with|which|that|this|is|are|file|where|by|to|from|flags?|available|global|default|more)\b`),
	catalog.KO: regexp.MustCompile(`[A-Za-z]{2,}`),
}

// TestHelpInEveryLanguage reads the help of every command: whole, and in French and Korean nothing of it English.
func TestHelpInEveryLanguage(t *testing.T) {
	english := make(map[string]string)
	for _, language := range catalog.Languages() {
		var out bytes.Buffer
		a := &app{catalog: catalog.Embedded(), spoken: language, terminal: terminal{stdout: &out}}
		everyCommand(a.rootCommand(), func(cmd *cobra.Command) {
			out.Reset()
			a.help(cmd, nil)
			page := out.String()
			if strings.Contains(page, "«cli.") || strings.Contains(page, "%!") {
				t.Errorf("%s: the help of %q is not whole:\n%s", language, pathOf(cmd), page)
			}
			cmd.Flags().VisitAll(func(flag *pflag.Flag) {
				value, does := pflag.UnquoteUsage(flag)
				if (flag.Value.Type() == "bool") != (value == "") || value == flag.Value.Type() && !strings.Contains(flag.Usage, "`") {
					t.Errorf("%s: %s --%s does not say in backquotes what it takes: %q", language, pathOf(cmd), flag.Name, flag.Usage)
				}
				notEnglish(t, english, language, pathOf(cmd)+" --"+flag.Name, does)
			})
			notEnglish(t, english, language, pathOf(cmd), cmd.Short)
			notEnglish(t, english, language, pathOf(cmd)+" at length", cmd.Long)
			if foreign := foreignIn[language]; foreign != nil {
				if word := foreign.FindString(asTyped.ReplaceAllString(page, "")); word != "" {
					t.Errorf("%s: %q in the help of %s", language, word, pathOf(cmd))
				}
			}
		})
	}
}

// notEnglish checks that words are others than the English ones, which come first.
func notEnglish(t *testing.T, english map[string]string, language catalog.Language, what, words string) {
	t.Helper()
	switch {
	case language == catalog.EN:
		english[what] = words
	case words != "" && words == english[what]:
		t.Errorf("%s: %s is English: %q", language, what, words)
	case (words == "") != (english[what] == ""):
		t.Errorf("%s: %s is said in one language only", language, what)
	}
}

func TestSpoken(t *testing.T) {
	for _, test := range []struct {
		args, env string
		want      catalog.Language
	}{
		{"", "", catalog.EN},
		{"", "LANG=ko_KR.UTF-8", catalog.KO},
		{"", "LANG=fr", catalog.FR},
		{"", "LANG=fr.UTF-8", catalog.FR},
		{"", "LANG=ko_KR.UTF-8 LC_ALL=C", catalog.EN},
		{"", "LANG=en_CA.UTF-8 LC_MESSAGES=fr_CA.UTF-8", catalog.FR},
		{"", "LANG=ko_KR.UTF-8 TANDEM_LANG=fr", catalog.FR},
		{"firm lst --lang ko", "TANDEM_LANG=fr", catalog.KO},
		{"--lang=fr firm --lang=ko", "", catalog.KO},
		{"--bogus --lang ko --help", "", catalog.KO},
		{"--lang de", "LANG=ko_KR.UTF-8", catalog.KO}, // what is wrong with it is said in the reader's language
		{"catalog suggest -- --lang ko", "", catalog.EN},
		{"firm list --lang", "", catalog.EN},
	} {
		env := make(map[string]string)
		for _, setting := range strings.Fields(test.env) {
			name, value, _ := strings.Cut(setting, "=")
			env[name] = value
		}
		got := spoken(strings.Fields(test.args), func(name string) (string, bool) { value, set := env[name]; return value, set })
		if got != test.want {
			t.Errorf("tandem %s with %q speaks %s, want %s", test.args, test.env, got, test.want)
		}
	}
}

// TestHelpFitsANarrowPage checks that what is typed keeps its column, or stands on a line of its own.
func TestHelpFitsANarrowPage(t *testing.T) {
	var out bytes.Buffer
	p := page{w: &out, width: 40}
	p.entries([]entry{{"-h, --help", "이 도움말을 보여 줍니다"}, {"    --credential-file 파일", "인증키가 든 파일입니다"}})
	want := "  -h, --help  이 도움말을 보여 줍니다\n      --credential-file 파일\n              인증키가 든 파일입니다\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

// TestWrongCallsSpeak makes the mistakes that a person makes; what is answered is in Korean, whatever stands in front of --lang.
func TestWrongCallsSpeak(t *testing.T) {
	for _, call := range []string{
		"frim --lang ko", "firm lst --lang ko", "help frim --lang ko", "firm list --bogus --lang ko", "firm list -x --lang ko", "firm list --= --lang ko",
		"explain algoma-steel --lang ko", "firm list --limit many --lang ko", "firm list --output xml --lang ko", "firm list --server nowhere --lang ko",
		"partners algoma-steel --mode COOKING --lang ko", "completion tcsh --lang ko", "catalog frameworks set-status gsia done --lang ko", "--lang ko claim",
		"match --as-of tomorrow --lang ko", "run create --as-of 2026-13-01 --lang ko", "firm list --server x:1 --db y --lang ko", "match absent.xlsx --lang ko",
	} {
		var out, problems bytes.Buffer
		code := run(context.Background(), strings.Fields(call), terminal{
			stdin: strings.NewReader(""), stdout: &out, stderr: &problems, env: func(string) (string, bool) { return "", false },
		})
		rest := asTyped.ReplaceAllString(problems.String(), "")
		for _, word := range append(strings.Fields(call), strings.Split(names[tandemv1.Mode]()+" "+names[tandemv1.Framework_Status](), " ")...) {
			rest = strings.ReplaceAll(rest, strings.Trim(word, ",-"), "")
		}
		if word := foreignIn[catalog.KO].FindString(rest); code == exitOK || word != "" {
			t.Errorf("tandem %s ends with %d and says %q in\n%s", call, code, word, &problems)
		}
	}
	if _, err := os.Stat("y"); err == nil {
		t.Error("a call that cannot be understood has made a database")
	}
}
