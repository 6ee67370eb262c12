// Package report writes what a match run found as a file that people and programs read: HTML for reading and
// printing, CSV for spreadsheets, JSON Lines for programs, each in English, French and Korean.
//
// The writers are pure. A report is a function of the catalogue, the snapshot with its digest and the pairings, and
// of nothing else: no clock, no run id, no reader's name. So the same snapshot gives the same bytes today, in ten
// years and on another machine, and two people who argue about a figure argue about the same file.
//
// All three formats go through the same steps. A reader (reader.go) is the report seen in one language: it names
// organisations, quotes their own words in the reader's language where they gave them, and forms numbers and dates.
// Rows (row.go) are the pairings with their scores taken apart, best first. CSV and JSON Lines print rows; HTML
// counts them (tally.go), draws them (flow.go, spread.go, parts.go), shows the best as cards (card.go) and lists
// all (section.go, index.go).
//
//   - HTML is one file. It loads nothing; one script inside it sorts the table of all pairings, and its own content security
//     policy lets nothing else run.
//   - CSV follows RFC 4180; no cell can be taken for a formula.
//   - JSON Lines holds one pairing a line: the protobuf JSON of Pairing with the proto's field names, keys in the
//     contract's order, led by `position`, `as_of` and `digest`, so that a line keeps its meaning when it is cut out
//     and files of several runs can be joined. There is no line of another shape.
//
// Every sentence comes from the message catalogue under `report.`; the templates hold none.
package report

