package catalog

import (
	"io/fs"
	"slices"
	"strings"
)

// Framework is the seed row of an agreement, dialogue or forum that a pairing can use. Organisers edit the stored copy.
type Framework struct {
	ID             string
	Name           Text
	Kind           string   // one of FrameworkKinds
	Parent         string   // id of the framework under which it is held or reviewed; empty for roots
	Parties        []string // a country, "multilateral", or country and body such as "CA:DND"
	Modes          []string // mode tokens it applies to; empty means all
	Capabilities   []string // capabilities it applies to, each with all below it; empty means all
	Effect         string   // what it means for a pairing, in English
	Gates          []string // gate tokens; empty means informative only
	Status         string   // one of FrameworkStatuses
	AsOf           string   // ISO date at which the status was true
	Dates          string   // dates as free text
	Cadence        string   // how often, as free text
	IndustryFacing bool     // false: never routed to a firm nor printed in a brief for firms
	Sources        []string
	Seen           string // where the facts were seen: article, public, own, or several joined by "+"
}

func (c *Catalog) readFrameworks(files fs.FS) error {
	t, err := readTable(files, "frameworks.csv", "id", "name_en", "name_fr", "name_ko", "kind", "parent", "parties", "applies_to",
		"effect", "gate", "status", "as_of", "dates", "cadence", "industry_facing", "source", "seen")
	if err != nil {
		return err
	}
	if err := t.uniqueIDs(); err != nil {
		return err
	}
	for _, r := range t.rows {
		framework := Framework{
			ID:             r.id("id"),
			Name:           r.name(),
			Kind:           r.oneOf("kind", FrameworkKinds()),
			Parent:         r.cell("parent"),
			Parties:        r.list("parties"),
			Effect:         r.must("effect"),
			Gates:          r.list("gate"),
			Status:         r.oneOf("status", FrameworkStatuses()),
			AsOf:           r.date("as_of"),
			Dates:          r.cell("dates"),
			Cadence:        r.cell("cadence"),
			IndustryFacing: r.boolean("industry_facing"),
			Sources:        r.sources(),
			Seen:           r.must("seen"),
		}
		framework.Modes, framework.Capabilities = c.appliesTo(r)
		checkParties(r, framework.Parties)
		for _, gate := range framework.Gates {
			if !slices.Contains(GateTokens(), gate) {
				r.fail("gate", "%q is unknown: want one of %s", gate, strings.Join(GateTokens(), ", "))
			}
		}
		for _, seen := range strings.Split(framework.Seen, "+") {
			if !slices.Contains([]string{"article", "public", "own"}, seen) {
				r.fail("seen", "%q is unknown: want article, public or own, joined by +", seen)
			}
		}
		if r.err != nil {
			return r.err
		}
		c.frameworks = append(c.frameworks, framework)
	}
	return c.checkFrameworkParents(t)
}

// appliesTo splits tokens such as "mode:supply" and "cap:metals.steel" into the two lists.
func (c *Catalog) appliesTo(r *row) (modes, capabilities []string) {
	for _, token := range r.list("applies_to") {
		kind, value, _ := strings.Cut(token, ":")
		switch kind {
		case "mode":
			if !slices.Contains(ModeTokens(), value) {
				r.fail("applies_to", "%q is no mode: want one of %s", value, strings.Join(ModeTokens(), ", "))
			}
			modes = append(modes, value)
		case "cap":
			c.checkCode(r, "applies_to", value)
			capabilities = append(capabilities, value)
		default:
			r.fail("applies_to", "%q: want mode:<mode> or cap:<capability>", token)
		}
	}
	return modes, capabilities
}

// checkParties accepts a country code, "multilateral", a country with a body after a colon, and a closing remark
// such as "other bidders" for parties that have no name yet.
func checkParties(r *row, parties []string) {
	if len(parties) == 0 {
		r.fail("parties", "empty")
	}
	for _, party := range parties {
		country, body, named := strings.Cut(party, ":")
		isCountry := len(country) == 2 && strings.ToUpper(country) == country
		if party == "multilateral" || party == "other bidders" || isCountry && (!named || body != "") {
			continue
		}
		r.fail("parties", "%q: want a country such as CA, a body such as CA:DND, or multilateral", party)
	}
}

// checkFrameworkParents refuses parents that do not exist and families without a root.
func (c *Catalog) checkFrameworkParents(t *table) error {
	for i, framework := range c.frameworks {
		for steps, id := 0, framework.Parent; id != ""; steps++ {
			parent, ok := c.Framework(id)
			if !ok {
				return t.rows[i].errorf("parent", "%q is no framework", id)
			}
			if steps > len(c.frameworks) {
				return t.rows[i].errorf("parent", "%q leads back to itself", framework.Parent)
			}
			id = parent.Parent
		}
	}
	return nil
}

// Applies tells whether the framework covers a capability; one without capabilities covers all.
func (f Framework) Applies(c *Catalog, code Code) bool {
	return len(f.Capabilities) == 0 || slices.ContainsFunc(f.Capabilities, func(text string) bool {
		root, ok := c.Lookup(text)
		return ok && c.Within(code, root)
	})
}

// Frameworks returns the seed rows in file order.
func (c *Catalog) Frameworks() []Framework { return c.frameworks }

// Framework finds a seed row by its id.
func (c *Catalog) Framework(id string) (Framework, bool) {
	i := slices.IndexFunc(c.frameworks, func(f Framework) bool { return f.ID == id })
	if i < 0 {
		return Framework{}, false
	}
	return c.frameworks[i], true
}
