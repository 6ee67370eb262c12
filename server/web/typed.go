package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/type/money"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// typedProfile is a profile as a form has it: whole, so that nothing that was typed depends on what is stored.
type typedProfile struct {
	firm  *tandemv1.Firm
	wrong map[string]string // fields that are no numbers, where one is wanted
	words map[string]string // words for new lines that were not chosen yet
	form  url.Values
	say   func(key string, args ...string) string
}

// maxLines is how many lines of a list the form takes; one more than the API does, which says so.
const maxLines = 41

// typedProfile reads the form.
func (v *visit) typedProfile() *typedProfile {
	form := v.r.PostForm
	t := &typedProfile{form: form, wrong: make(map[string]string), words: make(map[string]string), say: v.say}
	t.firm = &tandemv1.Firm{
		Name: v.target(), Etag: form.Get("etag"), DisplayName: t.text("display_name"), NativeName: t.text("native_name"), Country: form.Get("country"),
		Region: form.Get("region"), City: t.text("city"), Kind: tandemv1.Firm_Kind(tandemv1.Firm_Kind_value[form.Get("kind")]),
		Size: tandemv1.Firm_Size(tandemv1.Firm_Size_value[form.Get("size")]), Summary: t.text("summary"), SummaryNative: t.text("summary_native"),
		Modes: t.modes("modes"), Programs: t.ticked("programs"), ResponsibleUseStatement: t.text("responsible_use_statement"),
	}
	if share, ok := t.number("women_percent", "women_percent"); ok {
		t.firm.WomenPercent = &share
	}
	if v.r.PathValue("firm") != "" {
		t.firm.ExternalId = t.text("external_id")
	}
	for _, l := range t.ticked("languages") {
		t.firm.Languages = append(t.firm.Languages, tandemv1.Language(tandemv1.Language_value[l]))
	}
	if contact := (&tandemv1.Contact{DisplayName: t.text("contact.display_name"), Email: t.text("contact.email"), Phone: t.text("contact.phone")}); contact.DisplayName+contact.Email+contact.Phone != "" {
		t.firm.Contact = contact
	}
	for i := range t.lines("offers") {
		t.firm.Offers = append(t.firm.Offers, t.offer(i))
	}
	for i := range t.lines("needs") {
		t.firm.Needs = append(t.firm.Needs, t.need(i))
	}
	t.pick()
	return t
}

// text is a field as it was typed, without blanks around it.
func (t *typedProfile) text(name string) string { return strings.TrimSpace(lines(t.form.Get(name))) }

// lines counts the lines of a list that the form has.
func (t *typedProfile) lines(list string) int {
	n := 0
	for n < maxLines && t.form.Has(list+"."+strconv.Itoa(n)+".capability") {
		n++
	}
	return n
}

func (t *typedProfile) offer(i int) *tandemv1.Offer {
	at := "offers." + strconv.Itoa(i) + "."
	field := "offers[" + strconv.Itoa(i) + "]."
	o := &tandemv1.Offer{
		Capability: t.form.Get(at + "capability"), Level: tandemv1.Offer_Level(tandemv1.Offer_Level_value[t.form.Get(at+"level")]),
		Modes: t.modes(at + "modes"), Detail: t.text(at + "detail"), DetailNative: t.text(at + "detail_native"),
		DesignatedTechnology: t.form.Get(at+"designated") == "yes", Material: t.material(at, field),
	}
	o.Trl, _ = t.number(at+"trl", field+"trl")
	if capacity, ok := t.number(at+"capacity", field+"capacity"); ok {
		o.Capacity = &capacity
	}
	return o
}

func (t *typedProfile) need(i int) *tandemv1.Need {
	at := "needs." + strconv.Itoa(i) + "."
	field := "needs[" + strconv.Itoa(i) + "]."
	n := &tandemv1.Need{
		Capability: t.form.Get(at + "capability"), Aim: tandemv1.Need_Aim(tandemv1.Need_Aim_value[t.form.Get(at+"aim")]),
		Priority:       tandemv1.Need_Priority(tandemv1.Need_Priority_value[t.form.Get(at+"priority")]),
		Classification: tandemv1.Need_Classification(tandemv1.Need_Classification_value[t.form.Get(at+"classification")]),
		Modes:          t.modes(at + "modes"), Detail: t.text(at + "detail"), DetailNative: t.text(at + "detail_native"), Material: t.material(at, field),
	}
	if amount, ok := t.number(at+"amount", field+"amount"); ok {
		n.Amount = &money.Money{Units: int64(amount), CurrencyCode: strings.ToUpper(t.text(at + "currency"))}
	}
	return n
}

