package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func profileRoutes() []route {
	return []route{
		{pattern: "GET /web/firms/{firm}/edit", who: staff, show: (*visit).editPage},
		{pattern: "POST /web/firms/{firm}/edit", who: staff, show: (*visit).edit},
		{pattern: "GET /web/profile", who: firms, show: (*visit).editPage},
		{pattern: "POST /web/profile", who: firms, show: (*visit).edit},
		{pattern: "GET /web/suggest", show: (*visit).suggest},
	}
}

// written are the fields of a profile that the form has: all that its writer may change. External ids are the organisers'.
var written = []string{
	"display_name", "native_name", "country", "region", "city", "kind", "size", "summary", "summary_native", "offers", "needs", "modes",
	"languages", "programs", "responsible_use_statement", "contact", "women_percent",
}

// profileForm is the form of a profile. It is made of a firm: the stored one, or what was typed.
type profileForm struct {
	Firm    *tandemv1.Firm
	Own     bool
	Path    string
	Saved   string
	Problem string
	Wrong   map[string]string // by field path
	Theirs  []difference      // what somebody else changed meanwhile

	Countries, Kinds, Sizes    []choice
	Regions                    []regionGroup
	Modes, Languages, Programs tickList
	Lists                      []lineList
	// Women is the share of women sent, in percent; empty where it is not said, which is not none.
	Women string
	// Once makes a newcomer's form one registration, however often it is sent; empty where the profile is there already.
	Once string
	// Typed is true where the form holds words that are not stored.
	Typed bool
}

// regionGroup is the regions of a country.
type regionGroup struct {
	Country string
	Regions []choice
}

// tickList is what several may be chosen of, with those that were chosen before in their order, which is kept.
type tickList struct {
	Choices []choice
	Was     string
}

// lineList is the offers or the needs.
type lineList struct {
	Name  string // offers or needs
	Lines []lineView
	Words string // in the writer's own words, not chosen yet
	Found []wordsFound
}

// lineView is an offer or a need.
type lineView struct {
	At         string // offers.0
	Field      string // offers[0], as the API has it
	Code       string
	Levels     []choice
	Aims       []choice
	Priorities []choice
	Classes    []choice
	Modes      tickList
	Offer      *tandemv1.Offer
	Need       *tandemv1.Need
	Material   *tandemv1.Material
	Amount     string
	Currency   string
	Capacity   string
	TRL        string
	Detail     string
	Native     string
}

// target is the firm that a form is about.
func (v *visit) target() string {
	if id := v.r.PathValue("firm"); id != "" {
		return "firms/" + id
	}
	return v.caller.Firm
}

func (v *visit) editPage() error {
	firm, err := v.firmsClient().GetFirm(v.ctx(), &tandemv1.GetFirmRequest{Name: v.target()})
	if err != nil {
		return err
	}
	if !v.may("FirmService/UpdateFirm") {
		return v.show("profile-read", v.say("web.own.profile"), firm)
	}
	form := profileForm{Firm: firm}
	if v.query("done") == "saved" {
		form.Saved = v.say("web.done.saved")
	}
	return v.showProfile(http.StatusOK, form, nil)
}

