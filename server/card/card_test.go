package card_test

import (
	"encoding/csv"
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	go_qr "github.com/piglig/go-qr"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/card"
)

func deck(address string, names ...string) *card.Deck {
	d := &card.Deck{Catalog: catalog.Embedded(), Language: catalog.FR, Address: address}
	for i, name := range names {
		d.Invitations = append(d.Invitations, &tandemv1.IssuedInvitation{
			Invitation: &tandemv1.Invitation{
				Firm: "firms/f" + strconv.Itoa(i), ExpireTime: timestamppb.New(time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)),
			},
			Code: "7KQM-2XW9-4HTR-C0DS", DisplayName: name,
		})
	}
	return d
}

// What a telephone reads off a card is the link with the code.
func TestQRCodesAreRead(t *testing.T) {
	for _, text := range []string{"7KQM-2XW9-4HTR-C0DS", "https://tandem.example.org/web/claim#7KQM-2XW9-4HTR-C0DS"} {
		svg, err := card.QR(text, `"label" & <more>`)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := go_qr.Decode(painted(t, svg)); err != nil || got != text {
			t.Errorf("got %q, %v; want %q", got, err, text)
		}
		if strings.Contains(svg, "<more>") {
			t.Errorf("the label is not escaped: %.200s", svg)
		}
	}
}

// painted draws the path of a QR code, ten points to a square.
func painted(t *testing.T, svg string) image.Image {
	t.Helper()
	box := regexp.MustCompile(`viewBox="0 0 (\d+) `).FindStringSubmatch(svg)
	if box == nil {
		t.Fatalf("no picture: %.100s", svg)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const scale = 10
	picture := image.NewGray(image.Rect(0, 0, number(box[1])*scale, number(box[1])*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1`).FindAllStringSubmatch(svg, -1) {
		x, y, length := number(run[1]), number(run[2]), number(run[3])
		for dx := range length * scale {
			for dy := range scale {
				picture.SetGray(x*scale+dx, y*scale+dy, color.Gray{})
			}
		}
	}
	return picture
}

// A card is in the language of its firm, else of the page; what somebody wrote as a name is text and nothing else.
func TestCards(t *testing.T) {
	d := deck("https://tandem.example.org/", "Algoma", `<script>alert(1)</script>`)
	d.Invitations[0].NativeName, d.Invitations[0].Language = "알고마", tandemv1.Language_KO
	html, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<html lang="fr">`, `<article lang="ko">`, `<h2>알고마</h2><div class="other">Algoma</div>`, "2026년 12월 24일까지", "https://tandem.example.org/web/claim",
		`<article lang="fr">`, "jusqu&#39;au 24 décembre 2026", "&lt;script&gt;", "7KQM-2XW9-4HTR-C0DS",
	} {
		if !strings.Contains(string(html), want) {
			t.Errorf("the cards lack %q", want)
		}
	}
	if strings.Contains(string(html), "<script") || strings.Contains(string(html), "src=") || strings.Contains(string(html), "url(") {
		t.Error("the page runs or loads something")
	}
	again, err := d.HTML()
	if err != nil || string(again) != string(html) {
		t.Errorf("the same invitations give another page (%v)", err)
	}
}

func TestMailMerge(t *testing.T) {
	d := deck("https://tandem.example.org", `=HYPERLINK("http://evil")`, "Hanwha, \"Ocean\"")
	raw, err := d.CSV()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || rows[1][1] != `'=HYPERLINK("http://evil")` || rows[2][1] != `Hanwha, "Ocean"` {
		t.Errorf("got %q", rows)
	}
	if got, want := rows[1][6]+" "+rows[1][7], "7KQM-2XW9-4HTR-C0DS https://tandem.example.org/web/claim#7KQM-2XW9-4HTR-C0DS"; got != want {
		t.Errorf("code and link: got %q, want %q", got, want)
	}
	if html, err := deck("", "Algoma").HTML(); err != nil || !strings.Contains(string(html), "tandem claim 7KQM-2XW9-4HTR-C0DS") {
		t.Errorf("without an address a card names the command (%v)", err)
	}
}
