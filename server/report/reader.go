package report

import (
	"strings"
	"unicode"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// reader is the report as one language reads it.
type reader struct {
	report     *Report
	cat        *catalog.Catalog // with the snapshot's names of frameworks, programmes, venues and firms
	lang       catalog.Language
	firms      map[string]*tandemv1.Firm // by resource name, whole profiles
	frameworks map[string]*tandemv1.Framework
	programs   map[string]*tandemv1.Program
	venues     map[string]*tandemv1.Venue
}

func newReader(report *Report, lang catalog.Language) *reader {
	r := &reader{
		report:     report,
		lang:       lang,
		firms:      map[string]*tandemv1.Firm{},
		frameworks: map[string]*tandemv1.Framework{},
		programs:   map[string]*tandemv1.Program{},
		venues:     map[string]*tandemv1.Venue{},
	}
	names := map[string]catalog.Text{}
	for _, f := range report.Snapshot.GetFirms() {
		r.firms[f.GetName()] = f
		names["firm:"+id(f.GetName())] = nameIn(f)
	}
	for _, f := range report.Snapshot.GetFrameworks() {
		r.frameworks[f.GetName()] = f
		names["fw:"+id(f.GetName())] = text(f.GetDisplayName())
	}
	for _, p := range report.Snapshot.GetPrograms() {
		r.programs[p.GetName()] = p
		names["prog:"+id(p.GetName())] = text(p.GetDisplayName())
	}
	for _, v := range report.Snapshot.GetVenues() {
		r.venues[v.GetName()] = v
		names["venue:"+id(v.GetName())] = text(v.GetDisplayName())
	}
	r.cat = report.Catalog.WithNames(func(prefix, id string) (catalog.Text, bool) {
		name, ok := names[prefix+":"+id]
		return name, ok
	})
	return r
}

// id is the last part of a resource name: "algoma-steel" of "firms/algoma-steel".
func id(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

func text(t *tandemv1.LocalizedText) catalog.Text {
	return catalog.Text{t.GetEn(), t.GetFr(), t.GetKo()}
}

// say renders one of the report's own sentences. Arguments are typed as the catalogue's Sentence describes.
func (r *reader) say(key string, args ...string) string {
	return r.cat.Sentence(r.lang, key, args...)
}

// sentence renders a sentence of the engine.
func (r *reader) sentence(s *tandemv1.Sentence) string {
	if s.GetKey() == "" {
		return ""
	}
	return r.cat.Sentence(r.lang, s.GetKey(), s.GetArgs()...)
}

func (r *reader) sentences(list []*tandemv1.Sentence) []string {
	said := make([]string, 0, len(list))
	for _, s := range list {
		said = append(said, r.sentence(s))
	}
	return said
}

// name renders a typed name such as "band:STRONG".
func (r *reader) name(prefix, id string) string { return r.cat.Name(r.lang, prefix+":"+id) }

// names renders the names of resources.
func (r *reader) names(prefix string, resources []string) []string {
	named := make([]string, 0, len(resources))
	for _, resource := range resources {
		named = append(named, r.name(prefix, id(resource)))
	}
	return named
}

// label renders an entry of an outside list, whose id holds the list: `crosswalks/kic.shipbuilding`.
func (r *reader) label(crosswalk string) string {
	scheme, slug, _ := strings.Cut(id(crosswalk), ".")
	return r.name(scheme, slug)
}

// capitalised gives words that open a line their capital; languages without case are left alone.
func capitalised(s string) string {
	for i, first := range s {
		return s[:i] + string(unicode.ToUpper(first)) + s[i+len(string(first)):]
	}
	return s
}

func (r *reader) number(n int) string { return r.name("n", catalog.Number(n)[len("n:"):]) }

// percent rounds half up; a whole of 0 has no percentage and gives 0.
func (r *reader) percent(part, whole int) string {
	return r.name("pct", catalog.Number(rounded(100*part, whole))[len("n:"):])
}

func rounded(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return (2*part + whole) / (2 * whole)
}

func (r *reader) date(iso string) string { return r.name("date", iso) }

// side is the name of one side of the partnership.
func (r *reader) side(i int) string {
	return text(r.report.Snapshot.GetPartnership().GetSides()[i].GetDisplayName()).In(r.lang)
}

// sideOf tells on which side a firm stands.
func (r *reader) sideOf(f *tandemv1.Firm) int {
	for i, side := range r.report.Snapshot.GetPartnership().GetSides() {
		for _, country := range side.GetCountries() {
			if country == f.GetCountry() {
				return i
			}
		}
	}
	return -1
}

// place is where a firm is: its region with the country where the side has several, or the country alone.
func (r *reader) place(f *tandemv1.Firm) string {
	country := r.name("country", f.GetCountry())
	if f.GetRegion() == "" {
		return country
	}
	return r.say("list.comma", catalog.Literal(r.name("region", f.GetRegion())), catalog.Literal(country))
}

// compiled tells that a profile was compiled, so that its needs are inferred.
func compiled(f *tandemv1.Firm) bool {
	return f.GetNeedsInferred() || f.GetProvenance() == tandemv1.Firm_COMPILED
}

// token turns a contract name such as SIGNED_NOT_IN_FORCE into the token of the vocabulary files.
func token(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "-")) }
