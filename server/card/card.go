// Package card puts invitations on paper: a list for a mail merge, and cards to print and hand out, each with its claim code as text and
// as a QR code that a telephone opens. It is pure: the same invitations give the same bytes.
package card

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"strings"

	go_qr "github.com/piglig/go-qr"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Deck is a set of invitations to put on paper.
type Deck struct {
	// Catalog has the words.
	Catalog *catalog.Catalog
	// Invitations are the new invitations with their codes.
	Invitations []*tandemv1.IssuedInvitation
	// Language is that of a firm whose profile names none, and of the page around the cards.
	Language catalog.Language
	// Address is where the server's pages are, such as https://tandem.example.org; empty where it has none.
	Address string
}

// link is where a code is claimed by one look of a telephone. The code stands behind the #, so that it is in no log of a server.
func (d *Deck) link(code string) string {
	if d.Address == "" {
		return ""
	}
	return strings.TrimSuffix(d.Address, "/") + "/web/claim#" + code
}

// language is in which an invitation is written.
func (d *Deck) language(i *tandemv1.IssuedInvitation) catalog.Language {
	switch i.GetLanguage() {
	case tandemv1.Language_EN:
		return catalog.EN
	case tandemv1.Language_FR:
		return catalog.FR
	case tandemv1.Language_KO:
		return catalog.KO
	default:
		return d.Language
	}
}

// until is the last day of a code, in words.
func (d *Deck) until(l catalog.Language, i *tandemv1.IssuedInvitation) string {
	return d.Catalog.Name(l, "date:"+i.GetInvitation().GetExpireTime().AsTime().Format("2006-01-02"))
}

// CSV is the list for a mail merge: one row a firm, with a byte order mark, so that spreadsheets read Hangul.
func (d *Deck) CSV() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	w.UseCRLF = true // RFC 4180
	rows := [][]string{{"firm", "display_name", "native_name", "contact", "email", "language", "code", "link", "valid_until"}}
	for _, i := range d.Invitations {
		rows = append(rows, []string{
			i.GetInvitation().GetFirm(), inert(i.GetDisplayName()), inert(i.GetNativeName()), inert(i.GetContact().GetDisplayName()),
			inert(i.GetContact().GetEmail()), d.language(i).String(), i.GetCode(), d.link(i.GetCode()),
			i.GetInvitation().GetExpireTime().AsTime().Format("2006-01-02"),
		})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inert keeps a spreadsheet from computing a name.
func inert(cell string) string {
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(cell, start) {
			return "'" + cell
		}
	}
	return cell
}

// face is what stands on one card.
type face struct {
	Lang, Name, Other, Lead, Where, Code, Until, Alone string
	QR                                                 template.HTML
}

//go:embed cards.html
var page string

// HTML is a page of cards, eight on a sheet of A4, each in the language of its firm; it loads nothing from outside.
func (d *Deck) HTML() ([]byte, error) {
	layout, err := template.New("cards").Parse(page)
	if err != nil {
		return nil, fmt.Errorf("reading the page of cards: %w", err)
	}
	var faces []face
	for _, i := range d.Invitations {
		f, err := d.face(i)
		if err != nil {
			return nil, err
		}
		faces = append(faces, f)
	}
	var out bytes.Buffer
	err = layout.Execute(&out, map[string]any{
		"Lang": d.Language.String(), "Title": d.Catalog.Sentence(d.Language, "card.title"), "Cards": faces,
	})
	return out.Bytes(), err
}

func (d *Deck) face(i *tandemv1.IssuedInvitation) (face, error) {
	l := d.language(i)
	name := catalog.OwnName(i.GetDisplayName(), i.GetNativeName()).In(l)
	f := face{
		Lang: l.String(), Name: name, Code: i.GetCode(),
		Lead:  d.Catalog.Sentence(l, "card.lead"),
		Until: d.Catalog.Sentence(l, "card.until", catalog.Literal(d.until(l, i))),
		Alone: d.Catalog.Sentence(l, "card.alone"),
	}
	if other := i.GetDisplayName(); other != name {
		f.Other = other
	}
	target := d.link(i.GetCode())
	if target == "" {
		f.Where, target = d.Catalog.Sentence(l, "card.command", catalog.Literal("tandem claim "+i.GetCode())), i.GetCode()
	} else {
		f.Where = d.Catalog.Sentence(l, "card.page", catalog.Literal(strings.TrimSuffix(d.Address, "/")+"/web/claim"))
	}
	code, err := QR(target, d.Catalog.Sentence(l, "card.qr"))
	f.QR = template.HTML(code) //nolint:gosec // made here, of digits and an escaped label
	return f, err
}

// QR is a text as a QR code, drawn as SVG with a label for those who cannot see it. Its dark squares are one path, a run after the other.
func QR(text, label string) (string, error) {
	code, err := go_qr.EncodeText(text, go_qr.Medium)
	if err != nil {
		return "", fmt.Errorf("drawing a QR code: %w", err)
	}
	const quiet = 4 // the margin that readers need
	var path strings.Builder
	size := code.Size()
	for y := range size {
		for x := 0; x < size; x++ {
			run := 0
			for x+run < size && code.Module(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	side := size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" role="img" aria-label="%[2]s" shape-rendering="crispEdges">`+
		`<rect width="%[1]d" height="%[1]d" fill="#fff"/><path d="%[3]s" fill="#000"/></svg>`, side, template.HTMLEscapeString(label), &path), nil
}
