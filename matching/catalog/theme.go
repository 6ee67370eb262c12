package catalog

import (
	"io/fs"
	"slices"
)

// Theme is a principle, field of work, policy or focus domain that the partnership names. It tags pairings and opens
// sections of reports; it is never an input of the score.
type Theme struct {
	ID             string
	Name           Text
	Kind           string // one of ThemeKinds
	IndustryFacing bool   // false: never printed in a brief for firms
	Capabilities   []string
	Note           string
}

func (c *Catalog) readThemes(files fs.FS) error {
	t, err := readTable(files, "themes.csv", "id", "name_en", "name_fr", "name_ko", "kind", "industry_facing", "capabilities", "note")
	if err != nil {
		return err
	}
	if err := t.uniqueIDs(); err != nil {
		return err
	}
	for _, r := range t.rows {
		theme := Theme{
			ID:             r.id("id"),
			Name:           r.name(),
			Kind:           r.oneOf("kind", ThemeKinds()),
			IndustryFacing: r.boolean("industry_facing"),
			Capabilities:   c.capabilityList(r, "capabilities"),
			Note:           r.cell("note"),
		}
		if theme.Kind == "focus" && len(theme.Capabilities) == 0 {
			r.fail("capabilities", "empty: a focus domain is made of capabilities")
		}
		if r.err != nil {
			return r.err
		}
		c.themes = append(c.themes, theme)
	}
	return nil
}

// Covers tells whether a capability belongs to the theme.
func (t Theme) Covers(c *Catalog, code Code) bool {
	return slices.ContainsFunc(t.Capabilities, func(text string) bool {
		root, ok := c.Lookup(text)
		return ok && c.Within(code, root)
	})
}

// Themes returns the themes in file order.
func (c *Catalog) Themes() []Theme { return c.themes }

// Theme finds a theme by its id.
func (c *Catalog) Theme(id string) (Theme, bool) {
	i := slices.IndexFunc(c.themes, func(t Theme) bool { return t.ID == id })
	if i < 0 {
		return Theme{}, false
	}
	return c.themes[i], true
}
