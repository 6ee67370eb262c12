package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"buf.build/go/protoyaml"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// interview asks a newcomer for its profile, in its language: whoever can answer questions needs no file and no code.
type interview struct {
	voice
	page      page
	in        *bufio.Reader
	countries []string // of the partnership
	firm      *tandemv1.Firm
	err       error // the end of the answers, after which every answer is empty
}

// ask puts a question and returns the answer, without the spaces around it.
func (i *interview) ask(key string) string {
	if i.err != nil {
		return ""
	}
	i.page.line()
	question := i.say(key)
	if last, _ := utf8.DecodeLastRuneInString(question); unicode.IsLetter(last) || last == ')' {
		question = i.say("cli.asked", catalog.Literal(question))
	}
	i.page.question(question)
	var answer string
	if answer, i.err = i.in.ReadString('\n'); errors.Is(i.err, io.EOF) && answer != "" {
		i.err = nil // a last line without its end
	}
	return strings.TrimSpace(answer)
}

// must asks until there is an answer.
func (i *interview) must(key string) string {
	for i.err == nil {
		if answer := i.ask(key); answer != "" {
			return answer
		}
		if i.err == nil {
			i.page.line(i.say("cli.ask.required"))
		}
	}
	return ""
}

// choose lets one or several of a numbered list be chosen; the indices of those that were, none for an empty answer.
func (i *interview) choose(key string, options []string, needed, several bool) []int {
	for i.err == nil {
		i.page.line()
		for n, option := range options {
			i.page.line(fmt.Sprintf("  %2d  ", n+1), printable(option))
		}
		answer := i.ask(key)
		chosen, ok := chosenOf(answer, options)
		switch {
		case answer == "" && !needed:
			return nil
		case ok && len(chosen) > 0 && (several || len(chosen) == 1):
			return chosen
		case i.err == nil && needed:
			i.page.line(i.say("cli.ask.choose.needed"))
		case i.err == nil:
			i.page.line(i.say("cli.ask.choose"))
		}
	}
	return nil
}

// chosenOf reads numbers, or the words of an option, or so much of their beginning that only one can be meant.
func chosenOf(answer string, options []string) (chosen []int, ok bool) {
	typed, begun := strings.ToLower(answer), []int(nil)
	for n, option := range options {
		switch option = strings.ToLower(option); {
		case option == typed:
			return []int{n}, true
		case typed != "" && strings.HasPrefix(option, typed):
			begun = append(begun, n)
		}
	}
	if len(begun) == 1 {
		return begun, true
	}
	for _, word := range strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' || r == '、' }) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > len(options) {
			return nil, false
		}
		if !slices.Contains(chosen, n-1) {
			chosen = append(chosen, n-1)
		}
	}
	return chosen, true
}

// options names the values of an enum in words, without the unspecified one.
func options[E generatedEnum](v voice, family string) (values []E, words []string) {
	all := E(0).Descriptor().Values()
	for n := 1; n < all.Len(); n++ {
		value := E(all.Get(n).Number())
		values, words = append(values, value), append(words, v.enum(family, value))
	}
	return values, words
}

// one lets one value of an enum be chosen.
func one[E generatedEnum](i *interview, key, family string, needed bool) E {
	values, words := options[E](i.voice, family)
	if chosen := i.choose(key, words, needed, false); len(chosen) > 0 {
		return values[chosen[0]]
	}
	return 0
}

// run asks everything. The firm holds what was said, also where the answers ended early.
func (i *interview) run() error {
	i.page.paragraph("", i.say("cli.ask.welcome"))
	i.whoItIs()
	i.offers()
	i.needs()
	if name := i.ask("cli.ask.contact"); name != "" {
		i.firm.Contact = &tandemv1.Contact{DisplayName: name, Email: i.ask("cli.ask.email")}
	}
	return i.err
}

func (i *interview) whoItIs() {
	f := i.firm
	f.DisplayName = i.must("cli.ask.name")
	if strings.IndexFunc(f.DisplayName, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) }) >= 0 {
		if other := i.ask("cli.ask.other_name"); other != "" {
			f.DisplayName, f.NativeName = other, f.DisplayName
		}
	}
	names := make([]string, len(i.countries))
	for n, country := range i.countries {
		names[n] = i.named("country", country)
	}
	if chosen := i.choose("cli.ask.country", names, true, false); len(chosen) > 0 {
		f.Country = i.countries[chosen[0]]
	}
	i.region()
	f.Kind = one[tandemv1.Firm_Kind](i, "cli.ask.kind", "kind", true)
	if f.Kind == tandemv1.Firm_COMPANY {
		f.Size = one[tandemv1.Firm_Size](i, "cli.ask.size", "size", false)
	}
	summary := i.ask("cli.ask.summary")
	if i.language == catalog.EN {
		f.Summary = summary
	} else {
		f.SummaryNative = summary
	}
	f.Languages = []tandemv1.Language{languageOf(i.language)}
}

func (i *interview) region() {
	var codes, names []string
	for _, region := range i.catalog.Regions() {
		if region.Country == i.firm.Country {
			codes, names = append(codes, region.Code), append(names, i.named("region", region.Code))
		}
	}
	if len(codes) == 0 {
		return
	}
	if chosen := i.choose("cli.ask.region", names, false, false); len(chosen) > 0 {
		i.firm.Region = codes[chosen[0]]
	}
}

