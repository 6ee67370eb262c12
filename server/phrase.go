package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// phrase is a sentence of the message catalogue that has no language yet. It is an error, so that what refuses a value can return one.
type phrase struct {
	key  string
	args []any
}

// term is an argument that the catalogue names in every language, such as `role:AUDITOR`. Texts and numbers stand for themselves.
type term string

func say(key string, args ...any) phrase { return phrase{key: key, args: args} }

// saying is a sentence that was said already, such as that about a row.
func saying(s *tandemv1.Sentence) phrase {
	p := phrase{key: s.GetKey()}
	for _, arg := range s.GetArgs() {
		p.args = append(p.args, term(arg))
	}
	return p
}

// Error implements error.
func (p phrase) Error() string { return p.in(catalog.EN) }

// in is the phrase as a sentence of a language.
func (p phrase) in(l catalog.Language) string {
	return catalog.Embedded().Sentence(l, p.key, p.typed(l)...)
}

// asPhrase is what an error says in every language: its own phrase, or what asError makes of it.
func asPhrase(err error) phrase {
	var own phrase
	if errors.As(err, &own) {
		return own
	}
	if e := asError(err); e.says.key != "" {
		return e.says
	}
	return say("error.json.value")
}

// sentence is the phrase as data.
func (p phrase) sentence() *tandemv1.Sentence {
	return &tandemv1.Sentence{Key: p.key, Args: p.typed(catalog.EN)}
}

// typed are the arguments as the catalogue takes them; a phrase inside another is said in the language.
func (p phrase) typed(l catalog.Language) []string {
	args := make([]string, len(p.args))
	for i, arg := range p.args {
		switch arg := arg.(type) {
		case term:
			args[i] = string(arg)
		case string:
			args[i] = catalog.Literal(clean(arg))
		case int:
			args[i] = catalog.Number(arg)
		case phrase:
			args[i] = catalog.Literal(arg.in(l))
		default:
			args[i] = catalog.Literal(clean(fmt.Sprint(arg)))
		}
	}
	return args
}

// brief is a sentence as developers read it behind a field's path: without its capital and its full stop.
func brief(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	if second, _ := utf8.DecodeRuneInString(sentence[size:]); unicode.IsUpper(first) && (unicode.IsLower(second) || second == ' ') {
		sentence = string(unicode.ToLower(first)) + sentence[size:]
	}
	return strings.TrimSuffix(sentence, ".")
}

// labelOf is a path such as `firm.offers[0].capability` in the words of a language; the path itself where a part of it has no name.
func labelOf(l catalog.Language, path string) string {
	cat, label := catalog.Embedded(), ""
	steps := strings.Split(path, ".")
	if len(steps) > 1 && isRequestPart(steps[0]) {
		steps = steps[1:]
	}
	for _, step := range steps {
		name, index, indexed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		number, err := strconv.Atoi(index)
		var words string
		switch {
		case name == "line" && err == nil:
			words = cat.Sentence(l, "error.line", catalog.Number(number))
		case !cat.HasSentence("field." + name), indexed && err != nil:
			return path
		case indexed:
			words = cat.Sentence(l, "error.item", "field:"+name, catalog.Number(number+1))
		default:
			words = cat.Sentence(l, "field."+name)
		}
		if label != "" {
			words = cat.Sentence(l, "error.part", catalog.Literal(label), catalog.Literal(words))
		}
		label = words
	}
	return label
}

// isRequestPart tells whether a step of a path only says which message of the request is meant.
func isRequestPart(step string) bool {
	return step == "firm" || step == "match_run" || step == "framework" || step == "program" || step == "venue"
}
