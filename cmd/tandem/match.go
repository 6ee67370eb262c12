package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// batch is what "tandem match" was asked for.
type batch struct {
	snapshot string
	asOf     string
	period   string
	top      int32
	pairs    string
	workers  int
	format   string
	bom      bool
	out      string
	strict   bool
	review   string
	table    tandemv1.ImportFirmsRequest_Options
	kind     tandemv1.DownloadReportRequest_Kind
	compare  string
}

func (a *app) matchCommand() *cobra.Command {
	var b batch
	var kind string
	cmd := &cobra.Command{
		Use: "match [FILE]",
		Example: "  tandem match firms.jsonl --top 10 --format html --lang fr -o report.html\n" +
			"  tandem match list.xlsx --lang ko -o report.html --review list.reviewed.xlsx\n" +
			"  tandem match --snapshot run.json -o report.csv",
		Args: wants(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := b.check(cmd, args); err != nil {
				return err
			}
			if kind != "" {
				var err error
				if b.kind, err = enum[tandemv1.DownloadReportRequest_Kind]("--kind", kind); err != nil {
					return err
				}
			}
			snapshot, err := a.matchInput(&b, args)
			if err != nil {
				return err
			}
			return a.matchSnapshot(cmd.Context(), &b, snapshot)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&b.snapshot, "snapshot", "", "")
	flags.StringVar(&b.asOf, "as-of", "", "")
	flags.Int32Var(&b.top, "top", 10, "")
	flags.StringVar(&b.pairs, "pairs", "best", "")
	flags.IntVar(&b.workers, "workers", 0, "")
	flags.BoolVar(&b.strict, "strict", false, "")
	flags.StringVar(&b.compare, "compare", "", "")
	flags.StringVar(&kind, "kind", "", "")
	flags.StringVar(&b.review, "review", "", "")
	tabled(cmd, &b.table)
	formatted(cmd, &b.format, &b.bom)
	writes(cmd, &b.out)
	return a.sided(cmd)
}

// check refuses what contradicts itself before anything is read.
func (b *batch) check(cmd *cobra.Command, args []string) error {
	flags := cmd.Flags()
	switch {
	case b.snapshot == "" && len(args) == 0:
		return usage(asIn("tandem match firms.jsonl -o report.html"), tell("cli.wrong.file_missing"))
	case b.snapshot != "" && len(args) > 0:
		return usage(tell("cli.hint.snapshot_holds"), tell("cli.wrong.file_or_snapshot"))
	case b.pairs != "best" && b.pairs != "all":
		return usage(asIn("--pairs all"), tell("cli.wrong.unknown", "--pairs", b.pairs, "best, all"))
	case b.top < 1 || b.top > 1000:
		return usage(asIn("--top 10"), tell("cli.wrong.between", "--top", int(b.top), 1, 1000))
	case b.workers < 0:
		return usage(asIn("--workers 2"), tell("cli.wrong.workers", b.workers))
	}
	for _, name := range []string{"as-of", "top", "partnership"} {
		if b.snapshot != "" && flags.Changed(name) {
			return usage(tell("cli.hint.leave_out"), tell("cli.wrong.snapshot_part", name))
		}
	}
	if err := dated(b.asOf); err != nil {
		return err
	}
	_, err := reportFormat(b.format, b.out)
	return err
}

// matchInput reads the snapshot, or makes it of the firms.
func (a *app) matchInput(b *batch, args []string) (*tandemv1.Snapshot, error) {
	name := b.snapshot
	if name == "" {
		name = args[0]
	}
	data, err := a.readInput(name)
	if err != nil {
		return nil, err
	}
	if b.snapshot != "" {
		snapshot, err := server.ReadSnapshot(a.catalog, bytes.NewReader(data))
		if err != nil {
			return nil, hinted(tell("cli.hint.snapshots"), tell("cli.wrong.file", name, err))
		}
		return snapshot, nil
	}
	partnership, err := a.readPartnership()
	if err != nil {
		return nil, err
	}
	if partnership == nil {
		partnership = server.DefaultPartnership()
	}
	firms, err := a.readFirms(b, partnership, name, data)
	if err != nil {
		return nil, err
	}
	if b.asOf == "" {
		b.asOf = a.today()
	}
	snapshot, err := server.NewSnapshot(a.catalog, partnership, firms, b.asOf, b.top)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return snapshot, bothSides(snapshot)
}

// readFirms reads a list of firms: JSON Lines as a whole or not at all, of a table what is good, unless --strict.
func (a *app) readFirms(b *batch, partnership *tandemv1.Partnership, name string, data []byte) ([]*tandemv1.Firm, error) {
	file, err := server.ReadFirmFile(a.catalog, partnership, data, &b.table)
	if err != nil {
		return nil, hinted(tell("cli.hint.list_forms"), tell("cli.wrong.file", name, a.told(err)))
	}
	partial := file.IsTable() && !b.strict
	file.Settle(a.catalog, partnership, partial)
	if b.review != "" {
		workbook, err := file.Reviewed(a.catalog, a.protoLanguage())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if err := a.writeFile(b.review, 0o644, func(w io.Writer) error { _, err := w.Write(workbook); return err }); err != nil {
			return nil, err
		}
	}
	if !partial {
		if err := file.Refused(); err != nil {
			return nil, a.refusedRows(name, err)
		}
	}
	if file.IsTable() {
		file.Speak(a.catalog, a.protoLanguage())
		a.tellFile(file.Columns, file.Notices, file.Problems())
		fmt.Fprintln(a.stderr, a.counted(file))
	}
	return file.Accepted(), nil
}

// counted says in one line how many rows of a list can be matched, how many are half-filled and what they lack most, and how many are left out.
func (a *app) counted(file *server.FirmFile) string {
	say := func(key string, args ...string) string { return a.catalog.Sentence(a.language(), key, args...) }
	accepted := file.Accepted()
	lacking, half := make(map[string]int), 0
	for _, firm := range accepted {
		if len(firm.GetMissing()) > 0 {
			half++
		}
		for _, field := range firm.GetMissing() {
			lacking[field]++
		}
	}
	line := say("desk.rows.matched", catalog.Number(len(accepted)-half), catalog.Number(len(file.Rows)))
	if half > 0 {
		fields := slices.SortedFunc(maps.Keys(lacking), func(x, y string) int { return cmp.Or(lacking[y]-lacking[x], cmp.Compare(x, y)) })
		for i := range fields {
			fields[i] = "field:" + fields[i]
		}
		line += " " + say("desk.rows.half", catalog.Number(half), catalog.List(fields...))
	}
	if left := len(file.Rows) - len(accepted); left > 0 {
		line += " " + say("desk.rows.left", catalog.Number(left))
	}
	return line
}

// told is an error in the reader's language, where it has one.
func (a *app) told(err error) string {
	var said interface{ Sentence() *tandemv1.Sentence }
	if errors.As(err, &said) {
		s := said.Sentence()
		return a.catalog.Sentence(a.language(), s.GetKey(), s.GetArgs()...)
	}
	return err.Error()
}

// refusedRows lists the bad lines of a file.
func (a *app) refusedRows(name string, err error) error {
	var refused *server.ImportError
	if !errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", name, err)
	}
	f := &failure{
		says: tell("cli.wrong.rows", name, refused.Total),
		hint: tell("cli.hint.lines"),
	}
	for _, row := range refused.Rows {
		f.details = append(f.details, plain(located(fmt.Sprintf("%s:%d", name, row.Line), located(row.Field, strings.TrimSuffix(a.voice().sentence(row.Problem), ".")))))
	}
	if more := refused.Total - len(refused.Rows); more > 0 {
		f.details = append(f.details, tell("cli.failure.more", more))
	}
	return f
}

