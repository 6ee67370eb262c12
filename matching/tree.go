package matching

import (
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// tree is the catalogue's tree as two tables: routes and gates ask it many times for every explained pair.
type tree struct {
	parent []catalog.Code // a root is its own
	depth  []int
	themes [][]bool // by theme of the catalogue and capability: whether the theme covers it
}

func newTree(cat *catalog.Catalog) *tree {
	t := &tree{}
	for _, c := range cat.Capabilities() {
		parent, ok := cat.Parent(c.Index)
		if !ok {
			parent = c.Index
		}
		t.parent, t.depth = append(t.parent, parent), append(t.depth, c.Depth)
	}
	for _, theme := range cat.Themes() {
		t.themes = append(t.themes, t.marked(codesOf(cat, theme.Capabilities)))
	}
	return t
}

// within tells whether a capability is root or lies below it.
func (t *tree) within(code, root catalog.Code) bool {
	for t.depth[code] > t.depth[root] {
		code = t.parent[code]
	}
	return code == root
}

// withinAny tells whether a capability lies in one of the given subtrees.
func (t *tree) withinAny(code catalog.Code, roots []catalog.Code) bool {
	return slices.ContainsFunc(roots, func(root catalog.Code) bool { return t.within(code, root) })
}

// marked marks all capabilities that lie in the given subtrees.
func (t *tree) marked(roots []catalog.Code) []bool {
	marked := make([]bool, len(t.parent))
	for code := range marked {
		marked[code] = t.withinAny(catalog.Code(code), roots)
	}
	return marked
}
