package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) pairingsCommand() *cobra.Command {
	request := new(tandemv1.ListPairingsRequest)
	var condition string
	var limit int
	cmd := &cobra.Command{
		Use: "pairings [PAIRING]",
		Example: "  tandem pairings --condition cpsp\n" +
			"  tandem pairings --filter 'primary_mode = \"CO_DEVELOPMENT\" AND theme = \"focus-space\"' --limit 20",
		Args: wants(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			client := tandemv1.NewPairingServiceClient(conn)
			if len(args) == 1 {
				return a.showPairing(cmd, client, named("pairings", args[0]))
			}
			if condition != "" {
				request.Filter = joined(" AND ", "condition = "+strconv.Quote(condition), bracketed(request.GetFilter()))
			}
			request.Language = a.protoLanguage()
			answer := new(tandemv1.ListPairingsResponse)
			answer.Pairings, err = all(limit, func(size int32, token string) ([]*tandemv1.Pairing, string, error) {
				request.PageSize, request.PageToken = size, token
				page, err := client.ListPairings(cmd.Context(), request)
				return page.GetPairings(), page.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			if err := show(a, answer, answer.Pairings, pairingColumns(answer.Pairings)); err != nil {
				return err
			}
			a.noticePairings(answer.Pairings)
			return nil
		},
	}
	cmd.Flags().StringVar(&condition, "condition", "", "")
	cmd.Flags().StringVar(&request.Filter, "filter", "", "")
	return limited(a.prints(a.talks(cmd)), &limit)
}

func (a *app) showPairing(cmd *cobra.Command, client tandemv1.PairingServiceClient, name string) error {
	pairing, err := client.GetPairing(cmd.Context(), &tandemv1.GetPairingRequest{Name: name, Language: a.protoLanguage()})
	if err != nil {
		return err
	}
	if a.settings.output != "table" {
		return show(a, pairing, []*tandemv1.Pairing{pairing}, pairingColumns([]*tandemv1.Pairing{pairing}))
	}
	writePairing(a.page(), a.voice(), pairing)
	return nil
}

func bracketed(filter string) string {
	if filter == "" {
		return ""
	}
	return fmt.Sprintf("(%s)", filter)
}

// pairingColumns describe both firms of a pairing. A firm sees no scores, so that its table has no columns for them.
func pairingColumns(pairings []*tandemv1.Pairing) []column[*tandemv1.Pairing] {
	type pairing = *tandemv1.Pairing
	columns := []column[pairing]{
		{key: "first", cell: func(v voice, p pairing) string { return starred(v, p.GetFirst()) }},
		{key: "second", cell: func(v voice, p pairing) string { return starred(v, p.GetSecond()) }},
		{key: "band", cell: func(v voice, p pairing) string { return v.enum("band", p.GetBand()) }},
	}
	scored := false
	for _, p := range pairings {
		scored = scored || p.GetScore() > 0
	}
	if scored {
		columns = append(columns,
			column[pairing]{key: "score", cell: func(v voice, p pairing) string { return v.number(p.GetScore()) }, number: true},
			column[pairing]{key: "tier", cell: func(v voice, p pairing) string { return v.enum("cli.tier", p.GetTier()) }, machine: true},
			column[pairing]{key: "gate", cell: func(v voice, p pairing) string { return v.enum("gate", p.GetGate().GetState()) }, machine: true},
		)
	}
	return append(columns,
		column[pairing]{key: "primary_mode", cell: func(v voice, p pairing) string { return v.enum("mode", p.GetPrimaryMode()) }},
		column[pairing]{key: "reason", cell: firstReason, wide: true, prose: true},
		column[pairing]{key: "pairing", cell: func(_ voice, p pairing) string { return p.GetName() }, machine: true},
	)
}
