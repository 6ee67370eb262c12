package catalog

import "io/fs"

// Label is an entry of an external list that capabilities point to, such as a Key Industrial Capability.
type Label struct {
	Scheme string // one of CrosswalkSchemes
	Slug   string // unique inside its scheme
	Name   Text
}

func (c *Catalog) readLabels(files fs.FS) error {
	t, err := readTable(files, "crosswalks.csv", "scheme", "slug", "name_en", "name_fr", "name_ko")
	if err != nil {
		return err
	}
	for _, r := range t.rows {
		label := Label{
			Scheme: r.oneOf("scheme", CrosswalkSchemes()),
			Slug:   r.id("slug"),
			Name:   r.name(),
		}
		if _, ok := c.Label(label.Scheme, label.Slug); ok {
			r.fail("slug", "%q stands twice in %s", label.Slug, label.Scheme)
		}
		if r.err != nil {
			return r.err
		}
		c.labels = append(c.labels, label)
	}
	return nil
}

// checkLabel refuses a cell that points to no entry of a list; empty cells point nowhere.
func (c *Catalog) checkLabel(r *row, column, scheme, slug string) {
	if _, ok := c.Label(scheme, slug); slug != "" && !ok {
		r.fail(column, "%q is not in the list %s of crosswalks.csv", slug, scheme)
	}
}

// Labels returns the entries of all external lists in file order.
func (c *Catalog) Labels() []Label { return c.labels }

// Label finds an entry of an external list.
func (c *Catalog) Label(scheme, slug string) (Label, bool) {
	for _, label := range c.labels {
		if label.Scheme == scheme && label.Slug == slug {
			return label, true
		}
	}
	return Label{}, false
}
