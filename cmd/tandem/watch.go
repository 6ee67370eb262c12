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

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// watchable refuses what does not go with watching: what is watched is the whole list, and it has no end.
func (a *app) watchable(cmd *cobra.Command) error {
	example := asIn("tandem partners FIRM --watch --output json")
	for _, flag := range []string{"top", "capability", "kind", "size", "region", "mode", "program", "framework", "gate-at-most"} {
		if cmd.Flags().Changed(flag) {
			return usage(example, tell("cli.wrong.watch", "--"+flag))
		}
	}
	if a.settings.output != "table" && a.settings.output != "json" {
		return usage(example, tell("cli.wrong.follow", a.settings.output))
	}
	return nil
}

// watchPartners prints a firm's list and each new one. A stream that the server ends is taken up again at its last revision.
func (a *app) watchPartners(ctx context.Context, client tandemv1.PairingServiceClient, request *tandemv1.WatchPartnersRequest) error {
	for broken := 0; ; broken++ {
		before := request.GetRevision()
		err := a.printLists(ctx, client, request)
		if ctx.Err() != nil {
			return nil // somebody has seen enough
		}
		if request.GetRevision() != before {
			broken = 0
		}
		if status.Code(err) != codes.Unavailable || request.GetRevision() == 0 || broken == maxBroken {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(brokenPause):
		}
	}
}

// printLists prints the lists of one stream until it ends.
func (a *app) printLists(ctx context.Context, client tandemv1.PairingServiceClient, request *tandemv1.WatchPartnersRequest) error {
	stream, err := client.WatchPartners(ctx, request)
	if err != nil {
		return err
	}
	for {
		list, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := a.printList(list, request); err != nil {
			return err
		}
		request.Revision = list.GetRevision()
	}
}

// printList prints one list: a line of JSON, or a table below the one before.
func (a *app) printList(list *tandemv1.PartnerList, request *tandemv1.WatchPartnersRequest) error {
	if a.settings.output == "json" {
		content, err := (protojson.MarshalOptions{UseProtoNames: true}).Marshal(list)
		if err != nil {
			return fmt.Errorf("writing JSON: %w", err)
		}
		var line bytes.Buffer // protojson spaces its output at random, on purpose
		if err := json.Compact(&line, content); err != nil {
			return fmt.Errorf("writing JSON: %w", err)
		}
		line.WriteByte('\n')
		_, err = line.WriteTo(a.stdout)
		return err
	}
	if request.GetRevision() > 0 {
		if _, err := fmt.Fprintln(a.stdout); err != nil {
			return err
		}
	}
	if err := show(a, list, list.GetPairings(), partnerColumns(request.GetFirm())); err != nil {
		return err
	}
	a.noticePairings(list.GetPairings())
	return nil
}
