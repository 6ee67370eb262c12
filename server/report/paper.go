package report

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// paper is a report that is made of tables: what all kinds but the pairings themselves and the handouts are. Its form is the same in
// every format: HTML shows the tables, a workbook has a sheet for each, JSON Lines a line for each row, CSV the first table.
type paper struct {
	Kind     tandemv1.DownloadReportRequest_Kind
	Title    string
	Partners string
	AsOf     string
	Digest   string
	Lang     string
	Compiled string
	Intro    []string
	Figures  []figure
	Grids    []grid
	Notes    []string
	Dense    bool // set in two columns, so that it prints on few pages
}

// grid is one table of a paper.
type grid struct {
	ID      string
	Title   string
	Intro   string
	None    string // said instead of an empty table
	Columns []heading
	Records []record
	Most    int // how many records are shown at once; 0 = all. The rest is folded away on the page, and there in every other format.
}

// heading is a column of a grid.
type heading struct {
	Key    string // its name in JSON Lines
	Text   string
	Number bool
}

// record is one row of a grid, with the names of what stands behind its figures.
type record struct {
	Cells []cell
	IDs   []string
}

// cell is a number or words.
type cell struct {
	Text  string
	Lang  string // language of somebody's own words where it is not the page's
	Class string
	N     int
	Exact string // what JSON Lines holds instead of the words, such as a resource name
}

// Shown are the records that stand on the page.
func (g grid) Shown() []record {
	if g.Most == 0 || len(g.Records) <= g.Most {
		return g.Records
	}
	return g.Records[:g.Most]
}

// Folded are those that a reader has to open.
func (g grid) Folded() []record { return g.Records[len(g.Shown()):] }

// Sourced are the records with the names of what they count.
func (g grid) Sourced() []record {
	var sourced []record
	for _, r := range g.Records {
		if len(r.IDs) > 0 {
			sourced = append(sourced, r)
		}
	}
	return sourced
}

// paper begins a report of a kind; its title is the sentence `paper.title.{kind}`.
func (r *reader) paper(kind tandemv1.DownloadReportRequest_Kind) *paper {
	return &paper{
		Kind:     kind,
		Title:    r.say("paper.title." + kind.String()),
		Partners: text(r.report.Snapshot.GetPartnership().GetDisplayName()).In(r.lang),
		AsOf:     r.date(r.report.Snapshot.GetAsOf()),
		Digest:   r.report.Digest,
		Lang:     r.lang.String(),
	}
}

// grid begins a table; its title is the sentence `paper.grid.{id}`, the headings are `paper.column.{key}`. A key that begins with
// # is a number's.
func (r *reader) grid(id string, keys ...string) grid {
	g := grid{ID: id, Title: r.say("paper.grid." + id), None: r.say("paper.none")}
	if key := "paper.grid." + id + ".intro"; r.cat.HasSentence(key) {
		g.Intro = r.say(key, catalog.Literal(r.side(0)), catalog.Literal(r.side(1)))
	}
	for _, key := range keys {
		h := heading{Key: key}
		if key[0] == '#' {
			h = heading{Key: key[1:], Number: true}
		}
		h.Text = r.say("paper.column."+h.Key, catalog.Literal(r.side(0)), catalog.Literal(r.side(1)))
		g.Columns = append(g.Columns, h)
	}
	return g
}

// add appends a row. A number is an int, words are a string, a named or a cell.
func (g *grid) add(r *reader, ids []string, values ...any) {
	row := record{IDs: ids}
	for _, value := range values {
		switch v := value.(type) {
		case int:
			row.Cells = append(row.Cells, cell{Text: r.number(v), N: v})
		case named:
			name := v.Name.Text
			if v.Compiled {
				name += "\u00a0†"
			}
			row.Cells = append(row.Cells, cell{Text: name, Lang: v.Name.Lang})
		case cell:
			row.Cells = append(row.Cells, v)
		case string:
			row.Cells = append(row.Cells, cell{Text: v})
		}
	}
	g.Records = append(g.Records, row)
}

// paperForms are the writers of a paper. CSV has one table: a paper that is many of equal rank has no CSV form.
func (r *reader) paperForms(p *paper, o Options, table bool) forms {
	f := forms{
		html:  func(w io.Writer) error { return p.writeHTML(w, r) },
		jsonl: func(w io.Writer) error { return p.writeJSONLines(w, r) },
		xlsx:  func(w io.Writer) error { return p.writeBook(w, r) },
	}
	if table {
		f.csv = func(w io.Writer) error { return p.writeCSV(w, r, o) }
	}
	return f
}

func (p *paper) writeHTML(w io.Writer, r *reader) error {
	return r.render(w, "paper", p)
}

// rowOf hands a template a row together with its columns.
func rowOf(columns []heading, r record) struct {
	Columns []heading
	Record  record
} {
	return struct {
		Columns []heading
		Record  record
	}{columns, r}
}

// writeCSV writes the first table, as the pairings' CSV is written.
func (p *paper) writeCSV(w io.Writer, r *reader, o Options) error {
	if o.BOM {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	g := p.Grids[0]
	var line []string
	for _, h := range g.Columns {
		line = append(line, inert(h.Text))
	}
	line = append(line, r.say("report.column.as_of"), r.say("report.column.digest"))
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range g.Records {
		line = line[:0]
		for i, c := range row.Cells {
			if g.Columns[i].Number {
				line = append(line, digits(c.N))
			} else {
				line = append(line, inert(c.Text))
			}
		}
		if err := out.Write(append(line, r.report.Snapshot.GetAsOf(), p.Digest)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// writeJSONLines writes every row of every table as an object: which report and table it is of, as_of and digest, the row's cells
// by the names of their columns, and the ids of what stands behind its figures.
func (p *paper) writeJSONLines(w io.Writer, r *reader) error {
	out := bufio.NewWriter(w)
	for _, g := range p.Grids {
		for _, row := range g.Records {
			if err := p.writeJSONLine(out, r, g, row); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

func (p *paper) writeJSONLine(out *bufio.Writer, r *reader, g grid, row record) error {
	line := []member{{"report", p.Kind.String()}, {"table", g.ID}, {"as_of", r.report.Snapshot.GetAsOf()}, {"digest", p.Digest}}
	for i, c := range row.Cells {
		switch h := g.Columns[i]; {
		case h.Number:
			line = append(line, member{h.Key, c.N})
		case c.Exact != "":
			line = append(line, member{h.Key, c.Exact}, member{h.Key + "_text", c.Text})
		default:
			line = append(line, member{h.Key, c.Text})
		}
	}
	ids := row.IDs
	if ids == nil {
		ids = []string{}
	}
	line = append(line, member{"ids", ids})
	for i, m := range line {
		mark := byte(',')
		if i == 0 {
			mark = '{'
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return err
		}
		out.WriteByte(mark) //nolint:errcheck // a buffered writer keeps its error for Flush
		fmt.Fprintf(out, "%q:%s", m.key, value)
	}
	_, err := out.WriteString("}\n")
	return err
}

// member is one key of a JSON object, in its place.
type member struct {
	key   string
	value any
}
