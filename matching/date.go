package matching

import (
	"cmp"
	"fmt"
)

// Date is a day, or a month when Day is 0. The zero value is "not known".
type Date struct{ Year, Month, Day int }

// ParseDate reads "2027-10" or "2027-10-06".
func ParseDate(s string) (Date, error) {
	var d Date
	format := "%4d-%2d"
	fields := []any{&d.Year, &d.Month}
	if len(s) == len("2027-10-06") {
		format += "-%2d"
		fields = append(fields, &d.Day)
	}
	if n, err := fmt.Sscanf(s, format, fields...); err != nil || n != len(fields) || s != d.String() || d.Month > 12 || d.Month < 1 || d.Day > daysIn(d.Year, d.Month) {
		return Date{}, fmt.Errorf("date %q: want the form 2027-10-06 or 2027-10", s)
	}
	return d, nil
}

// daysIn is the number of days of a month.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && year%100 != 0 || year%400 == 0 {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// String writes the date as ParseDate reads it; "" when it is not known.
func (d Date) String() string {
	switch {
	case d.IsZero():
		return ""
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// IsZero tells whether the date is not known.
func (d Date) IsZero() bool { return d == Date{} }

// Compare orders dates; a month compares with a day as its first.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(max(d.Day, 1), max(other.Day, 1)))
}

// month drops the day.
func (d Date) month() Date { return Date{Year: d.Year, Month: d.Month} }
