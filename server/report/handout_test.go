package report

import (
	"bytes"
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestHandoutsTellOnlyWhatAFirmMaySee plants a word wherever a firm may not look, and looks for it in every form.
func TestHandoutsTellOnlyWhatAFirmMaySee(t *testing.T) {
	const planted = "PLANTEDWORD"
	r := fixture(t)
	for _, f := range r.Snapshot.GetFirms() {
		for _, need := range f.GetNeeds() {
			need.Detail, need.DetailNative = planted, planted
		}
		for _, offer := range f.GetOffers() {
			offer.Detail, offer.DetailNative = planted, planted
		}
	}
	held := r.Pairings[0]
	held.Gate = &tandemv1.Gate{State: tandemv1.Gate_HOLD}
	held.Reasons = []*tandemv1.Sentence{{Key: "report.counted", Args: []string{"lit:" + planted, "n:1"}}}
	for i, p := range r.Pairings {
		p.Score = int32(7771 + i)
		for _, c := range p.GetComponents() {
			for _, item := range []*tandemv1.Component_Item{c.GetNeed(), c.GetOffer()} {
				if item != nil {
					item.Detail, item.DetailNative = planted, planted
				}
			}
		}
	}
	for _, f := range append(formats, xlsx) {
		for _, lang := range languages {
			var out bytes.Buffer
			if err := r.Write(&out, tandemv1.DownloadReportRequest_HANDOUTS, f, lang, Options{}); err != nil {
				t.Fatal(err)
			}
			file := out.String()
			if f == xlsx {
				rows, err := openedBook(t, out.Bytes()).GetRows(mustReader(t, r, lang).say("report.handout.title"))
				if err != nil {
					t.Fatal(err)
				}
				file = ""
				for _, row := range rows {
					file += strings.Join(row, " ") + " "
				}
			}
			for _, secret := range []string{planted, "7771", "7 772", "7,772", "7772", "\u00abreport."} {
				if strings.Contains(file, secret) {
					t.Errorf("%v in %v holds %q", f, lang, secret)
				}
			}
			other := r.Pairings[1]
			if name := mustReader(t, r, lang).firm(other.GetFirst()).Name.Text; f == lines && !strings.Contains(file, name) {
				t.Errorf("%v in %v lacks %s", f, lang, name)
			}
		}
	}
}

// TestHandoutsNameEverybody finds each organisation that takes part, with conversations or with the reason why not.
func TestHandoutsNameEverybody(t *testing.T) {
	r := fixture(t)
	reader := mustReader(t, r, tandemv1.Language_EN)
	list := reader.handouts()
	if want := len(reader.members(0)) + len(reader.members(1)); len(list) != want {
		t.Errorf("%d handouts, want %d", len(list), want)
	}
	for _, h := range list {
		if (len(h.Talks) == 0) != (h.Alone != "") || len(h.Talks) > talksPerHandout {
			t.Errorf("%s: %d conversations and the reason %q", h.Firm.ID, len(h.Talks), h.Alone)
		}
	}
	parse(t, func() []byte {
		var out bytes.Buffer
		if err := r.Write(&out, tandemv1.DownloadReportRequest_HANDOUTS, html, tandemv1.Language_FR, Options{}); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}())
}
