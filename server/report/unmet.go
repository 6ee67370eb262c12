package report

import tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"

// unmetLine is a domain with how many needs in it a pairing answers and how many nobody does.
type unmetLine struct {
	Domain         string
	answered, open int
}

// unmet counts the needs of a side's organisations by domain, in the catalogue's order; a need is answered when a pairing of the
// report counts it.
func (r *reader) unmet(side int, answers []answer) []unmetLine {
	needs, answered := map[string]int{}, map[string]int{}
	for _, f := range r.report.Snapshot.GetFirms() {
		if r.sideOf(f) != side || f.GetState() != tandemv1.Firm_APPROVED {
			continue
		}
		for _, need := range f.GetNeeds() {
			needs[domain(need.GetCapability())]++
		}
	}
	for _, a := range answers {
		if a.side == side {
			answered[a.needDomain]++
		}
	}
	var lines []unmetLine
	for _, capability := range r.cat.Capabilities() {
		if n, met := needs[capability.Code], answered[capability.Code]; n > 0 {
			lines = append(lines, unmetLine{Domain: r.domainName(capability.Code), answered: met, open: n - met})
		}
	}
	return lines
}
