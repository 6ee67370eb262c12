package main

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// TestReadmeCommands finds commands and flags in the READMEs that do not exist any more.
func TestReadmeCommands(t *testing.T) {
	found := 0
	for _, name := range []string{"README.md", "../../README.md", "../../README.fr.md", "../../README.ko.md"} {
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%s is gone", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			line, ok := strings.CutPrefix(strings.TrimSpace(lines.Text()), "$ ")
			if !ok {
				continue
			}
			line = strings.Replace(line, "go run ./cmd/tandem", "tandem", 1)
			if words := shellWords(line); words[0] == "tandem" {
				found++
				understood(t, name, line, words[1:])
			}
		}
	}
	if found < 10 {
		t.Errorf("the READMEs hold %d commands; are they still written as \"$ tandem ...\"?", found)
	}
}

// understood checks a command line down to its flags and the number of its words, without running it.
func understood(t *testing.T, file, line string, words []string) {
	t.Helper()
	root := (&app{catalog: catalog.Embedded()}).rootCommand()
	cmd, rest, err := root.Find(words)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil && cmd.HasSubCommands() && !strings.Contains(cmd.Use, " ") && cmd.Flags().NArg() > 0 { // one whose use names an argument takes words
		err = errors.New("no such command")
	}
	if err == nil {
		err = arguments(cmd)
	}
	if err != nil {
		t.Errorf("%s: %s: %v", file, line, err)
	}
}

func arguments(cmd *cobra.Command) error {
	if cmd.Args == nil {
		return nil
	}
	return cmd.Args(cmd, cmd.Flags().Args())
}

// shellWords splits a line as a shell does, as far as READMEs need it: spaces, and both kinds of quotes.
func shellWords(line string) []string {
	var words []string
	var word strings.Builder
	quote := rune(0)
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '"' || r == '\''):
			quote = r
		case quote == 0 && r == ' ':
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
		default:
			word.WriteRune(r)
		}
	}
	return words
}
