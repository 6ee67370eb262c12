package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestFollow writes to a register while two other systems follow its feed, one by stream and one by polling, and kills all three
// at random, again and again. In the end both have what the register has: nothing missed, nothing applied twice, in order. The long
// form is "go test ./cmd/tandem -run Follow -changes 10000 -v".
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "register.db")
	f := &following{t: t, db: db, organiser: strings.TrimSpace(command(t, "credential", "create", "--db", db, "--role", "organiser"))}
	integration := strings.TrimSpace(command(t, "credential", "create", "--db", db, "--role", "integration"))
	f.startServer()
	f.consumers = []*consumerProcess{
		{mode: "stream", db: filepath.Join(dir, "stream.db"), address: f.server.grpc, secret: integration},
		{mode: "poll", db: filepath.Join(dir, "poll.db"), address: f.server.http, secret: integration},
	}
	for _, c := range f.consumers {
		f.check(c.start(0))
		t.Cleanup(func() { _ = c.kill() })
	}
	var writing sync.WaitGroup
	written := make(chan struct{})
	made := make([]int, 2)
	for i := range made {
		writing.Go(func() { made[i] = f.write(i, *changes/len(made)) })
	}
	go func() { writing.Wait(); close(written) }()
	f.killUntil(written)
	want := f.whole()
	last := want[len(want)-1].GetPosition()
	for _, c := range f.consumers {
		f.check(c.kill())
		f.check(c.start(0, last))
		f.check(c.wait())
		applied := f.compare(c, want)
		t.Logf("%s: %d changes applied of %d made, %d things in the end; the rest was changed again before it was read",
			c.mode, applied, made[0]+made[1], len(want))
	}
	t.Logf("killed: the server %d times, the stream's consumer %d, the polling one %d", f.kills, f.consumers[0].kills, f.consumers[1].kills)
}

// following is what the test follows.
type following struct {
	t             *testing.T
	db, organiser string
	server        *serverProcess
	kills         int
	consumers     []*consumerProcess
}

func (f *following) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// startServer starts the server, where it was the last time.
func (f *following) startServer() {
	f.t.Helper()
	var at []string
	if f.server != nil {
		at = []string{"--grpc", f.server.grpc, "--http", f.server.http}
	}
	var err error
	f.server, err = startServer(f.db, at...)
	f.check(err)
	f.t.Cleanup(f.server.kill)
}

// killUntil kills the consumers again and again, and the server every other time, until the writers are done. Each time a consumer
// gets a number of steps at which it dies by itself, if it is not killed before.
func (f *following) killUntil(done <-chan struct{}) {
	chance := rand.New(rand.NewPCG(17, 19))
	for n := 0; ; n++ {
		select {
		case <-done:
			if n >= 9 {
				return
			}
		case <-time.After(time.Duration(20+chance.IntN(150)) * time.Millisecond):
		}
		for _, c := range f.consumers {
			f.check(c.kill())
			f.check(c.start(1 + chance.IntN(16<<chance.IntN(10))))
		}
		if n%2 == 0 {
			f.server.kill()
			f.kills++
			f.startServer()
		}
	}
}

// consumerProcess is a consumer in a process of its own.
type consumerProcess struct {
	mode, db, address, secret string
	cmd                       *exec.Cmd
	stderr                    bytes.Buffer
	ended                     chan struct{}
	err                       error // set when it has ended
	kills                     int
}

// start starts it with the number of steps after which it dies, and perhaps the position until which it lives.
func (c *consumerProcess) start(steps int, until ...string) error {
	c.cmd = exec.Command("consumer", append([]string{c.mode, c.db, c.address, strconv.Itoa(steps)}, until...)...)
	c.cmd.Env = environment("TANDEM_CREDENTIAL=" + c.secret)
	c.cmd.Stderr = &c.stderr
	c.ended, c.err = make(chan struct{}), nil
	if err := c.cmd.Start(); err != nil {
		return err
	}
	go func() {
		c.err = c.cmd.Wait()
		if c.stderr.Len() > 0 {
			c.err = fmt.Errorf("%s: %s", c.mode, c.stderr.String())
		}
		close(c.ended)
	}()
	return nil
}

// wait returns how it ended.
func (c *consumerProcess) wait() error {
	<-c.ended
	return c.err
}

// kill ends the consumer without a goodbye. One that had something to complain about is an error.
func (c *consumerProcess) kill() error {
	_ = c.cmd.Process.Kill() // it may have ended
	err := c.wait()
	c.kills++
	if c.stderr.Len() > 0 {
		return err
	}
	return nil
}

