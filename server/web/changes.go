package web

import tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"

func changeRoutes() []route {
	return []route{{pattern: "GET /web/changes", who: staff, show: (*visit).changes}}
}

// changeList is what changed last: organisations, also deleted ones, by their newest change.
type changeList struct {
	Firms       []*tandemv1.Firm
	First, Next string
}

func (v *visit) changes() error {
	q := v.r.URL.Query()
	page, err := v.firmsClient().ListFirms(v.ctx(), &tandemv1.ListFirmsRequest{PageSize: firmsOnPage, PageToken: q.Get("page"), OrderBy: "update_time desc", ShowDeleted: true})
	if err != nil {
		return err
	}
	list := changeList{Firms: page.GetFirms()}
	if q.Get("page") != "" {
		list.First = "/web/changes"
	}
	if page.GetNextPageToken() != "" {
		list.Next = pageLink("/web/changes", q, page.GetNextPageToken())
	}
	return v.show("changes", v.say("web.changes"), list)
}
