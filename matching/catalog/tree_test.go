package catalog

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustLookup(t *testing.T, c *Catalog, text string) Code {
	t.Helper()
	code, ok := c.Lookup(text)
	if !ok {
		t.Fatalf("capability %q is missing", text)
	}
	return code
}

func TestTree(t *testing.T) {
	c := Embedded()
	leaf, group, root := mustLookup(t, c, "underwater.sonar.towed-array"), mustLookup(t, c, "underwater.sonar"), mustLookup(t, c, "underwater")
	other := mustLookup(t, c, "naval")
	if diff := cmp.Diff([]Code{group, root}, c.Ancestors(leaf)); diff != "" {
		t.Errorf("ancestors (-want +got):\n%s", diff)
	}
	if parent, ok := c.Parent(leaf); !ok || parent != group {
		t.Errorf("parent is %v, %v", parent, ok)
	}
	if _, ok := c.Parent(root); ok {
		t.Error("a root has a parent")
	}
	if !slices.Contains(c.Children(group), leaf) || c.Leaf(group) || !c.Leaf(leaf) {
		t.Error("the leaf is not below its group")
	}
	for _, test := range []struct {
		code, root Code
		want       bool
	}{{leaf, leaf, true}, {leaf, group, true}, {leaf, root, true}, {group, leaf, false}, {leaf, other, false}} {
		if got := c.Within(test.code, test.root); got != test.want {
			t.Errorf("Within(%d, %d) = %v", test.code, test.root, got)
		}
	}
	if c.Group(leaf) != group || c.Group(group) != group || c.Group(root) != root || c.Root(leaf) != root {
		t.Error("groups or roots are wrong")
	}
	got := c.Coarse([]string{"underwater.sonar.towed-array", "naval", "underwater.sonar.processing", "no.such"})
	if diff := cmp.Diff([]string{"naval", "underwater.sonar"}, got); diff != "" {
		t.Errorf("coarse capabilities (-want +got):\n%s", diff)
	}
}

// Prefixes of text decide Within; "air" must not hold "airport" should it ever come.
func TestWithinEqualsAncestors(t *testing.T) {
	c := Embedded()
	for _, a := range c.Capabilities() {
		if c.Capability(a.Index).Code != a.Code || a.Depth != 1+len(c.Ancestors(a.Index)) {
			t.Fatalf("%s: index or depth is wrong", a.Code)
		}
		for _, b := range c.Capabilities() {
			want := a.Index == b.Index || slices.Contains(c.Ancestors(a.Index), b.Index)
			if got := c.Within(a.Index, b.Index); got != want {
				t.Fatalf("Within(%s, %s) = %v", a.Code, b.Code, got)
			}
		}
	}
}

func TestEdges(t *testing.T) {
	c := Embedded()
	aircraft, crew := mustLookup(t, c, "air.aircraft.trainer"), mustLookup(t, c, "training.services.aircrew")
	want := Edge{From: aircraft, To: crew, Relation: JointDevelops, Weight: 800, Why: "training system and aircraft package"}
	for _, pair := range [][2]Code{{aircraft, crew}, {crew, aircraft}} {
		if got, ok := c.EdgeBetween(pair[0], pair[1]); !ok || got != want {
			t.Errorf("edge between %v is %+v, %v: want %+v", pair, got, ok, want)
		}
	}
	if want.Directed() || want.Other(aircraft) != crew || want.Other(crew) != aircraft {
		t.Error("the edge does not know its ends")
	}
	if _, ok := c.EdgeBetween(aircraft, aircraft); ok {
		t.Error("a capability is joined to itself")
	}
	ends := 0
	for code := range c.Len() {
		for _, edge := range c.EdgesOf(Code(code)) {
			if edge.From != Code(code) && edge.To != Code(code) {
				t.Fatalf("edge %+v is listed for %d", edge, code)
			}
			ends++
		}
	}
	if ends != 2*len(c.Edges()) {
		t.Errorf("%d edges have %d ends", len(c.Edges()), ends)
	}
}

func TestFrameworksApply(t *testing.T) {
	c := Embedded()
	acoustics, steel := mustLookup(t, c, "underwater.science.acoustics"), mustLookup(t, c, "metals.steel.plate")
	mou, _ := c.Framework("rd-mou")
	if !mou.Applies(c, acoustics) || mou.Applies(c, steel) {
		t.Error("rd-mou must cover underwater acoustics and not steel plate")
	}
	if all, _ := c.Framework("strategy-exchanges"); !all.Applies(c, steel) {
		t.Error("a framework without capabilities covers all")
	}
	asw, _ := c.Theme("focus-asw")
	if !asw.Covers(c, mustLookup(t, c, "underwater.sonar.towed-array")) || asw.Covers(c, steel) {
		t.Error("focus-asw must cover towed arrays and not steel plate")
	}
	if region, _ := c.Region("CA-SK"); region.Coastal() || !c.HasCountry("CA") || c.HasCountry("ZZ") {
		t.Error("Saskatchewan has no coast, and ZZ is no country")
	}
}
