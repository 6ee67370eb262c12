package report

import (
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// completeness writes whom to call for what, what it would unlock, and who may stand twice.
func (r *reader) completeness(list []*tandemv1.IncompleteFirm, twice []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion) *paper {
	p := r.paper(tandemv1.DownloadReportRequest_COMPLETENESS)
	p.Intro = []string{r.say("completeness.intro"), r.say("completeness.intro.twice")}
	calls := r.grid("calls", "organisation", "side", "matched", "missing", "#partners", "#unlocked", "contact", "email", "phone", "advice", "twin")
	unmatched, unlocked := 0, 0
	for _, f := range list {
		if !f.GetMatched() {
			unmatched++
		}
		unlocked += int(f.GetUnlocked())
		whole := r.whole(f.GetFirm())
		calls.add(r, []string{whole.GetName()}, r.exactly(r.firm(whole), whole.GetName()), r.sideName(whole), r.yes(f.GetMatched()),
			cell{Text: r.fields(f.GetMissing()), Exact: strings.Join(f.GetMissing(), " ")}, int(f.GetPartners()), int(f.GetUnlocked()),
			f.GetContact().GetDisplayName(), f.GetContact().GetEmail(), f.GetContact().GetPhone(), r.sentence(f.GetAdvice()), r.twins(whole.GetName(), twice))
	}
	alike := r.grid("twice", "one", "other", "#likeness", "why")
	for _, s := range twice {
		one, other := r.known(s.GetFirst()), r.known(s.GetSecond())
		alike.add(r, []string{s.GetFirst(), s.GetSecond()}, r.exactly(r.firm(one), s.GetFirst()), r.exactly(r.firm(other), s.GetSecond()),
			int(s.GetLikenessPercent()), r.sentence(s.GetReason()))
	}
	p.Figures = []figure{
		{Value: r.number(len(list)), Label: r.say("completeness.figure.incomplete", catalog.Number(len(list)))},
		{Value: r.number(unmatched), Label: r.say("completeness.figure.unmatched", catalog.Number(unmatched))},
		{Value: r.number(unlocked), Label: r.say("completeness.figure.unlocked", catalog.Number(unlocked))},
		{Value: r.number(len(twice)), Label: r.say("completeness.figure.twice", catalog.Number(len(twice)))},
	}
	p.Grids = []grid{calls, alike}
	p.Compiled = r.compiledNote()
	return p
}

// known is an organisation by name; one with nothing but its name where the snapshot does not have it.
func (r *reader) known(name string) *tandemv1.Firm {
	if f, ok := r.firms[name]; ok {
		return f
	}
	return &tandemv1.Firm{Name: name, DisplayName: id(name)}
}

// fields names parts of a profile.
func (r *reader) fields(paths []string) string {
	typed := make([]string, len(paths))
	for i, path := range paths {
		typed[i] = "field:" + path
	}
	return r.cat.Name(r.lang, catalog.List(typed...))
}

// twins are the organisations that may be the same one.
func (r *reader) twins(name string, list []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion) string {
	var others []string
	for _, s := range list {
		switch name {
		case s.GetFirst():
			others = append(others, r.firm(r.known(s.GetSecond())).Name.Text)
		case s.GetSecond():
			others = append(others, r.firm(r.known(s.GetFirst())).Name.Text)
		}
	}
	return strings.Join(others, "; ")
}
