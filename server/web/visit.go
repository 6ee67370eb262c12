package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

// maxForm is the largest form; a file has a limit of its own.
const maxForm = 1 << 20

// visit is one request of one reader.
type visit struct {
	door    *Door
	w       http.ResponseWriter
	r       *http.Request
	lang    catalog.Language
	session *session // nil where nobody is signed in
	caller  access.Caller
	conn    grpc.ClientConnInterface
}

// page makes a handler of a route: it finds out who reads, in which language, and whether a form is the reader's own.
func (d *Door) page(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{door: d, w: w, r: r, lang: d.language(r), caller: access.Caller{Role: tandemv1.Role_ANONYMOUS}}
		err := v.enter()
		if err == nil {
			err = v.admit(route)
		}
		if err == nil {
			err = route.show(v)
		}
		if err != nil {
			if route.file { // a browser reads the answer once it has sent all
				_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, drained))
			}
			v.fail(err)
		}
	})
}

// enter finds the reader's session and asks whether its credential still is good.
func (v *visit) enter() error {
	v.conn = v.door.Gate.As(nil, v.lang)
	cookie, err := v.r.Cookie(v.door.cookieName())
	if err != nil {
		return nil
	}
	found := v.door.sessions.find(cookie.Value)
	if found == nil {
		return nil
	}
	caller, err := v.door.Gate.Bearer(v.r.Context(), found.pass)
	if status.Code(err) == codes.Unauthenticated {
		v.door.sessions.end(cookie.Value)
		return nil
	}
	if err != nil {
		return err
	}
	v.session, v.caller, v.conn = found, caller, v.door.Gate.As(found.pass, v.lang)
	return nil
}

// admit turns away who has no business on a page, and forms that are not the reader's own.
func (v *visit) admit(r route) error {
	if err := v.door.foreign.Check(v.r); err != nil {
		return errForeign
	}
	if v.r.Method == http.MethodPost && !r.file {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
		if err := v.r.ParseForm(); err != nil {
			return errForm
		}
	}
	switch {
	case r.who == anyone:
		return nil
	case v.session == nil:
		return errSignedOut
	case v.r.Method == http.MethodPost && !r.file && !v.session.owns(v.r.PostForm.Get("csrf")):
		return errStaleForm
	case r.who == staff && !v.caller.Staff(), r.who == firms && v.caller.Firm == "":
		return errUnknownPage // whether it exists for others is not for this reader to know
	}
	return nil
}

// language is the reader's: chosen before, else the first that the browser asks for.
func (d *Door) language(r *http.Request) catalog.Language {
	if cookie, err := r.Cookie("language"); err == nil {
		if l, err := catalog.ParseLanguage(cookie.Value); err == nil {
			return l
		}
	}
	for wanted := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, quality, _ := strings.Cut(strings.TrimSpace(wanted), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l, err := catalog.ParseLanguage(base); err == nil && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return l
		}
	}
	return catalog.EN
}

// say renders a sentence of the message catalogue for the reader.
func (v *visit) say(key string, args ...string) string {
	return v.door.Catalog.Sentence(v.lang, key, args...)
}

// language is the reader's language as the contract has it.
func (v *visit) language() tandemv1.Language {
	return map[catalog.Language]tandemv1.Language{catalog.EN: tandemv1.Language_EN, catalog.FR: tandemv1.Language_FR, catalog.KO: tandemv1.Language_KO}[v.lang]
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// form is a value of the form that was sent.
func (v *visit) form(name string) string { return v.r.PostForm.Get(name) }

// query is a value of the address.
func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }

func (v *visit) firmsClient() tandemv1.FirmServiceClient {
	return tandemv1.NewFirmServiceClient(v.conn)
}
func (v *visit) runs() tandemv1.MatchRunServiceClient {
	return tandemv1.NewMatchRunServiceClient(v.conn)
}
func (v *visit) pairings() tandemv1.PairingServiceClient {
	return tandemv1.NewPairingServiceClient(v.conn)
}
func (v *visit) vocabulary() tandemv1.CatalogServiceClient {
	return tandemv1.NewCatalogServiceClient(v.conn)
}
func (v *visit) credentials() tandemv1.CredentialServiceClient {
	return tandemv1.NewCredentialServiceClient(v.conn)
}

// may tells whether the reader may call a method such as FirmService/ApproveFirm, as the contract declares it: a page offers nothing
// that would be refused.
func (v *visit) may(method string) bool {
	name := protoreflect.FullName("tandem.v1." + strings.Replace(method, "/", ".", 1))
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return false
	}
	described, ok := found.(protoreflect.MethodDescriptor)
	return ok && access.Decide(v.caller, access.Of(described)) == access.Allowed
}

// redirect sends the reader to another page, as after every form that changed something.
func (v *visit) redirect(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// show writes a page.
func (v *visit) show(name, title string, data any) error {
	return v.showAs(http.StatusOK, name, title, data)
}

func (v *visit) showAs(code int, name, title string, data any) error {
	view := &view{
		Lang: v.lang.String(), Title: title, Partners: textOf(v.door.Partnership.GetDisplayName()).In(v.lang), Data: data,
		Path: v.r.URL.Path, Here: v.here(), Name: name, Open: v.door.Partnership.GetRegistrationOpen(), may: v.may,
	}
	if v.session != nil {
		view.CSRF, view.Role, view.Firm = v.session.token, v.caller.Role.String(), v.caller.Firm
		view.Nav = v.nav()
	}
	return v.write(code, name, view)
}

// write renders a template whole before anything is sent, so that no half page is.
func (v *visit) write(code int, name string, data any) error {
	t, ok := v.door.templates[v.lang][name]
	if !ok {
		return errors.New("there is no template " + name)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.lang.String())
	v.w.Header().Set("Vary", "Cookie, Accept-Language")
	v.w.WriteHeader(code)
	_, _ = out.WriteTo(v.w) // the reader may be gone
	return nil
}

// here is the address of this page, to come back to: of a form, the page that it stood on.
func (v *visit) here() string {
	if v.r.Method == http.MethodGet {
		return v.r.URL.RequestURI()
	}
	return v.r.URL.Path
}

// ownPath keeps an address to return to within these pages.
func ownPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || path != "/" && !strings.HasPrefix(path, "/web/") || strings.Contains(path, `\`) {
		return "/"
	}
	return u.RequestURI()
}

// day is a point in time as a date in words, of the server's day in UTC.
func day(t time.Time) string { return "date:" + t.UTC().Format(time.DateOnly) }

// digest names the content of a file.
func digest(file []byte) string {
	sum := sha256.Sum256(file)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// textOf is a name as the catalogue has it.
func textOf(t *tandemv1.LocalizedText) catalog.Text {
	return catalog.Text{catalog.EN: t.GetEn(), catalog.FR: t.GetFr(), catalog.KO: t.GetKo()}
}

// slug is the last part of a resource name.
func slug(name string) string { return name[strings.LastIndex(name, "/")+1:] }
