package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// writers is how many clients write while the server is killed.
const writers = 8

// TestKill kills a serving process at random while clients create, update, delete and import firms over gRPC. After
// every restart, what was acknowledged is there, what was not is there whole or not at all, and a request that is sent
// again under its id is answered as the first time. In the end "tandem verify" finds nothing. The long form is
// "go test ./cmd/tandem -run Kill -kills 30".
func TestKill(t *testing.T) {
	db := filepath.Join(t.TempDir(), "register.db")
	secret := command(t, "credential", "create", "--db", db, "--role", "organiser")
	c := &campaign{t: t, db: db, secret: strings.TrimSpace(secret)}
	clients := make([]*writer, writers)
	for i := range clients {
		clients[i] = &writer{campaign: c, id: i, chance: rand.New(rand.NewPCG(7, uint64(i)))}
	}
	pause := rand.New(rand.NewPCG(11, 13))
	for round := range *kills {
		c.round(clients, time.Duration(100+pause.IntN(900))*time.Millisecond)
		if t.Failed() {
			t.Fatalf("stopped in round %d of %d", round+1, *kills)
		}
	}
	c.start()
	for _, client := range clients {
		client.settle(c.conn)
	}
	c.audit(clients)
	if err := c.server.interrupt(); err != nil {
		t.Errorf("stopping the server: %v\n%s", err, c.server.log())
	}
	out := command(t, "verify", "--db", db)
	if !strings.Contains(out, "everything is as it was written") {
		t.Errorf("verify says:\n%s", out)
	}
	t.Logf("%d kills, %d writes acknowledged, %d of unknown outcome settled by their request_id",
		*kills, c.acknowledged.Load(), c.settled.Load())
}

// campaign is what all rounds share.
type campaign struct {
	t            *testing.T
	db, secret   string
	server       *serverProcess
	conn         *grpc.ClientConn
	acknowledged atomic.Int64
	settled      atomic.Int64
}

// start starts a server and connects to it.
func (c *campaign) start() {
	c.t.Helper()
	var err error
	if c.server, err = startServer(c.db); err != nil {
		c.t.Fatal(err)
	}
	c.conn, err = grpc.NewClient(c.server.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(bearer{secret: c.secret, plain: true}))
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { c.server.kill(); c.conn.Close() }) //nolint:errcheck // both may be gone
}

// round lets the clients write until the server is killed.
func (c *campaign) round(clients []*writer, life time.Duration) {
	c.t.Helper()
	c.start()
	var running sync.WaitGroup
	for _, client := range clients {
		running.Go(func() {
			client.settle(c.conn)
			for client.write(c.conn) {
			}
		})
	}
	<-time.After(life)
	c.server.kill()
	running.Wait()
	_ = c.conn.Close() // the server is gone
}

