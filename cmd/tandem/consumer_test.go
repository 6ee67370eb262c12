package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// consumer is another system that keeps itself in step: a process of its own with a database of its own, in which the
// position in the feed changes together with the rows. It is what docs/integrate.md tells people to write.
type consumer struct {
	db     *sql.DB
	secret string
	until  string // the position at which it has seen enough; empty for never
	steps  int    // after so many more steps of its work it is killed; 0 for never
}

// step is between any two statements. A consumer that is idle most of the time would be killed there most of the time, and never
// where it matters.
func (c *consumer) step() {
	if c.steps--; c.steps == 0 {
		if self, err := os.FindProcess(os.Getpid()); err == nil && self.Kill() == nil {
			select {} // not one statement more
		}
	}
}

// exec runs a statement, unless the consumer is killed before it.
func (c *consumer) exec(tx *sql.Tx, statement string, args ...any) error {
	c.step()
	_, err := tx.Exec(statement, args...)
	return err
}

// The schema refuses what must not happen: one change applied twice, and a position that goes back.
const consumerSchema = `
	CREATE TABLE IF NOT EXISTS mirror (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, deleted INTEGER NOT NULL, change BLOB NOT NULL);
	CREATE TABLE IF NOT EXISTS applied (number INTEGER PRIMARY KEY, position TEXT NOT NULL UNIQUE, name TEXT NOT NULL, revision INTEGER NOT NULL, UNIQUE (name, revision));
	CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), position TEXT NOT NULL);
	CREATE TRIGGER IF NOT EXISTS forward BEFORE UPDATE ON place WHEN new.position <= old.position BEGIN SELECT raise(ABORT, 'the position goes back'); END;
	INSERT OR IGNORE INTO place VALUES (1, '');`

// consumerMain is the process: "consumer stream|poll DATABASE ADDRESS STEPS [UNTIL]".
func consumerMain() {
	if err := consume(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
}

func consume(args []string) error {
	db, err := sql.Open("sqlite3", "file:"+args[1]+"?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000")
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(consumerSchema); err != nil {
		return err
	}
	c := &consumer{db: db, secret: os.Getenv("TANDEM_CREDENTIAL")}
	if c.steps, err = strconv.Atoi(args[3]); err != nil {
		return err
	}
	if len(args) > 4 {
		c.until = args[4]
	}
	if args[0] == "poll" {
		return c.poll(args[2])
	}
	return c.stream(args[2])
}

// place is where the feed goes on.
func (c *consumer) place() (position string, err error) {
	return position, c.db.QueryRow("SELECT position FROM place").Scan(&position)
}

// done tells whether it has seen enough.
func (c *consumer) done() bool {
	position, err := c.place()
	return err == nil && c.until != "" && position >= c.until
}

// apply applies changes in one transaction with the position behind the last of them.
func (c *consumer) apply(changes []*tandemv1.Change, position string) error {
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, change := range changes {
		content, err := proto.MarshalOptions{Deterministic: true}.Marshal(change)
		if err != nil {
			return err
		}
		if err := c.exec(tx, "INSERT INTO applied (position, name, revision) VALUES (?, ?, ?)", change.GetPosition(), change.GetName(), change.GetRevision()); err != nil {
			return fmt.Errorf("%s at %s: %w", change.GetName(), change.GetPosition(), err)
		}
		if err := c.exec(tx, "INSERT OR REPLACE INTO mirror VALUES (?, ?, ?, ?)", change.GetName(), change.GetRevision(), change.GetDeleted(), content); err != nil {
			return err
		}
	}
	if err := c.exec(tx, "UPDATE place SET position = ?", position); err != nil {
		return err
	}
	c.step()
	err = tx.Commit()
	c.step()
	return err
}

// stream follows over gRPC, one change a transaction.
func (c *consumer) stream(address string) error {
	conn, err := dialPatiently(address, c.secret)
	if err != nil {
		return err
	}
	defer conn.Close()
	for !c.done() {
		position, err := c.place()
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(context.Background())
		stream, err := tandemv1.NewChangeServiceClient(conn).WatchChanges(ctx, &tandemv1.WatchChangesRequest{After: position})
		for err == nil && !c.done() {
			var change *tandemv1.Change
			if change, err = stream.Recv(); err == nil {
				err = c.apply([]*tandemv1.Change{change}, change.GetPosition())
			}
		}
		cancel()
		if err != nil && status.Code(err) != codes.Unavailable {
			return err
		}
	}
	return nil
}

// poll follows over REST, one answer a transaction.
func (c *consumer) poll(address string) error {
	for !c.done() {
		position, err := c.place()
		if err != nil {
			return err
		}
		answer, err := c.ask(address, position)
		if err != nil {
			return err
		}
		if answer != nil && answer.GetNextPosition() > position {
			if err := c.apply(answer.GetChanges(), answer.GetNextPosition()); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask asks once; no answer where there is no server.
func (c *consumer) ask(address, position string) (*tandemv1.ListChangesResponse, error) {
	query := url.Values{"after": {position}, "wait": {"5s"}, "pageSize": {"20"}}
	r, err := http.NewRequest(http.MethodGet, "http://"+address+"/v1/changes?"+query.Encode(), http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.secret)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		<-time.After(20 * time.Millisecond) // the server will be back
		return nil, nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil || response.StatusCode == http.StatusServiceUnavailable:
		return nil, nil
	case response.StatusCode != http.StatusOK:
		return nil, errors.New(string(body))
	}
	answer := new(tandemv1.ListChangesResponse)
	return answer, protojson.Unmarshal(body, answer)
}

// dialPatiently connects to a server that may be away for a moment.
func dialPatiently(address, secret string) (*grpc.ClientConn, error) {
	return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(bearer{secret: secret, plain: true}),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 20 * time.Millisecond, Multiplier: 1, MaxDelay: 20 * time.Millisecond}}),
		grpc.WithDefaultCallOptions(grpc.WaitForReady(true)))
}
