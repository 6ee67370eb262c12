package catalog

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentence renders a sentence of messages.csv. Arguments are stored without a language and named on rendering, by prefix:
//
//	cap:underwater.sonar  fw:rd-mou  prog:cpsp  venue:cansec  actor:drdc  theme:focus-asw  region:KR-26  country:CA
//	kic:munitions  korea-class:ammunition  roadshow-2025:satellites  pipir:production      entries of external lists
//	mode:CO_DEVELOPMENT (or mode:co-development)  kind:COMPANY  gate:HOLD ...              families of messages.csv
//	n:1200  pct:45  date:2026-02-25  date:2026-02                                          numbers and days
//	list:cap:naval|cap:space                                                               build it with List
//	text:anything                                                                          build it with Literal
//
// Anything else stands for itself; text that a user wrote goes through Literal, so that it cannot pass for a name. An
// unknown id is shown as it is. An unknown key is a programming error and comes back in guillemets.
func (c *Catalog) Sentence(l Language, key string, args ...string) string {
	m, ok := c.messages[key]
	if !ok || int(l) >= len(m) {
		return "«" + key + "»"
	}
	b := make([]byte, 0, 256) // on the stack, for all but the longest
	for _, p := range m[l] {
		switch {
		case p.argument < 0:
			literal := p.literal
			if len(b) > 0 && b[len(b)-1] == '.' {
				literal = strings.TrimPrefix(literal, ".") // a name such as "Rutter Inc." ends the sentence too
			}
			b = append(b, literal...)
		case p.argument >= len(args):
			b = append(b, "«"+key+" {"+strconv.Itoa(p.argument)+"}»"...)
		default:
			b = append(b, c.formed(l, args[p.argument], p.forms)...)
		}
	}
	return string(b)
}

// Name renders one typed argument, such as "cap:naval", as it would stand in a sentence.
func (c *Catalog) Name(l Language, arg string) string { return c.named(l, arg, false) }

// named is Name, with the names of capabilities as they stand inside a sentence where lower is asked.
func (c *Catalog) named(l Language, arg string, lower bool) string {
	prefix, id, typed := strings.Cut(arg, ":")
	if !typed {
		return arg
	}
	switch prefix {
	case "text":
		return id
	case "n":
		return groupDigits(l, id)
	case "pct":
		return c.Sentence(l, "number.percent", "n:"+id)
	case "date":
		return c.day(l, id)
	case "list":
		return c.enumeration(l, splitList(id), lower)
	}
	if c.overlay != nil {
		if name, ok := c.overlay(prefix, id); ok {
			return name.In(l)
		}
	}
	if name, ok := c.names[arg]; ok {
		if lower && prefix == "cap" {
			return lowered(name.In(l))
		}
		return name.In(l)
	}
	if prefix == "mode" {
		id = ModeName(id)
	}
	switch {
	case !isNamed(prefix):
		return arg
	case c.HasSentence(prefix + "." + id):
		return c.Sentence(l, prefix+"."+id)
	default:
		return id
	}
}

// namedFamilies are the prefixes whose names are sentences of messages.csv, and those of rows.
var namedFamilies = []string{
	"mode", "kind", "size", "level", "aim", "priority", "tier", "band", "gate", "rule", "country", "classification", "provenance",
	"framework_kind", "framework_status", "program_status", "venue_kind", "actor_kind", "theme_kind", "relation", "coast", "language", "field", "role", "cli.run_state",
	"cap", "fw", "prog", "venue", "actor", "theme", "region", "firm", "kic", "korea-class", "roadshow-2025", "pipir",
}

func isNamed(prefix string) bool {
	for _, family := range namedFamilies {
		if family == prefix {
			return true
		}
	}
	return false
}

// WithNames returns a catalogue that asks overlay for names first: those of frameworks, programs and venues that
// organisers added or renamed, and of firms. Everything else is shared with c. The overlay must not change its answers.
func (c *Catalog) WithNames(overlay func(prefix, id string) (Text, bool)) *Catalog {
	named := *c
	named.overlay = overlay
	return &named
}

// collectNames gathers the names of all rows by typed argument.
func (c *Catalog) collectNames() map[string]Text {
	names := map[string]Text{}
	for _, row := range c.capabilities {
		names["cap:"+row.Code] = row.Name
	}
	for _, row := range c.frameworks {
		names["fw:"+row.ID] = row.Name
	}
	for _, row := range c.programs {
		names["prog:"+row.ID] = row.Name
	}
	for _, row := range c.venues {
		names["venue:"+row.ID] = row.Name
	}
	for _, row := range c.actors {
		names["actor:"+row.ID] = row.Name
	}
	for _, row := range c.themes {
		names["theme:"+row.ID] = row.Name
	}
	for _, row := range c.regions {
		names["region:"+row.Code] = row.Name
	}
	for _, row := range c.labels {
		names[row.Scheme+":"+row.Slug] = row.Name
	}
	return names
}

