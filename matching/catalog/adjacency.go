package catalog

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Relation says how two capabilities complete each other.
type Relation uint8

// The relations. All but JointDevelops run from the edge's From to its To.
const (
	Supplies      Relation = iota // From is an input of To
	Integrates                    // From is fitted into To
	Enables                       // From makes To possible or better
	Sustains                      // From keeps To in service
	JointDevelops                 // both are developed together
)

var relationTokens = [...]string{
	Supplies: "supplies", Integrates: "integrates", Enables: "enables", Sustains: "sustains", JointDevelops: "joint-develops",
}

// String returns the relation's token in adjacency.csv, which is also its name in messages.csv after "relation.".
func (r Relation) String() string {
	if int(r) < len(relationTokens) {
		return relationTokens[r]
	}
	return "Relation(" + strconv.Itoa(int(r)) + ")"
}

// Relations lists the tokens of all relations.
func Relations() []string { return relationTokens[:] }

// Edge joins two capabilities of which one firm having From and another having To is a reason to meet.
// There is at most one edge between two capabilities.
type Edge struct {
	From, To Code
	Relation Relation
	Weight   int    // 1..1000: how plausible a pairing is when one side has From and the other To
	Why      string // a remark for organisers, in English
}

// Directed tells whether From and To play different parts.
func (e Edge) Directed() bool { return e.Relation != JointDevelops }

// Other returns the end of the edge that code is not.
func (e Edge) Other(code Code) Code {
	if e.From == code {
		return e.To
	}
	return e.From
}

func (c *Catalog) readAdjacency(files fs.FS) error {
	t, err := readTable(files, "adjacency.csv", "from", "to", "weight", "relation", "why")
	if err != nil {
		return err
	}
	c.edgesOf = make([][]Edge, len(c.capabilities))
	seen := map[[2]Code]int{}
	for _, r := range t.rows {
		from, to := r.must("from"), r.must("to")
		c.checkCode(r, "from", from)
		c.checkCode(r, "to", to)
		edge := Edge{
			From:     c.codes[from],
			To:       c.codes[to],
			Relation: Relation(max(0, slices.Index(Relations(), r.oneOf("relation", Relations())))), //nolint:gosec // five values
			Weight:   r.perMille("weight"),
			Why:      r.must("why"),
		}
		if r.err != nil {
			return r.err
		}
		pair := [2]Code{min(edge.From, edge.To), max(edge.From, edge.To)}
		if edge.From == edge.To {
			return r.errorf("to", "%q is joined to itself", to)
		}
		if line, ok := seen[pair]; ok {
			return r.errorf("", "%s and %s are already joined in line %d", from, to, line)
		}
		seen[pair] = r.line
		c.edges = append(c.edges, edge)
		c.edgesOf[edge.From] = append(c.edgesOf[edge.From], edge)
		c.edgesOf[edge.To] = append(c.edgesOf[edge.To], edge)
	}
	return nil
}

// perMille reads a decimal fraction such as 0.65 exactly, without a float.
func (r *row) perMille(column string) int {
	value := r.must(column)
	whole, fraction, _ := strings.Cut(value, ".")
	weight := 1000 * number(whole)
	if fraction != "" && len(fraction) <= 3 {
		weight += number((fraction + "00")[:3])
	}
	if number(whole) < 0 || len(fraction) > 3 || fraction != "" && number(fraction) < 0 || weight < 1 || weight > 1000 {
		r.fail(column, "%q: want a fraction above 0 up to 1 with at most three decimals", value)
		return 0
	}
	return weight
}

// Edges returns all edges in file order.
func (c *Catalog) Edges() []Edge { return c.edges }

// EdgesOf returns the edges that a capability has, in either direction, in file order.
func (c *Catalog) EdgesOf(code Code) []Edge { return c.edgesOf[code] }

// EdgeBetween returns the edge that joins two capabilities, in either direction.
func (c *Catalog) EdgeBetween(a, b Code) (Edge, bool) {
	for _, edge := range c.edgesOf[a] {
		if edge.Other(a) == b {
			return edge, true
		}
	}
	return Edge{}, false
}
