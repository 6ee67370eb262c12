package sheet

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/type/money"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// readOffers reads what the organisation brings.
func (r *reader) readOffers() {
	for _, i := range r.words.items(fieldOffers, r.cell(fieldOffers)) {
		if r.uncertain(fieldOffers, i) {
			continue
		}
		o := &tandemv1.Offer{Capability: i.code}
		o.Detail, o.DetailNative = i.details()
		for _, a := range i.attributes {
			ok := true
			switch a.key {
			case "level":
				var value string
				value, ok = r.words.value("level", a.value)
				o.Level = tandemv1.Offer_Level(tandemv1.Offer_Level_value[value])
			case "trl":
				o.Trl, ok = integer(a.value, 9)
			case "modes":
				o.Modes, ok = r.modes(a.value)
			case "capacity":
				var n int32
				n, ok = integer(a.value, 1<<31-1)
				o.Capacity = &n
			case "detail":
				o.Detail = a.value
			case "detail_native":
				o.DetailNative = a.value
			case "designated_technology":
				_, o.DesignatedTechnology = r.words.value("yes", a.value)
			default:
				o.Material, ok = material(o.Material, a)
			}
			if !ok {
				r.wrong(false, fieldOffers, nil, "sheet.problem.attribute", a.said, shorten(a.value))
			}
		}
		r.row.Firm.Offers = append(r.row.Firm.Offers, o)
	}
}

// readNeeds reads what the organisation looks for.
func (r *reader) readNeeds() {
	for _, i := range r.words.items(fieldNeeds, r.cell(fieldNeeds)) {
		if r.uncertain(fieldNeeds, i) {
			continue
		}
		n := &tandemv1.Need{Capability: i.code}
		n.Detail, n.DetailNative = i.details()
		for _, a := range i.attributes {
			ok, value := true, ""
			switch a.key {
			case "aim":
				value, ok = r.words.value("aim", a.value)
				n.Aim = tandemv1.Need_Aim(tandemv1.Need_Aim_value[value])
			case "priority":
				value, ok = r.words.value("priority", a.value)
				n.Priority = tandemv1.Need_Priority(tandemv1.Need_Priority_value[value])
			case "classification":
				value, ok = r.words.value("classification", a.value)
				n.Classification = tandemv1.Need_Classification(tandemv1.Need_Classification_value[value])
			case "modes":
				n.Modes, ok = r.modes(a.value)
			case "detail":
				n.Detail = a.value
			case "detail_native":
				n.DetailNative = a.value
			case "amount":
				n.Amount, ok = amount(a.value)
			default:
				n.Material, ok = material(n.Material, a)
			}
			if !ok {
				r.wrong(false, fieldNeeds, nil, "sheet.problem.attribute", a.said, shorten(a.value))
			}
		}
		r.row.Firm.Needs = append(r.row.Firm.Needs, n)
	}
}

// uncertain notes an item whose capability is not certain: nothing is chosen for the organisation.
func (r *reader) uncertain(field string, i item) bool {
	switch {
	case i.code != "":
		return false
	case i.ambiguous:
		r.wrong(false, field, i.near, "sheet.problem.ambiguous", shorten(i.words), named(codeList(i.near)))
	case len(i.near) == 0:
		r.wrong(false, field, nil, "sheet.problem.capability.none", shorten(i.words))
	default:
		r.wrong(false, field, i.near, "sheet.problem.capability", shorten(i.words), named(codeList(i.near)))
	}
	return true
}

// details keeps the organisation's own words where they say more than the capability's name.
func (i item) details() (detail, native string) {
	switch {
	case i.exact:
		return "", ""
	case i.french || hasHangul(i.words):
		return "", i.words
	}
	return i.words, ""
}

// modes reads the ways of working together of an offer or a need.
func (r *reader) modes(text string) ([]tandemv1.Mode, bool) {
	var list []tandemv1.Mode
	for piece := range strings.SplitSeq(text, ",") {
		mode, ok := r.words.mode(piece)
		if !ok {
			return list, false
		}
		list = append(list, mode)
	}
	return list, true
}

func integer(text string, most int64) (int32, bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 || n > most {
		return 0, false
	}
	return int32(n), true //nolint:gosec // most is within int32
}

// material reads what is said of a material; false for an attribute that an offer or a need does not have.
func material(m *tandemv1.Material, a pair) (*tandemv1.Material, bool) {
	if m == nil {
		m = new(tandemv1.Material)
	}
	ok := true
	switch a.key {
	case "grade":
		m.Grade = a.value
	case "form":
		m.Form = a.value
	case "tonnes_per_year":
		m.TonnesPerYear, ok = integer(a.value, 1<<31-1)
	default:
		return nil, false
	}
	return m, ok
}

