package server

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// profileRules check and complete a profile as it is written: what its words mean, whether its references exist, what is
// missing. Lengths, patterns and closed lists are rules of the contract and checked before.
type profileRules struct {
	cat         *catalog.Catalog
	partnership *tandemv1.Partnership
	hasProgram  func(name string) bool // whether the register has a programme
}

// settle checks a profile and completes it in place: free text becomes codes, derived fields are filled in. All that is
// wrong is collected, so that a writer mends it in one go. The error's reason is that of the first violation.
func (r *profileRules) settle(f *tandemv1.Firm) ([]*tandemv1.CapabilityMapping, *Error) {
	mappings, problems := r.examine(f)
	if len(problems) > 0 {
		return nil, problemsError(problems)
	}
	return mappings, nil
}

// examine is settle with everything that is wrong, one by one.
func (r *profileRules) examine(f *tandemv1.Firm) ([]*tandemv1.CapabilityMapping, []problem) {
	s := settling{rules: r, firm: f}
	s.place()
	s.offers()
	s.needs()
	s.references()
	if len(s.problems) == 0 {
		complete(r.cat, f)
	}
	return s.mappings, s.problems
}

// complete fills in what follows from the rest of a profile.
func complete(cat *catalog.Catalog, f *tandemv1.Firm) {
	codes := make([]string, len(f.Offers))
	for i, o := range f.Offers {
		codes[i] = o.Capability
	}
	f.Capabilities = prefixAll("capabilities/", cat.Coarse(codes))
	f.NeedsInferred = f.Provenance == tandemv1.Firm_COMPILED
	f.Missing = nil
	if f.Country == "" {
		f.Missing = append(f.Missing, "country")
	}
	if f.Kind == tandemv1.Firm_KIND_UNSPECIFIED {
		f.Missing = append(f.Missing, "kind")
	}
	if len(f.Offers) == 0 && len(f.Needs) == 0 {
		f.Missing = append(f.Missing, "offers", "needs")
	}
}

// problem is one thing wrong with a profile, as a sentence that every language has.
type problem struct {
	reason     tandemv1.Reason
	field      string
	key        string // of the message catalogue
	args       []string
	candidates []string // codes that would be right
}

// sentence is the problem as a message.
func (p *problem) sentence() *tandemv1.Sentence { return &tandemv1.Sentence{Key: p.key, Args: p.args} }

// problemsError makes one error of all that is wrong with a profile.
func problemsError(problems []problem) *Error {
	e := &Error{Code: codes.InvalidArgument, Reason: problems[0].reason}
	for _, p := range problems {
		e.Fields = append(e.Fields, Violation{Field: p.field, says: saying(p.sentence())})
	}
	if len(problems[0].candidates) > 0 {
		e.Meta = map[string]string{"candidates": strings.Join(problems[0].candidates, ",")}
	}
	return e
}

// settling is one profile being settled.
type settling struct {
	rules    *profileRules
	firm     *tandemv1.Firm
	mappings []*tandemv1.CapabilityMapping
	problems []problem
}

// wrong notes something wrong with a field; texts stand for themselves.
func (s *settling) wrong(field, key string, texts ...string) {
	s.note(tandemv1.Reason_FIELD_INVALID, field, key, nil, texts...)
}

func (s *settling) note(reason tandemv1.Reason, field, key string, candidates []string, texts ...string) {
	args := make([]string, len(texts))
	for i, text := range texts {
		args[i] = catalog.Literal(text)
	}
	s.problems = append(s.problems, problem{reason: reason, field: field, key: "profile." + key, args: args, candidates: candidates})
}

// again notes a line that says what the line at index first does. Its arguments are names of the catalogue, then the first line as people count.
func (s *settling) again(field, key string, first int, names ...string) {
	args := append(names, catalog.Number(first+1))
	s.problems = append(s.problems, problem{reason: tandemv1.Reason_FIELD_INVALID, field: field, key: "profile." + key, args: args})
}

// place checks country, region, kind and size against each other.
func (s *settling) place() {
	f, p := s.firm, s.rules.partnership
	switch _, ok := sideOf(p, f.Country); {
	case f.Country == "": // half-filled: the contract's rules say where that is allowed
	case !ok:
		s.wrong("country", "country.outside", f.Country, strings.Join(countriesOf(p), ", "))
	case f.Region != "":
		s.region()
	}
	if f.Size != tandemv1.Firm_SIZE_UNSPECIFIED && f.Kind != tandemv1.Firm_COMPANY && f.Kind != tandemv1.Firm_KIND_UNSPECIFIED {
		s.wrong("size", "size.company")
	}
}

