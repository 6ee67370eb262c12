package scorecard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// Way is a way of ordering counterparts: the engine, a part of it, or something a user would take instead.
type Way struct {
	Name string
	// List orders the counterparts of an organisation, best first. Who is left out is in no list.
	List func(seeker string) []string
}

// Answers asks a way all questions.
func (w Way) Answers(questions []Question) []Values {
	out := make([]Values, len(questions))
	for i := range questions {
		out[i] = questions[i].Ask(w.List(questions[i].Seeker))
	}
	return out
}

// valued is a counterpart with its place: a lower tier first, then a higher value, then the id.
type valued struct {
	id    string
	tier  matching.Tier
	value int64
}

// sorted puts counterparts in order and keeps their ids.
func sorted(list []valued) []string {
	slices.SortFunc(list, func(a, b valued) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(b.value, a.value), strings.Compare(a.id, b.id))
	})
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].id
	}
	return ids
}

// fromPairings orders counterparts by a value of the scored pairs.
func fromPairings(name string, pairings []matching.Pairing, value func(*matching.Pairing) (matching.Tier, int64)) Way {
	lists := map[string][]valued{}
	for i := range pairings {
		p := &pairings[i]
		tier, v := value(p)
		lists[p.First] = append(lists[p.First], valued{p.Second, tier, v})
		lists[p.Second] = append(lists[p.Second], valued{p.First, tier, v})
	}
	return Way{name, func(seeker string) []string { return sorted(lists[seeker]) }}
}

// Scored is the engine's own order.
func Scored(name string, pairings []matching.Pairing) Way {
	return fromPairings(name, pairings, func(p *matching.Pairing) (matching.Tier, int64) { return p.Tier, int64(p.Score) })
}

// OneWay adds up how well each side's needs are answered, as if a pair were two separate searches.
func OneWay(pairings []matching.Pairing) Way {
	return fromPairings("sum of one-way needs", pairings, func(p *matching.Pairing) (matching.Tier, int64) {
		return 0, int64(p.FirstCoverage) + int64(p.SecondCoverage)
	})
}

// LookAlike finds who offers the same, as similarity search over profiles does: the cosine of the offers, each a vector of
// its capability and, weaker, of what that lies under.
func LookAlike(cat *catalog.Catalog, profiles []matching.Profile) Way {
	vectors := map[string]map[catalog.Code]int64{}
	sides := map[string]matching.Side{}
	for i := range profiles {
		vectors[profiles[i].ID], sides[profiles[i].ID] = offerVector(cat, &profiles[i]), profiles[i].Side
	}
	return Way{"look-alike search", func(seeker string) []string {
		var list []valued
		for id, vector := range vectors {
			if sides[id] == sides[seeker] {
				continue
			}
			if dot := product(vectors[seeker], vector); dot > 0 {
				// The square of the cosine orders as the cosine does.
				list = append(list, valued{id: id, value: dot * dot * whole / (product(vectors[seeker], vectors[seeker]) * product(vector, vector))})
			}
		}
		return sorted(list)
	}}
}

func offerVector(cat *catalog.Catalog, p *matching.Profile) map[catalog.Code]int64 {
	vector := map[catalog.Code]int64{}
	for _, o := range p.Offers {
		weight := int64(8)
		if o.Level == matching.Secondary {
			weight = 4
		}
		vector[o.Capability] += weight
		for i, above := range cat.Ancestors(o.Capability) {
			vector[above] += weight >> (i + 1)
		}
	}
	return vector
}

func product(a, b map[catalog.Code]int64) int64 {
	sum := int64(0)
	for code, weight := range a {
		sum += weight * b[code]
	}
	return sum
}
