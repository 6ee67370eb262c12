package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) credentialCommand() *cobra.Command {
	return group(&cobra.Command{Use: "credential"},
		a.credentialCreateCommand(), a.credentialListCommand(), a.credentialRevokeCommand())
}

func (a *app) credentialCreateCommand() *cobra.Command {
	request := new(tandemv1.CreateCredentialRequest)
	var role, firm, keep string
	var days int
	cmd := &cobra.Command{
		Use: "create",
		Example: "  tandem credential create --db tandem.db --role organiser --name \"Jane Doe\" --keep organiser.credential\n" +
			"  tandem credential create --firm algoma-steel",
		Args: wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if firm != "" {
				request.Firm = firmName(firm)
				if role == "" {
					role = "firm"
				}
			}
			if role == "" {
				return usage(asIn("--role organiser"), tell("cli.wrong.role.missing", names[tandemv1.Credential_Role]()))
			}
			if request.Role, err = enum[tandemv1.Credential_Role]("--role", role); err != nil {
				return err
			}
			if most := mostDays(request.GetRole()); days < 0 || days > most {
				return usage(asIn("--days 30"), tell("cli.wrong.between", "--days", days, 0, most))
			}
			if days > 0 {
				request.Ttl = durationpb.New(time.Duration(days) * 24 * time.Hour)
			}
			if err := a.fresh(keep); err != nil {
				return err
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			request.RequestId = requestID()
			answer, err := tandemv1.NewCredentialServiceClient(conn).CreateCredential(cmd.Context(), request)
			if err != nil {
				return err
			}
			return a.showSecret(answer, keep)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&role, "role", "", "")
	choices(cmd, "role", "organiser", "auditor", "integration", "firm")
	flags.StringVar(&firm, "firm", "", "")
	flags.StringVar(&request.DisplayName, "name", "", "")
	flags.IntVar(&days, "days", 0, "")
	flags.StringVar(&keep, "keep", "", "")
	return a.prints(a.talks(cmd))
}

// mostDays is how long a credential may live.
func mostDays(role tandemv1.Credential_Role) int {
	if role == tandemv1.Credential_FIRM {
		return 180
	}
	return 90
}

// showSecret prints a new credential: its secret alone on stdout, everything about it on stderr, so that it can be piped.
func (a *app) showSecret(answer *tandemv1.CreateCredentialResponse, keep string) error {
	secret := answer.GetSecret()
	if secret == "" { // the first answer was lost on its way, and a repeated one holds no secret
		name := answer.GetCredential().GetName()
		return hinted(tell("cli.hint.revoke", name), tell("cli.wrong.secret.lost", name))
	}
	if keep != "" {
		if err := a.keepSecret(keep, secret); err != nil {
			return helped(tell("cli.hint.note", secret), err)
		}
		answer.Secret = ""
	}
	if a.settings.output != "table" {
		return show(a, answer, []*tandemv1.Credential{answer.GetCredential()}, credentialColumns())
	}
	if keep == "" {
		fmt.Fprintln(a.stdout, secret)
	}
	expires := answer.GetCredential().GetExpireTime().AsTime().Format("2006-01-02")
	v := a.voice()
	fmt.Fprintln(a.stderr, v.say("cli.credential.issued", catalog.Literal(answer.GetCredential().GetName()),
		"role:"+answer.GetCredential().GetRole().String(), "date:"+expires))
	return nil
}

func (a *app) credentialListCommand() *cobra.Command {
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
			answer := new(tandemv1.ListCredentialsResponse)
			answer.Credentials, err = all(limit, func(size int32, token string) ([]*tandemv1.Credential, string, error) {
				page, err := tandemv1.NewCredentialServiceClient(conn).ListCredentials(cmd.Context(),
					&tandemv1.ListCredentialsRequest{PageSize: size, PageToken: token})
				return page.GetCredentials(), page.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			return show(a, answer, answer.Credentials, credentialColumns())
		},
	}
	return limited(a.prints(a.talks(cmd)), &limit)
}

func (a *app) credentialRevokeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:  "revoke CREDENTIAL",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			credential, err := tandemv1.NewCredentialServiceClient(conn).RevokeCredential(cmd.Context(),
				&tandemv1.RevokeCredentialRequest{Name: named("credentials", args[0])})
			if err != nil {
				return err
			}
			return show(a, credential, []*tandemv1.Credential{credential}, credentialColumns())
		},
	}
	return a.prints(a.talks(cmd))
}

func credentialColumns() []column[*tandemv1.Credential] {
	type credential = *tandemv1.Credential
	return []column[credential]{
		{key: "name", cell: func(_ voice, c credential) string { return c.GetName() }},
		{key: "role", cell: func(v voice, c credential) string { return v.enum("role", c.GetRole()) }},
		{key: "firm", cell: func(_ voice, c credential) string { return c.GetFirm() }},
		{key: "holder", cell: func(_ voice, c credential) string { return c.GetDisplayName() }, wide: true},
		{key: "create_time", cell: func(v voice, c credential) string { return v.moment(c.GetCreateTime()) }},
		{key: "expire_time", cell: func(v voice, c credential) string { return v.moment(c.GetExpireTime()) }},
		{key: "revoke_time", cell: func(v voice, c credential) string { return v.moment(c.GetRevokeTime()) }},
	}
}
