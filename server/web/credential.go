package web

import (
	"net/http"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func credentialRoutes() []route {
	return []route{
		{pattern: "GET /web/credentials", who: signed, show: (*visit).credentialList},
		{pattern: "POST /web/credentials", who: staff, show: (*visit).issue},
		{pattern: "POST /web/credentials/{credential}/revoke", who: signed, show: (*visit).revoke},
	}
}

// credentialsPage lists who can get in, with the form that lets somebody else in.
type credentialsPage struct {
	Credentials       []credentialView
	First, Next       string
	Roles             []choice
	Holder, Problem   string
	Shown             string
	MayIssue, MayStop bool
}

// credentialView is a credential, and whether it still opens anything.
type credentialView struct {
	*tandemv1.Credential
	State string // OPEN, REVOKED, EXPIRED
	Mine  bool   // the one that the reader is signed in with
}

func (v *visit) credentialList() error { return v.credentialsAs(http.StatusOK, credentialsPage{}) }

func (v *visit) credentialsAs(code int, page credentialsPage) error {
	page.MayIssue, page.MayStop = v.may("CredentialService/CreateCredential"), v.may("CredentialService/RevokeCredential")
	if !v.may("CredentialService/ListCredentials") {
		return errUnknownPage
	}
	token := v.query("page")
	list, err := v.credentials().ListCredentials(v.ctx(), &tandemv1.ListCredentialsRequest{PageSize: firmsOnPage, PageToken: token})
	if err != nil {
		return err
	}
	for _, c := range list.GetCredentials() {
		view := credentialView{Credential: c, State: "OPEN", Mine: c.GetName() == v.caller.Credential}
		switch {
		case c.GetRevokeTime() != nil:
			view.State = "REVOKED"
		case !v.door.Now().Before(c.GetExpireTime().AsTime()):
			view.State = "EXPIRED"
		}
		page.Credentials = append(page.Credentials, view)
	}
	if token != "" {
		page.First = "/web/credentials"
	}
	if list.GetNextPageToken() != "" {
		page.Next = pageLink("/web/credentials", v.r.URL.Query(), list.GetNextPageToken())
	}
	for _, role := range []tandemv1.Credential_Role{tandemv1.Credential_ORGANISER, tandemv1.Credential_AUDITOR, tandemv1.Credential_INTEGRATION} {
		page.Roles = append(page.Roles, choice{Value: role.String(), Label: v.say("web.role." + role.String())})
	}
	page.Shown = v.session.take()
	return v.showAs(code, "credentials", v.say("web.credentials"), page)
}

// issue lets somebody in. Firms come in by an invitation, so that no organiser sees their secret.
func (v *visit) issue() error {
	role := tandemv1.Credential_Role(tandemv1.Credential_Role_value[v.form("role")])
	holder := strings.TrimSpace(v.form("holder"))
	if holder == "" {
		return v.credentialsAs(http.StatusBadRequest, credentialsPage{Problem: v.say("web.credentials.holder.missing")})
	}
	answer, err := v.credentials().CreateCredential(v.ctx(), &tandemv1.CreateCredentialRequest{Role: role, DisplayName: holder, RequestId: v.form("once")})
	if err != nil {
		return err
	}
	v.session.show(answer.GetSecret())
	return v.redirect("/web/credentials")
}

func (v *visit) revoke() error {
	name := "credentials/" + v.r.PathValue("credential")
	if _, err := v.credentials().RevokeCredential(v.ctx(), &tandemv1.RevokeCredentialRequest{Name: name}); err != nil {
		return err
	}
	return v.redirect("/web/credentials")
}

// invite gives an organisation a code by which it takes over its profile, or replaces a lost credential.
func (v *visit) invite() error {
	name := "firms/" + v.r.PathValue("firm")
	client := tandemv1.NewInvitationServiceClient(v.conn)
	issued, err := client.InviteFirm(v.ctx(), &tandemv1.InviteFirmRequest{Name: name, ReplaceCredentials: v.form("replace") == "yes"})
	if err != nil {
		return err
	}
	v.session.show(issued.GetCode())
	return v.redirect("/web/" + name + "?done=invited")
}
