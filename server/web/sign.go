package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func signRoutes() []route {
	return []route{
		{pattern: "GET /web/sign-in", show: (*visit).signInPage},
		{pattern: "POST /web/sign-in", show: (*visit).signIn},
		{pattern: "POST /web/sign-out", show: (*visit).signOut},
		{pattern: "GET /web/language", show: (*visit).chooseLanguage},
	}
}

// word is a value of a form that was sent, kept so that it is not lost.
type word struct{ Name, Value string }

// keepPrefix marks the fields of a kept form within another one.
const keepPrefix = "keep."

// signInForm is what the page to sign in shows.
type signInForm struct {
	To, Problem string
	// Kept are the words of a form that came after the session had ended; Path is where they were going.
	Kept []word
	Path string
}

func (v *visit) signInPage() error {
	return v.show("sign-in", v.say("web.sign.title"), signInForm{To: ownPath(v.query("to"))})
}

// askToSignIn shows the page to sign in where another was asked for. A form that was sent is kept in it.
func (v *visit) askToSignIn(code int, problem string) error {
	form := signInForm{To: v.here(), Problem: problem}
	if v.r.Method == http.MethodPost {
		form.Kept, form.Path = v.kept(), v.r.URL.Path
		form.Problem = v.say("web.sign.ended")
	}
	return v.showAs(code, "sign-in", v.say("web.sign.title"), form)
}

// kept are the words of the form that was sent, without what belongs to its session.
func (v *visit) kept() []word {
	var words []word
	for _, name := range slices.Sorted(maps.Keys(v.r.PostForm)) {
		if name == "csrf" {
			continue
		}
		for _, value := range v.r.PostForm[name] {
			words = append(words, word{name, value})
		}
	}
	return words
}

// signIn exchanges a credential for a session.
func (v *visit) signIn() error {
	form := signInForm{To: ownPath(v.form("to")), Path: v.form("path")}
	for _, name := range slices.Sorted(maps.Keys(v.r.PostForm)) {
		if field, ok := strings.CutPrefix(name, keepPrefix); ok {
			for _, value := range v.r.PostForm[name] {
				form.Kept = append(form.Kept, word{field, value})
			}
		}
	}
	pass, err := v.door.Gate.Enter(v.ctx(), strings.TrimSpace(v.form("secret")))
	switch status.Code(err) {
	case codes.OK:
	case codes.Unauthenticated:
		form.Problem = v.say("web.sign.refused")
		return v.showAs(http.StatusUnauthorized, "sign-in", v.say("web.sign.title"), form)
	case codes.ResourceExhausted:
		form.Problem = v.say("web.sign.too_many")
		return v.showAs(http.StatusTooManyRequests, "sign-in", v.say("web.sign.title"), form)
	default:
		return err
	}
	if err := v.open(pass); err != nil {
		return err
	}
	if len(form.Kept) > 0 {
		return v.keep(http.StatusOK, ownPath(form.Path), form.Kept)
	}
	return v.redirect(form.To)
}

// open begins a session for a pass. The one before, if there was one, ends: nobody rides on it.
func (v *visit) open(pass Pass) error {
	if cookie, err := v.r.Cookie(v.door.cookieName()); err == nil {
		v.door.sessions.end(cookie.Value)
	}
	opened, id, err := v.door.sessions.begin(pass)
	if err != nil {
		return err
	}
	v.door.setCookie(v.w, v.door.cookieName(), id, sessionLife)
	caller, err := v.door.Gate.Bearer(v.ctx(), pass)
	v.session, v.caller, v.conn = opened, caller, v.door.Gate.As(pass, v.lang)
	return err
}

// keep shows the words of a form that could not be taken, with a button that sends them again under this session.
func (v *visit) keep(code int, path string, words []word) error {
	return v.showAs(code, "kept", v.say("web.kept.title"), signInForm{Path: path, Kept: words})
}

// signOut ends the session.
func (v *visit) signOut() error {
	if v.session != nil && !v.session.owns(v.form("csrf")) {
		return errStaleForm
	}
	if cookie, err := v.r.Cookie(v.door.cookieName()); err == nil {
		v.door.sessions.end(cookie.Value)
	}
	v.door.setCookie(v.w, v.door.cookieName(), "", -1)
	return v.redirect("/")
}

// languageLife is how long a browser remembers the language; it says nothing about anybody.
const languageLife = 365 * 24 * sessionLife * 2

func (v *visit) chooseLanguage() error {
	if l, err := catalog.ParseLanguage(v.query("to")); err == nil {
		v.door.setCookie(v.w, "language", l.String(), languageLife)
	}
	return v.redirect(ownPath(v.query("back")))
}
