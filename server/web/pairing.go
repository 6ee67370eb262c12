package web

import (
	"cmp"
	"slices"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func pairingRoutes() []route {
	return []route{
		{pattern: "GET /web/why", who: staff, show: (*visit).whyPage},
		{pattern: "GET /web/pairings/{pairing}", who: staff, show: (*visit).pairingPage},
	}
}

// whyForm asks for any two firms.
type whyForm struct {
	A, B         string
	First, Other []*tandemv1.Firm
	Problem      string
}

// candidates is how many firms a search for one of the two offers.
const candidates = 12

// whyPage finds two firms by words of their names, and goes on to their pairing once each is one.
func (v *visit) whyPage() error {
	form := whyForm{A: strings.TrimSpace(v.query("a")), B: strings.TrimSpace(v.query("b"))}
	if form.A == "" || form.B == "" {
		return v.show("why", v.say("web.why.title"), form)
	}
	var err error
	if form.First, err = v.search(form.A); err != nil {
		return err
	}
	if form.Other, err = v.search(form.B); err != nil {
		return err
	}
	switch {
	case len(form.First) == 0:
		form.Problem = v.say("web.why.nobody", "text:"+form.A)
	case len(form.Other) == 0:
		form.Problem = v.say("web.why.nobody", "text:"+form.B)
	case len(form.First) == 1 && len(form.Other) == 1:
		return v.redirect("/web/pairings/" + slug(form.First[0].GetName()) + "~" + slug(form.Other[0].GetName()))
	}
	return v.show("why", v.say("web.why.title"), form)
}

// search finds firms by id, or by words of their names.
func (v *visit) search(text string) ([]*tandemv1.Firm, error) {
	hits, err := v.door.index.find(v, searchWords(text))
	if err != nil {
		return nil, err
	}
	if slices.Contains(hits, "firms/"+text) {
		hits = []string{"firms/" + text}
	}
	return v.named(hits[:min(len(hits), candidates)])
}

// pairingView is a pairing with all that speaks for it and against it.
type pairingView struct {
	Pairing       *tandemv1.Pairing // nil where it cannot be scored
	First, Second *tandemv1.Firm
	Proposed      bool
	Cause         *tandemv1.Sentence
	Points        []*tandemv1.Component
	Drawing       *drawing
	Run           *tandemv1.MatchRun // the run whose row it is; nil for what holds now
	Compiled      bool
}

func (v *visit) pairingPage() error {
	id := v.r.PathValue("pairing")
	a, b, ok := strings.Cut(id, "~")
	if !ok {
		return errUnknownPage
	}
	both, err := v.firmsClient().BatchGetFirms(v.ctx(), &tandemv1.BatchGetFirmsRequest{Names: []string{"firms/" + a, "firms/" + b}})
	if err != nil {
		return err
	}
	view := pairingView{First: both.GetFirms()[0], Second: both.GetFirms()[1]}
	if run := v.query("run"); run != "" {
		err = v.ofRun(&view, run, a, b)
	} else {
		err = v.ofNow(&view, id)
	}
	if err != nil {
		return err
	}
	if p := view.Pairing; p != nil {
		if p.GetFirst().GetName() == view.Second.GetName() { // asked for in the other order
			view.First, view.Second = view.Second, view.First
		}
		view.Points = slices.SortedStableFunc(slices.Values(p.GetComponents()), func(a, b *tandemv1.Component) int { return cmp.Compare(b.GetPoints(), a.GetPoints()) })
		view.Drawing = v.draw(view.First, view.Second, p.GetComponents())
	}
	view.Compiled = view.First.GetNeedsInferred() || view.Second.GetNeedsInferred()
	return v.show("pairing", ownName(view.First, v.lang)+" × "+ownName(view.Second, v.lang), view)
}

// ofNow asks what holds between two firms as they are.
func (v *visit) ofNow(view *pairingView, id string) error {
	answer, err := v.pairings().ExplainPairing(v.ctx(), &tandemv1.ExplainPairingRequest{Name: "pairings/" + id, Language: v.language()})
	if err != nil {
		return err
	}
	view.Pairing, view.Proposed, view.Cause = answer.GetPairing(), answer.GetProposed(), answer.GetCauseReason()
	return nil
}

// ofRun reads the row of a run, which never changes.
func (v *visit) ofRun(view *pairingView, run, a, b string) error {
	found, err := v.runs().GetMatchRun(v.ctx(), &tandemv1.GetMatchRunRequest{Name: "matchRuns/" + run})
	if err != nil {
		return err
	}
	rows, err := v.runs().ListMatchResults(v.ctx(), &tandemv1.ListMatchResultsRequest{
		Parent: found.GetName(), Filter: equals("firm", a) + " AND " + equals("firm", b), PageSize: 1, Language: v.language(),
	})
	if err != nil {
		return err
	}
	if len(rows.GetResults()) == 0 {
		return errUnknownPage
	}
	view.Run, view.Pairing, view.Proposed = found, rows.GetResults()[0].GetPairing(), true
	return nil
}
