package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"buf.build/go/protoyaml"
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// outputs are the forms of an answer: a table for people, the messages of the contract as JSON or YAML, and CSV.
func outputs() []string { return []string{"table", "json", "yaml", "csv"} }

// column is one property of a kind of row. Its key is the header in CSV files; the message cli.column.KEY is the header
// for people.
type column[T any] struct {
	key     string
	cell    func(v voice, row T) string
	number  bool // aligned to the right
	wide    bool // broken into lines where a terminal is too narrow; at most one of a kind
	prose   bool // stands under its row where the wide column, being prose, has no room beside it
	machine bool // only in csv: a table would grow too wide
}

// show prints rows of one kind: columns for table and csv, the answer's own message for json and yaml.
func show[T any](a *app, answer proto.Message, rows []T, columns []column[T]) error {
	switch a.settings.output {
	case "json", "yaml":
		return a.showMessage(answer)
	case "csv":
		return showCSV(a.stdout, a.voice(), rows, columns)
	}
	showTable(a.stdout, a.voice(), a.columns(0), rows, columns)
	return nil
}

// showOne prints a single object: a line a property for people.
func showOne[T proto.Message](a *app, object T, columns []column[T]) error {
	if a.settings.output != "table" {
		return show(a, object, []T{object}, columns)
	}
	v := a.voice()
	t := plainTable()
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, WidthMax: max(24, a.columns(120)-24), WidthMaxEnforcer: text.WrapSoft}})
	for _, c := range columns {
		if cell := c.cell(v, object); cell != "" {
			t.AppendRow(table.Row{v.say("cli.column." + c.key), printable(cell)})
		}
	}
	fmt.Fprintln(a.stdout, t.Render())
	return nil
}

// showMessage prints a message of the contract with the proto's field names, the same bytes for the same message.
func (a *app) showMessage(message proto.Message) error {
	if a.settings.output == "yaml" {
		content, err := (protoyaml.MarshalOptions{UseProtoNames: true}).Marshal(message)
		if err != nil {
			return fmt.Errorf("writing YAML: %w", err)
		}
		_, err = a.stdout.Write(content)
		return err
	}
	content, err := (protojson.MarshalOptions{UseProtoNames: true}).Marshal(message)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	var indented bytes.Buffer // protojson spaces its output at random, on purpose
	if err := json.Indent(&indented, content, "", "  "); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	indented.WriteByte('\n')
	_, err = indented.WriteTo(a.stdout)
	return err
}

func showCSV[T any](w io.Writer, v voice, rows []T, columns []column[T]) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.key
	}
	_ = out.Write(record) // errors stay until Flush
	for _, row := range rows {
		for i, c := range columns {
			record[i] = formulaSafe(c.cell(v, row))
		}
		_ = out.Write(record)
	}
	out.Flush()
	return out.Error()
}

// formulaSafe keeps a spreadsheet from computing what somebody wrote as a name.
func formulaSafe(cell string) string {
	if strings.HasPrefix(cell, "-") && strings.Trim(cell[1:], "0123456789") == "" {
		return cell // a number or a dash
	}
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(cell, start) {
			return "'" + cell
		}
	}
	return cell
}

// showTable prints rows for people. On a terminal, of so many columns, the wide column is broken to fit; elsewhere every
// row is one line.
func showTable[T any](w io.Writer, v voice, most int, rows []T, columns []column[T]) {
	if len(rows) == 0 {
		fmt.Fprintln(w, v.say("cli.nothing"))
		return
	}
	columns = slices.DeleteFunc(slices.Clone(columns), func(c column[T]) bool { return c.machine })
	wide := slices.IndexFunc(columns, func(c column[T]) bool { return c.wide && c.prose })
	if most > 0 && wide >= 0 && roomFor(v, most, rows, columns, wide) < leastWide {
		showTableOverProse(w, v, most, rows, columns)
		return
	}
	fmt.Fprintln(w, rendered(v, most, rows, columns))
}

// leastWide is how narrow a wide column may get.
const leastWide = 24

// between is the room between two columns.
const between = 2

// roomFor is what the other columns leave of a terminal for one.
func roomFor[T any](v voice, most int, rows []T, columns []column[T], one int) int {
	for i, c := range columns {
		if i == one {
			continue
		}
		widest := width(v.say("cli.column." + c.key))
		for _, row := range rows {
			widest = max(widest, width(printable(c.cell(v, row))))
		}
		most -= widest + between
	}
	return most
}

// showTableOverProse prints every row with its prose below it.
func showTableOverProse[T any](w io.Writer, v voice, most int, rows []T, columns []column[T]) {
	isProse := func(c column[T]) bool { return c.prose }
	lines := strings.Split(rendered(v, 0, rows, slices.DeleteFunc(slices.Clone(columns), isProse)), "\n")
	head := len(lines) - len(rows) // the header and the line under it
	p := page{w: w, width: most}
	for i, line := range lines {
		p.line(line)
		if i >= head {
			var below []string
			for _, c := range columns {
				if c.prose {
					below = append(below, c.cell(v, rows[i-head]))
				}
			}
			p.paragraph("    ", joined(" · ", below...))
		}
	}
}

// rendered is a table as it is printed.
func rendered[T any](v voice, most int, rows []T, columns []column[T]) string {
	t := plainTable()
	header := make(table.Row, len(columns))
	widest := make([]int, len(columns))
	for i, c := range columns {
		header[i] = v.say("cli.column." + c.key)
		widest[i] = width(fmt.Sprint(header[i]))
	}
	t.AppendHeader(header)
	for _, row := range rows {
		cells := make(table.Row, len(columns))
		for i, c := range columns {
			cell := printable(c.cell(v, row))
			cells[i], widest[i] = cell, max(widest[i], width(cell))
		}
		t.AppendRow(cells)
	}
	t.SetColumnConfigs(columnConfigs(most, widest, columns))
	return t.Render()
}

// columnConfigs aligns numbers to the right and gives the wide column what the others leave of the terminal.
func columnConfigs[T any](most int, widest []int, columns []column[T]) []table.ColumnConfig {
	configs := make([]table.ColumnConfig, len(columns))
	for i, c := range columns {
		configs[i].Number = i + 1
		if c.number {
			configs[i].Align, configs[i].AlignHeader = text.AlignRight, text.AlignRight
		}
		if !c.wide || most == 0 {
			continue
		}
		left := most
		for j, taken := range widest {
			if left -= between; j != i {
				left -= taken
			}
		}
		if left < widest[i] {
			configs[i].WidthMax, configs[i].WidthMaxEnforcer = max(leastWide, left), text.WrapSoft
		}
	}
	return configs
}

// plainTable is the look of every table: columns that align whatever the script, a line under the header, no cage.
func plainTable() table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.Options{SeparateHeader: true, DoNotColorBordersAndSeparators: true}
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	return t
}

// printable replaces control characters, so that a name cannot steer the reader's terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return '\ufffd'
		}
		return r
	}, s)
}

// moment prints a time to the minute for people and in full for machines.
func (v voice) moment(t *timestamppb.Timestamp) string {
	switch {
	case t == nil:
		return ""
	case v.raw:
		return t.AsTime().Format(time.RFC3339)
	}
	return t.AsTime().Format("2006-01-02 15:04 MST")
}
