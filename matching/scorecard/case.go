// Package scorecard measures how well the engine finds the partners that a well-informed organiser would choose. It holds
// judged cases: pairs of shipped organisations, graded from public knowledge of what such organisations do, with the
// reason for each judgement, written down before the engine was asked. Against them it measures any way of ordering
// counterparts: the engine, simpler ways, and the engine with a part taken out.
//
// Half of the cases are set aside by a fixed rule. Weights are tuned on the other half only; the half set aside answers
// once, when the tuning is over. No case is tuned by name.
//
// Measures are integers, in millionths, and chance is seeded: the same cases and profiles give the same tables.
package scorecard

import (
	_ "embed" // the cases
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

//go:embed cases.csv
var caseFile string

// Grade says how good it would be if two organisations met.
type Grade uint8

// The grades.
const (
	Poor     Grade = iota + 1 // nothing to talk about, or rivals with the same goods
	Possible                  // worth a meeting when the better ones are taken
	Strong                    // a well-informed organiser would put it on the programme first
)

var gradeNames = []string{"", "poor", "possible", "strong"}

// String returns the grade as the file writes it.
func (g Grade) String() string { return gradeNames[g] }

// Case is one judgement: a line of cases.csv.
type Case struct {
	Domain      string
	Seeker      string // id of the organisation that looks for partners
	Counterpart string // id of an organisation of the other side
	Grade       Grade
	Reason      string // why it was judged so
}

// Cases reads the judged cases, in the order of the file. The file is part of the package, and its tests read it.
func Cases() ([]Case, error) {
	lines, err := csv.NewReader(strings.NewReader(caseFile)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("cases.csv: %w", err)
	}
	cases := make([]Case, 0, len(lines))
	for i, line := range lines[1:] {
		grade := slices.Index(gradeNames, line[3])
		if grade < int(Poor) {
			return nil, fmt.Errorf("cases.csv:%d: grade %q: want poor, possible or strong", i+2, line[3])
		}
		cases = append(cases, Case{line[0], line[1], line[2], Grade(grade), line[4]}) //nolint:gosec // an index of four names
	}
	return cases, nil
}
