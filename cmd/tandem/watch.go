package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

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
	return resumed(ctx, func() error { return a.printLists(ctx, client, request) }, func() string { return fmt.Sprint(request.GetRevision()) })
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
		return jsonLine(a.stdout, list)
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
