package main

import (
	"strings"

	"github.com/spf13/cobra"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) suggestNeedsCommand() *cobra.Command {
	request := new(tandemv1.SuggestNeedsRequest)
	cmd := &cobra.Command{
		Use:     "suggest-needs FIRM",
		Example: "  tandem suggest-needs me\n  tandem suggest-needs algoma-steel --top 5 --lang fr",
		Args:    wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Firm, request.Language = firmName(args[0]), a.protoLanguage()
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			answer, err := tandemv1.NewFirmServiceClient(conn).SuggestNeeds(cmd.Context(), request)
			if err != nil {
				return err
			}
			return show(a, answer, answer.GetSuggestions(), needSuggestionColumns())
		},
	}
	cmd.Flags().Int32Var(&request.Top, "top", 10, "")
	return a.prints(a.talks(cmd))
}

func needSuggestionColumns() []column[*tandemv1.NeedSuggestion] {
	type suggestion = *tandemv1.NeedSuggestion
	return []column[suggestion]{
		{key: "capability", cell: func(_ voice, s suggestion) string { return s.GetCapability() }},
		{key: "display_name", cell: func(v voice, s suggestion) string { return v.text(s.GetDisplayName()) }},
		{key: "aim", cell: func(v voice, s suggestion) string { return v.enum("aim", s.GetAim()) }},
		{key: "modes", machine: true, cell: func(_ voice, s suggestion) string {
			modes := make([]string, len(s.GetModes()))
			for i, m := range s.GetModes() {
				modes[i] = m.String()
			}
			return strings.Join(modes, " ")
		}},
		{key: "reason", wide: true, prose: true, cell: func(v voice, s suggestion) string {
			reasons := make([]string, len(s.GetReasons()))
			for i, r := range s.GetReasons() {
				reasons[i] = v.sentence(r)
			}
			return strings.Join(reasons, " ")
		}},
	}
}
