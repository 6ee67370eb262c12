package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func (h *house) firm(name string) *tandemv1.Firm {
	h.t.Helper()
	firm, err := tandemv1.NewFirmServiceClient(h.conn).GetFirm(h.t.Context(), &tandemv1.GetFirmRequest{Name: name})
	if err != nil {
		h.t.Fatal(err)
	}
	return firm
}

// save sends a profile's form as it is, with changes.
func save(form url.Values, changes map[string]string) url.Values {
	form.Set("attested", "yes")
	form.Set("do", "save")
	for name, value := range changes {
		form.Set(name, value)
	}
	return form
}

// Of two who edit one firm the second is told, sees both versions, has lost nothing, and decides.
func TestTwoTabs(t *testing.T) {
	h := openHouse(t).withDemo()
	first, second := h.signedIn("en", tandemv1.Credential_ORGANISER, ""), h.signedIn("fr", tandemv1.Credential_ORGANISER, "")
	const path = "/web/firms/algoma-steel/edit"
	one, two := formOf(t, first.get(path).body), formOf(t, second.get(path).body)
	if got := first.post(path, save(one, map[string]string{"city": "First City"})); got.code != http.StatusSeeOther {
		t.Fatalf("the first: %d\n%s", got.code, got.body)
	}
	told := second.post(path, save(two, map[string]string{"city": "Second City"}))
	if told.code != http.StatusConflict || !strings.Contains(told.body, "First City") || !strings.Contains(told.body, `value="Second City"`) {
		t.Fatalf("the second: %d, want 409 with both versions", told.code)
	}
	if got := h.firm("firms/algoma-steel").GetCity(); got != "First City" {
		t.Errorf("before the second decided, the city is %q", got)
	}
	if got := second.post(path, save(formOf(t, told.body), nil)); got.code != http.StatusSeeOther {
		t.Fatalf("the second again: %d", got.code)
	}
	if got := h.firm("firms/algoma-steel").GetCity(); got != "Second City" {
		t.Errorf("the city is %q, want what the second decided", got)
	}
}

// The form of a profile holds all of it: sent back unchanged, it changes nothing.
func TestFormHoldsTheWholeProfile(t *testing.T) {
	h := openHouse(t).withDemo()
	r := h.signedIn("ko", tandemv1.Credential_ORGANISER, "")
	firms, err := tandemv1.NewFirmServiceClient(h.conn).ListFirms(t.Context(), &tandemv1.ListFirmsRequest{PageSize: 500})
	if err != nil {
		t.Fatal(err)
	}
	for i, firm := range firms.GetFirms() {
		if i%6 != 0 {
			continue // a part of them is enough
		}
		path := "/web/" + firm.GetName() + "/edit"
		if got := r.post(path, save(formOf(t, r.get(path).body), nil)); got.code != http.StatusSeeOther {
			t.Fatalf("%s: %d\n%s", path, got.code, got.body)
		}
		if got := h.firm(firm.GetName()); got.GetEtag() != firm.GetEtag() {
			t.Fatalf("%s changed by being looked at:\n%s", firm.GetName(), cmp.Diff(firm, got, protocmp.Transform()))
		}
	}
}

// The share of women is said or not said, and none of them is another answer than no answer.
func TestShareOfWomenIsVoluntary(t *testing.T) {
	h := openHouse(t).withDemo()
	r := h.signedIn("fr", tandemv1.Credential_FIRM, "firms/algoma-steel")
	for _, test := range []struct {
		typed string
		want  *int32
	}{{"37", proto.Int32(37)}, {"0", proto.Int32(0)}, {"", nil}} {
		if got := r.post("/web/profile", save(formOf(t, r.get("/web/profile").body), map[string]string{"women_percent": test.typed})); got.code != http.StatusSeeOther {
			t.Fatalf("typed %q: %d\n%s", test.typed, got.code, got.body)
		}
		if diff := cmp.Diff(test.want, h.firm("firms/algoma-steel").WomenPercent); diff != "" {
			t.Errorf("typed %q: stored (-want +got)\n%s", test.typed, diff)
		}
		if again := formOf(t, r.get("/web/profile").body).Get("women_percent"); again != test.typed {
			t.Errorf("typed %q: the form has %q", test.typed, again)
		}
	}
}

