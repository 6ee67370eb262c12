package web

import (
	"net/http"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func homeRoutes() []route {
	return []route{{pattern: "GET /{$}", show: (*visit).home}}
}

// nav is what stands at the top of every page, for the reader's role.
func (v *visit) nav() []place {
	var all []place
	add := func(path, key, method string) {
		if method == "" || v.may(method) {
			all = append(all, place{Path: path, Label: v.say(key), Current: v.r.URL.Path == path})
		}
	}
	add("/", "web.home", "")
	if v.caller.Staff() {
		add("/web/firms", "web.firms", "FirmService/ListFirms")
		add("/web/upload", "web.upload", "FirmService/ImportFirms")
		add("/web/runs", "web.runs", "MatchRunService/ListMatchRuns")
		add("/web/why", "web.why", "PairingService/ExplainPairing")
		add("/web/catalogue", "web.catalogue", "CatalogService/ListCapabilities")
		add("/web/changes", "web.changes", "AuditService/ListAuditEntries")
		add("/web/invite", "web.invite", "InvitationService/ListInvitations")
		add("/web/credentials", "web.credentials", "CredentialService/ListCredentials")
		return all
	}
	add("/web/profile", "web.own.profile", "FirmService/GetFirm")
	add("/web/preview", "web.preview", "FirmService/GetFirm")
	add("/web/pairings", "web.results.title", "PairingService/ListPairings")
	add("/web/catalogue", "web.catalogue", "CatalogService/ListCapabilities")
	add("/web/credentials", "web.credentials", "CredentialService/ListCredentials")
	return all
}

// staffHome is what an organiser should do next.
type staffHome struct {
	// Waiting firms could be approved, Incomplete ones lack parts.
	Total, Waiting, Incomplete int
	// Latest is the newest run, nil before the first; Changed is true where the register has changed since.
	Latest  *tandemv1.MatchRun
	Changed bool
	// Lately are the newest changes.
	Lately []changeLine
}

func (v *visit) home() error {
	switch {
	case v.session == nil:
		return v.showAs(http.StatusOK, "sign-in", v.say("web.sign.title"), signInForm{To: "/"})
	case v.caller.Staff():
		return v.staffHome()
	default:
		return v.firmHome()
	}
}

func (v *visit) staffHome() error {
	h := staffHome{}
	newest, err := v.firmsClient().ListFirms(v.ctx(), &tandemv1.ListFirmsRequest{PageSize: 1, OrderBy: "update_time desc", ShowDeleted: true})
	if err != nil {
		return err
	}
	all, err := v.firmsClient().ListFirms(v.ctx(), &tandemv1.ListFirmsRequest{PageSize: 1})
	if err != nil {
		return err
	}
	h.Total = int(all.GetTotalSize())
	err = v.eachFirm(`state = "PENDING"`, func(f *tandemv1.Firm) bool {
		if len(f.GetMissing()) > 0 {
			h.Incomplete++
		} else {
			h.Waiting++
		}
		return true
	})
	if err != nil {
		return err
	}
	runs, err := v.runs().ListMatchRuns(v.ctx(), &tandemv1.ListMatchRunsRequest{PageSize: 1})
	if err != nil {
		return err
	}
	if len(runs.GetMatchRuns()) > 0 {
		h.Latest = runs.GetMatchRuns()[0]
		for _, f := range newest.GetFirms() {
			h.Changed = f.GetRevision() > h.Latest.GetRevision()
		}
	}
	if h.Lately, err = v.latest(); err != nil {
		return err
	}
	return v.show("home", v.say("web.home.title"), h)
}

// eachFirm visits all firms that a filter finds, by name, until the visitor has had enough.
func (v *visit) eachFirm(filter string, more func(*tandemv1.Firm) bool) error {
	request := &tandemv1.ListFirmsRequest{PageSize: 500, Filter: filter}
	for {
		page, err := v.firmsClient().ListFirms(v.ctx(), request)
		if err != nil {
			return err
		}
		for _, f := range page.GetFirms() {
			if !more(f) {
				return nil
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			return nil
		}
	}
}
