package server

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.einride.tech/aip/filtering"
	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// Filters are written as in AIP-160 and become expressions over terms such as `country=KR`, which the store keeps for each row
// and which resources outside the store list on the spot. So every list has the same language.

// filterField checks and normalises the value that a filter compares a field with; the error says what would be right.
type filterField func(value string) (string, error)

// filterFields are the fields that filters over a resource may name.
type filterFields map[string]filterField

// anyText is a field whose values are not a closed list.
func anyText(value string) (string, error) { return value, nil }

// timeField is a field that is compared as a point in time; its name ends in _time, and a list has one.
func timeField(value string) (string, error) {
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		return "", say("error.filter.want.time")
	}
	return t.UTC().Format(time.RFC3339Nano), nil
}

// oneOf is a field whose values are the names of an enum, in any case.
func oneOf(values map[string]int32) filterField {
	return func(value string) (string, error) {
		name := strings.ToUpper(strings.ReplaceAll(value, "-", "_"))
		if n, ok := values[name]; ok && n != 0 {
			return name, nil
		}
		names := slices.DeleteFunc(slices.Collect(maps.Keys(values)), func(n string) bool { return values[n] == 0 })
		slices.Sort(names)
		return "", say("error.filter.want.one", strings.Join(names, ", "))
	}
}

// yesNo is a field that is true or false; alone in a filter it means true.
func yesNo(value string) (string, error) {
	if value == "true" || value == "false" {
		return value, nil
	}
	return "", say("error.filter.want.truth")
}

// idOf is a field that names a resource, with or without its collection.
func idOf(collection string) filterField {
	return func(value string) (string, error) { return strings.TrimPrefix(value, collection+"/"), nil }
}

// knownCapability is a field that holds a capability code.
func (s *Server) knownCapability(value string) (string, error) {
	value = strings.TrimPrefix(value, "capabilities/")
	if _, ok := s.catalog.Lookup(value); !ok {
		return "", say("error.capability", value, strings.Join(s.catalog.Nearest(value, 3), ", "))
	}
	return value, nil
}

// parseFilter reads a filter; an empty one gives nil, which finds everything.
func parseFilter(text string, fields filterFields) (store.Expr, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var parser filtering.Parser
	parser.Init(text)
	parsed, err := parser.Parse()
	if err != nil {
		return nil, filterError("error.filter.syntax", innermost(err))
	}
	f := filterReader{fields: fields, source: parsed.SourceInfo}
	return f.read(parsed.Expr)
}

// filterError is the one line that a bad filter gets; the first argument is the column.
func filterError(key string, column int, args ...any) error {
	return invalidAs(tandemv1.Reason_FILTER_INVALID, "filter", key, append([]any{column}, args...)...)
}

// innermost finds where a parser's error began: the library reports each rule that was under way, one around the other.
func innermost(err error) int {
	column := 1
	for ; err != nil; err = errors.Unwrap(err) {
		if e, ok := err.(interface{ Position() filtering.Position }); ok {
			column = int(e.Position().Column)
		}
	}
	return column
}

type filterReader struct {
	fields filterFields
	source *expr.SourceInfo
}

func (f *filterReader) fail(e *expr.Expr, key string, args ...any) error {
	return filterError(key, int(f.source.GetPositions()[e.GetId()]+1), args...)
}

func (f *filterReader) read(e *expr.Expr) (store.Expr, error) {
	call := e.GetCallExpr()
	if call == nil {
		return f.bare(e)
	}
	switch call.Function {
	case filtering.FunctionAnd, filtering.FunctionFuzzyAnd, filtering.FunctionOr:
		left, err := f.read(call.Args[0])
		if err != nil {
			return nil, err
		}
		right, err := f.read(call.Args[1])
		if err != nil {
			return nil, err
		}
		if call.Function == filtering.FunctionOr {
			return store.Or{left, right}, nil
		}
		return store.And{left, right}, nil
	case filtering.FunctionNot:
		inner, err := f.read(call.Args[0])
		return store.Not{Expr: inner}, err
	}
	if len(call.Args) == 2 {
		return f.comparison(e, call)
	}
	return nil, f.fail(e, "error.filter.function", call.Function)
}

// bare is a field standing alone: true, of the fields that are true or false.
func (f *filterReader) bare(e *expr.Expr) (store.Expr, error) {
	name := fieldName(e)
	if field, ok := f.fields[name]; ok {
		if _, err := field("true"); err == nil {
			if _, err := field("maybe"); err != nil {
				return store.Term(name + "=true"), nil
			}
		}
		return nil, f.fail(e, "error.filter.bare", name)
	}
	return nil, f.unknown(e, name)
}

