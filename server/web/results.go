package web

import (
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// resultsOnPage is how many pairings a page lists.
const resultsOnPage = 50

// resultList is a page of a run's pairings.
type resultList struct {
	Run                            *tandemv1.MatchRun
	Sections, Themes, Bands, Gates []choice
	Firm                           *tandemv1.Firm // whose pairings they are, where one was chosen
	Results                        []*tandemv1.Pairing
	First, Next                    string
	Compiled                       bool
}

func (v *visit) resultList() error {
	q := v.r.URL.Query()
	run, err := v.runs().GetMatchRun(v.ctx(), &tandemv1.GetMatchRunRequest{Name: "matchRuns/" + v.r.PathValue("run")})
	if err != nil {
		return err
	}
	list := resultList{
		Run: run, Themes: v.themes(q.Get("theme")),
		Bands: v.enum("band", tandemv1.Pairing_Band_name, q.Get("band")), Gates: v.enum("gate", tandemv1.Gate_State_name, q.Get("gate")),
	}
	for n := int32(1); tandemv1.Pairing_Section_name[n] != ""; n++ {
		name := tandemv1.Pairing_Section_name[n]
		list.Sections = append(list.Sections, choice{Value: name, Label: v.say("report.section." + name), Chosen: name == q.Get("section")})
	}
	var terms []string
	for _, field := range []string{"section", "theme", "band", "gate", "firm"} {
		if value := q.Get(field); value != "" {
			terms = append(terms, equals(field, value))
		}
	}
	if id := q.Get("firm"); id != "" {
		if list.Firm, err = v.firmsClient().GetFirm(v.ctx(), &tandemv1.GetFirmRequest{Name: "firms/" + id}); err != nil {
			return err
		}
	}
	page, err := v.runs().ListMatchResults(v.ctx(), &tandemv1.ListMatchResultsRequest{
		Parent: run.GetName(), Filter: strings.Join(terms, " AND "), PageSize: resultsOnPage, PageToken: q.Get("page"), Language: v.language(),
	})
	if err != nil {
		return err
	}
	for _, result := range page.GetResults() {
		p := result.GetPairing()
		list.Results = append(list.Results, p)
		list.Compiled = list.Compiled || p.GetFirst().GetNeedsInferred() || p.GetSecond().GetNeedsInferred()
	}
	path := "/web/runs/" + v.r.PathValue("run") + "/pairings"
	if q.Get("page") != "" {
		list.First = pageLink(path, q, "")
	}
	if page.GetNextPageToken() != "" {
		list.Next = pageLink(path, q, page.GetNextPageToken())
	}
	return v.show("results", v.say("web.results.title"), list)
}

// themes are the domains and themes that pairings can be filtered by, those that people look at first before the others.
func (v *visit) themes(chosen string) []choice {
	var focus, others []choice
	for _, theme := range v.door.Catalog.Themes() {
		c := choice{Value: theme.ID, Label: theme.Name.In(v.lang), Chosen: theme.ID == chosen}
		if theme.Kind == "focus" {
			focus = append(focus, c)
		} else {
			others = append(others, c)
		}
	}
	return append(focus, others...)
}

// comparison is what changed between two runs.
type comparison struct {
	Run, Base   *tandemv1.MatchRun
	Differences []*tandemv1.PairingDifference
	Unchanged   int32
	More        int
	Counts      map[string]int
}

// shownDifferences is how many differences the page shows; the report has all.
const shownDifferences = 200

func (v *visit) compare() error {
	later, base := "matchRuns/"+v.r.PathValue("run"), "matchRuns/"+v.query("base")
	answer, err := v.runs().CompareMatchRuns(v.ctx(), &tandemv1.CompareMatchRunsRequest{Name: later, Base: base, Language: v.language()})
	if err != nil {
		return err
	}
	c := comparison{Unchanged: answer.GetUnchanged(), Counts: make(map[string]int)}
	if c.Run, err = v.runs().GetMatchRun(v.ctx(), &tandemv1.GetMatchRunRequest{Name: later}); err != nil {
		return err
	}
	if c.Base, err = v.runs().GetMatchRun(v.ctx(), &tandemv1.GetMatchRunRequest{Name: base}); err != nil {
		return err
	}
	all := answer.GetDifferences()
	for _, d := range all {
		c.Counts[d.GetKind().String()]++
	}
	c.Differences = all[:min(len(all), shownDifferences)]
	c.More = len(all) - len(c.Differences)
	return v.show("compare", v.say("paper.title.COMPARISON"), c)
}