// Literal makes an argument of text that stands for itself whatever it begins with.
func Literal(s string) string { return "text:" + s }

// Number makes an argument of a number.
func Number(n int) string { return "n:" + strconv.Itoa(n) }

// listEscapes keeps the items of a list apart.
var listEscapes = strings.NewReplacer(`\`, `\\`, `|`, `\|`)

// List makes one argument of several, which are joined by commas and "and".
func List(args ...string) string {
	escaped := make([]string, len(args))
	for i, arg := range args {
		escaped[i] = listEscapes.Replace(arg)
	}
	return "list:" + strings.Join(escaped, "|")
}

// splitList undoes List.
func splitList(s string) []string {
	if s == "" {
		return nil
	}
	items := []string{""}
	for escaped := false; s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		last := &items[len(items)-1]
		switch {
		case escaped:
			*last += s[:size]
			escaped = false
		case r == '\\':
			escaped = true
		case r == '|':
			items = append(items, "")
		default:
			*last += s[:size]
		}
		s = s[size:]
	}
	return items
}

// enumeration joins "a, b and c" as the language does.
func (c *Catalog) enumeration(l Language, args []string, lower bool) string {
	joined := ""
	for i, arg := range args {
		name := c.named(l, arg, lower)
		switch {
		case i == 0:
			joined = name
		case i == len(args)-1:
			joined = c.Sentence(l, "list.and", Literal(joined), Literal(name))
		default:
			joined = c.Sentence(l, "list.comma", Literal(joined), Literal(name))
		}
	}
	return joined
}

// groupDigits writes a whole number with the language's mark between groups of three.
func groupDigits(l Language, digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return sign + digits
	}
	mark := ","
	if l == FR {
		mark = "\u00a0"
	}
	grouped := ""
	for len(digits) > 3 {
		grouped = mark + digits[len(digits)-3:] + grouped
		digits = digits[:len(digits)-3]
	}
	return sign + digits + grouped
}

// day writes an ISO date or month in words; anything else stands for itself.
func (c *Catalog) day(l Language, iso string) string {
	if len(iso) < 7 || !isDate(iso[:7]+"-01") {
		return iso
	}
	year, month := Literal(iso[:4]), Literal(c.Sentence(l, "month."+iso[5:7]))
	if len(iso) == 7 {
		return c.Sentence(l, "date.month", year, month)
	}
	if !isDate(iso) {
		return iso
	}
	number := strconv.Itoa(number(iso[8:]))
	if l == FR && number == "1" {
		number = "1er"
	}
	return c.Sentence(l, "date.day", year, month, Literal(number))
}

// formed renders an argument in the forms that its placeholder asks for.
func (c *Catalog) formed(l Language, arg string, forms []string) string {
	if isPlural(forms) {
		return forms[pluralOf(l, arg)]
	}
	name := c.named(l, arg, slices.Contains(forms, formLower))
	for _, form := range forms {
		switch form {
		case formLower: // named saw to it
		case formOf:
			name = elided(name)
		default:
			bare, alone := strings.CutPrefix(form, "~")
			particle := particleAfter(name, bare)
			if alone {
				return particle
			}
			name += particle
		}
	}
	return name
}

// pluralOf picks the singular (0) or plural (1): English counts one as singular, French zero and one. Korean has no
// plural, so a Korean sentence has no reason to ask.
func pluralOf(l Language, arg string) int {
	n := number(strings.TrimPrefix(arg, "n:"))
	if n == 1 || n == 0 && l == FR {
		return 0
	}
	return 1
}

// lowered takes the capital from the start of a capability's name unless its first word is an abbreviation or a proper noun.
func lowered(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	second, _ := utf8.DecodeRuneInString(name[size:])
	if !unicode.IsUpper(first) || !unicode.IsLower(second) {
		return name
	}
	word, _, _ := strings.Cut(name, " ")
	for _, proper := range properNouns {
		if word == proper {
			return name
		}
	}
	return string(unicode.ToLower(first)) + name[size:]
}

// properNouns are first words of capability names that keep their capital.
var properNouns = []string{"Arctic", "Earth"}