// amount reads "CAD 1200.50".
func amount(text string) (*money.Money, bool) {
	currency, figure, ok := strings.Cut(strings.TrimSpace(text), " ")
	if !ok || len(currency) != 3 {
		return nil, false
	}
	whole, fraction, _ := strings.Cut(figure, ".")
	units, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || len(fraction) > 9 {
		return nil, false
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 32)
	if err != nil {
		return nil, false
	}
	if strings.HasPrefix(whole, "-") {
		nanos = -nanos
	}
	return &money.Money{CurrencyCode: currency, Units: units, Nanos: int32(nanos)}, true //nolint:gosec // at most nine digits
}

// writeOffer is the line from which readOffers makes the same offer.
func (w *words) writeOffer(o *tandemv1.Offer) string {
	line := w.line(o.GetCapability())
	line.enum("level", int32(o.GetLevel()), o.GetLevel().String())
	line.number("trl", o.GetTrl() != 0, o.GetTrl())
	line.modes(o.GetModes())
	line.number("capacity", o.Capacity != nil, o.GetCapacity())
	line.text("detail", o.GetDetail())
	line.text("detail_native", o.GetDetailNative())
	if o.GetDesignatedTechnology() {
		line.text("designated_technology", w.catalog.Sentence(w.writes, "sheet.yes"))
	}
	line.material(o.GetMaterial())
	return line.String()
}

// writeNeed is the line from which readNeeds makes the same need.
func (w *words) writeNeed(n *tandemv1.Need) string {
	line := w.line(n.GetCapability())
	line.enum("aim", int32(n.GetAim()), n.GetAim().String())
	line.modes(n.GetModes())
	line.enum("priority", int32(n.GetPriority()), n.GetPriority().String())
	line.enum("classification", int32(n.GetClassification()), n.GetClassification().String())
	line.text("detail", n.GetDetail())
	line.text("detail_native", n.GetDetailNative())
	line.material(n.GetMaterial())
	if m := n.GetAmount(); m != nil {
		fraction := strings.TrimRight(fmt.Sprintf("%09d", max(m.GetNanos(), -m.GetNanos())), "0")
		sign := ""
		if m.GetUnits() == 0 && m.GetNanos() < 0 {
			sign = "-"
		}
		line.text("amount", strings.TrimSuffix(fmt.Sprintf("%s %s%d.%s", m.GetCurrencyCode(), sign, m.GetUnits(), fraction), "."))
	}
	return line.String()
}

// itemLine is an item being written.
type itemLine struct {
	strings.Builder
	words *words
}

// line begins an item with its capability: its name for the person, its code for the reader of the table.
func (w *words) line(code string) *itemLine {
	line := &itemLine{words: w}
	line.WriteString(barEscapes.Replace(w.labelled(code)))
	return line
}

// labelled is a capability as "Name [code]", which reads back as the code.
func (w *words) labelled(code string) string {
	if at, ok := w.catalog.Lookup(code); ok {
		return w.catalog.Capability(at).Name.In(w.writes) + " [" + code + "]"
	}
	return "[" + code + "]"
}

func (l *itemLine) text(key, value string) {
	if value != "" {
		l.WriteString(l.key(key) + barEscapes.Replace(value))
	}
}

// key is what stands before a value.
func (l *itemLine) key(key string) string {
	return " | " + l.words.catalog.Sentence(l.words.writes, "attribute."+key) + ": "
}

func (l *itemLine) enum(family string, number int32, value string) {
	l.text(family, l.words.enum(family, number, value))
}

func (l *itemLine) number(key string, stated bool, value int32) {
	if stated {
		l.text(key, strconv.Itoa(int(value)))
	}
}

func (l *itemLine) modes(modes []tandemv1.Mode) {
	var list []string
	for _, mode := range modes {
		list = append(list, l.words.enum("mode", int32(mode), mode.String()))
	}
	l.text("modes", strings.Join(list, ", "))
}

func (l *itemLine) material(m *tandemv1.Material) {
	if m == nil {
		return
	}
	l.WriteString(l.key("grade") + barEscapes.Replace(m.GetGrade())) // also where it is empty: it says that there is a material
	l.text("form", m.GetForm())
	l.number("tonnes_per_year", m.GetTonnesPerYear() != 0, m.GetTonnesPerYear())
}

// codeList names codes in the reader's language, as an argument of a sentence.
func codeList(codes []string) string {
	args := make([]string, len(codes))
	for i, code := range codes {
		args[i] = "cap:" + code
	}
	return catalog.List(args...)
}
