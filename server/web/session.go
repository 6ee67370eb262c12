package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"sync"
	"time"
)

// How long one stays signed in: in all, and without doing anything.
const (
	sessionLife = 12 * time.Hour
	sessionIdle = 30 * time.Minute
	maxSessions = 10_000
)

// session is somebody signed in. It holds the identity of a credential, not its secret, and every page asks whether it still is good.
type session struct {
	pass Pass
	// token proves that a form is of this session (CSRF).
	token  string
	opened time.Time
	// guarded by the lock of sessions
	seen time.Time

	mu     sync.Mutex
	upload *upload // the list that an organiser is working on
	shown  string  // a secret to show once, on the next page that asks
	issued issued  // codes that were made in this session, to be printed
}

// sessions are all who are signed in. They live in memory: a restart asks everybody to sign in again, and loses no typed word.
type sessions struct {
	mu     sync.Mutex
	now    func() time.Time
	random io.Reader
	open   map[[sha256.Size]byte]*session // by the hash of the cookie, so that a memory image holds no usable one
}

func newSessions(now func() time.Time, random io.Reader) *sessions {
	return &sessions{now: now, random: random, open: make(map[[sha256.Size]byte]*session)}
}

// begin signs a pass in and returns the session with the cookie's value.
func (s *sessions) begin(pass Pass) (*session, string, error) {
	var raw [64]byte
	if _, err := io.ReadFull(s.random, raw[:]); err != nil {
		return nil, "", err
	}
	id := base64.RawURLEncoding.EncodeToString(raw[:32])
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.sweep(now)
	opened := &session{pass: pass, token: base64.RawURLEncoding.EncodeToString(raw[32:]), opened: now, seen: now}
	s.open[sha256.Sum256([]byte(id))] = opened
	return opened, id, nil
}

// find returns the session of a cookie, nil where there is none or it has run out, and notes that it was used.
func (s *sessions) find(id string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, now := sha256.Sum256([]byte(id)), s.now()
	found, ok := s.open[key]
	if !ok {
		return nil
	}
	if found.over(now) {
		delete(s.open, key)
		return nil
	}
	found.seen = now
	return found
}

// end signs out.
func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, sha256.Sum256([]byte(id)))
}

// sweep drops sessions that have run out and, where there are too many, the one that was idle longest.
func (s *sessions) sweep(now time.Time) {
	if len(s.open) < maxSessions {
		return
	}
	var idlest [sha256.Size]byte
	var least time.Time
	for key, one := range s.open {
		switch {
		case one.over(now):
			delete(s.open, key)
		case least.IsZero() || one.seen.Before(least):
			idlest, least = key, one.seen
		}
	}
	if len(s.open) >= maxSessions {
		delete(s.open, idlest)
	}
}

func (s *session) over(now time.Time) bool {
	return now.Sub(s.opened) >= sessionLife || now.Sub(s.seen) >= sessionIdle
}

// owns tells whether a form's token is this session's.
func (s *session) owns(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

// show keeps a text for the next page, which takes it: a secret is seen once.
func (s *session) show(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown = text
}

// take returns the text that was kept and forgets it.
func (s *session) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.shown
	s.shown = ""
	return text
}

// cookieName: browsers take a name with __Host- over TLS only, for this host only.
func (d *Door) cookieName() string {
	if d.Secure {
		return "__Host-tandem"
	}
	return "tandem"
}

// setCookie sets a cookie for some time, or takes it away where that is negative.
func (d *Door) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	age := int(life.Seconds())
	if life < 0 {
		age = -1
	}
	//nolint:gosec // Secure wherever there is TLS; without it the server listens on loopback only
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteStrictMode,
	})
}
