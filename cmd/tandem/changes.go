package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) changesCommand() *cobra.Command {
	f := &follower{app: a, request: new(tandemv1.WatchChangesRequest)}
	var follow bool
	var limit int
	cmd := &cobra.Command{
		Use:     "changes",
		Example: "  tandem changes --limit 10\n  tandem changes --after POSITION --follow --output json",
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if follow && a.settings.output != "table" && a.settings.output != "json" {
				return usage(asIn("tandem changes --follow --output json"), tell("cli.wrong.follow", a.settings.output))
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			f.client, f.request.Language = tandemv1.NewChangeServiceClient(conn), a.protoLanguage()
			if follow {
				return f.follow(cmd.Context())
			}
			answer, err := f.list(cmd.Context(), limit)
			if err != nil {
				return err
			}
			if a.settings.output == "json" {
				return f.lines(answer.Changes)
			}
			return show(a, answer, answer.Changes, changeColumns())
		},
	}
	cmd.Flags().StringVar(&f.request.After, "after", "", "")
	cmd.Flags().BoolVar(&follow, "follow", false, "")
	return limited(a.prints(a.talks(cmd)), &limit)
}

// follower reads the feed; the request holds its position.
type follower struct {
	*app
	client  tandemv1.ChangeServiceClient
	request *tandemv1.WatchChangesRequest
}

// list reads what there is, up to a limit; 0 is all.
func (f *follower) list(ctx context.Context, limit int) (*tandemv1.ListChangesResponse, error) {
	answer := &tandemv1.ListChangesResponse{NextPosition: f.request.GetAfter()}
	var err error
	answer.Changes, err = all(limit, func(size int32, _ string) ([]*tandemv1.Change, string, error) {
		page, err := f.client.ListChanges(ctx, &tandemv1.ListChangesRequest{After: answer.GetNextPosition(), PageSize: size, Language: f.request.GetLanguage()})
		if err != nil || len(page.GetChanges()) == 0 {
			return nil, "", err
		}
		answer.NextPosition = page.GetNextPosition()
		return page.GetChanges(), answer.NextPosition, nil
	})
	return answer, err
}

const (
	// brokenPause is how long a follower waits before it calls again.
	brokenPause = time.Second
	// maxBroken is how often in a row it does so for nothing.
	maxBroken = 30
)

// follow prints changes as they come. A stream that the server ends is taken up again at its last position.
func (f *follower) follow(ctx context.Context) error {
	return resumed(ctx, func() error { return f.watch(ctx) }, f.request.GetAfter)
}

// resumed reads a stream again and again, as the server ends one after another, from where the last one came to.
func resumed(ctx context.Context, read func() error, at func() string) error {
	heard := false
	for broken := 0; ; broken++ {
		before := at()
		err := read()
		if ctx.Err() != nil {
			return nil // somebody has seen enough
		}
		if at() != before {
			heard, broken = true, 0
		}
		if status.Code(err) != codes.Unavailable || !heard || broken == maxBroken {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(brokenPause):
		}
	}
}

// watch prints the changes of one stream until it ends.
func (f *follower) watch(ctx context.Context) error {
	stream, err := f.client.WatchChanges(ctx, f.request)
	if err != nil {
		return err
	}
	for {
		c, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if f.settings.output == "json" {
			err = f.lines([]*tandemv1.Change{c})
		} else {
			_, err = fmt.Fprintln(f.stdout, changeLine(f.voice(), c))
		}
		if err != nil {
			return err
		}
		f.request.After = c.GetPosition()
	}
}

// lines prints changes as JSON Lines.
func (f *follower) lines(changes []*tandemv1.Change) error {
	for _, c := range changes {
		if err := jsonLine(f.stdout, c); err != nil {
			return err
		}
	}
	return nil
}

// jsonLine writes a message as a line of JSON.
func jsonLine(w io.Writer, message proto.Message) error {
	content, err := (protojson.MarshalOptions{UseProtoNames: true}).Marshal(message)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	var line bytes.Buffer // protojson spaces its output at random, on purpose
	if err := json.Compact(&line, content); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	line.WriteByte('\n')
	_, err = line.WriteTo(w)
	return err
}

func changeColumns() []column[*tandemv1.Change] {
	type change = *tandemv1.Change
	return []column[change]{
		{key: "revision", cell: func(v voice, c change) string { return v.number(c.GetRevision()) }, number: true},
		{key: "change", cell: func(v voice, c change) string { return whatHappened(v, c) }},
		{key: "name", cell: func(_ voice, c change) string { return c.GetName() }},
		{key: "display_name", cell: changedName, wide: true},
		{key: "position", cell: func(_ voice, c change) string { return c.GetPosition() }, machine: true},
	}
}

// whatHappened says whether something is there or gone.
func whatHappened(v voice, c *tandemv1.Change) string {
	switch {
	case v.raw && c.GetDeleted():
		return "DELETED"
	case v.raw:
		return "WRITTEN"
	case c.GetDeleted():
		return v.say("cli.change.deleted")
	}
	return v.say("cli.change.written")
}

// changedName names what changed as people know it.
func changedName(v voice, c *tandemv1.Change) string {
	switch {
	case c.GetFirm() != nil:
		return v.firm(c.GetFirm())
	case c.GetPairing() != nil:
		return joined(" – ", v.firm(c.GetPairing().GetFirst()), v.firm(c.GetPairing().GetSecond()))
	case c.GetMatchRun() != nil:
		return v.enum("cli.run_state", c.GetMatchRun().GetState())
	}
	return ""
}

// changeLine is a change for people who watch.
func changeLine(v voice, c *tandemv1.Change) string {
	return printable(joined("  ", v.number(c.GetRevision()), whatHappened(v, c), c.GetName(), changedName(v, c)))
}
