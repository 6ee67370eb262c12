package web

import (
	"net/url"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func changeRoutes() []route {
	return []route{{pattern: "GET /web/changes", who: staff, show: (*visit).changes}}
}

// lately is how many changes stand on the home page.
const lately = 5

// changeList is who did what lately, or who was refused.
type changeList struct {
	Lines []changeLine
	// Firm is the one that the list is about, nil where it is about all.
	Firm *tandemv1.Firm
	// Refused is true for the list of those who were refused.
	Refused     bool
	First, Next string
}

// changeLine is an entry of the audit log with where to look at what it changed; nowhere where that is many things or has no page.
type changeLine struct {
	*tandemv1.AuditEntry
	Link string
}

// done is what was not refused, and byOthers what Tandem did not do by itself: a run and its publication take it hundreds of steps.
const (
	done     = `outcome = "OK"`
	byOthers = `actor != "system"`
)

func (v *visit) changes() error {
	q := v.r.URL.Query()
	list := changeList{Refused: q.Get("show") == "refused"}
	var terms []string
	if list.Refused {
		terms = append(terms, `outcome != "OK"`)
	} else {
		terms = append(terms, done)
	}
	if id := q.Get("firm"); id != "" {
		firm, err := v.firmsClient().GetFirm(v.ctx(), &tandemv1.GetFirmRequest{Name: "firms/" + id})
		if err != nil {
			return err
		}
		list.Firm = firm
		terms = append(terms, equals("resource", firm.GetName()))
	} else {
		terms = append(terms, byOthers)
	}
	page, err := v.audit(strings.Join(terms, " AND "), firmsOnPage, q.Get("page"))
	if err != nil {
		return err
	}
	list.Lines = linesOf(page)
	if q.Get("page") != "" {
		list.First = pageLink("/web/changes", q, "")
	}
	if page.GetNextPageToken() != "" {
		list.Next = pageLink("/web/changes", q, page.GetNextPageToken())
	}
	return v.show("changes", v.say("web.changes"), list)
}

// latest are the newest changes, for the home page of who may see them.
func (v *visit) latest() ([]changeLine, error) {
	if !v.may("AuditService/ListAuditEntries") {
		return nil, nil
	}
	page, err := v.audit(done+" AND "+byOthers, lately, "")
	return linesOf(page), err
}

func (v *visit) audit(filter string, size int32, token string) (*tandemv1.ListAuditEntriesResponse, error) {
	return tandemv1.NewAuditServiceClient(v.conn).ListAuditEntries(v.ctx(),
		&tandemv1.ListAuditEntriesRequest{Filter: filter, PageSize: size, PageToken: token, Language: v.language()})
}

func linesOf(page *tandemv1.ListAuditEntriesResponse) []changeLine {
	var lines []changeLine
	for _, entry := range page.GetAuditEntries() {
		lines = append(lines, changeLine{AuditEntry: entry, Link: pageOf(entry.GetResources())})
	}
	return lines
}

// pageOf is the page of what a change was about: its only organisation, or its run.
func pageOf(resources []string) string {
	link := ""
	for _, name := range resources {
		kind, id, _ := strings.Cut(name, "/")
		switch {
		case kind == "firms" && link == "":
			link = "/web/firms/" + url.PathEscape(id)
		case kind == "firms":
			return "" // several
		}
	}
	if link != "" || len(resources) == 0 {
		return link
	}
	if kind, id, _ := strings.Cut(resources[0], "/"); kind == "matchRuns" && !strings.Contains(id, "/") {
		return "/web/runs/" + url.PathEscape(id)
	}
	return ""
}
