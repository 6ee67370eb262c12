package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestPublishKill kills a serving process again and again while it computes runs of a list and publishes them. Nobody ever sees half
// of a run or of a publication, neither who lists pairings nor who follows the feed; what was begun is finished, and a run's report is
// what "tandem match" makes of its snapshot. The long form is "go test ./cmd/tandem -run PublishKill -rows 5000 -kills 30 -v".
func TestPublishKill(t *testing.T) {
	dir := t.TempDir()
	db, list := filepath.Join(dir, "register.db"), filepath.Join(dir, "list.xlsx")
	writeLongList(t, list, *listRows)
	command(t, "import", list, "--db", db, "--attest", "--partial")
	p := &publishing{campaign: campaign{t: t, db: db, secret: strings.TrimSpace(command(t, "credential", "create", "--db", db, "--role", "organiser"))},
		chance: rand.New(rand.NewPCG(29, 31)), copied: make(map[string]string)}
	p.start()
	for n, top := range []int32{10, 3} {
		run := p.compute(top)
		want := p.results(run)
		file := filepath.Join(dir, "report.jsonl")
		command(t, "match", "--snapshot", p.export(run, dir), "-o", file)
		alone, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if served := p.report(run); string(served) != string(alone) {
			t.Errorf("the report of %s has %d bytes that differ from the %d of its snapshot matched alone", run, len(served), len(alone))
		}
		t.Logf("%d results with a list of %d", len(want), top)
		p.publish(run, want, n)
	}
	if *listRows >= 5000 && p.held == 0 { // a short list is told before anybody can look
		t.Error("no kill came while the feed was waiting for a publication; this test says little")
	}
	if err := p.server.interrupt(); err != nil {
		t.Errorf("stopping the server: %v\n%s", err, p.server.log())
	}
	if out := command(t, "verify", "--db", db); !strings.Contains(out, "everything is as it was written") {
		t.Errorf("verify says:\n%s", out)
	}
	t.Logf("%d kills; %d while a run was computed, %d while a publication was not told yet", p.kills, p.running, p.held)
}

// largePage lets a client take a page of 500 pairings.
var largePage = grpc.MaxCallRecvMsgSize(16 << 20)

// publishing is a server that is killed, with a copy of what its feed has told.
type publishing struct {
	campaign
	chance               *rand.Rand
	kills, running, held int
	position             string
	copied               map[string]string // pairings by name, with the run of each
}

// kill kills the server after at most so long, and starts it again.
func (p *publishing) kill(within time.Duration) {
	p.t.Helper()
	<-time.After(time.Duration(p.chance.Int64N(int64(within))))
	p.server.kill()
	_ = p.conn.Close() // the server is gone
	p.kills++
	p.start()
}

