package catalog

import (
	"io/fs"
	"slices"
)

// Program is the seed row of a procurement that both sides can work on. Organisers edit the stored copy.
type Program struct {
	ID             string
	Name           Text
	OwnerCountry   string
	Status         string // one of ProgramStatuses
	AwardedTo      string // country that won; empty while open
	AsOf           string // ISO date at which the status was true
	AwardCondition string // token of pairings that only make sense if the award goes a certain way; empty when nothing is open
	Candidates     string // free text in English, no endorsement, never scored
	Capabilities   []string
	Note           string
	Sources        []string
}

func (c *Catalog) readPrograms(files fs.FS) error {
	t, err := readTable(files, "programs.csv", "id", "name_en", "name_fr", "name_ko", "owner_country", "status", "awarded_to",
		"as_of", "award_condition", "candidates", "capabilities", "note", "source")
	if err != nil {
		return err
	}
	if err := t.uniqueIDs(); err != nil {
		return err
	}
	for _, r := range t.rows {
		program := Program{
			ID:             r.id("id"),
			Name:           r.name(),
			OwnerCountry:   r.must("owner_country"),
			Status:         r.oneOf("status", ProgramStatuses()),
			AwardedTo:      r.cell("awarded_to"),
			AsOf:           r.date("as_of"),
			AwardCondition: r.cell("award_condition"),
			Candidates:     r.cell("candidates"),
			Capabilities:   c.capabilityList(r, "capabilities"),
			Note:           r.cell("note"),
			Sources:        r.sources(),
		}
		if len(program.Capabilities) == 0 {
			r.fail("capabilities", "empty: a program that needs nothing can route nobody")
		}
		if r.err != nil {
			return r.err
		}
		c.programs = append(c.programs, program)
	}
	return nil
}

// Programs returns the seed rows in file order.
func (c *Catalog) Programs() []Program { return c.programs }

// Program finds a seed row by its id.
func (c *Catalog) Program(id string) (Program, bool) {
	i := slices.IndexFunc(c.programs, func(p Program) bool { return p.ID == id })
	if i < 0 {
		return Program{}, false
	}
	return c.programs[i], true
}