// write makes so many changes to firms of one writer: imports, which make many in one revision, updates and deletions. Each is
// repeated under its request_id until it is acknowledged.
func (f *following) write(writer, wanted int) (made int) {
	conn, err := dialPatiently(f.server.grpc, f.organiser)
	if err != nil {
		f.t.Error(err)
		return 0
	}
	defer conn.Close()
	chance := rand.New(rand.NewPCG(23, uint64(writer)))
	var names []string
	for n := 0; made < wanted; n++ {
		id := fmt.Sprintf("w%d-%d", writer, n)
		switch dice := chance.IntN(10); {
		case dice < 2 || len(names) < 50:
			var file strings.Builder
			for i := range 1 + chance.IntN(60) {
				names = append(names, fmt.Sprintf("firms/%s-%d", id, i))
				fmt.Fprintf(&file, `{"name": %q, "display_name": "Follow", "country": "CA", "kind": "COMPANY", "summary": %q}`+"\n", names[len(names)-1], id)
				made++
			}
			err = acknowledged(func(ctx context.Context, c tandemv1.FirmServiceClient) error {
				stream, err := c.ImportFirms(ctx)
				if err == nil {
					_, err = sendFile(stream, &tandemv1.ImportFirmsRequest_Options{Attested: true, RequestId: id}, strings.NewReader(file.String()))
				}
				return err
			}, conn)
		case dice < 9:
			name := names[chance.IntN(len(names))]
			made++
			err = acknowledged(func(ctx context.Context, c tandemv1.FirmServiceClient) error {
				_, err := c.UpdateFirm(ctx, &tandemv1.UpdateFirmRequest{
					Attested: true, AllowMissing: true, RequestId: id,
					Firm: &tandemv1.Firm{Name: name, DisplayName: "Follow", Country: "CA", Kind: tandemv1.Firm_COMPANY, Summary: id},
				})
				return err
			}, conn)
		default:
			at := chance.IntN(len(names))
			made++
			err = acknowledged(func(ctx context.Context, c tandemv1.FirmServiceClient) error {
				_, err := c.DeleteFirm(ctx, &tandemv1.DeleteFirmRequest{Name: names[at], RequestId: id})
				return err
			}, conn)
			names = append(names[:at], names[at+1:]...)
		}
		if err != nil {
			f.t.Errorf("writer %d, request %s: %v", writer, id, err)
			return made
		}
	}
	return made
}

// acknowledged repeats a request until its outcome is known.
func acknowledged(call func(context.Context, tandemv1.FirmServiceClient) error, conn *grpc.ClientConn) error {
	for {
		err := call(context.Background(), tandemv1.NewFirmServiceClient(conn))
		if status.Code(err) != codes.Unavailable {
			return err
		}
	}
}

// whole reads the feed from its beginning.
func (f *following) whole() (all []*tandemv1.Change) {
	f.t.Helper()
	conn, err := dialPatiently(f.server.grpc, f.organiser)
	f.check(err)
	defer conn.Close()
	for after := ""; ; {
		page, err := tandemv1.NewChangeServiceClient(conn).ListChanges(context.Background(), &tandemv1.ListChangesRequest{After: after, PageSize: 500})
		f.check(err)
		if len(page.GetChanges()) == 0 {
			return all
		}
		all, after = append(all, page.GetChanges()...), page.GetNextPosition()
	}
}

// compare holds a consumer's database against the register and returns how many changes it applied. That none was applied twice
// and that its position never went back, its own schema has seen to; this sees that it did so in order.
func (f *following) compare(c *consumerProcess, want []*tandemv1.Change) (applied int) {
	f.t.Helper()
	db, err := sql.Open("sqlite3", c.db)
	f.check(err)
	defer db.Close()
	rows, err := db.Query("SELECT name, change FROM mirror")
	f.check(err)
	got := make(map[string][]byte)
	for rows.Next() {
		var name string
		var change []byte
		f.check(rows.Scan(&name, &change))
		got[name] = change
	}
	f.check(rows.Err())
	for _, w := range want {
		content, err := proto.MarshalOptions{Deterministic: true}.Marshal(w)
		f.check(err)
		switch have := got[w.GetName()]; {
		case have == nil:
			f.t.Errorf("%s: %s is missing", c.mode, w.GetName())
		case !bytes.Equal(have, content):
			f.t.Errorf("%s: %s is not as it is in the register", c.mode, w.GetName())
		}
		delete(got, w.GetName())
	}
	for name := range got {
		f.t.Errorf("%s: %s is not in the register", c.mode, name)
	}
	var disorder int
	f.check(db.QueryRow("SELECT count(*) FROM applied later JOIN applied earlier ON later.number = earlier.number + 1 WHERE later.position <= earlier.position").Scan(&disorder))
	f.check(db.QueryRow("SELECT count(*) FROM applied").Scan(&applied))
	if disorder > 0 {
		f.t.Errorf("%s: %d changes were applied out of order", c.mode, disorder)
	}
	return applied
}
