package main

import (
	"bufio"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) claimCommand() *cobra.Command {
	var keep string
	var sure bool
	cmd := &cobra.Command{
		Use:     "claim CODE",
		Example: "  tandem claim 7KQM-2XW9-4HTR-C0DS --keep-credential tandem.credential",
		Args:    wants(1, 4), // as people copy it: with spaces
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.fresh(keep); err != nil {
				return err
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			client := tandemv1.NewInvitationServiceClient(conn)
			request := &tandemv1.ClaimFirmRequest{Code: strings.Join(args, "-")}
			if !sure {
				look := &tandemv1.ClaimFirmRequest{Code: request.Code, ValidateOnly: true}
				whose, err := client.ClaimFirm(cmd.Context(), look)
				if err != nil {
					return err
				}
				if err := a.makeSure(whose.GetFirm()); err != nil {
					return err
				}
			}
			request.RequestId = requestID()
			answer, err := client.ClaimFirm(cmd.Context(), request)
			if err != nil {
				return err
			}
			return a.showClaim(answer, keep)
		},
	}
	cmd.Flags().StringVar(&keep, "keep-credential", "", "")
	cmd.Flags().BoolVar(&sure, "yes", false, "")
	return a.prints(a.dials(cmd))
}

// makeSure asks whether the firm of a code is the reader's own.
func (a *app) makeSure(firm *tandemv1.Firm) error {
	v := a.voice()
	whose := printable(bothNames(v, firm))
	if !interactive(a.stdin) { // a code is good once, so that nobody's silence uses it up
		return usage(tell("cli.hint.claim.sure"), tell("cli.claim.unasked", whose))
	}
	a.aside().question(v.say("cli.claim.sure", catalog.Literal(whose)))
	said, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil || !affirmed(said) {
		return hinted(line{}, tell("cli.claim.left"))
	}
	return nil
}

// affirmed tells whether somebody said yes, in any of the languages.
func affirmed(said string) bool {
	switch strings.ToLower(strings.TrimSpace(said)) {
	case "y", "yes", "o", "oui", "예", "네":
		return true
	}
	return false
}

// showClaim tells a firm that its profile is its own now, and gives it its credential.
func (a *app) showClaim(answer *tandemv1.ClaimFirmResponse, keep string) error {
	secret, kept := answer.GetCredential(), false
	if keep != "" && secret != "" {
		if err := a.keepSecret(keep, secret); err != nil {
			return helped(tell("cli.hint.note", secret), err)
		}
		answer.Credential, kept = "", true
	}
	firm := answer.GetFirm()
	if a.settings.output != "table" {
		return show(a, answer, []*tandemv1.Firm{firm}, firmColumns())
	}
	p, v := a.page(), a.voice()
	writeProfile(p, v, firm)
	p.line()
	p.paragraph("", v.say("cli.claim.done", catalog.Literal(v.firm(firm))))
	p.line()
	expires := "date:" + answer.GetCredentialExpireTime().AsTime().Format("2006-01-02")
	switch {
	case kept:
		p.paragraph("", v.say("cli.register.kept", catalog.Literal(keep), expires))
	case secret != "":
		p.line(v.say("cli.register.credential"))
		p.line()
		p.line("  ", secret)
		p.line()
		p.paragraph("", v.say("cli.register.keep", expires))
	default: // the first answer was lost on its way, and a repeated one holds no secret
		p.paragraph("", v.say("cli.claim.lost"))
	}
	return nil
}