// showProfile fills in what the form offers to choose from. The words are what was typed into the fields for new lines.
func (v *visit) showProfile(code int, form profileForm, words map[string]string) error {
	f := form.Firm
	form.Own, form.Path = v.r.PathValue("firm") == "", v.r.URL.Path
	form.Countries = v.countries(f.GetCountry())
	form.Kinds, form.Sizes = v.enum("kind", tandemv1.Firm_Kind_name, f.GetKind().String()), v.enum("size", tandemv1.Firm_Size_name, f.GetSize().String())
	for _, country := range form.Countries {
		group := regionGroup{Country: country.Label}
		for _, r := range v.door.Catalog.Regions() {
			if strings.HasPrefix(r.Code, country.Value+"-") {
				group.Regions = append(group.Regions, choice{Value: r.Code, Label: r.Name.In(v.lang), Chosen: r.Code == f.GetRegion()})
			}
		}
		form.Regions = append(form.Regions, group)
	}
	form.Modes = v.modes(f.GetModes())
	for _, l := range []tandemv1.Language{tandemv1.Language_EN, tandemv1.Language_FR, tandemv1.Language_KO} {
		name := v.door.Catalog.Name(v.lang, "language:"+strings.ToLower(l.String()))
		form.Languages.Choices = append(form.Languages.Choices, choice{Value: l.String(), Label: name, Chosen: slices.Contains(f.GetLanguages(), l)})
	}
	form.Languages.Was = wasChosen(f.GetLanguages())
	form.Women = womenShare(f)
	var err error
	if form.Programs, err = v.programs(f.GetPrograms()); err != nil {
		return err
	}
	offers, needs := lineList{Name: "offers", Words: words["offers"]}, lineList{Name: "needs", Words: words["needs"]}
	for i, o := range f.GetOffers() {
		offers.Lines = append(offers.Lines, v.offerView(i, o))
	}
	for i, n := range f.GetNeeds() {
		needs.Lines = append(needs.Lines, v.needView(i, n))
	}
	form.Lists = []lineList{offers, needs}
	for i := range form.Lists {
		list := &form.Lists[i]
		if list.Words == "" {
			continue
		}
		if list.Found, err = v.meanings(list.Words, "pick."+list.Name); err != nil {
			return err
		}
	}
	title := v.say("web.own.profile")
	switch {
	case form.Once != "":
		title = v.say("web.register.title")
	case !form.Own:
		title = ownName(f, v.lang)
	}
	return v.showAs(code, "profile", title, form)
}

// womenShare is the share of women as the form has it: empty where it is not said.
func womenShare(f *tandemv1.Firm) string {
	if f.WomenPercent == nil {
		return ""
	}
	return strconv.Itoa(int(f.GetWomenPercent()))
}

// programs are the programmes to choose from, for readers who may see them.
func (v *visit) programs(chosen []string) (tickList, error) {
	list := tickList{Was: strings.Join(chosen, " ")}
	if !v.may("CatalogService/ListPrograms") {
		return list, nil
	}
	programs, err := v.vocabulary().ListPrograms(v.ctx(), &tandemv1.ListProgramsRequest{PageSize: 500})
	for _, p := range programs.GetPrograms() {
		list.Choices = append(list.Choices, choice{Value: p.GetName(), Label: textOf(p.GetDisplayName()).In(v.lang), Chosen: slices.Contains(chosen, p.GetName())})
	}
	return list, err
}

// wasChosen keeps the order of values.
func wasChosen[E interface{ String() string }](values []E) string {
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = value.String()
	}
	return strings.Join(names, " ")
}

func (v *visit) modes(chosen []tandemv1.Mode) tickList {
	all := tickList{Was: wasChosen(chosen)}
	for n := int32(1); tandemv1.Mode_name[n] != ""; n++ {
		name := tandemv1.Mode_name[n]
		all.Choices = append(all.Choices, choice{Value: name, Label: v.door.Catalog.Name(v.lang, "mode:"+name), Chosen: slices.Contains(chosen, tandemv1.Mode(n))})
	}
	return all
}

func (v *visit) offerView(i int, o *tandemv1.Offer) lineView {
	view := lineView{
		At: "offers." + strconv.Itoa(i), Field: "offers[" + strconv.Itoa(i) + "]", Code: o.GetCapability(), Offer: o, Material: o.GetMaterial(),
		Detail: o.GetDetail(), Native: o.GetDetailNative(), Modes: v.modes(o.GetModes()), Levels: v.enum("level", tandemv1.Offer_Level_name, o.GetLevel().String()),
	}
	if o.Capacity != nil {
		view.Capacity = strconv.Itoa(int(o.GetCapacity()))
	}
	if o.GetTrl() != 0 {
		view.TRL = strconv.Itoa(int(o.GetTrl()))
	}
	return view
}

