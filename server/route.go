package server

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// route is one way in over REST: what the contract says of it, so that a request
// can be held against it before anything is decoded.
type route struct {
	verb     string // GET, POST ...
	template string // /v1/{name=firms/*}:approve
	path     *regexp.Regexp
	method   *method
	message  protoreflect.MessageDescriptor // of the body
	prefix   string                         // path of the body in the request; "" for the whole request
	body     string                         // media types of the body; "" where there is none
	query    map[string]protoreflect.FieldDescriptor
}

// jsonBody is the media type of every body but that of files.
const jsonBody = "application/json"

// routes are all ways in, by verb and template.
type routes map[string]*route

// add enters the routes that the contract declares for a service.
func (r routes) add(serviceName string) error {
	descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(serviceName))
	if err != nil {
		return fmt.Errorf("service %s: %w", serviceName, err)
	}
	methods := descriptor.(protoreflect.ServiceDescriptor).Methods()
	for i := range methods.Len() {
		md := methods.Get(i)
		rule, _ := proto.GetExtension(md.Options(), annotations.E_Http).(*annotations.HttpRule)
		if rule == nil {
			continue
		}
		m, err := describe(serviceName, string(md.Name()))
		if err != nil {
			return err
		}
		for _, rule := range append([]*annotations.HttpRule{rule}, rule.AdditionalBindings...) {
			verb, template := verbAndTemplate(rule)
			added := &route{verb: verb, template: template, method: m}
			added.take(md.Input(), rule.Body)
			r.put(added)
		}
	}
	return nil
}

// put enters a route.
func (r routes) put(added *route) {
	added.path = pathOf(added.template)
	r[added.verb+" "+added.template] = added
}

// find returns the route of a request that the multiplexer has matched; nil for
// what is no method.
func (r routes) find(verb, template string) *route { return r[verb+" "+template] }

// allowed lists the verbs that a path takes.
func (r routes) allowed(path string) []string {
	var verbs []string
	for _, known := range r {
		if known.path.MatchString(path) && !slices.Contains(verbs, known.verb) {
			verbs = append(verbs, known.verb)
		}
	}
	slices.Sort(verbs)
	return verbs
}

func verbAndTemplate(rule *annotations.HttpRule) (verb, template string) {
	switch pattern := rule.Pattern.(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, pattern.Get
	case *annotations.HttpRule_Post:
		return http.MethodPost, pattern.Post
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, pattern.Patch
	case *annotations.HttpRule_Put:
		return http.MethodPut, pattern.Put
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, pattern.Delete
	default:
		return "", ""
	}
}

// variable matches `{name}` and `{name=firms/*}` in a template.
var variable = regexp.MustCompile(`\{[^}=]+(?:=([^}]+))?\}`)

// pathOf turns a template into a pattern for paths.
func pathOf(template string) *regexp.Regexp {
	plain := variable.ReplaceAllStringFunc(template, func(v string) string {
		if inner := variable.FindStringSubmatch(v)[1]; inner != "" {
			return inner
		}
		return "*"
	})
	pattern := regexp.QuoteMeta(plain)
	pattern = strings.ReplaceAll(pattern, `\*\*`, `.+`)
	pattern = strings.ReplaceAll(pattern, `\*`, `[^/:]+`)
	return regexp.MustCompile("^" + pattern + "$")
}

// take works out which fields of a request come in the body, in the path and in
// the query.
func (r *route) take(request protoreflect.MessageDescriptor, body string) {
	inPath := make(map[string]bool)
	for _, v := range variable.FindAllString(r.template, -1) {
		name, _, _ := strings.Cut(strings.Trim(v, "{}"), "=")
		inPath[name] = true
	}
	r.query = make(map[string]protoreflect.FieldDescriptor)
	switch body {
	case "":
	case "*":
		r.body, r.message = jsonBody, request
		return
	default:
		r.body, r.message, r.prefix = jsonBody, request.Fields().ByTextName(body).Message(), body
	}
	for i := range request.Fields().Len() {
		field := request.Fields().Get(i)
		nested := field.Message() != nil && !wellKnown(field.Message())
		if field.TextName() != body && !inPath[field.TextName()] && !nested {
			r.query[field.TextName()] = field
		}
	}
}

