package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

//go:embed page/*.html page/*.css page/*.js
var pages embed.FS

// page is what the HTML template shows. Everything in it is already in the reader's language.
type page struct {
	Lang      string
	Partners  string
	Digest    string
	AsOf      string
	Intro     []string
	Compiled  string
	Figures   []figure
	Flows     [2]flow
	Spread    spread
	Unmet     *unmetPicture // nil where nobody needs anything
	Parts     *parts        // of the best pairing; nil without pairings
	Focus     []focus
	Sections  []section
	Routes    routes
	Registers [2]register
	Method    []string
	Sides     [2]string
	Script    template.JS
	Policy    template.HTMLAttr // the content security policy: it lets this very script run, and nothing be loaded
}

// figure is a number with what it counts.
type figure struct {
	Value, Label, Note, Class string

	amount any // the value in a workbook: an int or a ratio
}

// render writes a page by its template, in the style of all pages and then its own.
func (r *reader) render(w io.Writer, name string, page any) error {
	t, err := template.New(name+".html").Funcs(template.FuncMap{
		"t":     r.say,
		"n":     r.number,
		"num":   catalog.Number,
		"lit":   catalog.Literal,
		"cent":  hundredths,
		"row":   rowOf,
		"style": func() (template.CSS, error) { return style(name) },
	}).ParseFS(pages, "page/*.html")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := t.Execute(out, page); err != nil {
		return err
	}
	return out.Flush()
}

// style is the style sheet of a page.
func style(name string) (template.CSS, error) {
	common, err := pages.ReadFile("page/style.css")
	if err != nil {
		return "", err
	}
	own, err := pages.ReadFile("page/" + name + ".css")
	return template.CSS(string(common) + string(own)), err //nolint:gosec // the package's own embedded files
}

// writeHTML writes the report as one page.
func (r *reader) writeHTML(w io.Writer) error {
	script, err := pages.ReadFile("page/sort.js")
	if err != nil {
		return err
	}
	var failed error
	p, err := r.page(func(err error) { failed = err })
	if err != nil {
		return err
	}
	p.Script = template.JS(script)                                   //nolint:gosec // the package's own embedded file
	p.Policy = template.HTMLAttr(`content="` + policy(script) + `"`) //nolint:gosec // base64 has no quotation mark
	if err := r.render(w, "report", p); err != nil {
		return err
	}
	return failed
}

// policy is what the page allows itself: its style sheet and the one script whose digest it names, and no load from anywhere.
func policy(script []byte) string {
	digest := sha256.Sum256(script)
	return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-` + base64.StdEncoding.EncodeToString(digest[:]) + `'`
}

// Policy is the Content-Security-Policy under which a server sends HTML reports: what the pages allow themselves, and no
// form, base or frame.
func Policy() string {
	script, err := pages.ReadFile("page/sort.js")
	if err != nil {
		panic(err) // it is embedded
	}
	return policy(script) + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// hundredths writes hundredths of a percent as a percentage: 1234 is 12.34%.
func hundredths(n int) string {
	return digits(n/100) + "." + twoDigits(n%100) + "%"
}

// page gathers what the report's page shows; failed is told where its tables cannot be made while they are written.
func (r *reader) page(failed func(error)) (*page, error) {
	references := references{}
	c, err := r.census(func(w row) { r.refer(references, w) })
	if err != nil {
		return nil, err
	}
	all, answers := c.totals, c.answers.list
	p := &page{
		Lang:      r.lang.String(),
		Partners:  text(r.report.Snapshot.GetPartnership().GetDisplayName()).In(r.lang),
		Digest:    r.report.Digest,
		AsOf:      r.date(r.report.Snapshot.GetAsOf()),
		Intro:     r.intro(),
		Figures:   r.figures(all, answers),
		Flows:     [2]flow{r.flow(0, answers), r.flow(1, answers)},
		Spread:    r.spread(&c.scores),
		Unmet:     r.unmetPicture(answers),
		Sections:  r.sections(c, failed),
		Sides:     [2]string{r.side(0), r.side(1)},
		Routes:    r.routes(all),
		Registers: [2]register{r.register(0, references), r.register(1, references)},
		Method:    r.method(),
	}
	for _, own := range c.focus {
		p.Focus = append(p.Focus, r.focus(own))
	}
	if best := c.shown(); best != nil {
		parts := r.parts(*best)
		p.Parts = &parts
	}
	if r.anyCompiled() {
		p.Compiled = r.say("notice.compiled_all")
	}
	return p, nil
}

func (r *reader) anyCompiled() bool {
	for _, f := range r.report.Snapshot.GetFirms() {
		if compiled(f) {
			return true
		}
	}
	return false
}

// intro says what the report is and how to read it.
func (r *reader) intro() []string {
	return []string{
		r.say("report.intro.what", catalog.Literal(r.side(0)), catalog.Literal(r.side(1))),
		r.say("report.intro.score", catalog.Number(maxScore)),
		r.say("report.intro.use"),
	}
}

// figures are the numbers of the first screen.
func (r *reader) figures(t *totals, answers []answer) []figure {
	first, second := len(r.members(0)), len(r.members(1))
	needs, strong, gaps := r.needs(0)+r.needs(1), t.bands[tandemv1.Pairing_STRONG], len(t.gaps.counts)
	return []figure{
		{
			Value: r.number(first + second), amount: first + second, Label: r.say("report.figure.firms", catalog.Number(first+second)),
			Note: r.say("report.figure.sides", catalog.Literal(r.side(0)), catalog.Number(first), catalog.Literal(r.side(1)), catalog.Number(second)),
		},
		{Value: r.number(t.pairings), amount: t.pairings, Label: r.say("report.figure.pairings", catalog.Number(t.pairings)), Note: r.scope()},
		{
			Value: r.number(t.reciprocal), amount: t.reciprocal, Label: r.say("report.figure.reciprocal", catalog.Number(t.reciprocal)),
			Note: r.say("report.figure.of_pairings", "pct:"+digits(rounded(100*t.reciprocal, t.pairings))),
		},
		{
			Value: r.number(strong), amount: strong, Label: r.say("report.figure.strong", catalog.Number(strong)),
			Note: r.say("report.figure.of_pairings", "pct:"+digits(rounded(100*strong, t.pairings))),
		},
		{
			Value: r.percent(len(answers), needs), amount: ratio{len(answers), needs}, Label: r.say("report.figure.answered"),
			Note: r.say("report.figure.answered.of", catalog.Number(len(answers)), catalog.Number(needs)),
		},
		{
			Value: r.number(gaps), amount: gaps, Label: r.say("report.figure.gaps", catalog.Number(gaps)),
			Note: r.say("report.figure.gaps.note"),
		},
	}
}

// scope says which pairings the report holds.
func (r *reader) scope() string {
	if r.report.AllPairs {
		return r.say("report.scope.all")
	}
	return r.say("report.scope.best", catalog.Number(int(r.report.Snapshot.GetTop())))
}

// method explains the score and what the report was made from.
func (r *reader) method() []string {
	partnership := r.report.Snapshot.GetPartnership()
	return []string{
		r.say("report.method.sum", catalog.Number(maxScore)),
		r.say("report.method.coverage"),
		r.say("report.method.reciprocal"),
		r.say("report.method.confirm"),
		r.say("report.method.gates"),
		r.say("report.method.bands"),
		r.say("report.method.source", catalog.Literal(partnership.GetWeightsVersion()), catalog.Literal(r.report.Snapshot.GetCatalogDigest())),
	}
}
