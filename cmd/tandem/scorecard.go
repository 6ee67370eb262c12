package main

import (
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/cmd/tandem/demo"
	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/scorecard"
	"github.com/canada-korea-roadshow/tandem/server"
)

func (a *app) scorecardCommand() *cobra.Command {
	var setAside bool
	var version string
	cmd := &cobra.Command{
		Use:     "scorecard",
		Example: "  tandem scorecard\n  tandem scorecard --weights v1",
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			weights, err := matching.WeightsByVersion(version)
			if err != nil {
				return usage(asIn("--weights "+matching.CurrentVersion), tell("cli.wrong.unknown", "--weights", version, strings.Join(matching.WeightsVersions(), ", ")))
			}
			o := scorecard.Options{Workers: runtime.GOMAXPROCS(0)}
			if setAside {
				o.Half = scorecard.SetAside
			}
			profiles, err := a.shippedProfiles(&o)
			if err != nil {
				return err
			}
			card, err := scorecard.Run(cmd.Context(), a.catalog, weights, profiles, o)
			if err != nil {
				return err
			}
			return card.Write(a.stdout)
		},
	}
	cmd.Flags().BoolVar(&setAside, "set-aside", false, "")
	cmd.Flags().StringVar(&version, "weights", matching.CurrentVersion, "")
	return cmd
}

// shippedProfiles are the shipped organisations as the engine sees them; the names of their sides go into the options.
func (a *app) shippedProfiles(o *scorecard.Options) ([]matching.Profile, error) {
	content, err := io.ReadAll(demo.Firms())
	if err != nil {
		return nil, err
	}
	partnership := server.DefaultPartnership()
	for i, side := range partnership.GetSides() {
		o.SideNames[i] = side.GetDisplayName().GetEn()
	}
	firms, err := a.readFirms(&batch{}, partnership, "the shipped organisations", content)
	if err != nil {
		return nil, err
	}
	snapshot, err := server.NewSnapshot(a.catalog, partnership, firms, a.today(), 0)
	if err != nil {
		return nil, err
	}
	return server.Profiles(a.catalog, snapshot)
}