// bothSides refuses to match a file in which one side has nobody.
func bothSides(snapshot *tandemv1.Snapshot) error {
	for _, side := range snapshot.GetPartnership().GetSides() {
		if !slices.ContainsFunc(snapshot.GetFirms(), func(f *tandemv1.Firm) bool {
			return f.GetState() == tandemv1.Firm_APPROVED && slices.Contains(side.GetCountries(), f.GetCountry())
		}) {
			return hinted(tell("cli.hint.countries", strings.Join(side.GetCountries(), ", ")), tell("cli.wrong.side", side.GetId()))
		}
	}
	return nil
}

// matchSnapshot computes and writes.
func (a *app) matchSnapshot(ctx context.Context, b *batch, snapshot *tandemv1.Snapshot) error {
	digest, err := server.Digest(snapshot)
	if err != nil {
		return err
	}
	bar := a.progress(a.voice().say("cli.matching"))
	found, err := server.Rank(ctx, a.catalog, snapshot, server.MatchOptions{
		Workers: b.workers, AllPairs: b.pairs == "all", Progress: bar.at,
	})
	bar.end()
	if err != nil {
		return err
	}
	if b.kind == tandemv1.DownloadReportRequest_KIND_UNSPECIFIED && b.compare == "" && b.format == "" && b.out == "-" {
		a.settings.output = "table"
		var pairings []*tandemv1.Pairing // a table is as wide as its widest row
		err := found.Each(ctx, func(p *tandemv1.Pairing) error {
			pairings = append(pairings, p)
			return nil
		})
		if err != nil {
			return err
		}
		showTable(a.stdout, a.voice().naming(snapshot.GetFirms()), a.columns(0), pairings, pairingColumns(pairings))
		a.noticePairings(pairings)
		return nil
	}
	format, err := reportFormat(b.format, b.out)
	if err == nil {
		err = a.readable(format, b.out)
	}
	if err != nil {
		return err
	}
	r := &report.Report{
		Catalog: a.catalog, Snapshot: snapshot, Digest: digest, Source: found.Source(ctx), AllPairs: b.pairs == "all",
	}
	options, err := a.reportOptions(ctx, b, r)
	if err != nil {
		return err
	}
	return a.writeFile(b.out, fileMode, func(w io.Writer) error {
		return r.Write(w, b.kind, format, a.protoLanguage(), options)
	})
}
