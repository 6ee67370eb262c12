package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// registration is what a register command was asked for.
type registration struct {
	cmd           *cobra.Command
	attested, dry bool
	keep          string // where the credential goes
	out           string // where the answers go, where they were asked for
}

func (a *app) registerCommand() *cobra.Command {
	r := new(registration)
	r.cmd = &cobra.Command{
		Use: "register [FILE]",
		Example: "  tandem register --lang ko\n" +
			"  tandem register firm.yaml --attest --keep-credential tandem.credential",
		Args: wants(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 1:
				return a.registerFile(args[0], r)
			case !interactive(a.stdin):
				return usage(asIn("tandem register firm.yaml"), tell("cli.wrong.few", r.cmd.CommandPath()))
			}
			if err := a.fresh(r.keep); err != nil {
				return err
			}
			return a.registerByAsking(r)
		},
	}
	attesting(r.cmd, &r.attested)
	r.cmd.Flags().StringVar(&r.keep, "keep-credential", "", "")
	r.cmd.Flags().StringVarP(&r.out, "out", "o", "firm.yaml", "")
	r.cmd.Flags().BoolVar(&r.dry, "validate-only", false, "")
	return a.prints(a.dials(r.cmd))
}

// registerFile registers what a file says.
func (a *app) registerFile(name string, r *registration) error {
	file, err := a.readFirmFile(name)
	if err != nil {
		return err
	}
	if r.attested, err = a.attest(r.attested); err != nil {
		return err
	}
	if err := a.fresh(r.keep); err != nil {
		return err
	}
	conn, end, err := a.connect(r.cmd)
	if err != nil {
		return err
	}
	defer end() //nolint:errcheck // the answer says whether it was written
	answer, err := tandemv1.NewFirmServiceClient(conn).RegisterFirm(r.cmd.Context(), &tandemv1.RegisterFirmRequest{
		Firm: file.firm, Attested: r.attested, ValidateOnly: r.dry, RequestId: requestID(),
	})
	if err != nil {
		return file.locate(err, a.language())
	}
	return a.showRegistration(answer, r.keep, r.dry)
}

// showRegistration tells a newcomer what became of its file.
func (a *app) showRegistration(answer *tandemv1.RegisterFirmResponse, keep string, dry bool) error {
	kept := false
	if keep != "" && answer.GetCredential() != "" {
		secret := answer.GetCredential()
		if err := a.keepSecret(keep, secret); err != nil {
			return helped(tell("cli.hint.note", secret), err)
		}
		answer.Credential, kept = "", true
	}
	if a.settings.output != "table" {
		return show(a, answer, answer.GetMappings(), mappingColumns())
	}
	a.tellRegistered(answer, keep, kept, dry)
	return nil
}

func (a *app) tellRegistered(answer *tandemv1.RegisterFirmResponse, keep string, kept, dry bool) {
	p, v, firm := a.page(), a.voice(), answer.GetFirm()
	say := func(key string, args ...string) {
		p.line()
		p.paragraph("", v.say(key, args...))
	}
	p.line(printable(joined(" · ", bothNames(v, firm), firm.GetName(), v.enum("cli.firm_state", firm.GetState()))))
	if len(answer.GetMappings()) > 0 {
		say("cli.register.mappings")
		p.line()
		showTable(a.stdout, v, a.columns(0), answer.GetMappings(), mappingColumns())
	}
	if len(firm.GetMissing()) > 0 {
		say("cli.firm.missing", catalog.Literal(strings.Join(firm.GetMissing(), ", ")))
	}
	expires := "date:" + answer.GetCredentialExpireTime().AsTime().Format("2006-01-02")
	switch {
	case dry:
		say("cli.register.validated")
		return
	case kept:
		say("cli.register.kept", catalog.Literal(keep), expires)
	case answer.GetCredential() != "":
		say("cli.register.credential")
		p.line()
		p.line("  ", answer.GetCredential())
		say("cli.register.keep", expires)
	default: // the first answer was lost on its way, and a repeated one holds no secret
		say("cli.register.lost")
	}
	if firm.GetState() == tandemv1.Firm_PENDING {
		say("cli.register.pending")
	}
}

func mappingColumns() []column[*tandemv1.CapabilityMapping] {
	type mapping = *tandemv1.CapabilityMapping
	return []column[mapping]{
		{key: "field", cell: func(v voice, m mapping) string { return v.item(m.GetField()) }},
		{key: "text", cell: func(_ voice, m mapping) string { return m.GetText() }, wide: true},
		{key: "capability", cell: func(_ voice, m mapping) string { return m.GetCapability() }},
		{key: "display_name", cell: func(v voice, m mapping) string { return v.text(m.GetDisplayName()) }, wide: true},
	}
}

// attesting gives a command that writes free text the flag of the writer's statement.
func attesting(cmd *cobra.Command, attested *bool) {
	cmd.Flags().BoolVar(attested, "attest", false, "")
}

// attest returns the writer's statement: given as a flag, or asked for where somebody is there to answer.
func (a *app) attest(given bool) (bool, error) {
	if given {
		return true, nil
	}
	hint := tell("cli.hint.attest")
	if !interactive(a.stdin) {
		return false, usage(hint, tell("cli.wrong.attest"))
	}
	a.aside().question(a.voice().say("cli.attest.question"))
	answer, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil {
		return false, hinted(hint, tell("cli.wrong.answer", err))
	}
	if affirmed(answer) {
		return true, nil
	}
	return false, hinted(hint, tell("cli.wrong.unattested"))
}

// keepSecret writes a secret to a new file that only its owner can read.
func (a *app) keepSecret(name, secret string) error {
	return a.writeFile(name, 0o600, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, secret)
		return err
	})
}