func (v *visit) needView(i int, n *tandemv1.Need) lineView {
	view := lineView{
		At: "needs." + strconv.Itoa(i), Field: "needs[" + strconv.Itoa(i) + "]", Code: n.GetCapability(), Need: n, Material: n.GetMaterial(),
		Detail: n.GetDetail(), Native: n.GetDetailNative(), Modes: v.modes(n.GetModes()), Aims: v.enum("aim", tandemv1.Need_Aim_name, n.GetAim().String()),
		Priorities: v.enum("priority", tandemv1.Need_Priority_name, n.GetPriority().String()),
		Classes:    v.enum("classification", tandemv1.Need_Classification_name, n.GetClassification().String()),
	}
	if a := n.GetAmount(); a != nil {
		view.Amount, view.Currency = strconv.FormatInt(a.GetUnits(), 10), a.GetCurrencyCode()
	}
	return view
}

// edit does what a button of the form asks for. Whatever it is, what was typed stays.
func (v *visit) edit() error {
	typed := v.typedProfile()
	form := profileForm{Firm: typed.firm, Wrong: typed.wrong, Typed: true}
	if done, err := v.typing(typed, &form); done {
		return err
	}
	mask := slices.Clone(written)
	if v.r.PathValue("firm") != "" {
		mask = append(mask, "external_id")
	}
	_, err := v.firmsClient().UpdateFirm(v.ctx(), &tandemv1.UpdateFirmRequest{
		Firm: typed.firm, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask}, Attested: v.form("attested") == "yes",
	})
	if err == nil {
		if v.r.PathValue("firm") != "" {
			return v.redirect("/web/" + v.target() + "?done=saved")
		}
		return v.redirect("/web/profile?done=saved")
	}
	return v.unsaved(form, err, typed.words)
}

// typing does what a button asks for that only changes the form, and tells whether the answer is given: also where what was typed is
// not fit to be sent yet.
func (v *visit) typing(typed *typedProfile, form *profileForm) (done bool, err error) {
	action, list, at := v.action()
	if l, err := catalog.ParseLanguage(v.form("lang")); err == nil { // the language switch of a page with typed words
		v.lang = l
		v.door.setCookie(v.w, "language", l.String(), languageLife)
		return true, v.showProfile(http.StatusOK, *form, typed.words)
	}
	switch action {
	case "remove":
		typed.remove(list, at)
		form.Wrong = nil
		return true, v.showProfile(http.StatusOK, *form, typed.words)
	case "find", "pick":
		return true, v.showProfile(http.StatusOK, *form, typed.words)
	}
	if open := typed.open(); len(open) > 0 {
		form.Problem = v.say("web.profile.words.open", "text:"+strings.Join(open, " · "))
		return true, v.showProfile(http.StatusBadRequest, *form, typed.words)
	}
	if len(form.Wrong) > 0 {
		form.Problem = v.say("web.problem.FIELD_INVALID")
		return true, v.showProfile(http.StatusBadRequest, *form, typed.words)
	}
	return false, nil
}

// unsaved shows the form again with what keeps it from being stored.
func (v *visit) unsaved(form profileForm, err error, words map[string]string) error {
	p := v.problemOf(err)
	switch p.Reason {
	case tandemv1.Reason_ETAG_STALE.String():
		theirs, err := v.firmsClient().GetFirm(v.ctx(), &tandemv1.GetFirmRequest{Name: v.target()})
		if err != nil {
			return err
		}
		form.Problem, form.Theirs = v.say("web.profile.both"), v.differences(theirs, form.Firm)
		form.Firm.Etag = theirs.GetEtag()
		return v.showProfile(http.StatusConflict, form, words)
	case tandemv1.Reason_CREDENTIAL_INVALID.String(), tandemv1.Reason_NOT_FOUND.String(), tandemv1.Reason_ROLE_NOT_ALLOWED.String(), tandemv1.Reason_INTERNAL.String():
		return err
	}
	form.Problem, form.Wrong = p.Text, p.Fields
	if form.Wrong == nil {
		form.Wrong = make(map[string]string)
	}
	return v.showProfile(http.StatusBadRequest, form, words)
}

// action is what the pressed button asks for: remove.offers.3, find.needs, pick.needs, save.
func (v *visit) action() (what, list string, at int) {
	parts := strings.Split(v.form("do"), ".")
	what = parts[0]
	if len(parts) > 1 {
		list = parts[1]
	}
	if len(parts) > 2 {
		at, _ = strconv.Atoi(parts[2])
	}
	return what, list, at
}

