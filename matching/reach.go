package matching

import "fmt"

// Reach is how many counterparts an organisation has, whatever their rank.
type Reach struct {
	Reciprocal int // counterparts that answer it and are answered by it
	OneSided   int // counterparts with which only one side finds something
}

// Reach counts the counterparts of an organisation that takes part; one that does not reaches nobody.
func (m *Market) Reach(id string) (Reach, error) {
	f := m.roster.find(id)
	if f == nil {
		return Reach{}, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	n := m.count(f, newScratch())
	return Reach{Reciprocal: n.reciprocal, OneSided: n.oneSided}, nil
}

// ReachAdmitted counts the counterparts that an organisation would have if it took part with what its profile says: what it reaches with
// offers or needs alone, before the rest is filled in.
func (m *Market) ReachAdmitted(id string) (Reach, error) {
	found := m.roster.find(id)
	if found == nil {
		return Reach{}, fmt.Errorf("%s: %w", id, ErrNotFound)
	}
	admitted := *found
	admitted.takes = true
	n := m.count(&admitted, newScratch())
	return Reach{Reciprocal: n.reciprocal, OneSided: n.oneSided}, nil
}
