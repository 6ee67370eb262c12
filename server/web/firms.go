package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func firmRoutes() []route {
	return []route{
		{pattern: "GET /web/firms", who: staff, show: (*visit).firmList},
		{pattern: "GET /web/incomplete", who: staff, show: (*visit).incompleteList},
		{pattern: "GET /web/firms/{firm}", who: staff, show: (*visit).firmPage},
		{pattern: "POST /web/firms/{firm}/approve", who: staff, show: (*visit).approve},
		{pattern: "POST /web/firms/{firm}/suspend", who: staff, show: (*visit).suspend},
		{pattern: "POST /web/firms/{firm}/invite", who: staff, show: (*visit).invite},
		{pattern: "POST /web/firms/{firm}/undelete", who: staff, show: (*visit).undelete},
		{pattern: "POST /web/firms/{firm}/delete", who: staff, show: (*visit).remove},
		{pattern: "POST /web/firms/approve", who: staff, show: (*visit).approveMany},
	}
}

// firmsOnPage is how many firms a page lists; a search reads scanned ones at a time and stops once it has a page.
const (
	firmsOnPage = 50
	scanned     = 250
)

// firmList is a page of firms.
type firmList struct {
	Query                                     string
	Countries, Kinds, States, Sizes, Branches []choice
	Firms                                     []*tandemv1.Firm
	Total                                     int
	Searched, Compiled, Filtered              bool
	Waiting                                   bool // some on this page can be approved
	Done                                      string
	First, Next                               string
}

func (v *visit) firmList() error {
	q := v.r.URL.Query()
	list := firmList{
		Query: q.Get("q"), Searched: strings.TrimSpace(q.Get("q")) != "",
		Countries: v.countries(q.Get("country")), Kinds: v.enum("kind", tandemv1.Firm_Kind_name, q.Get("kind")),
		States: v.states(q.Get("state")), Sizes: v.enum("size", tandemv1.Firm_Size_name, q.Get("size")), Branches: v.branches(q.Get("capability")),
	}
	var terms []string
	for _, field := range []string{"country", "kind", "state", "size", "capability"} {
		if value := q.Get(field); value != "" {
			terms = append(terms, equals(field, value))
		}
	}
	list.Filtered = len(terms) > 0
	next, err := v.fill(&list, strings.Join(terms, " AND "), q.Get("page"))
	if err != nil {
		return err
	}
	for _, f := range list.Firms {
		list.Compiled = list.Compiled || f.GetNeedsInferred()
		list.Waiting = list.Waiting || f.GetState() == tandemv1.Firm_PENDING && len(f.GetMissing()) == 0
	}
	if q.Get("done") == "approved_many" {
		list.Done = v.say("web.done.approved_many")
	}
	q.Del("done")
	if q.Get("page") != "" {
		list.First = pageLink("/web/firms", q, "")
	}
	if next != "" {
		list.Next = pageLink("/web/firms", q, next)
	}
	return v.show("firms", v.say("web.firms"), list)
}

// fill reads a page of firms and returns where the next one begins. Words alone are looked up in the index; words with a filter are
// looked for in what the filter finds.
func (v *visit) fill(list *firmList, filter, page string) (next string, err error) {
	words := searchWords(list.Query)
	if list.Searched && filter == "" {
		hits, err := v.door.index.find(v, words)
		if err != nil {
			return "", err
		}
		list.Total = len(hits)
		from, _ := strconv.Atoi(page) // of a search, pages are numbered by their first hit
		from = min(max(from, 0), len(hits))
		to := min(from+firmsOnPage, len(hits))
		if to < len(hits) {
			next = strconv.Itoa(to)
		}
		list.Firms, err = v.named(hits[from:to])
		return next, err
	}
	request := &tandemv1.ListFirmsRequest{Filter: filter, OrderBy: "display_name", PageSize: firmsOnPage, PageToken: page}
	if list.Searched {
		request.PageSize = scanned
	}
	for {
		answer, err := v.firmsClient().ListFirms(v.ctx(), request)
		if err != nil {
			return "", err
		}
		list.Total = int(answer.GetTotalSize())
		for _, f := range answer.GetFirms() {
			if holds(searchText(f), words) {
				list.Firms = append(list.Firms, f)
			}
		}
		if request.PageToken = answer.GetNextPageToken(); request.PageToken == "" || len(list.Firms) >= firmsOnPage {
			if list.Searched {
				list.Total = len(list.Firms)
			}
			return request.PageToken, nil
		}
	}
}

