package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/browser"
)

// withSuggestions types words and has what the script shows for them: the list of the form's own button, ticked as it comes.
func withSuggestions(t *testing.T, r *reader, path string, form url.Values, offers, needs string) url.Values {
	t.Helper()
	form.Set("words.offers", offers)
	form.Set("words.needs", needs)
	form.Set("do", "find.offers")
	found := formOf(t, r.post(path, form).body)
	found.Set("attested", "yes")
	found.Set("do", "save")
	return found
}

// A choice for one line of words settles that line alone: the others come back, named, until each is chosen or cleared, for a newcomer
// as for a profile that is there.
func TestTypedLinesAreChosenOneByOne(t *testing.T) {
	h := openHouse(t).withDemo()
	newcomer := h.stranger("en")
	form := formOf(t, newcomer.get("/web/register").body)
	form.Set("display_name", "Deep Harbour Works")
	form.Set("country", "CA")
	form.Set("kind", "COMPANY")
	for path, r := range map[string]*reader{"/web/register": newcomer, "/web/profile": h.signedIn("en", tandemv1.Credential_FIRM, "firms/algoma-steel")} {
		if path == "/web/profile" {
			form = formOf(t, r.get(path).body)
		}
		sent := withSuggestions(t, r, path, form, "hull-mounted sonar\nsonar housings\nbanana bread", "towed array\nlithium batteries for submarines")
		if sent.Get("pick.offers.hull-mounted sonar") == "" || sent.Get("pick.needs.towed array") == "" || sent.Has("pick.offers.banana bread") {
			t.Fatalf("%s: the suggestions tick %v", path, sent)
		}
		open := r.post(path, sent)
		back := formOf(t, open.body)
		if open.code != http.StatusBadRequest || !strings.Contains(open.body, "not chosen yet: ") {
			t.Fatalf("%s with a line chosen of each list: %d, want 400 and the others named", path, open.code)
		}
		got := []string{back.Get("words.offers"), back.Get("words.needs")}
		if diff := cmp.Diff([]string{"sonar housings\nbanana bread", "lithium batteries for submarines"}, got); diff != "" {
			t.Errorf("%s: words left (-want +got):\n%s", path, diff)
		}
		alert := open.body[strings.Index(open.body, `role="alert"`):]
		for _, words := range []string{"sonar housings", "banana bread", "lithium batteries for submarines"} {
			if !strings.Contains(alert[:strings.Index(alert, "</p>")], words) {
				t.Errorf("%s: the alert does not name %q", path, words)
			}
		}
		// A tick under words that were changed since says nothing about the new words.
		back.Set("words.offers", "rye bread")
		back.Set("words.needs", "")
		back.Set("pick.offers.banana bread", "energy.nuclear")
		back = formOf(t, r.post(path, save(back, nil)).body)
		if back.Get("words.offers") != "rye bread" || strings.Contains(back.Encode(), "energy.nuclear") {
			t.Errorf("%s: changed words were settled by an older tick: %v", path, back)
		}
		back.Set("words.offers", "")
		done := r.post(path, save(back, nil))
		if path == "/web/profile" {
			if done.code != http.StatusSeeOther {
				t.Errorf("%s with all lines chosen or cleared: %d", path, done.code)
			}
			continue
		}
		if done.code != http.StatusOK || !strings.Contains(done.body, "What your words became") || !strings.Contains(done.body, "<li>Hull-mounted") || !strings.Contains(done.body, "<li>Towed") {
			t.Errorf("registered: %d, want the capabilities by their names\n%s", done.code, done.body)
		}
	}
}

// The same in a browser, where suggestions come and tick themselves while one types: what was unticked stays so, and no line goes unsaid.
func TestTypedLinesWithScript(t *testing.T) {
	ctx := browser.Start(t)
	h := openHouse(t)
	b := h.tab(ctx, "en", 1024, true)
	b.open("/web/register")
	b.fill("#display_name", "Deep Harbour Works")
	b.fill("#country", "CA")
	b.fill("#kind", "COMPANY")
	b.do(chromedp.SendKeys(`[id="words.offers"]`, "hull-mounted sonar"), chromedp.WaitVisible(`#found-offers input:checked`))
	b.tick(`[name="pick.offers.hull-mounted sonar"]`) // off: that is not what is meant
	b.do(chromedp.SendKeys(`[id="words.offers"]`, "\nbanana bread"), chromedp.WaitVisible(`#found-offers fieldset+fieldset`))
	if got := ask[int](b, `document.querySelectorAll('[name="pick.offers.hull-mounted sonar"]:checked').length`); got != 0 {
		t.Error("another line is typed, and what was unticked is ticked again")
	}
	b.tick(`[name="pick.offers.hull-mounted sonar"]`)
	b.tick(`input[name="attested"]`)
	b.press(`button.chief[value="save"]`)
	b.sees("Some words were not chosen yet: banana bread.")
	b.fill(`[id="words.offers"]`, " ")
	b.tick(`input[name="attested"]`)
	b.press(`button.chief[value="save"]`)
	b.sees("What your words became")
	b.sees("Hull-mounted, bow and flank arrays")
}
