package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:  "version",
		Args: wants(0, 0),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(a.stdout, "tandem %s\n%s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			fmt.Fprintln(a.stdout, a.voice().say("cli.version.vocabulary", catalog.Literal("sha256:"+a.catalog.Digest())))
			return nil
		},
	}
}

// version is the module's version, or the revision it was built from.
func version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if build.Main.Version != "" && build.Main.Version != "(devel)" {
		return build.Main.Version
	}
	for _, setting := range build.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return "devel"
}
