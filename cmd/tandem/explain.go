package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) explainCommand() *cobra.Command {
	request := new(tandemv1.ExplainPairingRequest)
	cmd := &cobra.Command{
		Use:     "explain FIRM FIRM",
		Example: "  tandem explain algoma-steel hanwha-ocean --lang ko",
		Args:    wants(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			first, second := strings.TrimPrefix(args[0], "firms/"), strings.TrimPrefix(args[1], "firms/")
			request.Name, request.Language = "pairings/"+first+"~"+second, a.protoLanguage()
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			answer, err := tandemv1.NewPairingServiceClient(conn).ExplainPairing(cmd.Context(), request)
			if err != nil {
				return err
			}
			if a.settings.output != "table" {
				return show(a, answer, answer.GetPairing().GetComponents(), componentColumns())
			}
			writeExplanation(a.page(), a.voice(), answer)
			return nil
		},
	}
	cmd.Flags().Int32Var(&request.Top, "top", 0, "")
	return a.prints(a.talks(cmd))
}

func componentColumns() []column[*tandemv1.Component] {
	type part = *tandemv1.Component
	return []column[part]{
		{key: "kind", cell: func(v voice, c part) string { return v.enum("cli.component", c.GetKind()) }},
		{key: "points", cell: func(v voice, c part) string { return v.number(c.GetPoints()) }, number: true},
		{key: "max_points", cell: func(v voice, c part) string { return v.number(c.GetMaxPoints()) }, number: true},
		{key: "relation", cell: func(v voice, c part) string { return v.enum("cli.relation", c.GetRelation()) }},
		{key: "reason", cell: func(v voice, c part) string { return v.sentence(c.GetReason()) }, wide: true, prose: true},
	}
}

// writeExplanation prints a pairing as one reads it: whether and why, what stands in the way, by which routes.
func writeExplanation(p page, v voice, answer *tandemv1.ExplainPairingResponse) {
	if answer.GetPairing() != nil {
		writePairing(p, v, answer.GetPairing())
	}
	p.line()
	if !answer.GetProposed() {
		p.paragraph("", v.say("cli.explain.not_proposed"))
	}
	p.paragraph("", v.sentence(answer.GetCauseReason()))
}

func writePairing(p page, v voice, pairing *tandemv1.Pairing) {
	p.paragraph("", bothNames(v, pairing.GetFirst())+" ~ "+bothNames(v, pairing.GetSecond()))
	score := ""
	if pairing.GetTier() != tandemv1.Pairing_TIER_UNSPECIFIED {
		score = v.say("cli.explain.score", catalog.Number(int(pairing.GetScore())))
	}
	standing := joined(" · ", v.enum("band", pairing.GetBand()), score, v.enum("mode", pairing.GetPrimaryMode()), v.enum("cli.tier", pairing.GetTier()))
	if standing != "" {
		p.line(standing)
	}
	for _, reason := range pairing.GetReasons() {
		p.paragraph("  ", v.sentence(reason))
	}
	writeParts(p, v, pairing)
	writeGate(p, v, pairing.GetGate())
	writeRoutes(p, v, pairing)
	for _, notice := range pairing.GetNotices() {
		p.line()
		p.paragraph("", v.sentence(notice))
	}
}

// writeParts prints the parts of the score, which sum to it, with the words of the two firms.
func writeParts(p page, v voice, pairing *tandemv1.Pairing) {
	if len(pairing.GetComponents()) == 0 {
		return
	}
	p.heading(v.say("cli.explain.parts"))
	for _, c := range pairing.GetComponents() {
		p.paragraph(points(v, c.GetPoints()), v.sentence(c.GetReason()))
		for _, item := range []*tandemv1.Component_Item{c.GetNeed(), c.GetOffer()} {
			if words := v.own(item.GetDetail(), item.GetDetailNative()); words != "" {
				p.paragraph(strings.Repeat(" ", 12), v.labelled(partyName(v, pairing, item.GetFirm()), v.say("cli.quoted", catalog.Literal(words))))
			}
		}
	}
	p.paragraph(points(v, pairing.GetScore()), v.say("cli.explain.sum"))
}

// points sets a number of points in a column of its own.
func points(v voice, n int32) string {
	number := v.number(n)
	return strings.Repeat(" ", max(0, 8-width(number))) + number + "  "
}

// partyName names one of the two firms of a pairing.
func partyName(v voice, p *tandemv1.Pairing, firm string) string {
	for _, f := range []*tandemv1.Firm{p.GetFirst(), p.GetSecond()} {
		if f.GetName() == firm {
			return v.firm(f)
		}
	}
	return ""
}

func writeGate(p page, v voice, gate *tandemv1.Gate) {
	if gate.GetState() == tandemv1.Gate_STATE_UNSPECIFIED {
		return
	}
	p.heading(v.say("cli.explain.gate", "gate:"+gate.GetState().String()))
	for _, item := range gate.GetItems() {
		p.paragraph("  ", joined(" · ", v.sentence(item.GetAction()), item.GetAsOf()))
	}
}

func writeRoutes(p page, v voice, pairing *tandemv1.Pairing) {
	var frameworks, gaps, programs, venues []*tandemv1.Sentence
	for _, use := range pairing.GetFrameworks() {
		frameworks = append(frameworks, use.GetReason())
	}
	for _, use := range pairing.GetFrameworkGaps() {
		gaps = append(gaps, use.GetReason())
	}
	for _, use := range pairing.GetPrograms() {
		programs = append(programs, use.GetReason())
	}
	if venue := pairing.GetVenue(); venue != nil {
		venues = append(venues, venue.GetReason())
	}
	for _, section := range []struct {
		title string
		lines []*tandemv1.Sentence
	}{
		{"cli.explain.frameworks", frameworks}, {"cli.explain.gaps", gaps}, {"cli.explain.programs", programs}, {"cli.explain.venue", venues},
	} {
		if len(section.lines) == 0 {
			continue
		}
		p.heading(v.say(section.title))
		for _, sentence := range section.lines {
			p.paragraph("  ", v.sentence(sentence))
		}
	}
}
