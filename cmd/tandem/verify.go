package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/server/store"
)

func (a *app) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "verify",
		Example: "  tandem verify --db tandem.db",
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.verify(cmd)
		},
	}
	cmd.Flags().StringVar(&a.settings.db, "db", "", "")
	return cmd
}

func (a *app) verify(cmd *cobra.Command) error {
	if a.settings.db == "" {
		return usage(asIn("tandem verify --db tandem.db"), tell("cli.wrong.db.check"))
	}
	if _, err := os.Stat(a.settings.db); err != nil { // opening would create it
		return helped(tell("cli.hint.served"), err)
	}
	s, err := store.Open(cmd.Context(), a.settings.db, store.Options{Now: a.now})
	if err != nil {
		return a.unopened(err)
	}
	findings, err := s.Verify(cmd.Context())
	settings, unread := s.Settings(cmd.Context())
	if err := errors.Join(err, unread, s.Close()); err != nil {
		return err
	}
	for _, setting := range settings {
		fmt.Fprintf(a.stdout, "%s %s: %s\n", setting.On, setting.Name, setting.Value)
	}
	for _, finding := range findings {
		fmt.Fprintln(a.stdout, finding)
	}
	if len(findings) > 0 {
		return hinted(tell("cli.hint.backup"), tell("cli.wrong.findings", a.settings.db, len(findings)))
	}
	fmt.Fprintln(a.stdout, tell("cli.verified", a.settings.db).in(a.voice()))
	return nil
}