// compute has a run computed in spite of kills. Until it has finished it has no results.
func (p *publishing) compute(top int32) string {
	p.t.Helper()
	runs := tandemv1.NewMatchRunServiceClient(p.conn)
	operation, err := runs.CreateMatchRun(context.Background(), &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24", Top: top}})
	if err != nil {
		p.t.Fatal(err)
	}
	run := "matchRuns/" + strings.TrimPrefix(operation.GetName(), "operations/")
	for n := 0; ; n++ {
		if n < *kills {
			p.kill(2 * time.Second)
		}
		runs := tandemv1.NewMatchRunServiceClient(p.conn)
		page, err := runs.ListMatchResults(context.Background(), &tandemv1.ListMatchResultsRequest{Parent: run, PageSize: 1})
		if err != nil {
			p.t.Fatal(err)
		}
		now, err := runs.GetMatchRun(context.Background(), &tandemv1.GetMatchRunRequest{Name: run}) // asked after, so it may have finished meanwhile
		switch {
		case err != nil:
			p.t.Fatal(err)
		case now.GetState() == tandemv1.MatchRun_SUCCEEDED:
			return run
		case now.GetState() != tandemv1.MatchRun_RUNNING && now.GetState() != tandemv1.MatchRun_QUEUED:
			p.t.Fatalf("%s is %v", run, now)
		case len(page.GetResults()) > 0:
			p.t.Errorf("a result of a run that is %s", now.GetState())
		}
		if n < *kills {
			p.running++
		}
	}
}

// results are the names of the pairings of a run.
func (p *publishing) results(run string) map[string]string {
	p.t.Helper()
	client, names := tandemv1.NewMatchRunServiceClient(p.conn), make(map[string]string)
	list, err := all(0, func(size int32, token string) ([]*tandemv1.MatchResult, string, error) {
		page, err := client.ListMatchResults(context.Background(), &tandemv1.ListMatchResultsRequest{Parent: run, PageSize: size, PageToken: token}, largePage)
		return page.GetResults(), page.GetNextPageToken(), err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, r := range list {
		names[r.GetPairing().GetName()] = run
	}
	return names
}

// export writes the snapshot of a run to a file.
func (p *publishing) export(run, dir string) string {
	p.t.Helper()
	file, err := os.Create(filepath.Join(dir, "snapshot.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	stream, err := tandemv1.NewMatchRunServiceClient(p.conn).ExportSnapshot(context.Background(), &tandemv1.ExportSnapshotRequest{Name: run})
	if err == nil {
		err = receive(file, stream.Recv)
	}
	if err := errors.Join(err, file.Close()); err != nil {
		p.t.Fatal(err)
	}
	return file.Name()
}

// report downloads the report of a run.
func (p *publishing) report(run string) []byte {
	p.t.Helper()
	var out strings.Builder
	stream, err := tandemv1.NewMatchRunServiceClient(p.conn).DownloadReport(context.Background(),
		&tandemv1.DownloadReportRequest{Name: run, Format: tandemv1.DownloadReportRequest_JSONL})
	if err == nil {
		err = receive(&out, stream.Recv)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return []byte(out.String())
}

// publish publishes a run in spite of kills. Before the answer, pairings are those of the run before or of this one; after it they are
// this one's; the feed tells them some time later, all or none.
func (p *publishing) publish(run string, want map[string]string, n int) {
	p.t.Helper()
	before := p.copied
	asked := func(conn *grpc.ClientConn) bool {
		_, err := tandemv1.NewMatchRunServiceClient(conn).PublishMatchRun(context.Background(),
			&tandemv1.PublishMatchRunRequest{Name: run, RequestId: "publish-" + string(rune('a'+n))})
		if err != nil && status.Code(err) != codes.Unavailable && !errors.Is(err, io.EOF) {
			p.t.Errorf("publishing: %v", err)
		}
		return err == nil
	}
	acknowledged := false
	for round := 0; ; round++ {
		if round < *kills {
			answer, conn := make(chan bool, 1), p.conn
			go func() { answer <- asked(conn) }()
			p.kill(400 * time.Millisecond)
			acknowledged = <-answer || acknowledged
		} else {
			acknowledged = asked(p.conn) || acknowledged
		}
		listed := p.listed()
		if !same(listed, want) && (acknowledged || !same(listed, before)) {
			p.t.Fatalf("%d pairings are listed, of which the run before had %d and this one has %d; acknowledged: %v", len(listed), len(before), len(want), acknowledged)
		}
		p.follow()
		switch told := same(p.copied, want); {
		case !told && !same(p.copied, before):
			p.t.Fatalf("the feed has told of %d pairings, of which the run before had %d and this one has %d", len(p.copied), len(before), len(want))
		case !told && same(listed, want) && round < *kills:
			p.held++
		case told && acknowledged && round >= *kills:
			return
		}
	}
}

// listed are the published pairings with their run.
func (p *publishing) listed() map[string]string {
	p.t.Helper()
	client, names := tandemv1.NewPairingServiceClient(p.conn), make(map[string]string)
	list, err := all(0, func(size int32, token string) ([]*tandemv1.Pairing, string, error) {
		page, err := client.ListPairings(context.Background(), &tandemv1.ListPairingsRequest{PageSize: size, PageToken: token}, largePage)
		return page.GetPairings(), page.GetNextPageToken(), err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, pairing := range list {
		names[pairing.GetName()], _, _ = strings.Cut(pairing.GetResult(), "/results/")
	}
	return names
}

// follow applies what the feed has by now to the copy.
func (p *publishing) follow() {
	p.t.Helper()
	copied := make(map[string]string, len(p.copied))
	for name, run := range p.copied {
		copied[name] = run
	}
	for {
		page, err := tandemv1.NewChangeServiceClient(p.conn).ListChanges(context.Background(), &tandemv1.ListChangesRequest{After: p.position, PageSize: 500})
		if err != nil {
			p.t.Fatal(err)
		}
		p.position = page.GetNextPosition()
		if len(page.GetChanges()) == 0 {
			p.copied = copied
			return
		}
		for _, c := range page.GetChanges() {
			if c.GetPairing() != nil {
				copied[c.GetName()], _, _ = strings.Cut(c.GetPairing().GetResult(), "/results/")
			} else if c.GetDeleted() {
				delete(copied, c.GetName())
			}
		}
	}
}

// same tells whether two sets of pairings are of the same runs.
func same(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, run := range a {
		if b[name] != run {
			return false
		}
	}
	return true
}