// pageLink is the address of a list's page, with the query that it has now.
func pageLink(path string, q url.Values, token string) string {
	next := url.Values{}
	for name, values := range q {
		if name != "page" && len(values) > 0 && values[0] != "" {
			next.Set(name, values[0])
		}
	}
	if token != "" {
		next.Set("page", token)
	}
	if len(next) == 0 {
		return path
	}
	return path + "?" + next.Encode()
}

// equals is a condition of a filter (AIP-160).
func equals(field, value string) string { return field + " = " + strconv.Quote(value) }

// enum lists the values of an enum as options, under their names in messages.csv.
func (v *visit) enum(family string, values map[int32]string, chosen string) []choice {
	var all []choice
	for n := int32(1); values[n] != ""; n++ {
		all = append(all, choice{Value: values[n], Label: v.door.Catalog.Name(v.lang, family+":"+values[n]), Chosen: values[n] == chosen})
	}
	return all
}

func (v *visit) states(chosen string) []choice {
	var all []choice
	for _, state := range []tandemv1.Firm_State{tandemv1.Firm_PENDING, tandemv1.Firm_APPROVED, tandemv1.Firm_SUSPENDED} {
		all = append(all, choice{Value: state.String(), Label: v.say("web.state." + state.String()), Chosen: state.String() == chosen})
	}
	return all
}

// countries are those of both sides.
func (v *visit) countries(chosen string) []choice {
	var all []choice
	for _, side := range v.door.Partnership.GetSides() {
		for _, country := range side.GetCountries() {
			all = append(all, choice{Value: country, Label: v.door.Catalog.Name(v.lang, "country:"+country), Chosen: country == chosen})
		}
	}
	return all
}

// branches are the roots of the catalogue.
func (v *visit) branches(chosen string) []choice {
	var all []choice
	for _, root := range v.door.Catalog.Capabilities() {
		if strings.Contains(root.Code, ".") {
			continue
		}
		all = append(all, choice{Value: root.Code, Label: root.Name.In(v.lang), Chosen: root.Code == chosen})
	}
	return all
}

// incompleteFirms are whom to call for what.
type incompleteFirms struct {
	Firms []*tandemv1.IncompleteFirm
	Alike []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion
	More  int
}

// shownIncomplete is how many firms a page lists whose profile lacks something: those worth a call first.
const shownIncomplete = 100

func (v *visit) incompleteList() error {
	answer, err := v.firmsClient().ListIncompleteFirms(v.ctx(), &tandemv1.ListIncompleteFirmsRequest{Language: v.language()})
	if err != nil {
		return err
	}
	alike, err := v.firmsClient().ListSuspectedDuplicates(v.ctx(), &tandemv1.ListSuspectedDuplicatesRequest{Language: v.language()})
	if err != nil {
		return err
	}
	list := answer.GetFirms()
	shown := list[:min(len(list), shownIncomplete)]
	twice := alike.GetSuspicions()
	return v.show("incomplete", v.say("web.incomplete.title"), incompleteFirms{Firms: shown, Alike: twice[:min(len(twice), shownIncomplete)], More: int(answer.GetTotalSize()) - len(shown)})
}

// firmView is one firm as organisers see it.
type firmView struct {
	Firm     *tandemv1.Firm
	Partners []*tandemv1.Pairing
	Needs    *needsMet
	Late     bool // its partners could not be found in time
	// Alike are, while it waits for approval, those that it may be already.
	Alike []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion
	Done  string
	Shown string
}

