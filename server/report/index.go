package report

import (
	"cmp"
	"slices"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// register is the index of one side's organisations.
type register struct {
	Title string
	Count string
	Firms []registered
	Alone []named // those without a pairing
}

// registered is an organisation with its pairings, best first by its own list.
type registered struct {
	named
	Place    string
	Kind     string
	Pairings []reference
}

// reference leads to a pairing by its place in the report.
type reference struct {
	Position int
	Name     words
	Score    string
	Compiled bool

	rank int32
}

// references lead from each organisation to its pairings.
type references map[string][]reference

// refer notes a pairing for both of its organisations.
func (r *reader) refer(to references, w row) {
	for side, rank := range [2]int32{w.GetFirstRank(), w.GetSecondRank()} {
		own := w.firms[side].GetName()
		to[own] = append(to[own], reference{
			Position: w.position, Name: r.firm(w.firms[1-side]).Name, Score: r.number(int(w.GetScore())),
			Compiled: compiled(w.firms[1-side]), rank: rank,
		})
	}
}

// register lists the organisations of one side by name.
func (r *reader) register(side int, references references) register {
	index := register{Title: r.side(side)}
	firms := r.members(side)
	for _, f := range firms {
		own, ok := references[f.GetName()]
		if !ok {
			index.Alone = append(index.Alone, r.firm(f))
			continue
		}
		slices.SortStableFunc(own, func(a, b reference) int { return cmp.Compare(rankKey(a.rank), rankKey(b.rank)) })
		index.Firms = append(index.Firms, registered{named: r.firm(f), Place: r.place(f), Kind: r.kind(f), Pairings: own})
	}
	index.Count = r.number(len(firms))
	return index
}

// rankKey puts pairings that are only in the other side's list after those in one's own.
func rankKey(rank int32) int32 {
	if rank == 0 {
		return 1<<31 - 1
	}
	return rank
}

// members are the organisations of a side that take part, in the order of a reader's alphabet.
func (r *reader) members(side int) []*tandemv1.Firm {
	var firms []*tandemv1.Firm
	for _, f := range r.report.Snapshot.GetFirms() {
		if r.sideOf(f) == side && f.GetState() == tandemv1.Firm_APPROVED {
			firms = append(firms, f)
		}
	}
	slices.SortFunc(firms, func(a, b *tandemv1.Firm) int {
		return cmp.Or(cmp.Compare(alphabetic(nameIn(a).In(r.lang)), alphabetic(nameIn(b).In(r.lang))), cmp.Compare(a.GetName(), b.GetName()))
	})
	return firms
}

// unaccented folds the accents that French names have, so that É stands with E. Hangul is in alphabetic order as it is.
var unaccented = strings.NewReplacer("à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"î", "i", "ï", "i", "ô", "o", "ö", "o", "œ", "oe", "ù", "u", "û", "u", "ü", "u", "ÿ", "y")

func alphabetic(name string) string { return unaccented.Replace(strings.ToLower(name)) }