func (i *interview) offers() {
	for key := "cli.ask.offer"; len(i.firm.Offers) < 40; key = "cli.ask.offer.more" {
		text, code, more := i.capabilityOf(key)
		if !more {
			return
		}
		offer := &tandemv1.Offer{Text: unless(code, text), Capability: code}
		offer.Detail, offer.DetailNative = i.ownWords(text, code)
		i.firm.Offers = append(i.firm.Offers, offer)
	}
}

func (i *interview) needs() {
	for key := "cli.ask.need"; len(i.firm.Needs) < 40; key = "cli.ask.need.more" {
		text, code, more := i.capabilityOf(key)
		if !more {
			return
		}
		need := &tandemv1.Need{Text: unless(code, text), Capability: code}
		need.Detail, need.DetailNative = i.ownWords(text, code)
		need.Aim = one[tandemv1.Need_Aim](i, "cli.ask.aim", "aim", false)
		values, words := options[tandemv1.Mode](i.voice, "mode")
		for _, n := range i.choose("cli.ask.mode", words, false, true) {
			need.Modes = append(need.Modes, values[n])
		}
		i.firm.Needs = append(i.firm.Needs, need)
	}
}

// unless is the words, where no code stands for them: a profile says one or the other.
func unless(code, words string) string {
	if code != "" {
		return ""
	}
	return words
}

// ownWords keeps the words beside a code that was chosen for them.
func (i *interview) ownWords(words, code string) (english, native string) {
	switch {
	case code == "":
		return "", "" // the server keeps them when it maps the text
	case i.language == catalog.EN:
		return words, ""
	}
	return "", words
}

// capabilityOf asks for one thing in the firm's own words and shows what it is taken for: at once where it is clear, else to be chosen. The
// code is empty where the words stand for themselves.
func (i *interview) capabilityOf(key string) (text, code string, more bool) {
	for i.err == nil {
		if text = i.ask(key); text == "" {
			return "", "", false
		}
		found := i.catalog.Resolve(text)
		if chosen, ok := found.Chosen(); ok {
			i.page.line("  ", i.say("cli.ask.became", catalog.Literal(i.capability(chosen))))
			return text, "", true
		}
		codes := found.Codes
		if !found.Ambiguous() {
			codes = found.Nearest
			if len(codes) == 0 {
				i.page.line(i.say("cli.ask.unknown"))
				continue
			}
			i.page.line(i.say("cli.ask.near"))
		}
		names := make([]string, len(codes))
		for n, candidate := range codes {
			names[n] = i.capability(candidate)
		}
		if chosen := i.choose("cli.ask.which", names, false, false); len(chosen) > 0 {
			return text, codes[chosen[0]], true
		}
	}
	return "", "", false
}

// registerByAsking asks for a profile, shows it whole, and sends it when its writer says so. Whatever happens, the words are in a file.
func (a *app) registerByAsking(r *registration) error {
	if err := a.fresh(r.out); err != nil {
		return err
	}
	conn, end, err := a.connect(r.cmd)
	if err != nil {
		return err
	}
	defer end() //nolint:errcheck // the answer says whether it was written
	partnership, err := tandemv1.NewPartnershipServiceClient(conn).GetPartnership(r.cmd.Context(), &tandemv1.GetPartnershipRequest{})
	if err != nil {
		return err
	}
	answers := bufio.NewReader(a.stdin)
	i := &interview{
		voice: a.voice(), page: page{w: a.stderr, width: min(usualWidth, columnsOf(a.stderr, usualWidth))}, in: answers, firm: new(tandemv1.Firm),
	}
	for _, side := range partnership.GetSides() {
		i.countries = append(i.countries, side.GetCountries()...)
	}
	asked := i.run()
	if i.firm.DisplayName == "" {
		return hinted(line{}, tell("cli.ask.unsent"))
	}
	if err := a.writeProfileFile(r.out, i.firm); err != nil {
		return err
	}
	kept := tell("cli.ask.kept", r.out)
	if asked != nil {
		return hinted(kept, tell("cli.ask.unsent"))
	}
	client := tandemv1.NewFirmServiceClient(conn)
	preview, err := client.RegisterFirm(r.cmd.Context(), &tandemv1.RegisterFirmRequest{Firm: i.firm, Attested: true, ValidateOnly: true})
	if err != nil {
		f := describe(err, a.language())
		f.hint = kept
		return f
	}
	i.page.line()
	i.page.line(i.say("cli.ask.preview"))
	i.page.line()
	preview.GetFirm().Name = "" // the id of a check is not that of the registration
	writeProfile(i.page, i.voice, preview.GetFirm())
	if !affirmed(i.ask("cli.attest.question")) {
		return hinted(kept, tell("cli.wrong.unattested"))
	}
	if r.dry || !affirmed(i.ask("cli.ask.send")) {
		return hinted(kept, tell("cli.ask.unsent"))
	}
	answer, err := client.RegisterFirm(r.cmd.Context(), &tandemv1.RegisterFirmRequest{Firm: i.firm, Attested: true, RequestId: requestID()})
	if err != nil {
		return err
	}
	i.page.line()
	i.page.paragraph("", i.say("cli.ask.written", catalog.Literal(r.out)))
	return a.showRegistration(answer, r.keep, false)
}

// writeProfileFile writes a profile as "tandem register FILE" reads it.
func (a *app) writeProfileFile(name string, firm *tandemv1.Firm) error {
	content, err := (protoyaml.MarshalOptions{UseProtoNames: true}).Marshal(firm)
	if err != nil {
		return fmt.Errorf("writing YAML: %w", err)
	}
	return a.writeFile(cmp.Or(name, "-"), 0o600, func(w io.Writer) error { _, err := w.Write(content); return err })
}