// wordsFound are words of the writer with the capabilities that they may mean. Its boxes are named for the words.
type wordsFound struct {
	Words, Name string
	Choices     []choice
}

// Bounds on words looked up at a time.
const (
	maxWords  = 12
	maxChoice = 5
)

// meanings looks up each line of a text.
func (v *visit) meanings(text, name string) ([]wordsFound, error) {
	var all []wordsFound
	for _, line := range wordLines(text) {
		if len(all) >= maxWords {
			break // the others come when these are chosen or cleared
		}
		clear := !strings.ContainsAny(line, ",;/、，；") // several things on a line are not all said by one meaning
		runes := []rune(line)
		answer, err := v.vocabulary().SuggestCapabilities(v.ctx(), &tandemv1.SuggestCapabilitiesRequest{Text: string(runes[:min(len(runes), 500)]), PageSize: maxChoice})
		if err != nil {
			return nil, err
		}
		found := wordsFound{Words: line, Name: name + "." + line}
		for i, s := range answer.GetSuggestions() {
			found.Choices = append(found.Choices, choice{Value: s.GetCode(), Label: textOf(s.GetDisplayName()).In(v.lang), Chosen: i == 0 && clear && answer.GetUnambiguous()})
		}
		all = append(all, found)
	}
	return all, nil
}

// suggest is the list of meanings alone, for the script.
func (v *visit) suggest() error {
	name := v.query("name")
	if name != "pick.offers" && name != "pick.needs" {
		return errUnknownPage
	}
	found, err := v.meanings(v.query("words"), name)
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, "profile-part", found)
}

// difference is a field that two writers left different.
type difference struct {
	Field        string
	Theirs, Mine string
}

// differences compares what is stored now with what was typed, field by field, in words.
func (v *visit) differences(theirs, mine *tandemv1.Firm) []difference {
	a, b := v.inWords(theirs), v.inWords(mine)
	var all []difference
	for _, field := range slices.Sorted(maps.Keys(a)) {
		if a[field] != b[field] {
			all = append(all, difference{Field: field, Theirs: a[field], Mine: b[field]})
		}
	}
	return all
}

// inWords writes the fields of a profile for people to compare.
func (v *visit) inWords(f *tandemv1.Firm) map[string]string {
	name := func(arg string) string { return v.door.Catalog.Name(v.lang, arg) }
	var offers, needs, modes, languages, programs []string
	for _, o := range f.GetOffers() {
		offers = append(offers, strings.Join(compact(name("cap:"+o.GetCapability()), name("level:"+o.GetLevel().String()), o.GetDetail(), o.GetDetailNative()), " · "))
	}
	for _, n := range f.GetNeeds() {
		needs = append(needs, strings.Join(compact(name("cap:"+n.GetCapability()), name("aim:"+n.GetAim().String()), n.GetDetail(), n.GetDetailNative()), " · "))
	}
	for _, m := range f.GetModes() {
		modes = append(modes, name("mode:"+m.String()))
	}
	for _, l := range f.GetLanguages() {
		languages = append(languages, name("language:"+strings.ToLower(l.String())))
	}
	for _, p := range f.GetPrograms() {
		programs = append(programs, name("prog:"+slug(p)))
	}
	return map[string]string{
		"women_percent": womenShare(f),
		"display_name":  f.GetDisplayName(), "native_name": f.GetNativeName(), "country": name("country:" + f.GetCountry()), "region": name("region:" + f.GetRegion()),
		"city": f.GetCity(), "kind": name("kind:" + f.GetKind().String()), "size": name("size:" + f.GetSize().String()), "summary": f.GetSummary(),
		"summary_native": f.GetSummaryNative(), "offers": strings.Join(offers, "\n"), "needs": strings.Join(needs, "\n"), "modes": strings.Join(modes, ", "),
		"languages": strings.Join(languages, ", "), "programs": strings.Join(programs, ", "), "responsible_use_statement": f.GetResponsibleUseStatement(),
		"contact": strings.Join(compact(f.GetContact().GetDisplayName(), f.GetContact().GetEmail(), f.GetContact().GetPhone()), " · "),
	}
}

func compact(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}
