package report

import (
	"slices"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// The names of changed parameters. Changed organisations, frameworks, programmes and venues go by their resource names.
const (
	changedWeights = "weights_version"
	changedCatalog = "catalog_digest"
	changedTop     = "top"
	changedDate    = "as_of"
)

// Effects tell for each change between two reports, by name, which pairings would not be as they are without it.
type Effects map[string]map[string]bool

// on picks the changes that a pairing would not be as it is without.
func (e Effects) on(pairing string) map[string]bool {
	moved := map[string]bool{}
	for change, pairings := range e {
		if pairings[pairing] {
			moved[change] = true
		}
	}
	return moved
}

// Changes names what differs between the inputs of two reports, each as a thing that Undo can take back.
func Changes(base, now *Report) []string {
	c := &comparison{base: inventoryOf(base), now: inventoryOf(now)}
	c.changes()
	names := slices.Clone(c.stirred)
	for _, set := range []map[string]bool{c.facts, c.asked} {
		for name, changed := range set {
			if changed && name != changedCatalog {
				names = append(names, name)
			}
		}
	}
	return sorted(names)
}

// Undo is the later input with some changes taken back: organisations, rows and parameters are as they were in the earlier one.
func Undo(base, now *tandemv1.Snapshot, changes ...string) *tandemv1.Snapshot {
	s := proto.CloneOf(now)
	for _, change := range changes {
		switch change {
		case changedWeights:
			s.Partnership.WeightsVersion = base.GetPartnership().GetWeightsVersion()
		case changedTop:
			s.Top = base.GetTop()
		case changedDate:
			s.AsOf = base.GetAsOf()
		default:
			s.Firms = restored(s.Firms, base.GetFirms(), change)
			s.Frameworks = restored(s.Frameworks, base.GetFrameworks(), change)
			s.Programs = restored(s.Programs, base.GetPrograms(), change)
			s.Venues = restored(s.Venues, base.GetVenues(), change)
		}
	}
	return s
}

// restored puts the row of a name back as it was; rows stay in the order of their names.
func restored[M interface {
	proto.Message
	GetName() string
}](rows, before []M, name string) []M {
	named := func(m M) bool { return m.GetName() == name }
	rows = slices.DeleteFunc(rows, named)
	i := slices.IndexFunc(before, named)
	if i < 0 {
		return rows
	}
	at, _ := slices.BinarySearchFunc(rows, name, func(m M, name string) int {
		if m.GetName() < name {
			return -1
		}
		return 1
	})
	return slices.Insert(rows, at, proto.CloneOf(before[i]))
}

// Differing names the pairings that are not the same in two results: which one of them lacks, or which score, rank or go otherwise.
func Differing(a, b []*tandemv1.Pairing) map[string]bool {
	names, other := map[string]bool{}, map[string]*tandemv1.Pairing{}
	for _, p := range b {
		other[p.GetName()] = p
	}
	for _, p := range a {
		if became(other[p.GetName()], p) != tandemv1.PairingDifference_KIND_UNSPECIFIED {
			names[p.GetName()] = true
		}
		delete(other, p.GetName())
	}
	for name := range other {
		names[name] = true
	}
	return names
}
