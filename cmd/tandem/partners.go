package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) partnersCommand() *cobra.Command {
	request := new(tandemv1.FindPartnersRequest)
	var kinds, sizes, modes []string
	var gate string
	var watch bool
	cmd := &cobra.Command{
		Use:     "partners FIRM",
		Example: "  tandem partners algoma-steel --top 5 --mode CO_DEVELOPMENT --lang fr",
		Args:    wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			request.Firm, request.Language = firmName(args[0]), a.protoLanguage()
			var err error
			if request.Kinds, err = enums[tandemv1.Firm_Kind]("--kind", kinds); err != nil {
				return err
			}
			if request.Sizes, err = enums[tandemv1.Firm_Size]("--size", sizes); err != nil {
				return err
			}
			if request.Modes, err = enums[tandemv1.Mode]("--mode", modes); err != nil {
				return err
			}
			if request.GateAtMost, err = enum[tandemv1.Gate_State]("--gate-at-most", gate); err != nil {
				return err
			}
			if watch {
				if err := a.watchable(cmd); err != nil {
					return err
				}
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			if watch {
				return a.watchPartners(cmd.Context(), tandemv1.NewPairingServiceClient(conn), &tandemv1.WatchPartnersRequest{Firm: request.GetFirm(), Language: request.GetLanguage()})
			}
			answer, err := tandemv1.NewPairingServiceClient(conn).FindPartners(cmd.Context(), request)
			if err != nil {
				return err
			}
			if err := show(a, answer, answer.GetPairings(), partnerColumns(request.GetFirm())); err != nil {
				return err
			}
			a.noticePairings(answer.GetPairings())
			return nil
		},
	}
	flags := cmd.Flags()
	flags.Int32Var(&request.Top, "top", 10, "")
	flags.StringVar(&request.Capability, "capability", "", "")
	flags.StringSliceVar(&kinds, "kind", nil, "")
	choices(cmd, "kind", valueNames[tandemv1.Firm_Kind]()...)
	flags.StringSliceVar(&sizes, "size", nil, "")
	choices(cmd, "size", valueNames[tandemv1.Firm_Size]()...)
	flags.StringSliceVar(&request.Regions, "region", nil, "")
	flags.StringSliceVar(&modes, "mode", nil, "")
	choices(cmd, "mode", valueNames[tandemv1.Mode]()...)
	flags.StringVar(&request.Program, "program", "", "")
	flags.StringVar(&request.Framework, "framework", "", "")
	flags.StringVar(&gate, "gate-at-most", "", "")
	choices(cmd, "gate-at-most", valueNames[tandemv1.Gate_State]()...)
	flags.BoolVar(&watch, "watch", false, "")
	return a.prints(a.talks(cmd))
}

// partnerColumns describe the other firm of each pairing.
func partnerColumns(firm string) []column[*tandemv1.Pairing] {
	type pairing = *tandemv1.Pairing
	partner := func(p pairing) *tandemv1.Firm {
		if p.GetFirst().GetName() == firm {
			return p.GetSecond()
		}
		return p.GetFirst()
	}
	return []column[pairing]{
		{key: "rank", number: true, cell: func(v voice, p pairing) string {
			if p.GetFirst().GetName() == firm {
				return v.number(p.GetFirstRank())
			}
			return v.number(p.GetSecondRank())
		}},
		{key: "partner", cell: func(v voice, p pairing) string { return starred(v, partner(p)) }},
		{key: "firm", cell: func(_ voice, p pairing) string { return strings.TrimPrefix(partner(p).GetName(), "firms/") }, prose: true},
		{key: "band", cell: func(v voice, p pairing) string { return v.enum("band", p.GetBand()) }},
		{key: "score", cell: func(v voice, p pairing) string { return v.number(p.GetScore()) }, number: true},
		{key: "primary_mode", cell: func(v voice, p pairing) string { return v.enum("mode", p.GetPrimaryMode()) }},
		{key: "gate", cell: func(v voice, p pairing) string { return v.enum("gate", p.GetGate().GetState()) }, machine: true},
		{key: "reason", cell: firstReason, wide: true, prose: true},
	}
}

// starred names a firm; a star marks a compiled profile, which the notice below the table explains.
func starred(v voice, f *tandemv1.Firm) string {
	if !v.raw && f.GetNeedsInferred() {
		return v.firm(f) + "*"
	}
	return v.firm(f)
}

// firstReason is the best of a pairing's reasons.
func firstReason(v voice, p *tandemv1.Pairing) string {
	if len(p.GetReasons()) == 0 {
		return ""
	}
	return v.sentence(p.GetReasons()[0])
}

// noticePairings says below a table of pairings that profiles in it are compiled.
func (a *app) noticePairings(pairings []*tandemv1.Pairing) {
	for _, p := range pairings {
		if p.GetFirst().GetNeedsInferred() || p.GetSecond().GetNeedsInferred() {
			a.noticeCompiled(p.GetFirst(), p.GetSecond())
			return
		}
	}
}

// generatedEnum is any enum of the contract.
type generatedEnum interface {
	~int32
	protoreflect.Enum
}

// enum reads a value by its name, in any case and with dashes for underscores; "" is the unspecified one.
func enum[E generatedEnum](flag, word string) (E, error) {
	if word == "" {
		return 0, nil
	}
	name := strings.ToUpper(strings.ReplaceAll(word, "-", "_"))
	value := E(0).Descriptor().Values().ByName(protoreflect.Name(name))
	if value == nil || value.Number() == 0 {
		return 0, usage(asIn(flag+" "+firstName[E]()), tell("cli.wrong.unknown", flag, word, names[E]()))
	}
	return E(value.Number()), nil
}

func enums[E generatedEnum](flag string, words []string) ([]E, error) {
	values := make([]E, 0, len(words))
	for _, word := range words {
		value, err := enum[E](flag, word)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

// valueNames lists the names of an enum's values without the unspecified one.
func valueNames[E generatedEnum]() []string {
	values := E(0).Descriptor().Values()
	list := make([]string, 0, values.Len())
	for i := range values.Len() {
		if values.Get(i).Number() != 0 {
			list = append(list, string(values.Get(i).Name()))
		}
	}
	return slices.Clip(list)
}

func names[E generatedEnum]() string     { return strings.Join(valueNames[E](), ", ") }
func firstName[E generatedEnum]() string { return valueNames[E]()[0] }
