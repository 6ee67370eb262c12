// Package web is Tandem's pages for people: what organisers and firms do in a browser, in three languages.
//
// The pages are a client of the services like any other. Whoever signs in gets a connection that calls in that name (Gate), through
// the same chain as gRPC and REST, so that a page shows and does what the API shows and does for the same credential, and no more.
//
// Pages are whole without JavaScript: every button is a form, every state an address. The script adds live progress, suggestions
// while one types and a warning before typed words are lost; nothing else is loaded, from here or anywhere.
//
//	web.go       the door: routes, and the headers that every page has
//	session.go   who is signed in, and for how long
//	visit.go     one request: its reader, language and form; how pages are written
//	problem.go   what went wrong, as a page or beside a field
//	sign.go      in and out, and how typed words survive an expired session
//
// The other files are pages, named after what they show.
package web

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
)

//go:embed page/*.html
var pages embed.FS

//go:embed page/door.css page/door.js
var assets embed.FS

// Pass stands for a credential: the keyed hash of its secret. It is good for as long as the credential is, and nobody can make the
// secret of it.
type Pass []byte

// Gate is how the door finds out who comes in, and calls in their name. The server is one.
type Gate interface {
	// Enter exchanges a credential's secret for a pass.
	Enter(ctx context.Context, secret string) (Pass, error)
	// Bearer tells who bears a pass now; an error with the code UNAUTHENTICATED where its credential is revoked or has expired.
	Bearer(ctx context.Context, pass Pass) (access.Caller, error)
	// As is the connection on which the bearer of a pass calls and is answered in a language; without a pass, nobody in particular.
	As(pass Pass, reads catalog.Language) grpc.ClientConnInterface
}

// Config is what the door needs. All of it but Secure is.
type Config struct {
	Gate        Gate
	Catalog     *catalog.Catalog
	Partnership *tandemv1.Partnership
	// Now is the clock.
	Now func() time.Time
	// Secure is true where the pages are served over TLS: then cookies never travel in the clear.
	Secure bool
	// Log gets what pages could not be written; never what is in them.
	Log *slog.Logger
}

// Door serves the pages.
type Door struct {
	Config
	sessions  *sessions
	index     index
	templates map[catalog.Language]map[string]template
	mux       *http.ServeMux
	foreign   *http.CrossOriginProtection
}

// policy lets a page load its own style and script and send its own forms: nothing inline, nothing from elsewhere, no frame.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New builds the door. Its error is a bug in a template.
func New(c Config) (http.Handler, error) {
	d := &Door{Config: c, sessions: newSessions(c.Now, rand.Reader), mux: http.NewServeMux(), foreign: http.NewCrossOriginProtection()}
	var err error
	if d.templates, err = readTemplates(c.Catalog); err != nil {
		return nil, err
	}
	for _, r := range d.routes() {
		d.mux.Handle(r.pattern, d.page(r))
	}
	for _, name := range []string{"door.css", "door.js"} {
		if err := d.asset(name); err != nil {
			return nil, err
		}
	}
	d.mux.Handle("/", d.page(route{show: func(*visit) error { return errUnknownPage }}))
	return d, nil
}

// newToken draws a name that nobody guesses: a request id, so that a form sent twice is done once.
func (d *Door) newToken() string { return rand.Text() }

// asset serves an embedded file. Its address carries no version: it is asked for again, and answered in a few bytes.
func (d *Door) asset(name string) error {
	file, err := fs.ReadFile(assets, "page/"+name)
	if err != nil {
		return fmt.Errorf("asset %s: %w", name, err)
	}
	kind := map[string]string{"door.css": "text/css; charset=utf-8", "door.js": "text/javascript; charset=utf-8"}[name]
	mark := digest(file)
	d.mux.HandleFunc("GET /web/"+name, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", mark)
		w.Header().Set("Content-Type", kind)
		if r.Header.Get("If-None-Match") == mark {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(file) // the reader may be gone
	})
	return nil
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store") // so that the back button after signing out shows nothing
	d.mux.ServeHTTP(w, r)
}

// audience is who a page is for. What they may do on it is the contract's to say.
type audience int

const (
	anyone audience = iota // signed in or not
	signed                 // whoever is signed in
	staff                  // organisers, auditors, integrations
	firms                  // firms, in any state
)

// route is a page or what a form of it does.
type route struct {
	pattern string
	who     audience
	show    func(*visit) error
	file    bool // its form carries a file, which show reads by itself
}

func (d *Door) routes() []route {
	var all []route
	for _, part := range [][]route{
		signRoutes(), homeRoutes(), firmRoutes(), pairingRoutes(), runRoutes(), uploadRoutes(), profileRoutes(), ownRoutes(),
		claimRoutes(), registerRoutes(), catalogueRoutes(), changeRoutes(), credentialRoutes(), inviteRoutes(),
	} {
		all = append(all, part...)
	}
	return all
}