func (t *typedProfile) material(at, field string) *tandemv1.Material {
	m := &tandemv1.Material{Grade: t.text(at + "grade"), Form: t.text(at + "form")}
	m.TonnesPerYear, _ = t.number(at+"tonnes", field+"material.tonnes_per_year")
	if m.GetGrade() == "" && m.GetForm() == "" && m.GetTonnesPerYear() == 0 {
		return nil
	}
	return m
}

// number reads a whole number; an empty field is none.
func (t *typedProfile) number(name, field string) (int32, bool) {
	text := strings.NewReplacer(" ", "", "\u00a0", "", ",", "").Replace(t.text(name))
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		t.wrong[field] = t.say("web.profile.number", "text:"+t.text(name))
		return 0, false
	}
	return int32(n), true
}

// ticked are the values that are ticked: those that were before in their order, then the others.
func (t *typedProfile) ticked(name string) []string {
	now := t.form[name]
	var values []string
	for was := range strings.FieldsSeq(t.form.Get(name + ".was")) {
		if slices.Contains(now, was) {
			values = append(values, was)
		}
	}
	for _, value := range now {
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

func (t *typedProfile) modes(name string) []tandemv1.Mode {
	var modes []tandemv1.Mode
	for _, name := range t.ticked(name) {
		modes = append(modes, tandemv1.Mode(tandemv1.Mode_value[name]))
	}
	return modes
}

// pick adds a line for each meaning that was chosen. A box carries the words that it stands under, so that each line of words is done by
// its own choice alone: the words without one stay to be chosen, and a box whose words were changed or cleared meanwhile counts for nothing.
func (t *typedProfile) pick() {
	for _, list := range []string{"offers", "needs"} {
		var open []string
		for _, words := range wordLines(t.text("words." + list)) {
			codes := t.form["pick."+list+"."+words]
			done := len(codes) > 0
			for _, code := range codes {
				done = t.add(list, code) && done
			}
			if !done {
				open = append(open, words)
			}
		}
		t.words[list] = strings.Join(open, "\n")
	}
}

// add adds a line unless it is there already, and tells whether it is there now: a full list takes no more.
func (t *typedProfile) add(list, code string) bool {
	if list == "offers" {
		if slices.ContainsFunc(t.firm.Offers, func(o *tandemv1.Offer) bool { return o.GetCapability() == code }) {
			return true
		}
		if len(t.firm.Offers) >= maxLines {
			return false
		}
		t.firm.Offers = append(t.firm.Offers, &tandemv1.Offer{Capability: code, Level: tandemv1.Offer_CORE})
		return true
	}
	if slices.ContainsFunc(t.firm.Needs, func(n *tandemv1.Need) bool { return n.GetCapability() == code }) {
		return true
	}
	if len(t.firm.Needs) >= maxLines {
		return false
	}
	t.firm.Needs = append(t.firm.Needs, &tandemv1.Need{Capability: code, Aim: tandemv1.Need_PARTNER, Priority: tandemv1.Need_MEDIUM})
	return true
}

// open are the words of both lists that were not chosen yet.
func (t *typedProfile) open() []string {
	return append(wordLines(t.words["offers"]), wordLines(t.words["needs"])...)
}

// wordLines are the lines of a text that have words in them.
func wordLines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// remove takes a line out.
func (t *typedProfile) remove(list string, i int) {
	switch {
	case list == "offers" && i < len(t.firm.Offers):
		t.firm.Offers = slices.Delete(t.firm.Offers, i, i+1)
	case list == "needs" && i < len(t.firm.Needs):
		t.firm.Needs = slices.Delete(t.firm.Needs, i, i+1)
	}
}
