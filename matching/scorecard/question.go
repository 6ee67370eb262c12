package scorecard

import (
	"slices"
	"strings"
)

// Question is what one organisation asks in one domain: with whom should we work? Its judged counterparts are the answer.
type Question struct {
	Domain string
	Seeker string
	Grades map[string]Grade // by counterpart
	hidden map[string]bool  // counterparts judged for the seeker in another domain, or kept for the other half
}

// Questions groups the cases of a half by domain and seeker, in the order of the file. A question without a strong
// counterpart cannot be answered well or badly and is left out.
func Questions(cases []Case, h Half) []Question {
	judged := map[[2]string]bool{}
	for _, c := range cases {
		judged[[2]string{c.Seeker, c.Counterpart}] = true
	}
	var out []Question
	at := map[[2]string]int{}
	bySeeker := map[string][]string{}
	for _, c := range cases {
		bySeeker[c.Seeker] = append(bySeeker[c.Seeker], c.Counterpart)
		if HalfOf(c.Seeker) != h {
			continue
		}
		// A pair judged from both ends has one score. Where the ends are in different halves, the tuned half may not look.
		if h == Tuned && judged[[2]string{c.Counterpart, c.Seeker}] && HalfOf(c.Counterpart) == SetAside {
			continue
		}
		key := [2]string{c.Domain, c.Seeker}
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, Question{Domain: c.Domain, Seeker: c.Seeker, Grades: map[string]Grade{}, hidden: map[string]bool{}})
		}
		out[i].Grades[c.Counterpart] = c.Grade
	}
	for i := range out {
		for _, counterpart := range bySeeker[out[i].Seeker] {
			if out[i].Grades[counterpart] == 0 {
				out[i].hidden[counterpart] = true
			}
		}
	}
	return slices.DeleteFunc(out, func(q Question) bool { return q.count(Strong) == 0 })
}

// count is how many counterparts have a grade.
func (q *Question) count(g Grade) int {
	n := 0
	for _, grade := range q.Grades {
		if grade == g {
			n++
		}
	}
	return n
}

// Domains lists the domains of questions, sorted.
func Domains(questions []Question) []string {
	var out []string
	for i := range questions {
		out = append(out, questions[i].Domain)
	}
	slices.SortFunc(out, strings.Compare)
	return slices.Compact(out)
}
