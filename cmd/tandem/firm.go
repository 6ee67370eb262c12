package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (a *app) firmCommand() *cobra.Command {
	return group(&cobra.Command{Use: "firm"},
		a.firmListCommand(), a.firmExportCommand(), a.firmGetCommand(), a.firmUpdateCommand(),
		a.firmChangeCommand("approve",
			func(cmd *cobra.Command, firms tandemv1.FirmServiceClient, name string) (*tandemv1.Firm, error) {
				return firms.ApproveFirm(cmd.Context(), &tandemv1.ApproveFirmRequest{Name: name, RequestId: requestID()})
			}),
		a.firmChangeCommand("suspend",
			func(cmd *cobra.Command, firms tandemv1.FirmServiceClient, name string) (*tandemv1.Firm, error) {
				return firms.SuspendFirm(cmd.Context(), &tandemv1.SuspendFirmRequest{Name: name, RequestId: requestID()})
			}),
		a.firmChangeCommand("delete",
			func(cmd *cobra.Command, firms tandemv1.FirmServiceClient, name string) (*tandemv1.Firm, error) {
				return firms.DeleteFirm(cmd.Context(), &tandemv1.DeleteFirmRequest{Name: name, RequestId: requestID()})
			}),
		a.firmChangeCommand("undelete",
			func(cmd *cobra.Command, firms tandemv1.FirmServiceClient, name string) (*tandemv1.Firm, error) {
				return firms.UndeleteFirm(cmd.Context(), &tandemv1.UndeleteFirmRequest{Name: name, RequestId: requestID()})
			}),
	)
}

func (a *app) firmListCommand() *cobra.Command {
	var request tandemv1.ListFirmsRequest
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Example: `  tandem firm list --filter 'kind = "UNIVERSITY" AND capability = "underwater"' --order-by 'display_name desc'`,
		Args:    wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			answer := new(tandemv1.ListFirmsResponse)
			answer.Firms, err = all(limit, func(size int32, token string) ([]*tandemv1.Firm, string, error) {
				request.PageSize, request.PageToken = size, token
				page, err := tandemv1.NewFirmServiceClient(conn).ListFirms(cmd.Context(), &request)
				answer.TotalSize = page.GetTotalSize()
				return page.GetFirms(), page.GetNextPageToken(), err
			})
			if err != nil {
				return err
			}
			if err := show(a, answer, answer.Firms, firmColumns()); err != nil {
				return err
			}
			a.noticeCompiled(answer.Firms...)
			return nil
		},
	}
	cmd.Flags().StringVar(&request.Filter, "filter", "", "")
	cmd.Flags().StringVar(&request.OrderBy, "order-by", "", "")
	cmd.Flags().BoolVar(&request.ShowDeleted, "show-deleted", false, "")
	return limited(a.prints(a.talks(cmd)), &limit)
}

func (a *app) firmGetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:  "get FIRM",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			firm, err := tandemv1.NewFirmServiceClient(conn).GetFirm(cmd.Context(), &tandemv1.GetFirmRequest{Name: firmName(args[0])})
			if err != nil {
				return err
			}
			return a.showFirm(firm)
		},
	}
	return a.prints(a.talks(cmd))
}

func (a *app) firmUpdateCommand() *cobra.Command {
	var mask []string
	var attested, dry, missing bool
	cmd := &cobra.Command{
		Use: "update FIRM FILE",
		Example: "  tandem firm update algoma-steel firm.yaml --mask summary,needs --attest\n" +
			"  tandem firm update - firm.yaml --allow-missing --attest",
		Args: wants(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := a.readFirmFile(args[1])
			if err != nil {
				return err
			}
			if attested, err = a.attest(attested); err != nil {
				return err
			}
			file.firm.Name = firmName(args[0])
			request := &tandemv1.UpdateFirmRequest{Firm: file.firm, Attested: attested, ValidateOnly: dry, AllowMissing: missing, RequestId: requestID()}
			if len(mask) > 0 {
				request.UpdateMask = &fieldmaskpb.FieldMask{Paths: mask}
			}
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			firm, err := tandemv1.NewFirmServiceClient(conn).UpdateFirm(cmd.Context(), request)
			if err != nil {
				return file.locate(err, a.language())
			}
			return a.showFirm(firm)
		},
	}
	cmd.Flags().StringSliceVar(&mask, "mask", nil, "")
	attesting(cmd, &attested)
	cmd.Flags().BoolVar(&missing, "allow-missing", false, "")
	cmd.Flags().BoolVar(&dry, "validate-only", false, "")
	return a.prints(a.talks(cmd))
}

// firmChangeCommand makes one of the commands that change a firm's state.
func (a *app) firmChangeCommand(verb string,
	change func(*cobra.Command, tandemv1.FirmServiceClient, string) (*tandemv1.Firm, error),
) *cobra.Command {
	cmd := &cobra.Command{
		Use:  verb + " FIRM",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // the answer says whether it was written
			firm, err := change(cmd, tandemv1.NewFirmServiceClient(conn), firmName(args[0]))
			if err != nil {
				return err
			}
			return show(a, firm, []*tandemv1.Firm{firm}, firmColumns())
		},
	}
	return a.prints(a.talks(cmd))
}

