package web

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// The measures of the drawing between two profiles, in its own units.
const (
	boxWidth   = 350
	boxHeight  = 28
	boxStep    = 34
	rightX     = 750
	drawnLines = 14 // lines of a list that are drawn: those that answer something first
)

// drawing shows two profiles with what answers what drawn between them: what the one brings beside what the other looks for, so that
// few lines cross.
type drawing struct {
	Height int
	Heads  []caption
	Boxes  []box
	Links  []link
}

// caption is a text at a place.
type caption struct {
	X, Y int
	Text string
}

// box is a line of a profile.
type box struct {
	X, Y, Width, Height, TextX, TextY int
	Text, Whole                       string
	Used                              bool
}

// link is an answered need: from the offer to the need, as thick as it brings points.
type link struct {
	Path, Class string
	Width       int
	Whole       string
}

// draw makes the drawing of a pairing's components.
func (v *visit) draw(first, second *tandemv1.Firm, components []*tandemv1.Component) *drawing {
	used := make(map[string]bool)
	for _, c := range components {
		if c.GetNeed() != nil && c.GetOffer() != nil {
			used[placeOf(c.GetNeed())], used[placeOf(c.GetOffer())] = true, true
		}
	}
	d := &drawing{}
	at := make(map[string]box)
	column := func(f *tandemv1.Firm, x int, lists ...string) int {
		y := 0
		for _, list := range lists {
			y += 20
			d.Heads = append(d.Heads, caption{X: x, Y: y, Text: v.say("web.profile."+list+".head", catalog.Literal(fitting(ownName(f, v.lang), 36)))})
			y += 8
			for _, i := range drawn(f, list, used) {
				whole := v.lineOf(f, list, i)
				key := fmt.Sprintf("%s %s[%d]", f.GetName(), list, i)
				b := box{X: x, Y: y, Width: boxWidth, Height: boxHeight, TextX: x + 10, TextY: y + 19, Text: fitting(whole, 48), Whole: whole, Used: used[key]}
				d.Boxes = append(d.Boxes, b)
				at[key] = b
				y += boxStep
			}
			y += 12
		}
		return y
	}
	d.Height = max(column(first, 0, "offers", "needs"), column(second, rightX, "needs", "offers"))
	for _, c := range components {
		from, ok1 := at[placeOf(c.GetOffer())]
		to, ok2 := at[placeOf(c.GetNeed())]
		if !ok1 || !ok2 {
			continue
		}
		class := "first" // what the first side brings
		if from.X != 0 {
			class = "second"
		}
		d.Links = append(d.Links, link{Path: curve(from, to), Class: class, Width: 1 + min(int(c.GetPoints())/400, 7), Whole: c.GetReason().GetText()})
	}
	return d
}

// placeOf names the line of a profile that an item comes from.
func placeOf(item *tandemv1.Component_Item) string { return item.GetFirm() + " " + item.GetField() }

// drawn picks the lines of a list that are drawn, in the list's order.
func drawn(f *tandemv1.Firm, list string, used map[string]bool) []int {
	n := len(f.GetOffers())
	if list == "needs" {
		n = len(f.GetNeeds())
	}
	room := drawnLines
	for i := range n {
		if used[fmt.Sprintf("%s %s[%d]", f.GetName(), list, i)] {
			room--
		}
	}
	var lines []int
	for i := range n {
		if used[fmt.Sprintf("%s %s[%d]", f.GetName(), list, i)] {
			lines = append(lines, i)
		} else if room > 0 {
			lines = append(lines, i)
			room--
		}
	}
	return lines
}

// lineOf is the capability of a line by its name.
func (v *visit) lineOf(f *tandemv1.Firm, list string, i int) string {
	if list == "needs" {
		return v.door.Catalog.Name(v.lang, "cap:"+f.GetNeeds()[i].GetCapability())
	}
	return v.door.Catalog.Name(v.lang, "cap:"+f.GetOffers()[i].GetCapability())
}

// curve joins the facing edges of two boxes.
func curve(from, to box) string {
	if from.X > to.X {
		from, to = to, from
	}
	x1, y1, x2, y2 := from.X+from.Width, from.Y+from.Height/2, to.X, to.Y+to.Height/2
	middle := (x1 + x2) / 2
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, middle, y1, middle, y2, x2, y2)
}

// fitting cuts a text to a width in Latin letters; Hangul and other wide letters take almost two.
func fitting(text string, width int) string {
	used := 0
	var b strings.Builder
	for _, r := range text {
		letter := 10
		if unicode.In(r, unicode.Hangul, unicode.Han) {
			letter = 18
		}
		if used += letter; used > width*10 {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteRune(r)
	}
	return text
}
