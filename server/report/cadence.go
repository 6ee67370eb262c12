package report

import (
	"regexp"
	"strings"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// isoDay finds dates and months in the words of a row.
var isoDay = regexp.MustCompile(`[0-9]{4}-[0-9]{2}(-[0-9]{2})?`)

// rhythms are the words for a cadence that rows use, with its length in months. "biannual" and "biennial" are looked for before
// "annual".
var rhythms = []struct {
	word   string
	months int
}{{"biannual", 6}, {"biennial", 24}, {"quarterly", 3}, {"annual", 12}}

// meetings are what the row of a dialogue says of when it meets: days or months, each empty where it is not known.
type meetings struct {
	last string // the latest that is not after the date of the report
	next string // the earliest that is
	due  string // by when the cadence asks for the one after the last
}

// meetingsOf reads the dates and the cadence of a dialogue. Both are words that organisers edit.
func meetingsOf(f *tandemv1.Framework, asOf string) meetings {
	var m meetings
	for _, day := range isoDay.FindAllString(f.GetDates(), -1) {
		switch past := day <= asOf[:min(len(day), len(asOf))]; {
		case past && day > m.last:
			m.last = day
		case !past && (m.next == "" || day < m.next):
			m.next = day
		}
	}
	for _, r := range rhythms {
		if m.last != "" && strings.Contains(strings.ToLower(f.GetCadence()), r.word) {
			m.due = later(m.last, r.months)
			break
		}
	}
	return m
}

// Overdue tells whether a dialogue has not met for longer than its cadence allows and no date to come is known. Where dates or
// cadence do not say, it is not overdue.
func Overdue(f *tandemv1.Framework, asOf string) bool {
	if f.GetKind() != tandemv1.Framework_DIALOGUE {
		return false
	}
	m := meetingsOf(f, asOf)
	return m.next == "" && m.due != "" && m.due < asOf[:min(len(m.due), len(asOf))]
}

// later adds months to a day or month.
func later(day string, months int) string {
	year, month := number4(day[:4]), number4(day[5:7])+months
	year, month = year+(month-1)/12, (month-1)%12+1
	return digits(year) + "-" + twoDigits(month) + day[7:]
}

// number4 reads digits that a pattern has found.
func number4(s string) int {
	n := 0
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}