// audit compares everything that the clients know with everything that the register holds.
func (c *campaign) audit(clients []*writer) {
	c.t.Helper()
	want := make(map[string]string) // firm to the stamp of its last acknowledged write
	for _, client := range clients {
		for name, stamp := range client.firms {
			want[name] = stamp
		}
	}
	firms, err := all(0, func(size int32, token string) ([]*tandemv1.Firm, string, error) {
		page, err := tandemv1.NewFirmServiceClient(c.conn).ListFirms(context.Background(), &tandemv1.ListFirmsRequest{PageSize: size, PageToken: token})
		return page.GetFirms(), page.GetNextPageToken(), err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, firm := range firms {
		stamp, known := want[firm.GetName()]
		switch {
		case !known:
			c.t.Errorf("%s is in the register, and nobody was told so", firm.GetName())
		case firm.GetSummary() != stamp || firm.GetSummaryNative() != stamp || firm.GetOffers()[0].GetDetail() != stamp:
			c.t.Errorf("%s: got %q, %q and %q, want %q in all", firm.GetName(), firm.GetSummary(), firm.GetSummaryNative(), firm.GetOffers()[0].GetDetail(), stamp)
		}
		delete(want, firm.GetName())
	}
	for name, stamp := range want {
		c.t.Errorf("%s (%s) was acknowledged and is lost", name, stamp)
	}
}

// writer is one client. It remembers what it was told, and the one request whose outcome it does not know.
type writer struct {
	*campaign
	id      int
	chance  *rand.Rand
	made    int
	firms   map[string]string // acknowledged firms with the stamp of their last write
	pending *request
	last    *request
}

// request is a write that can be sent again: call must put the same request_id and body each time.
type request struct {
	call   func(context.Context, tandemv1.FirmServiceClient) (answer string, err error)
	apply  func(firms map[string]string)
	answer string
}

// write makes one more request; false when the server is gone.
func (w *writer) write(conn *grpc.ClientConn) bool {
	if w.firms == nil {
		w.firms = make(map[string]string)
	}
	w.pending = w.next()
	return w.send(conn)
}

// settle repeats the request whose outcome is not known, and the last acknowledged one, whose answer must not change.
func (w *writer) settle(conn *grpc.ClientConn) {
	if w.pending != nil {
		if !w.send(conn) {
			return
		}
		w.settled.Add(1)
	}
	if w.last == nil {
		return
	}
	again, err := w.last.call(context.Background(), tandemv1.NewFirmServiceClient(conn))
	switch {
	case status.Code(err) == codes.Unavailable:
	case err != nil:
		w.t.Errorf("client %d: an acknowledged request sent again: %v", w.id, err)
	case again != w.last.answer:
		w.t.Errorf("client %d: an acknowledged request sent again is answered %q, was %q", w.id, again, w.last.answer)
	}
}

// send sends the pending request and notes what it did; false when its outcome is not known.
func (w *writer) send(conn *grpc.ClientConn) bool {
	answer, err := w.pending.call(context.Background(), tandemv1.NewFirmServiceClient(conn))
	if status.Code(err) == codes.Unavailable || errors.Is(err, io.EOF) {
		return false
	}
	if err != nil {
		w.t.Errorf("client %d: %v", w.id, err)
		return false
	}
	w.pending.apply(w.firms)
	w.pending.answer = answer
	w.last, w.pending = w.pending, nil
	w.acknowledged.Add(1)
	return true
}

// next chooses what to write: a new firm, several at once, a change, a deletion.
func (w *writer) next() *request {
	w.made++
	id, stamp := fmt.Sprintf("kill-%d-%d", w.id, w.made), fmt.Sprintf("client %d request %d", w.id, w.made)
	known := w.known()
	switch dice := w.chance.IntN(10); {
	case known == "" || dice < 4:
		return w.create("c-"+id, stamp)
	case dice < 6:
		return w.bulk(id, stamp)
	case dice < 9:
		return w.update(known, id, stamp)
	default:
		return w.remove(known, id)
	}
}

// known is one of the client's firms, the same for the same history; "" while it has none.
func (w *writer) known() string {
	for back := w.made - 1; back > 0 && back > w.made-20; back-- {
		if name := fmt.Sprintf("firms/c-kill-%d-%d", w.id, back); w.firms[name] != "" {
			return name
		}
	}
	return ""
}

func stamped(name, stamp string) *tandemv1.Firm {
	return &tandemv1.Firm{
		Name: name, DisplayName: "Kill " + name, Country: "CA", Kind: tandemv1.Firm_COMPANY, Summary: stamp, SummaryNative: stamp,
		Offers: []*tandemv1.Offer{{Capability: "cyber", Detail: stamp}},
	}
}

func (w *writer) create(id, stamp string) *request {
	name := "firms/" + id
	return &request{
		call: func(ctx context.Context, c tandemv1.FirmServiceClient) (string, error) {
			firm, err := c.CreateFirm(ctx, &tandemv1.CreateFirmRequest{Firm: stamped("", stamp), FirmId: id, Attested: true, RequestId: id})
			return firm.GetEtag(), err
		},
		apply: func(firms map[string]string) { firms[name] = stamp },
	}
}

func (w *writer) update(name, id, stamp string) *request {
	return &request{
		call: func(ctx context.Context, c tandemv1.FirmServiceClient) (string, error) {
			firm, err := c.UpdateFirm(ctx, &tandemv1.UpdateFirmRequest{Firm: stamped(name, stamp), Attested: true, RequestId: id})
			return firm.GetEtag(), err
		},
		apply: func(firms map[string]string) { firms[name] = stamp },
	}
}

func (w *writer) remove(name, id string) *request {
	return &request{
		call: func(ctx context.Context, c tandemv1.FirmServiceClient) (string, error) {
			firm, err := c.DeleteFirm(ctx, &tandemv1.DeleteFirmRequest{Name: name, RequestId: id})
			return firm.GetEtag(), err
		},
		apply: func(firms map[string]string) { delete(firms, name) },
	}
}

// bulk imports three firms in one file: all of them or none.
func (w *writer) bulk(id, stamp string) *request {
	var file strings.Builder
	var names []string
	for i := range 3 {
		name := fmt.Sprintf("firms/i%d-%s", i, id)
		names = append(names, name)
		fmt.Fprintf(&file, `{"name": %q, "display_name": "Kill", "country": "CA", "kind": "COMPANY", "summary": %[2]q, "summary_native": %[2]q, "offers": [{"capability": "cyber", "detail": %[2]q}]}`+"\n", name, stamp)
	}
	return &request{
		call: func(ctx context.Context, c tandemv1.FirmServiceClient) (string, error) {
			stream, err := c.ImportFirms(ctx)
			if err != nil {
				return "", err
			}
			answer, err := sendFile(stream, &tandemv1.ImportFirmsRequest_Options{Attested: true, RequestId: id}, strings.NewReader(file.String()))
			return fmt.Sprint(answer.GetCreated(), answer.GetRevision()), err
		},
		apply: func(firms map[string]string) {
			for _, name := range names {
				firms[name] = stamp
			}
		},
	}
}

// command runs the real command and returns what it printed.
func command(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("tandem", args...)
	cmd.Env = environment()
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("tandem %s: %v\n%s", strings.Join(args, " "), err, exit.Stderr)
		}
		t.Fatal(err)
	}
	return string(out)
}