func firmColumns() []column[*tandemv1.Firm] {
	type firm = *tandemv1.Firm
	return []column[firm]{
		{key: "name", cell: func(_ voice, f firm) string { return f.GetName() }},
		{key: "display_name", cell: func(v voice, f firm) string { return v.firm(f) }, wide: true},
		{key: "country", cell: func(v voice, f firm) string { return v.named("country", f.GetCountry()) }},
		{key: "region", cell: func(v voice, f firm) string { return v.named("region", f.GetRegion()) }},
		{key: "kind", cell: func(v voice, f firm) string { return v.enum("kind", f.GetKind()) }},
		{key: "size", cell: func(v voice, f firm) string { return v.enum("size", f.GetSize()) }},
		{key: "offers", cell: func(_ voice, f firm) string { return strconv.Itoa(len(f.GetOffers())) }, number: true},
		{key: "needs", cell: func(v voice, f firm) string { return needsCount(v, f) }, number: true},
		{key: "state", cell: func(v voice, f firm) string { return v.enum("cli.firm_state", f.GetState()) }},
		{key: "provenance", cell: func(v voice, f firm) string { return v.enum("provenance", f.GetProvenance()) }, machine: true},
	}
}

// needsCount counts needs; a star marks inferred ones, which the notice below the table explains.
func needsCount(v voice, f *tandemv1.Firm) string {
	count := strconv.Itoa(len(f.GetNeeds()))
	if !v.raw && f.GetNeedsInferred() {
		count += "*"
	}
	return count
}

// noticeCompiled says below a table that profiles in it are compiled.
func (a *app) noticeCompiled(firms ...*tandemv1.Firm) {
	if a.settings.output != "table" {
		return
	}
	for _, f := range firms {
		if f.GetNeedsInferred() {
			p := a.page()
			p.line()
			p.paragraph("* ", a.voice().say("notice.compiled_all"))
			return
		}
	}
}

// showFirm prints a profile.
func (a *app) showFirm(f *tandemv1.Firm) error {
	if a.settings.output != "table" {
		return show(a, f, []*tandemv1.Firm{f}, firmColumns())
	}
	writeProfile(a.page(), a.voice(), f)
	return nil
}

func writeProfile(p page, v voice, f *tandemv1.Firm) {
	p.paragraph("", bothNames(v, f))
	p.line(joined(" · ", v.enum("kind", f.GetKind()), v.enum("size", f.GetSize()), printable(f.GetCity()),
		v.named("region", f.GetRegion()), v.named("country", f.GetCountry())))
	p.line(joined(" · ", f.GetName(), v.enum("cli.firm_state", f.GetState()), v.enum("provenance", f.GetProvenance())))
	if summary := v.own(f.GetSummary(), f.GetSummaryNative()); summary != "" {
		p.line()
		p.paragraph("", summary)
	}
	if len(f.GetMissing()) > 0 {
		p.line()
		p.paragraph("", v.say("cli.firm.missing", catalog.Literal(strings.Join(f.GetMissing(), ", "))))
	}
	if len(f.GetOffers()) > 0 {
		p.heading(v.say("cli.firm.offers"))
	}
	for _, o := range f.GetOffers() {
		maturity := ""
		if o.GetTrl() > 0 {
			maturity = v.say("cli.firm.trl", catalog.Number(int(o.GetTrl())))
		}
		p.paragraph("  ", v.labelled(v.capability(o.GetCapability()), v.own(o.GetDetail(), o.GetDetailNative())))
		p.paragraph("    ", joined(" · ", o.GetCapability(), v.enum("level", o.GetLevel()), maturity, modes(v, o.GetModes())))
	}
	if len(f.GetNeeds()) > 0 {
		p.heading(v.say("cli.firm.needs"))
	}
	for _, n := range f.GetNeeds() {
		p.paragraph("  ", v.labelled(v.capability(n.GetCapability()), v.own(n.GetDetail(), n.GetDetailNative())))
		p.paragraph("    ", joined(" · ", n.GetCapability(), v.enum("aim", n.GetAim()), v.enum("priority", n.GetPriority()), modes(v, n.GetModes())))
	}
	if f.GetNeedsInferred() {
		p.line()
		p.paragraph("", v.say("notice.compiled"))
	}
}

// bothNames is a firm's name and, in brackets, the other one that it goes by.
func bothNames(v voice, f *tandemv1.Firm) string {
	name, other := v.firm(f), f.GetDisplayName()
	if name == other {
		other = f.GetNativeName()
	}
	if other == "" || other == name {
		return name
	}
	return name + " (" + other + ")"
}

// modes lists ways of working together.
func modes(v voice, list []tandemv1.Mode) string {
	words := make([]string, len(list))
	for i, mode := range list {
		words[i] = v.enum("mode", mode)
	}
	return strings.Join(words, ", ")
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}
