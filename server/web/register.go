package web

import (
	"net/http"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func registerRoutes() []route {
	return []route{
		{pattern: "GET /web/register", show: (*visit).registerPage},
		{pattern: "POST /web/register", show: (*visit).register},
	}
}

// registered is what a newcomer is told once: its credential, and what happens next.
type registered struct {
	Firm            *tandemv1.Firm
	Secret, Expires string
}

// registerPage is the form of a newcomer: that of a profile, empty.
func (v *visit) registerPage() error {
	if v.session != nil { // has a way in already
		return v.redirect("/")
	}
	if !v.door.Partnership.GetRegistrationOpen() {
		return v.showAs(http.StatusForbidden, "problem", v.say("web.register.title"), problem{Text: v.say("error.registration.closed")})
	}
	return v.showProfile(http.StatusOK, profileForm{Firm: new(tandemv1.Firm), Once: v.door.newToken()}, nil)
}

// register registers a newcomer by the same call as everybody, and signs it in.
func (v *visit) register() error {
	typed := v.typedProfile()
	typed.firm.Name, typed.firm.Etag = "", ""
	form := profileForm{Firm: typed.firm, Wrong: typed.wrong, Typed: true, Once: v.form("once")}
	if form.Once == "" {
		form.Once = v.door.newToken()
	}
	if done, err := v.typing(typed, &form); done {
		return err
	}
	client := tandemv1.NewFirmServiceClient(v.door.Gate.As(nil, v.lang)) // a newcomer is nobody yet, whoever is signed in here
	answer, err := client.RegisterFirm(v.ctx(), &tandemv1.RegisterFirmRequest{Firm: typed.firm, Attested: v.form("attested") == "yes", RequestId: form.Once})
	if err != nil {
		return v.unregistered(form, err, typed.words)
	}
	welcome := registered{Firm: answer.GetFirm(), Secret: answer.GetCredential(), Expires: day(answer.GetCredentialExpireTime().AsTime())}
	if welcome.Secret == "" { // the form was sent twice, and the first answer had it
		return v.showAs(http.StatusConflict, "registered", v.say("web.register.done"), welcome)
	}
	pass, err := v.door.Gate.Enter(v.ctx(), welcome.Secret)
	if err != nil {
		return err
	}
	if err := v.open(pass); err != nil {
		return err
	}
	return v.show("registered", v.say("web.register.done"), welcome)
}

// unregistered shows the form again with what keeps the newcomer out. Whatever it is, what was typed stays.
func (v *visit) unregistered(form profileForm, err error, words map[string]string) error {
	p := v.problemOf(err)
	form.Problem, form.Wrong = p.Text, p.Fields
	return v.showProfile(httpCode(p.code), form, words)
}
