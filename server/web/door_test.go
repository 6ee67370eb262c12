package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server"
)

// Nothing that a test starts may outlive it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a served register with the connection of its operator.
type house struct {
	t     *testing.T
	conn  grpc.ClientConnInterface
	base  string
	clock *clock
}

// openHouse serves a new register.
func openHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, clock: &clock{now: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}}
	s, err := server.Open(t.Context(), server.Config{
		DB: filepath.Join(t.TempDir(), "tandem.db"), HTTPAddress: "127.0.0.1:0", Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: h.clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	h.conn = s.Operator()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- s.Serve(ctx, func(_, http string) { listening <- http }) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, s.Close()); err != nil {
			t.Error(err)
		}
	})
	select {
	case address := <-listening:
		h.base = "http://" + address
	case err := <-ended:
		t.Fatalf("the server ended: %v", err)
	}
	return h
}

// withDemo fills the register with the shipped organisations.
func (h *house) withDemo() *house {
	h.t.Helper()
	file, err := os.ReadFile("../../cmd/tandem/demo/firms.jsonl")
	if err != nil {
		h.t.Fatal(err)
	}
	h.fill(file)
	return h
}

// fill imports organisations as lines of JSON.
func (h *house) fill(file []byte) {
	h.t.Helper()
	stream, err := tandemv1.NewFirmServiceClient(h.conn).ImportFirms(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	err = stream.Send(&tandemv1.ImportFirmsRequest{Options: &tandemv1.ImportFirmsRequest_Options{Attested: true}})
	for len(file) > 0 && err == nil {
		n := min(256<<10, len(file))
		err = stream.Send(&tandemv1.ImportFirmsRequest{Data: file[:n]})
		file = file[n:]
	}
	if err != nil && !errors.Is(err, io.EOF) {
		h.t.Fatal(err)
	}
	if _, err := stream.CloseAndRecv(); err != nil {
		h.t.Fatal(err)
	}
}

// publish runs a match to its end and publishes it.
func (h *house) publish() *tandemv1.MatchRun {
	h.t.Helper()
	runs := tandemv1.NewMatchRunServiceClient(h.conn)
	operation, err := runs.CreateMatchRun(h.t.Context(), &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{Top: 5}})
	if err != nil {
		h.t.Fatal(err)
	}
	metadata := new(tandemv1.MatchRunMetadata)
	if err := operation.GetMetadata().UnmarshalTo(metadata); err != nil {
		h.t.Fatal(err)
	}
	for {
		run, err := runs.GetMatchRun(h.t.Context(), &tandemv1.GetMatchRunRequest{Name: metadata.GetMatchRun()})
		if err != nil {
			h.t.Fatal(err)
		}
		if run.GetState() == tandemv1.MatchRun_SUCCEEDED {
			break
		}
		if run.GetState() > tandemv1.MatchRun_SUCCEEDED {
			h.t.Fatalf("the run is %s: %s", run.GetState(), run.GetFailure())
		}
	}
	run, err := runs.PublishMatchRun(h.t.Context(), &tandemv1.PublishMatchRunRequest{Name: metadata.GetMatchRun()})
	if err != nil {
		h.t.Fatal(err)
	}
	return run
}

// credential issues a credential.
func (h *house) credential(role tandemv1.Credential_Role, firm string) (name, secret string) {
	h.t.Helper()
	answer, err := tandemv1.NewCredentialServiceClient(h.conn).CreateCredential(h.t.Context(), &tandemv1.CreateCredentialRequest{Role: role, Firm: firm, DisplayName: "test"})
	if err != nil {
		h.t.Fatal(err)
	}
	return answer.GetCredential().GetName(), answer.GetSecret()
}

// reader is somebody with a browser that has no script.
type reader struct {
	t      *testing.T
	base   string
	client *http.Client
	jar    *cookiejar.Jar
}

// stranger is a reader who is not signed in.
func (h *house) stranger(language string) *reader {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	u, err := url.Parse(h.base)
	if err != nil {
		h.t.Fatal(err)
	}
	jar.SetCookies(u, []*http.Cookie{{Name: "language", Value: language}}) //nolint:gosec // as a browser has it
	transport := &http.Transport{}
	h.t.Cleanup(transport.CloseIdleConnections)
	return &reader{t: h.t, base: h.base, jar: jar, client: &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is a reader who has signed in.
func (h *house) signedIn(language string, role tandemv1.Credential_Role, firm string) *reader {
	h.t.Helper()
	r := h.stranger(language)
	_, secret := h.credential(role, firm)
	if got := r.post("/web/sign-in", url.Values{"secret": {secret}, "to": {"/"}}); got.code != http.StatusSeeOther {
		h.t.Fatalf("signing in: %d\n%s", got.code, got.body)
	}
	return r
}

// answer is a page as it came.
type answer struct {
	code   int
	header http.Header
	body   string
}

func (r *reader) get(path string) answer {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.base+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.send(request)
}

// post sends a form as it is.
func (r *reader) post(path string, form url.Values) answer {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r.send(request)
}

// submit sends a form with the token of the reader's session.
func (r *reader) submit(path string, form url.Values) answer {
	r.t.Helper()
	form.Set("csrf", r.token())
	return r.post(path, form)
}

func (r *reader) send(request *http.Request) answer {
	r.t.Helper()
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// token is the token of the reader's session.
func (r *reader) token() string {
	r.t.Helper()
	return hidden(r.get("/").body, "csrf")
}

// hidden is the value of the first hidden field of a name in a page.
func hidden(page, name string) string {
	for _, found := range hiddenField.FindAllStringSubmatch(page, -1) {
		if found[1] == name {
			return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#43;", "+").Replace(found[2])
		}
	}
	return ""
}
