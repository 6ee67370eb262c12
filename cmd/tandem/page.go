package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// usualWidth is how wide prose is set, in columns; a narrower terminal narrows it.
const usualWidth = 96

// page sets prose for people: lines broken at spaces, none wider than the page.
type page struct {
	w     io.Writer
	width int
}

func (a *app) page() page {
	return page{w: a.stdout, width: min(usualWidth, a.columns(usualWidth))}
}

// aside is the page of everything that is no result: questions and problems. Where nobody reads it on a terminal, no line is broken.
func (a *app) aside() page { return page{w: a.stderr, width: columnsOf(a.stderr, math.MaxInt)} }

// columns is how wide the terminal is, or a default where stdout is none.
func (a *app) columns(other int) int { return columnsOf(a.stdout, other) }

func columnsOf(stream io.Writer, other int) int {
	file, ok := stream.(*os.File)
	if !ok {
		return other
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width < 20 {
		return other
	}
	return width
}

// line ends a line; without words it leaves one empty.
func (p page) line(words ...string) {
	fmt.Fprintln(p.w, strings.Join(words, ""))
}

// heading leaves a line empty, then writes words with a rule below them.
func (p page) heading(words string) {
	p.line()
	p.line(words)
	p.line(strings.Repeat("─", width(words)))
}

// paragraph writes words under a lead such as a number: the lead stands in front of the first line, the others are
// indented as far.
func (p page) paragraph(lead, words string) {
	indent := strings.Repeat(" ", width(lead))
	for i, line := range broken(printable(words), p.width-width(lead)) {
		if i > 0 {
			lead = indent
		}
		p.line(lead, line)
	}
}

// question writes words that wait for an answer on their last line.
func (p page) question(words string) {
	for i, line := range broken(words, p.width-1) {
		if i > 0 {
			p.line()
		}
		fmt.Fprint(p.w, line)
	}
	fmt.Fprint(p.w, " ")
}

// spread writes words at both margins of a line.
func (p page) spread(left, right string) {
	gap := max(2, p.width-width(left)-width(right))
	p.line(left, strings.Repeat(" ", gap), right)
}

// broken cuts words into lines of a width. It breaks at spaces only, never at the no-break spaces of French.
func broken(words string, most int) []string {
	lines, line := []string(nil), ""
	for _, word := range strings.Split(words, " ") {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= most:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// width is how many columns words take on a terminal; a Hangul syllable takes two.
func width(words string) int { return text.StringWidthWithoutEscSequences(words) }
