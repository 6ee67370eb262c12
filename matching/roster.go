package matching

import (
	"maps"
	"strings"
)

// roster finds organisations by id. It is cut into so many small maps that a copy with a few changes costs next to nothing.
type roster struct {
	parts []map[string]*firm
}

const rosterParts = 1024

func newRoster() *roster { return &roster{make([]map[string]*firm, rosterParts)} }

func (r *roster) part(id string) int { return int(hashWord(id) % rosterParts) }

func (r *roster) find(id string) *firm { return r.parts[r.part(id)][id] }

// add notes an organisation in a roster that nobody else has yet.
func (r *roster) add(f *firm) {
	at := r.part(f.id)
	if r.parts[at] == nil {
		r.parts[at] = make(map[string]*firm)
	}
	r.parts[at][f.id] = f
}

// with returns the roster without some and with others.
func (r *roster) with(gone, newcomers []*firm) *roster {
	next := &roster{append([]map[string]*firm(nil), r.parts...)}
	copied := make(map[int]bool, len(gone)+len(newcomers))
	own := func(f *firm) map[string]*firm {
		at := r.part(f.id)
		if !copied[at] {
			copied[at] = true
			if next.parts[at] = maps.Clone(r.parts[at]); next.parts[at] == nil {
				next.parts[at] = make(map[string]*firm)
			}
		}
		return next.parts[at]
	}
	for _, f := range gone {
		delete(own(f), f.id)
	}
	for _, f := range newcomers {
		own(f)[f.id] = f
	}
	return next
}

func byID(a, b *firm) int { return strings.Compare(a.id, b.id) }
