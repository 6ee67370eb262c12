package web

import (
	"net/http"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func claimRoutes() []route {
	return []route{
		{pattern: "GET /web/claim", show: (*visit).claimPage},
		{pattern: "POST /web/claim", show: (*visit).claim},
	}
}

// claimForm asks for a code, then shows whose it is, then the credential that came of it.
type claimForm struct {
	Code, Problem string
	Firm          *tandemv1.Firm
	Secret        string
	Expires       string
	Once          string
}

func (v *visit) claimPage() error { return v.show("claim", v.say("web.claim.title"), claimForm{}) }

// claim exchanges a code for a firm's credential, in two steps, so that nobody takes over a profile that is not theirs by mistake.
func (v *visit) claim() error {
	form := claimForm{Code: strings.TrimSpace(v.form("code")), Once: v.form("once")}
	sure := v.form("do") == "claim"
	if form.Once == "" {
		form.Once = v.door.newToken()
	}
	client := tandemv1.NewInvitationServiceClient(v.door.Gate.As(nil, v.lang)) // a code is a stranger's to use, whoever is signed in here
	answer, err := client.ClaimFirm(v.ctx(), &tandemv1.ClaimFirmRequest{Code: form.Code, ValidateOnly: !sure, RequestId: form.Once})
	if err != nil {
		p := v.problemOf(err)
		if p.Reason == tandemv1.Reason_INTERNAL.String() {
			return err
		}
		form.Problem = p.Text
		code := http.StatusBadRequest
		if p.Reason == tandemv1.Reason_TOO_MANY.String() {
			code = http.StatusTooManyRequests
		}
		return v.showAs(code, "claim", v.say("web.claim.title"), form)
	}
	form.Firm = answer.GetFirm()
	if !sure {
		return v.show("claim", v.say("web.claim.title"), form)
	}
	form.Secret = answer.GetCredential()
	if form.Secret == "" { // it was answered before, so that the secret is gone
		form.Problem, form.Firm = v.say("web.problem.CLAIM_CODE_UNKNOWN"), nil
		return v.showAs(http.StatusConflict, "claim", v.say("web.claim.title"), form)
	}
	form.Expires = day(answer.GetCredentialExpireTime().AsTime())
	pass, err := v.door.Gate.Enter(v.ctx(), form.Secret)
	if err != nil {
		return err
	}
	if err := v.open(pass); err != nil {
		return err
	}
	return v.show("claim", v.say("web.claim.done"), form)
}
