package web

import (
	"fmt"
	html "html/template"
	"io"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// template is a page in one language.
type template interface {
	Execute(w io.Writer, data any) error
}

// view is what every page is given.
type view struct {
	Lang, Title, Partners string
	// Name is the page's template, Path its address, Here the same with its query.
	Name, Path, Here string
	// CSRF, Role, Firm and Nav are of readers who are signed in.
	CSRF, Role, Firm string
	Nav              []place
	Data             any
	// Open is true where newcomers may register themselves.
	Open bool

	may func(method string) bool
}

// May tells whether the reader may call a method.
func (v *view) May(method string) bool { return v.may(method) }

// Languages are the choices of the language switch.
func (v *view) Languages() []choice {
	names := map[string]string{"en": "English", "fr": "Français", "ko": "한국어"} // each in its own language, whatever the page's
	var all []choice
	for _, l := range catalog.Languages() {
		all = append(all, choice{Value: l.String(), Label: names[l.String()], Chosen: l.String() == v.Lang})
	}
	return all
}

// place is a link of the navigation.
type place struct {
	Path, Label string
	Current     bool
}

// choice is an option of a form.
type choice struct {
	Value, Label string
	Chosen       bool
}

// frame lists the files that every page is parsed with.
var frame = []string{"page/layout.html", "page/parts.html", "page/chart.html"}

// readTemplates parses every page in every language.
func readTemplates(cat *catalog.Catalog) (map[catalog.Language]map[string]template, error) {
	entries, err := pages.ReadDir("page")
	if err != nil {
		return nil, err
	}
	all := make(map[catalog.Language]map[string]template)
	for _, l := range catalog.Languages() {
		base, err := html.New("layout.html").Funcs(functions(cat, l)).ParseFS(pages, frame...)
		if err != nil {
			return nil, err
		}
		all[l] = make(map[string]template)
		for _, entry := range entries {
			file := "page/" + entry.Name()
			if slices.Contains(frame, file) {
				continue
			}
			page, err := base.Clone()
			if err == nil {
				page, err = page.ParseFS(pages, file)
			}
			if err != nil {
				return nil, fmt.Errorf("page %s: %w", file, err)
			}
			name := strings.TrimSuffix(path.Base(file), ".html")
			if part := page.Lookup(name + "-part"); part != nil { // a page's live part, which the script asks for alone
				all[l][name+"-part"] = part
			}
			all[l][name] = page.Lookup("layout.html")
		}
	}
	return all, nil
}

// functions are what templates may call, in one language.
func functions(cat *catalog.Catalog, l catalog.Language) html.FuncMap {
	return html.FuncMap{
		"t":       func(key string, args ...string) string { return cat.Sentence(l, key, args...) },
		"name":    func(prefix, id string) string { return cat.Name(l, prefix+":"+slug(id)) },
		"capital": capital,
		"lit":     catalog.Literal,
		"num":     func(n any) string { return "n:" + fmt.Sprint(n) },
		"count":   func(n any) string { return cat.Name(l, "n:"+fmt.Sprint(n)) },
		"day":     func(t *timestamppb.Timestamp) string { return cat.Name(l, day(t.AsTime())) },
		"clock":   func(t *timestamppb.Timestamp) string { return t.AsTime().UTC().Format("15:04") },
		"iso":     func(t *timestamppb.Timestamp) string { return t.AsTime().UTC().Format(time.RFC3339) },
		"date":    func(iso string) string { return cat.Name(l, "date:"+iso) },
		"slug":    slug,
		"crosswalk": func(id string) string { // crosswalks/kic.munitions is kic:munitions in the catalogue
			scheme, entry, _ := strings.Cut(slug(id), ".")
			return cat.Name(l, scheme+":"+entry)
		},
		"own":     func(f *tandemv1.Firm) string { return ownName(f, l) },
		"other":   func(f *tandemv1.Firm) string { return otherName(f, l) },
		"lower":   func(s fmt.Stringer) string { return strings.ToLower(s.String()) },
		"dict":    dict,
		"kinds":   func() []string { return []string{"MATCH", "HANDOUTS", "PARTNERSHIP", "EXPOSURE", "COMPLETENESS"} },
		"formats": func() []string { return []string{"HTML", "XLSX", "CSV", "JSONL"} },
	}
}

// capital makes the first letter of a sentence large, also where it begins with a name of ours.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// ownName is the name of a firm that a reader of the language expects.
func ownName(f *tandemv1.Firm, l catalog.Language) string {
	return catalog.OwnName(f.GetDisplayName(), f.GetNativeName()).In(l)
}

// otherName is the name of a firm that own does not show; empty where it has only one.
func otherName(f *tandemv1.Firm, l catalog.Language) string {
	own := ownName(f, l)
	for _, name := range []string{f.GetNativeName(), f.GetDisplayName()} {
		if name != "" && name != own {
			return name
		}
	}
	return ""
}

// dict makes the several arguments of a template one.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict of %d: want names with values", len(pairs))
	}
	d := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		d[name] = pairs[i+1]
	}
	return d, nil
}
