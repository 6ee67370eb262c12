package matching

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// A record is a profile as a string of bytes: what a Market keeps of those whom nobody asks about, and what an image holds.
// A hundred texts in one string cost the collector nothing, and a profile that is read from it shares its bytes.

// record writes a profile.
func record(p *Profile) string {
	w := &recordWriter{}
	w.text(p.ID, p.Region, p.Name, p.NativeName, p.Country, p.Summary.EN, p.Summary.Native, p.ResponsibleUse)
	w.number(int(p.Side), int(p.Status), int(p.Kind), int(p.Size), int(p.Modes), int(p.Provenance))
	w.texts(p.Missing)
	w.texts(p.Programs)
	w.texts(p.Exclusions)
	w.number(len(p.Offers))
	for i := range p.Offers {
		o := &p.Offers[i]
		w.number(int(o.Capability), int(o.Level), o.TRL, int(o.Modes))
		if o.Capacity == nil {
			w.number(0)
		} else {
			w.number(1)
			w.signed(*o.Capacity)
		}
		w.words(o.Detail)
		w.truth(o.DesignatedTechnology)
		w.material(o.Material)
	}
	w.number(len(p.Needs))
	for i := range p.Needs {
		n := &p.Needs[i]
		w.number(int(n.Capability), int(n.Aim), int(n.Modes), int(n.Priority), int(n.Classification))
		w.words(n.Detail)
		w.material(n.Material)
	}
	return string(w.bytes)
}

// recordWriter appends what records consist of.
type recordWriter struct{ bytes []byte }

func (w *recordWriter) number(numbers ...int) {
	for _, n := range numbers {
		w.bytes = binary.AppendUvarint(w.bytes, uint64(n)) //nolint:gosec // sizes and enums
	}
}

func (w *recordWriter) signed(n int32) { w.bytes = binary.AppendVarint(w.bytes, int64(n)) }

func (w *recordWriter) text(texts ...string) {
	for _, s := range texts {
		w.number(len(s))
		w.bytes = append(w.bytes, s...)
	}
}

func (w *recordWriter) texts(list []string) {
	w.number(len(list))
	w.text(list...)
}

func (w *recordWriter) words(words Words) { w.text(words.EN, words.Native) }

func (w *recordWriter) truth(b bool) {
	if b {
		w.number(1)
	} else {
		w.number(0)
	}
}

func (w *recordWriter) material(m Material) {
	if w.truth(m.stated()); m.stated() {
		w.text(m.Grade, m.Form)
		w.signed(m.TonnesPerYear)
	}
}

// errRecord is returned for bytes that are no record.
var errRecord = errors.New("a record of an organisation breaks off or says what cannot be")

// profileOf reads a record. The profile's texts are parts of the record itself.
func profileOf(record string) (Profile, error) {
	r := &recordReader{rest: record}
	p := Profile{ID: r.text(), Region: r.text(), Name: r.text(), NativeName: r.text(), Country: r.text()}
	p.Summary, p.ResponsibleUse = r.words(), r.text()
	p.Side, p.Status, p.Kind, p.Size = Side(r.small()), Status(r.small()), Kind(r.small()), Size(r.small())
	p.Modes, p.Provenance = r.modes(), Provenance(r.small())
	p.Missing, p.Programs, p.Exclusions = r.texts(), r.texts(), r.texts()
	if n := r.number(MaxOffers); n > 0 {
		p.Offers = make([]Offer, n)
	}
	for i := range p.Offers {
		o := &p.Offers[i]
		o.Capability, o.Level, o.TRL, o.Modes = r.code(), Level(r.small()), int(r.small()), r.modes()
		if r.truth() {
			capacity := r.signed()
			o.Capacity = &capacity
		}
		o.Detail, o.DesignatedTechnology, o.Material = r.words(), r.truth(), r.material()
	}
	if n := r.number(MaxNeeds); n > 0 {
		p.Needs = make([]Need, n)
	}
	for i := range p.Needs {
		n := &p.Needs[i]
		n.Capability, n.Aim, n.Modes = r.code(), Aim(r.small()), r.modes()
		n.Priority, n.Classification = Priority(r.small()), Classification(r.small())
		n.Detail, n.Material = r.words(), r.material()
	}
	if r.broken || r.rest != "" {
		return Profile{}, errRecord
	}
	return p, nil
}

// idOf reads only the id of a record.
func idOf(record string) string { return (&recordReader{rest: record}).text() }

// nameOfFirm reads only the names of a record.
func nameOfFirm(record string) (name, native string) {
	r := &recordReader{rest: record}
	r.text()
	r.text()
	return r.text(), r.text()
}

// hasMaterial tells whether any offer or need states a material.
func hasMaterial(p *Profile) bool {
	return slices.ContainsFunc(p.Offers, func(o Offer) bool { return o.Material.stated() }) ||
		slices.ContainsFunc(p.Needs, func(n Need) bool { return n.Material.stated() })
}

// recordReader takes from a record what recordWriter appends. Once something is missing it gives zeros.
type recordReader struct {
	rest   string
	broken bool
}

// uvarint is binary.Uvarint for a string.
func (r *recordReader) uvarint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		b := r.rest[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.rest, r.broken = "", true
	return 0
}

// number is at most limit.
func (r *recordReader) number(limit int) int {
	n := r.uvarint()
	if n > uint64(limit) { //nolint:gosec // limits are positive
		r.rest, r.broken = "", true
		return 0
	}
	return int(n) //nolint:gosec // below the limit
}

func (r *recordReader) small() uint8       { return uint8(r.number(math.MaxUint8)) } //nolint:gosec // below the limit
func (r *recordReader) truth() bool        { return r.number(1) == 1 }
func (r *recordReader) modes() ModeSet     { return ModeSet(r.number(math.MaxUint16)) }      //nolint:gosec // below the limit
func (r *recordReader) code() catalog.Code { return catalog.Code(r.number(math.MaxUint16)) } //nolint:gosec // below the limit

func (r *recordReader) signed() int32 {
	n := r.uvarint()
	return int32(n>>1) ^ -int32(n&1) //nolint:gosec // written as 32 bits
}

func (r *recordReader) text() string {
	n := r.number(len(r.rest))
	if n > len(r.rest) { // the length itself took some of it
		r.rest, r.broken = "", true
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *recordReader) texts() []string {
	n := r.number(len(r.rest))
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.text()
	}
	return list
}

func (r *recordReader) words() Words { return Words{EN: r.text(), Native: r.text()} }

func (r *recordReader) material() (m Material) {
	if r.truth() {
		m.Grade, m.Form = r.text(), r.text()
		m.TonnesPerYear = r.signed()
	}
	return m
}
