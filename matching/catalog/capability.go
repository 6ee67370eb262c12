package catalog

import (
	"io/fs"
	"slices"
	"strings"
)

// Code is the index of a capability in a Catalog: its place in file order, so parents have smaller codes than their
// children. It is valid for one catalogue only; the capability's text is its stable name.
type Code uint16

// Capability is a node of the tree of what firms bring and look for.
type Capability struct {
	Index        Code
	Code         string // dotted, such as "underwater.sonar.towed-array"
	Parent       string // empty for a root
	Depth        int    // 1 root, 2 group, 3 leaf of a group
	Name         Text
	Synonyms     [3][]string // search terms by Language
	KIC          string      // slug of a Key Industrial Capability, or empty; not inherited
	KoreaClasses []string    // slugs of classes of Korean defence materiel; a hint, never a legal classification; not inherited
	RoadshowArea string      // slug of an interest area of the 2025 Roadshow, or empty; not inherited
	Note         string      // a remark for organisers, in English
}

const (
	maxDepth        = 3
	maxCapabilities = 1 << 15
)

func (c *Catalog) readCapabilities(files fs.FS) error {
	t, err := readTable(files, "capabilities.csv", "code", "parent", "name_en", "name_fr", "name_ko",
		"synonyms_en", "synonyms_fr", "synonyms_ko", "kic", "korea_class", "roadshow_area", "note")
	if err != nil {
		return err
	}
	if len(t.rows) > maxCapabilities {
		return &LoadError{File: t.file, Why: "too many rows for a 16-bit code"}
	}
	c.codes = make(map[string]Code, len(t.rows))
	c.children = make([][]Code, len(t.rows))
	for i, r := range t.rows {
		node := Capability{
			Index:        Code(i),
			Code:         r.id("code"),
			Parent:       r.cell("parent"),
			Name:         r.name(),
			Synonyms:     [3][]string{r.list("synonyms_en"), r.list("synonyms_fr"), r.list("synonyms_ko")},
			KIC:          r.cell("kic"),
			KoreaClasses: r.list("korea_class"),
			RoadshowArea: r.cell("roadshow_area"),
			Note:         r.cell("note"),
		}
		node.Depth = 1 + strings.Count(node.Code, ".")
		c.checkCapability(r, node)
		if r.err != nil {
			return r.err
		}
		if node.Parent != "" {
			parent := c.codes[node.Parent]
			c.children[parent] = append(c.children[parent], node.Index)
		}
		c.codes[node.Code] = node.Index
		c.capabilities = append(c.capabilities, node)
	}
	c.terms = newTermIndex(c.capabilities)
	return nil
}

func (c *Catalog) checkCapability(r *row, node Capability) {
	if _, ok := c.codes[node.Code]; ok {
		r.fail("code", "%q stands twice", node.Code)
	}
	if node.Depth > maxDepth {
		r.fail("code", "%q has %d levels: at most %d", node.Code, node.Depth, maxDepth)
	}
	want := ""
	if i := strings.LastIndexByte(node.Code, '.'); i >= 0 {
		want = node.Code[:i]
	}
	if node.Parent != want {
		r.fail("parent", "%q: want %q, the code without its last part", node.Parent, want)
	}
	if _, ok := c.codes[want]; want != "" && !ok {
		r.fail("parent", "%q has no row above this one", want)
	}
	for l, column := range []string{"synonyms_en", "synonyms_fr", "synonyms_ko"} {
		if len(node.Synonyms[l]) < 2 {
			r.fail(column, "%d search terms: want at least 2", len(node.Synonyms[l]))
		}
	}
	c.checkLabel(r, "kic", "kic", node.KIC)
	c.checkLabel(r, "roadshow_area", "roadshow-2025", node.RoadshowArea)
	for _, class := range node.KoreaClasses {
		c.checkLabel(r, "korea_class", "korea-class", class)
	}
}

// capabilityList reads a cell of capability codes.
func (c *Catalog) capabilityList(r *row, column string) []string {
	codes := r.list(column)
	for _, code := range codes {
		c.checkCode(r, column, code)
	}
	return codes
}

func (c *Catalog) checkCode(r *row, column, code string) {
	if _, ok := c.codes[code]; !ok {
		r.fail(column, "%q is no capability: nearest are %s", code, strings.Join(c.Nearest(code, 3), ", "))
	}
}

// Len is the number of capabilities; codes run from 0 to Len-1.
func (c *Catalog) Len() int { return len(c.capabilities) }

// Capabilities returns all capabilities in file order, parents before their children.
func (c *Catalog) Capabilities() []Capability { return c.capabilities }

// Capability returns the capability of a code of this catalogue.
func (c *Catalog) Capability(code Code) Capability { return c.capabilities[code] }

// Lookup finds a capability by its text.
func (c *Catalog) Lookup(code string) (Code, bool) {
	index, ok := c.codes[code]
	return index, ok
}

// Parent returns the capability above, or false for a root.
func (c *Catalog) Parent(code Code) (Code, bool) {
	parent, ok := c.codes[c.capabilities[code].Parent]
	return parent, ok
}

// Children returns the capabilities directly below, in file order.
func (c *Catalog) Children(code Code) []Code { return c.children[code] }

// Leaf tells whether nothing lies below.
func (c *Catalog) Leaf(code Code) bool { return len(c.children[code]) == 0 }

// Ancestors returns the capabilities above, the parent first and the root last.
func (c *Catalog) Ancestors(code Code) []Code {
	var above []Code
	for parent, ok := c.Parent(code); ok; parent, ok = c.Parent(parent) {
		above = append(above, parent)
	}
	return above
}

// Within tells whether code is root or lies below it.
func (c *Catalog) Within(code, root Code) bool {
	return code == root || strings.HasPrefix(c.capabilities[code].Code, c.capabilities[root].Code+".")
}

// Root returns the top of the capability's branch.
func (c *Catalog) Root(code Code) Code { return c.atDepth(code, 1) }

// Group returns the capability at the coarse level that a counterpart may see: the second level, or a root itself.
func (c *Catalog) Group(code Code) Code { return c.atDepth(code, 2) }

func (c *Catalog) atDepth(code Code, depth int) Code {
	for c.capabilities[code].Depth > depth {
		code = c.codes[c.capabilities[code].Parent]
	}
	return code
}

// Coarse maps capability texts to their groups, sorted and without duplicates; unknown texts are left out.
func (c *Catalog) Coarse(codes []string) []string {
	groups := make([]string, 0, len(codes))
	for _, text := range codes {
		if code, ok := c.codes[text]; ok {
			groups = append(groups, c.capabilities[c.Group(code)].Code)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}