func (s *settling) region() {
	f, cat := s.firm, s.rules.cat
	if country, _, _ := strings.Cut(f.Region, "-"); country != f.Country {
		s.wrong("region", "region.country", f.Region, f.Country)
		return
	}
	if _, ok := cat.Region(f.Region); !ok && cat.HasCountry(f.Country) {
		var known []string
		for _, r := range cat.Regions() {
			if r.Country == f.Country {
				known = append(known, r.Code)
			}
		}
		s.wrong("region", "region.unknown", f.Region, f.Country, strings.Join(known, ", "))
	}
}

func (s *settling) offers() {
	first := make(map[string]int)
	for i, o := range s.firm.Offers {
		field := fmt.Sprintf("offers[%d]", i)
		words := &ownWords{text: &o.Text, capability: &o.Capability, detail: &o.Detail, native: &o.DetailNative}
		if !s.capability(field, words) {
			continue
		}
		if at, ok := first[o.Capability]; ok {
			s.again(field+".capability", "offer.twice", at, "cap:"+o.Capability)
			continue
		}
		first[o.Capability] = i
	}
}

func (s *settling) needs() {
	type key struct {
		capability string
		aim        tandemv1.Need_Aim
	}
	first := make(map[key]int)
	for i, n := range s.firm.Needs {
		field := fmt.Sprintf("needs[%d]", i)
		words := &ownWords{text: &n.Text, capability: &n.Capability, detail: &n.Detail, native: &n.DetailNative}
		if !s.capability(field, words) {
			continue
		}
		k := key{n.Capability, max(n.Aim, tandemv1.Need_SUPPLIER)}
		if n.Aim == tandemv1.Need_AIM_UNSPECIFIED {
			k.aim = tandemv1.Need_PARTNER
		}
		if at, ok := first[k]; ok {
			s.again(field+".capability", "need.twice", at, "cap:"+n.Capability, "aim:"+k.aim.String())
			continue
		}
		first[k] = i
	}
}

// ownWords are the fields of an offer or need that say what it is.
type ownWords struct{ text, capability, detail, native *string }

// capability settles which capability an offer or need is of: its code, or what its text means.
func (s *settling) capability(field string, w *ownWords) bool {
	cat := s.rules.cat
	switch {
	case *w.text != "" && *w.capability != "":
		s.wrong(field+".text", "capability.both")
		return false
	case *w.text != "":
		return s.resolve(field, w)
	case *w.capability == "":
		s.wrong(field+".capability", "capability.empty")
		return false
	}
	*w.capability = strings.TrimPrefix(*w.capability, "capabilities/")
	if _, ok := cat.Lookup(*w.capability); !ok {
		nearest := cat.Nearest(*w.capability, 3)
		s.note(tandemv1.Reason_CAPABILITY_UNKNOWN, field+".capability", "capability.unknown", nearest, *w.capability, strings.Join(nearest, ", "))
		return false
	}
	return true
}

// resolve maps a text to its capability and keeps the words as the item's detail, where it has none.
func (s *settling) resolve(field string, w *ownWords) bool {
	cat := s.rules.cat
	found := cat.Resolve(*w.text)
	code, ok := found.Chosen()
	if !ok {
		if found.Ambiguous() {
			s.note(tandemv1.Reason_CAPABILITY_AMBIGUOUS, field+".text", "capability.ambiguous", found.Codes, *w.text, strings.Join(found.Codes, ", "))
		} else {
			s.note(tandemv1.Reason_CAPABILITY_UNKNOWN, field+".text", "capability.unknown", found.Nearest, *w.text, strings.Join(found.Nearest, ", "))
		}
		return false
	}
	index, _ := cat.Lookup(code)
	s.mappings = append(s.mappings, &tandemv1.CapabilityMapping{
		Field: field + ".text", Text: *w.text, Capability: code, DisplayName: localized(cat.Capability(index).Name), MatchedTerm: found.Matches[0].Matched,
	})
	*w.capability = code
	switch native := found.Matches[0].Language != catalog.EN; {
	case native && *w.native == "":
		*w.native = *w.text
	case !native && *w.detail == "":
		*w.detail = *w.text
	}
	*w.text = ""
	return true
}

// references checks that what a profile points to exists. Excluded firms are not looked up, so that a profile is no oracle on
// who is registered.
func (s *settling) references() {
	for i, name := range s.firm.Programs {
		if !s.rules.hasProgram(name) {
			s.wrong(fmt.Sprintf("programs[%d]", i), "program.unknown", name)
		}
	}
	if s.firm.Name != "" && slices.Contains(s.firm.Exclusions, s.firm.Name) {
		s.wrong("exclusions", "exclusion.self")
	}
}