// readBody reads and guards a JSON body. What is left for the gateway to decode
// is returned.
func (r *route) readBody(w http.ResponseWriter, request *http.Request) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, request.Body, maxMessage))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLargeMessage()
	case err != nil:
		return nil, malformed("", "error.body.cut")
	case len(data) == 0:
		return nil, nil
	case r.body == "":
		return nil, malformed("", "error.body.none")
	}
	if err := r.checkType(request); err != nil {
		return nil, err
	}
	return data, guardMessage(data, r.message, r.prefix)
}

// checkType refuses a body of another media type.
func (r *route) checkType(request *http.Request) error {
	declared := request.Header.Get("Content-Type")
	if declared == "" && r.body == jsonBody {
		return nil
	}
	kind, parameters, err := mime.ParseMediaType(declared)
	charset := strings.ToLower(parameters["charset"])
	if err != nil || !slices.Contains(strings.Split(r.body, ", "), kind) || r.body == jsonBody && charset != "" && charset != "utf-8" {
		return malformed("Content-Type", "error.body.type", declared, r.body)
	}
	return nil
}

// readQuery refuses unknown and repeated query keys and values of another type,
// and returns the query in the contract's spelling.
func (r *route) readQuery(raw string) (url.Values, error) {
	sent, err := url.ParseQuery(raw)
	if err != nil {
		return nil, malformed("", "error.query")
	}
	out := make(url.Values)
	for _, key := range slices.Sorted(maps.Keys(sent)) {
		field := r.queryField(key)
		if field == nil {
			return nil, r.unknownKey(key)
		}
		name := field.TextName()
		if _, twice := out[name]; twice || len(sent[key]) > 1 && !field.IsList() {
			return nil, malformed(name, "error.query.twice")
		}
		for _, value := range sent[key] {
			value, err := queryValue(field, value)
			if err != nil {
				return nil, err
			}
			out.Add(name, value)
		}
	}
	return out, nil
}

// queryField finds a query parameter by either spelling.
func (r *route) queryField(key string) protoreflect.FieldDescriptor {
	if field := r.query[key]; field != nil {
		return field
	}
	for _, field := range r.query {
		if field.JSONName() == key {
			return field
		}
	}
	return nil
}

// unknownKey refuses a query parameter that the method does not have.
func (r *route) unknownKey(key string) error {
	if len(r.query) == 0 {
		return malformed(key, "error.query.none")
	}
	return malformed(key, "error.query.unknown", strings.Join(slices.Sorted(maps.Keys(r.query)), ", "))
}

// queryValue checks a value of a query and spells it as the contract does.
func queryValue(field protoreflect.FieldDescriptor, value string) (string, error) {
	name := field.TextName()
	switch field.Kind() {
	case protoreflect.EnumKind:
		if number, err := strconv.ParseInt(value, 10, 32); err == nil {
			if field.Enum().Values().ByNumber(protoreflect.EnumNumber(number)) == nil {
				return "", invalid(name, "error.rule.enum", enumNames(field.Enum())) // as the contract's own rule says it
			}
			return value, nil
		}
		return value, enumNamed(field, value, name)
	case protoreflect.BoolKind:
		if value != "true" && value != "false" {
			return "", mismatch(field, name)
		}
	case protoreflect.Int32Kind:
		if _, err := strconv.ParseInt(value, 10, 32); err != nil {
			return "", malformed(name, "error.json.int32")
		}
	case protoreflect.MessageKind:
		switch field.Message().FullName() {
		case "google.protobuf.FieldMask":
			return snakeCase(value), nil
		}
		return value, wellKnownText(field, value, name)
	default: // a text, which needs no check here
	}
	return value, nil
}

// upper matches a capital letter inside a name.
var upper = regexp.MustCompile(`[A-Z]`)

// snakeCase spells the paths of a field mask as the contract does.
func snakeCase(paths string) string {
	return upper.ReplaceAllStringFunc(paths, func(letter string) string { return "_" + strings.ToLower(letter) })
}
