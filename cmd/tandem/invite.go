package main

import (
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/card"
)

// invitations are what an invite command was asked for.
type invitations struct {
	days    int
	replace bool
	out     string // a list or cards, by its ending
	address string
}

func (a *app) inviteCommand() *cobra.Command {
	var asked invitations
	cmd := &cobra.Command{
		Use: "invite [FIRM...]",
		Example: "  tandem invite --db tandem.db -o cards.html --address https://tandem.example.org\n" +
			"  tandem invite algoma-steel --replace",
		Args: wants(0, 500),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := asked.check(); err != nil {
				return err
			}
			if err := a.fresh(asked.out); err != nil {
				return err
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			client := tandemv1.NewInvitationServiceClient(conn)
			answer := new(tandemv1.BatchInviteFirmsResponse)
			if len(args) == 1 { // only a single firm can replace what it lost
				issued, err := client.InviteFirm(cmd.Context(), &tandemv1.InviteFirmRequest{
					Name: firmName(args[0]), Ttl: asked.ttl(), ReplaceCredentials: asked.replace, RequestId: requestID(),
				})
				if err != nil {
					return err
				}
				answer.Invitations = []*tandemv1.IssuedInvitation{issued}
				return a.showInvitations(answer, &asked)
			}
			names := make([]string, len(args))
			for i, arg := range args {
				names[i] = firmName(arg)
			}
			answer, err = client.BatchInviteFirms(cmd.Context(), &tandemv1.BatchInviteFirmsRequest{Names: names, Ttl: asked.ttl(), RequestId: requestID()})
			if err != nil {
				return err
			}
			return a.showInvitations(answer, &asked)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&asked.days, "days", 30, "")
	flags.BoolVar(&asked.replace, "replace", false, "")
	flags.StringVarP(&asked.out, "out", "o", "", "")
	flags.StringVar(&asked.address, "address", "", "")
	return a.prints(a.talks(cmd))
}

// check refuses what cannot be meant, before a code is made.
func (i *invitations) check() error {
	ending := strings.ToLower(filepath.Ext(i.out))
	switch {
	case i.days < 1 || i.days > 90:
		return usage(asIn("--days 30"), tell("cli.wrong.between", "--days", i.days, 1, 90))
	case i.out != "" && ending != ".csv" && ending != ".html":
		return usage(asIn("tandem invite -o cards.html"), tell("cli.wrong.ending", "--out", i.out, ".csv, .html"))
	case i.address != "":
		if pages, err := url.Parse(i.address); err != nil || pages.Host == "" || pages.Scheme != "https" && pages.Scheme != "http" {
			return usage(asIn("--address https://tandem.example.org"), tell("cli.wrong.pages", i.address))
		}
	}
	return nil
}

func (i *invitations) ttl() *durationpb.Duration {
	return durationpb.New(time.Duration(i.days) * 24 * time.Hour)
}

// showInvitations prints codes, or writes them to their file.
func (a *app) showInvitations(answer *tandemv1.BatchInviteFirmsResponse, asked *invitations) error {
	for _, issued := range answer.GetInvitations() {
		if issued.GetCode() == "" { // the first answer was lost on its way, and a repeated one holds no codes
			return hinted(line{}, tell("cli.wrong.code.lost", issued.GetInvitation().GetName()))
		}
	}
	if len(answer.GetInvitations()) == 0 { // no file either
		a.aside().paragraph("", a.voice().say("cli.invite.nobody"))
		if a.settings.output == "table" {
			return nil
		}
		return show(a, answer, nil, invitedColumns(asked.out == ""))
	}
	if asked.out != "" {
		deck := &card.Deck{Catalog: a.catalog, Invitations: answer.GetInvitations(), Language: a.language(), Address: asked.address}
		write := deck.CSV
		if strings.EqualFold(filepath.Ext(asked.out), ".html") {
			write = deck.HTML
		}
		content, err := write()
		if err == nil {
			err = a.writeFile(asked.out, 0o600, func(w io.Writer) error { _, err := w.Write(content); return err })
		}
		if err != nil {
			return err
		}
		for _, issued := range answer.GetInvitations() {
			issued.Code = "" // in the file only
		}
	}
	if err := show(a, answer, answer.GetInvitations(), invitedColumns(asked.out == "")); err != nil || a.settings.output != "table" {
		return err
	}
	v, p := a.voice(), a.aside()
	expires := "date:" + answer.GetInvitations()[0].GetInvitation().GetExpireTime().AsTime().Format("2006-01-02")
	p.paragraph("", v.say("cli.invite.until", expires))
	if left := answer.GetRemaining(); left > 0 {
		p.paragraph("", v.say("cli.invite.left", catalog.Number(int(left))))
	}
	return nil
}

func invitedColumns(codes bool) []column[*tandemv1.IssuedInvitation] {
	type issued = *tandemv1.IssuedInvitation
	columns := []column[issued]{
		{key: "firm", cell: func(_ voice, i issued) string { return i.GetInvitation().GetFirm() }},
		{key: "display_name", cell: func(v voice, i issued) string {
			return v.firm(&tandemv1.Firm{DisplayName: i.GetDisplayName(), NativeName: i.GetNativeName()})
		}, wide: true},
		{key: "email", cell: func(_ voice, i issued) string { return i.GetContact().GetEmail() }},
	}
	if codes {
		columns = append(columns, column[issued]{key: "code", cell: func(_ voice, i issued) string { return i.GetCode() }})
	}
	return columns
}

func (a *app) invitationCommand() *cobra.Command {
	return group(&cobra.Command{Use: "invitation"},
		a.invitationListCommand(), a.invitationRevokeCommand())
}

func (a *app) invitationListCommand() *cobra.Command {
	var firm string
	var limit int
	cmd := &cobra.Command{
		Use:  "list",
		Args: wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			request := new(tandemv1.ListInvitationsRequest)
			if firm != "" {
				request.Firm = firmName(firm)
			}
			answer := new(tandemv1.ListInvitationsResponse)
			answer.Invitations, err = all(limit, func(size int32, token string) ([]*tandemv1.Invitation, string, error) {
				request.PageSize, request.PageToken = size, token
				page, err := tandemv1.NewInvitationServiceClient(conn).ListInvitations(cmd.Context(), request)
				return page.GetInvitations(), page.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			return show(a, answer, answer.Invitations, invitationColumns())
		},
	}
	cmd.Flags().StringVar(&firm, "firm", "", "")
	return limited(a.prints(a.talks(cmd)), &limit)
}

func (a *app) invitationRevokeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:  "revoke INVITATION",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			invitation, err := tandemv1.NewInvitationServiceClient(conn).RevokeInvitation(cmd.Context(),
				&tandemv1.RevokeInvitationRequest{Name: named("invitations", args[0]), RequestId: requestID()})
			if err != nil {
				return err
			}
			return show(a, invitation, []*tandemv1.Invitation{invitation}, invitationColumns())
		},
	}
	return a.prints(a.talks(cmd))
}

func invitationColumns() []column[*tandemv1.Invitation] {
	type invitation = *tandemv1.Invitation
	return []column[invitation]{
		{key: "name", cell: func(_ voice, i invitation) string { return i.GetName() }},
		{key: "firm", cell: func(_ voice, i invitation) string { return i.GetFirm() }},
		{key: "state", cell: func(v voice, i invitation) string { return v.enum("cli.invitation_state", i.GetState()) }},
		{key: "create_time", cell: func(v voice, i invitation) string { return v.moment(i.GetCreateTime()) }},
		{key: "expire_time", cell: func(v voice, i invitation) string { return v.moment(i.GetExpireTime()) }},
		{key: "claim_time", cell: func(v voice, i invitation) string { return v.moment(i.GetClaimTime()) }},
	}
}