func (v *visit) firmPage() error {
	firm, err := v.firmsClient().GetFirm(v.ctx(), &tandemv1.GetFirmRequest{Name: "firms/" + v.r.PathValue("firm")})
	if err != nil {
		return err
	}
	view := firmView{Firm: firm, Shown: v.session.take()}
	if key := "web.done." + v.query("done"); v.door.Catalog.HasSentence(key) {
		view.Done = v.say(key)
	}
	if firm.GetState() == tandemv1.Firm_APPROVED && firm.GetDeleteTime() == nil {
		found, err := v.pairings().FindPartners(v.ctx(), &tandemv1.FindPartnersRequest{Firm: firm.GetName(), Top: 10, Language: v.language()})
		switch status.Code(err) {
		case codes.OK:
			view.Partners = found.GetPairings()
			view.Needs = v.needsMet(firm, view.Partners)
		case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted:
			view.Late = true // the profile is there all the same
		default:
			return err
		}
	}
	if firm.GetState() == tandemv1.Firm_PENDING && firm.GetDeleteTime() == nil {
		if view.Alike, err = v.alike(firm.GetName()); err != nil {
			return err
		}
	}
	return v.show("firm", ownName(firm, v.lang), view)
}

// alike are the suspicions that a firm is in the register twice, with the other one second.
func (v *visit) alike(name string) ([]*tandemv1.ListSuspectedDuplicatesResponse_Suspicion, error) {
	answer, err := v.firmsClient().ListSuspectedDuplicates(v.ctx(), &tandemv1.ListSuspectedDuplicatesRequest{Language: v.language()})
	var found []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion
	for _, s := range answer.GetSuspicions() {
		switch name {
		case s.GetFirst():
			found = append(found, s)
		case s.GetSecond():
			s.First, s.Second = s.GetSecond(), s.GetFirst()
			found = append(found, s)
		}
	}
	return found, err
}

func (v *visit) approve() error {
	name := "firms/" + v.r.PathValue("firm")
	_, err := v.firmsClient().ApproveFirm(v.ctx(), &tandemv1.ApproveFirmRequest{Name: name, Etag: v.form("etag")})
	return v.moved(name, "approved", err)
}

func (v *visit) suspend() error {
	name := "firms/" + v.r.PathValue("firm")
	_, err := v.firmsClient().SuspendFirm(v.ctx(), &tandemv1.SuspendFirmRequest{Name: name, Etag: v.form("etag")})
	return v.moved(name, "suspended", err)
}

func (v *visit) remove() error {
	name := "firms/" + v.r.PathValue("firm")
	_, err := v.firmsClient().DeleteFirm(v.ctx(), &tandemv1.DeleteFirmRequest{Name: name, Etag: v.form("etag")})
	return v.moved(name, "deleted", err)
}

func (v *visit) undelete() error {
	name := "firms/" + v.r.PathValue("firm")
	_, err := v.firmsClient().UndeleteFirm(v.ctx(), &tandemv1.UndeleteFirmRequest{Name: name, Etag: v.form("etag")})
	return v.moved(name, "undeleted", err)
}

// approveMany approves the firms that were ticked in a list, all or none.
func (v *visit) approveMany() error {
	if len(v.r.PostForm["name"]) == 0 {
		return v.redirect("/web/firms?state=PENDING")
	}
	if _, err := v.firmsClient().BatchApproveFirms(v.ctx(), &tandemv1.BatchApproveFirmsRequest{Names: v.r.PostForm["name"]}); err != nil {
		return err
	}
	return v.redirect("/web/firms?state=PENDING&done=approved_many")
}

// moved goes back to a firm's page after its state changed, or shows what it looks like now where somebody was faster.
func (v *visit) moved(name, done string, err error) error {
	if err == nil {
		return v.redirect("/web/" + name + "?done=" + done)
	}
	p := v.problemOf(err)
	if p.Reason != tandemv1.Reason_ETAG_STALE.String() {
		return err
	}
	p.Text = v.say("web.firm.stale")
	v.r.URL.Path = "/web/" + name
	return v.showAs(http.StatusConflict, "problem", v.say("web.problem.title"), p)
}