// A firm's own words become lines of its profile without a script: found, chosen several at once, taken out, stored.
func TestWordsBecomeLines(t *testing.T) {
	h := openHouse(t).withDemo()
	r := h.signedIn("ko", tandemv1.Credential_FIRM, "firms/algoma-steel")
	form := formOf(t, r.get("/web/profile").body)
	form.Set("words.needs", "예인선배열소나\ndécoupe de tôles\nnuclear")
	form.Set("attested", "yes")
	form.Set("do", "save")
	open := r.post("/web/profile", form)
	if open.code != http.StatusBadRequest || !strings.Contains(open.body, "underwater.sonar.towed-array") || !strings.Contains(open.body, "예인선배열소나\n") {
		t.Fatalf("saving with words that were not chosen: %d, want 400 with the words and what they may mean", open.code)
	}
	form = formOf(t, open.body)
	form.Set("do", "pick.needs")
	form.Set("pick.needs.예인선배열소나", "underwater.sonar.towed-array")
	form.Set("pick.needs.nuclear", "energy.nuclear")
	picked := formOf(t, r.post("/web/profile", form).body)
	if got := picked.Get("words.needs"); got != "découpe de tôles" {
		t.Errorf("after choosing for two lines of three %q is left", got)
	}
	picked.Set("words.needs", "")
	before := len(h.firm("firms/algoma-steel").GetNeeds())
	picked.Set("do", "remove.needs.0")
	if got := r.post("/web/profile", save(formOf(t, r.post("/web/profile", picked).body), nil)); got.code != http.StatusSeeOther {
		t.Fatalf("saving: %d\n%s", got.code, got.body)
	}
	needs := h.firm("firms/algoma-steel").GetNeeds()
	if len(needs) != before+1 || needs[len(needs)-1].GetCapability() != "energy.nuclear" || needs[len(needs)-2].GetCapability() != "underwater.sonar.towed-array" {
		t.Errorf("the needs are %v, want one fewer and the two that were chosen", needs)
	}
	if got := h.firm("firms/algoma-steel").GetProvenance(); got != tandemv1.Firm_SELF {
		t.Errorf("the profile is %s, want SELF", got)
	}
}

// What is wrong stands at its field, in the reader's language, and nothing that was typed is gone.
func TestErrorsStandAtTheirField(t *testing.T) {
	h := openHouse(t).withDemo()
	r := h.signedIn("fr", tandemv1.Credential_FIRM, "firms/algoma-steel")
	for _, test := range []struct{ field, value, id string }{
		{"contact.email", "pas un courriel", "contact.email-wrong"}, {"offers.0.trl", "douze", "offers.0.trl-wrong"}, {"offers.0.trl", "12", "offers.0.trl-wrong"},
		{"display_name", strings.Repeat("x", 201), "display_name-wrong"}, {"women_percent", "101", "women_percent-wrong"}, {"women_percent", "la moitié", "women_percent-wrong"}, {"region", "KR-26", "region-wrong"},
	} {
		got := r.post("/web/profile", save(formOf(t, r.get("/web/profile").body), map[string]string{test.field: test.value, "summary": "typed words"}))
		if got.code != http.StatusBadRequest || !strings.Contains(got.body, `id="`+test.id+`"`) || !strings.Contains(got.body, "typed words") {
			t.Errorf("%s = %q: %d, want 400 with the message at the field and the words kept", test.field, test.value, got.code)
		}
	}
	form := save(formOf(t, r.get("/web/profile").body), nil)
	form.Del("attested")
	if got := r.post("/web/profile", form); got.code != http.StatusBadRequest || !strings.Contains(got.body, "renseignement classifié") {
		t.Errorf("without the statement: %d, want 400 with the reason", got.code)
	}
	form = formOf(t, r.get("/web/profile").body)
	form.Set("summary", "typed words")
	form.Set("lang", "ko")
	if got := r.post("/web/profile", form); !strings.Contains(got.body, `lang="ko"`) || !strings.Contains(got.body, "typed words") {
		t.Error("changing the language lost what was typed")
	}
}