import (
	"fmt"
	"io"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Report is a finished match run: what went in, and what came out.
type Report struct {
	// Catalog holds the names and sentences.
	Catalog *catalog.Catalog
	// Snapshot is what the pairings were computed from.
	Snapshot *tandemv1.Snapshot
	// Digest is the snapshot's SHA-256 in hexadecimal.
	Digest string
	// Pairings are the results; the writers order them by tier, score and name whatever order they come in.
	Pairings []*tandemv1.Pairing
	// Source is where results come from that nobody holds; Pairings are not looked at where there is one.
	Source Source
	// AllPairs tells that the pairings are all eligible ones, not the best of each organisation.
	AllPairs bool
}

// Source passes over the pairings of a run, by tier, score and name, and gives those to visit whose place, from 0, is wanted; all where
// wanted is nil. A pairing is visit's to keep. An error of visit ends the pass. Passing again gives the same.
type Source func(wanted func(i int) bool, visit func(i int, p *tandemv1.Pairing) error) error

// Hold reads a report's pairings from its source, for what needs all of them at hand.
func (r *Report) Hold() error {
	if r.Source == nil {
		return nil
	}
	r.Pairings = nil
	err := r.Source(nil, func(_ int, p *tandemv1.Pairing) error {
		r.Pairings = append(r.Pairings, p)
		return nil
	})
	r.Source = nil
	return err
}

// Options are what a kind and a format leave open.
type Options struct {
	// BOM lets a CSV file begin with a byte order mark, as some spreadsheets need to see that it is UTF-8.
	BOM bool
	// Base is the earlier run of a comparison, and Effects what each change between the two moves; nil where it was not computed.
	Base    *Report
	Effects Effects
	// Incomplete and Suspicions are what a report on completeness tells: whose profile lacks what, worst first, and who may stand twice.
	Incomplete []*tandemv1.IncompleteFirm
	Suspicions []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion
	// Period is the time that a partnership or ministerial report looks at.
	Period Period
}

// Write writes the report of one kind in one format and language; the pairings, HTML and English where they are not given.
func (r *Report) Write(
	w io.Writer, k tandemv1.DownloadReportRequest_Kind, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language, o Options,
) error {
	reader, err := r.reader(lang)
	if err != nil {
		return err
	}
	forms, err := reader.forms(k, o)
	if err != nil {
		return err
	}
	return forms.write(w, f)
}

// forms are the writers of one kind of report, by format; a form that the kind does not have is nil.
type forms struct {
	html, csv, jsonl, xlsx func(io.Writer) error
}

// forms finds the writers of a kind.
func (r *reader) forms(k tandemv1.DownloadReportRequest_Kind, o Options) (forms, error) {
	switch k {
	case tandemv1.DownloadReportRequest_KIND_UNSPECIFIED, tandemv1.DownloadReportRequest_MATCH:
		return r.matchForms(o), nil
	case tandemv1.DownloadReportRequest_HANDOUTS:
		return r.handoutForms(o), nil
	case tandemv1.DownloadReportRequest_PARTNERSHIP:
		if err := r.report.Hold(); err != nil { // each of its tables counts the pairings in another way
			return forms{}, err
		}
		return r.paperForms(r.partnership(o.Period), o, false), nil
	case tandemv1.DownloadReportRequest_MINISTERIAL:
		if err := r.report.Hold(); err != nil {
			return forms{}, err
		}
		return r.paperForms(r.ministerial(o.Period), o, false), nil
	case tandemv1.DownloadReportRequest_EXPOSURE:
		p, err := r.exposure()
		if err != nil {
			return forms{}, err
		}
		return r.paperForms(p, o, true), nil
	case tandemv1.DownloadReportRequest_COMPLETENESS:
		return r.paperForms(r.completeness(o.Incomplete, o.Suspicions), o, true), nil
	case tandemv1.DownloadReportRequest_COMPARISON:
		if err := r.report.Hold(); err != nil {
			return forms{}, err
		}
		p, err := r.comparison(o.Base, o.Effects)
		if err != nil {
			return forms{}, err
		}
		return r.paperForms(p, o, true), nil
	default:
		return forms{}, fmt.Errorf("report kind %d is unknown: want MATCH, HANDOUTS, PARTNERSHIP, MINISTERIAL, EXPOSURE, COMPLETENESS or COMPARISON", int32(k))
	}
}

func (r *reader) matchForms(o Options) forms {
	return forms{
		html:  r.writeHTML,
		csv:   func(w io.Writer) error { return r.writeCSV(w, o) },
		jsonl: r.writeJSONLines,
		xlsx:  r.writeWorkbook,
	}
}

func (f forms) write(w io.Writer, format tandemv1.DownloadReportRequest_Format) error {
	writers := map[tandemv1.DownloadReportRequest_Format]func(io.Writer) error{
		tandemv1.DownloadReportRequest_FORMAT_UNSPECIFIED: f.html,
		tandemv1.DownloadReportRequest_HTML:               f.html,
		tandemv1.DownloadReportRequest_CSV:                f.csv,
		tandemv1.DownloadReportRequest_JSONL:              f.jsonl,
		tandemv1.DownloadReportRequest_XLSX:               f.xlsx,
	}
	writer, known := writers[format]
	switch {
	case !known:
		return fmt.Errorf("report format %d is unknown: want HTML, CSV, JSONL or XLSX", int32(format))
	case writer == nil:
		return fmt.Errorf("a report of this kind has no form %v", format)
	}
	return writer(w)
}

func (r *Report) reader(lang tandemv1.Language) (*reader, error) {
	languages := map[tandemv1.Language]catalog.Language{
		tandemv1.Language_LANGUAGE_UNSPECIFIED: catalog.EN,
		tandemv1.Language_EN:                   catalog.EN,
		tandemv1.Language_FR:                   catalog.FR,
		tandemv1.Language_KO:                   catalog.KO,
	}
	l, ok := languages[lang]
	if !ok {
		return nil, fmt.Errorf("report language %d is unknown: want EN, FR or KO", int32(lang))
	}
	if n := len(r.Snapshot.GetPartnership().GetSides()); n != 2 {
		return nil, fmt.Errorf("the snapshot's partnership has %d sides: a report needs 2", n)
	}
	return newReader(r, l), nil
}
