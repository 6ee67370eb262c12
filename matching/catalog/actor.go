package catalog

import (
	"io/fs"
	"slices"
)

// Actor is a ministry, agency, command, alliance or association around the partnership. It is a contact or a party,
// never a firm.
type Actor struct {
	ID             string
	Name           Text
	Country        string // or "multilateral"
	Kind           string // one of ActorKinds
	Role           string // what a pairing would contact it for, in English
	IndustryFacing bool   // false: exists, but is never named to a firm
	Sources        []string
}

func (c *Catalog) readActors(files fs.FS) error {
	t, err := readTable(files, "actors.csv", "id", "name_en", "name_fr", "name_ko", "country", "kind", "role", "industry_facing", "source")
	if err != nil {
		return err
	}
	if err := t.uniqueIDs(); err != nil {
		return err
	}
	for _, r := range t.rows {
		actor := Actor{
			ID:             r.id("id"),
			Name:           r.name(),
			Country:        r.must("country"),
			Kind:           r.oneOf("kind", ActorKinds()),
			Role:           r.must("role"),
			IndustryFacing: r.boolean("industry_facing"),
			Sources:        r.sources(),
		}
		if r.err != nil {
			return r.err
		}
		c.actors = append(c.actors, actor)
	}
	return nil
}

// Actors returns the actors in file order.
func (c *Catalog) Actors() []Actor { return c.actors }

// Actor finds an actor by its id.
func (c *Catalog) Actor(id string) (Actor, bool) {
	i := slices.IndexFunc(c.actors, func(a Actor) bool { return a.ID == id })
	if i < 0 {
		return Actor{}, false
	}
	return c.actors[i], true
}
