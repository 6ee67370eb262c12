package main

import (
	"regexp"
	"strings"
)

// yamlFaults are what usually is wrong with a file of YAML, by the words of the parser, which speaks English only. What is not among
// them is told as "not YAML" with the line, which is what a reader needs.
var yamlFaults = []struct{ words, key string }{
	{"mapping values are not allowed", "cli.yaml.colon"},
	{"could not find expected ':'", "cli.yaml.no_colon"},
	{"cannot start any token", "cli.yaml.character"},
	{"tab character", "cli.yaml.tab"},
	{"expected ',' or", "cli.yaml.bracket"},
	{"unexpected end of stream", "cli.yaml.quote"},
	{"did not find expected key", "cli.yaml.indent"},
	{"expected '-' indicator", "cli.yaml.indent"},
	{"not allowed in this context", "cli.yaml.indent"},
	{"UTF-8", "cli.yaml.utf8"},
	{"control characters", "cli.yaml.control"},
}

var yamlPlace = regexp.MustCompile(`line (\d+)`)

// yamlFault is what the YAML parser has against a file, in the reader's language.
func yamlFault(name string, err error) line {
	said, key := err.Error(), "cli.yaml.other"
	for _, fault := range yamlFaults {
		if strings.Contains(said, fault.words) {
			key = fault.key
			break
		}
	}
	if found := yamlPlace.FindStringSubmatch(said); found != nil {
		return tell("cli.wrong.yaml", name, found[1], tell(key))
	}
	return tell("cli.wrong.file", name, tell(key))
}

// fieldFaults are what usually is wrong with a field of a file that is YAML: what protoyaml says, and what we say.
var fieldFaults = []struct {
	words *regexp.Regexp
	key   string
}{
	{regexp.MustCompile(`^unknown field "(.*)", expected one of \[(.*)\]`), "cli.yaml.field"},
	{regexp.MustCompile(`^unknown enum value "(.*)", expected one of \[(.*)\]`), "cli.yaml.value"},
	{regexp.MustCompile(`^expected scalar, got`), "cli.yaml.want.text"},
	{regexp.MustCompile(`^expected sequence, got`), "cli.yaml.want.list"},
	{regexp.MustCompile(`^expected (?:mapping|fields for .*), got`), "cli.yaml.want.fields"},
	{regexp.MustCompile(`^expected bool, got "(.*)"`), "cli.yaml.want.truth"},
	{regexp.MustCompile(`^(?:invalid|expected) (?:integer|float)`), "cli.yaml.want.number"},
	{regexp.MustCompile(`^integer is too`), "cli.yaml.want.number"},
	{regexp.MustCompile(`^expected tag`), "cli.yaml.want.text"},
}

var fieldPlace = regexp.MustCompile(`^(\S+:\d+:\d+):? (.*)$`)

// fieldFault is one line of what protoyaml has against a file, in the reader's language. The lines of the file that it quotes stay.
func fieldFault(said string) line {
	found := fieldPlace.FindStringSubmatch(said)
	if found == nil {
		return plain(said)
	}
	for _, fault := range fieldFaults {
		if words := fault.words.FindStringSubmatch(found[2]); words != nil {
			args := make([]any, 0, len(words))
			for _, word := range words[1:] {
				args = append(args, strings.ReplaceAll(strings.TrimSuffix(word, "]"), " ", ", "))
			}
			return tell("cli.wrong.file", found[1], tell(fault.key, args...))
		}
	}
	return plain(said)
}