func (f *filterReader) unknown(e *expr.Expr, name string) error {
	known := slices.Sorted(maps.Keys(f.fields))
	if name == "" {
		return f.fail(e, "error.filter.missing", strings.Join(known, ", "))
	}
	return f.fail(e, "error.filter.field", name, strings.Join(known, ", "))
}

func (f *filterReader) comparison(e *expr.Expr, call *expr.Expr_Call) (store.Expr, error) {
	name := fieldName(call.Args[0])
	field, ok := f.fields[name]
	if !ok {
		return nil, f.unknown(call.Args[0], name)
	}
	text, ok := constant(call.Args[1])
	if !ok {
		return nil, f.fail(call.Args[1], "error.filter.constant", name)
	}
	value, err := field(text)
	if err != nil {
		return nil, f.fail(call.Args[1], "error.filter.value", name, text, asPhrase(err))
	}
	if strings.HasSuffix(name, "_time") {
		return f.times(e, call.Function, name, value)
	}
	switch call.Function {
	case filtering.FunctionEquals, filtering.FunctionHas:
		return store.Term(name + "=" + value), nil
	case filtering.FunctionNotEquals:
		return store.Not{Expr: store.Term(name + "=" + value)}, nil
	}
	return nil, f.fail(e, "error.filter.operator", name, call.Function)
}

func (f *filterReader) times(e *expr.Expr, operator, name, value string) (store.Expr, error) {
	t, err := time.Parse(time.RFC3339Nano, value)
	if err != nil {
		return nil, f.fail(e, "error.filter.value", name, value, say("error.filter.want.time"))
	}
	switch operator {
	case filtering.FunctionLessThan, filtering.FunctionLessEquals, filtering.FunctionGreaterThan, filtering.FunctionGreaterEquals:
		return store.Updated{Op: store.Op(operator), At: t}, nil
	}
	return nil, f.fail(e, "error.filter.time_operator", operator, name)
}

// fieldName is the field that an expression names; empty for anything else.
func fieldName(e *expr.Expr) string { return e.GetIdentExpr().GetName() }

// constant is the value that an expression is: quoted, a number, or a word.
func constant(e *expr.Expr) (string, bool) {
	if name := fieldName(e); name != "" {
		return name, true
	}
	if call := e.GetCallExpr(); call != nil && call.Function == filtering.FunctionTimestamp && len(call.Args) == 1 {
		return constant(call.Args[0])
	}
	if path := selection(e); path != "" {
		return path, true
	}
	switch c := e.GetConstExpr().GetConstantKind().(type) {
	case *expr.Constant_StringValue:
		return c.StringValue, true
	case *expr.Constant_Int64Value:
		return fmt.Sprint(c.Int64Value), true
	}
	return "", false
}

// selection reads an unquoted code with dots, such as underwater.sonar, which the grammar takes for a path.
func selection(e *expr.Expr) string {
	s := e.GetSelectExpr()
	if s == nil {
		return ""
	}
	left := fieldName(s.Operand)
	if left == "" {
		left = selection(s.Operand)
	}
	return left + "." + s.Field
}

// finds tells whether a filter finds a row with these terms; for lists outside the store.
func finds(e store.Expr, terms []string) bool {
	switch e := e.(type) {
	case store.Term:
		return slices.Contains(terms, string(e))
	case store.And:
		return !slices.ContainsFunc(e, func(x store.Expr) bool { return !finds(x, terms) })
	case store.Or:
		return slices.ContainsFunc(e, func(x store.Expr) bool { return finds(x, terms) })
	case store.Not:
		return !finds(e.Expr, terms)
	}
	return e == nil
}

// parseOrder reads an order as in AIP-132: one field, perhaps with desc. The first of known is the default.
func parseOrder(text string, known ...store.Order) (order store.Order, desc bool, err error) {
	words := append(strings.Fields(text), "asc")
	switch {
	case text == "":
		return known[0], false, nil
	case slices.Contains(known, store.Order(words[0])) && (words[1] == "asc" || words[1] == "desc") && len(words) <= 3:
		return store.Order(words[0]), words[1] == "desc", nil
	}
	return "", false, invalidAs(tandemv1.Reason_FILTER_INVALID, "order_by", "error.order", text, strings.Trim(fmt.Sprint(known), "[]"))
}

// compactTerms sorts terms and drops those that stand twice.
func compactTerms(terms []string) []string {
	slices.Sort(terms)
	return slices.Compact(terms)
}
