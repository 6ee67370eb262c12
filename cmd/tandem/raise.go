package main

import (
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// frameworkRaiseCommand marks a framework or dialogue, so that the next run's report to ministers has it.
func (a *app) frameworkRaiseCommand() *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use:     "raise FRAMEWORK",
		Example: "  tandem catalog frameworks raise gsia\n  tandem catalog frameworks raise gsia --undo",
		Args:    wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			answer, err := tandemv1.NewCatalogServiceClient(conn).UpdateFramework(cmd.Context(), &tandemv1.UpdateFrameworkRequest{
				Framework:  &tandemv1.Framework{Name: named("frameworks", args[0]), Raised: !undo},
				UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"raised"}}, RequestId: requestID(),
			})
			if err != nil {
				return err
			}
			return show(a, answer, []*tandemv1.Framework{answer}, frameworkShelf().columns)
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "")
	return a.prints(a.talks(cmd))
}
