package main

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/server"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
)

func (a *app) templateCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "template",
		Example: "  tandem template --lang ko -o firms.xlsx",
		Args:    wants(0, 0),
		RunE: func(*cobra.Command, []string) error {
			if extension := strings.ToLower(filepath.Ext(out)); extension != ".xlsx" && out != "-" {
				return usage(asIn("tandem template -o firms.xlsx"), tell("cli.wrong.template", out))
			}
			partnership, err := a.readPartnership()
			if err != nil {
				return err
			}
			if partnership == nil {
				partnership = server.DefaultPartnership()
			}
			workbook, err := sheet.Template(a.catalog, partnership, a.language())
			if err != nil {
				return err
			}
			return a.writeFile(out, 0o644, func(w io.Writer) error {
				_, err := w.Write(workbook)
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "firms.xlsx", "")
	return a.sided(cmd)
}
