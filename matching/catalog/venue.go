package catalog

import (
	"io/fs"
	"slices"
	"strings"
)

// Venue is the seed row of an event series where pairs can meet. Organisers edit the stored copy.
type Venue struct {
	ID          string
	Name        Text
	City        string
	Country     string
	TimeZone    string // IANA zone
	Month       int    // usual month 1..12; 0 when irregular
	Cadence     string // annual, biennial-odd, biennial-even or irregular, perhaps with a remark
	Kind        string // one of VenueKinds
	Domains     []string
	LastEdition string // as written
	NextEdition string // as written
	Last        Dates  // what of LastEdition is a date
	Next        Dates  // what of NextEdition is a date
	Sources     []string
	Confidence  string // how sure the dates are, in English
}

// Dates are the days of one edition as far as they are known.
type Dates struct {
	Month string // such as "2027-10"; empty when not even that is known
	First string // ISO date, or empty
	Last  string // ISO date, not before First; empty when only the start is known
}

// ParseDates reads the date at the start of a text such as "2025-10-17/2025-10-24", "2026-10-06 start (Gyeryongdae)"
// or "2027-10 (odd years)". Other texts, and days that do not exist, give no dates.
func ParseDates(text string) Dates {
	word, _, _ := strings.Cut(text, " ")
	first, last, _ := strings.Cut(strings.TrimRight(word, ",;"), "/")
	if len(first) >= 7 && isDate(first[:7]+"-01") && (len(first) == 7 || isDate(first)) {
		dates := Dates{Month: first[:7]}
		if isDate(first) {
			dates.First = first
			if isDate(last) && last >= first {
				dates.Last = last
			}
		}
		return dates
	}
	return Dates{}
}

func (c *Catalog) readVenues(files fs.FS) error {
	t, err := readTable(files, "venues.csv", "id", "name", "name_fr", "name_ko", "city", "country", "tz", "month", "cadence", "kind",
		"domains", "last_edition", "next_edition", "source", "confidence")
	if err != nil {
		return err
	}
	if err := t.uniqueIDs(); err != nil {
		return err
	}
	for _, r := range t.rows {
		venue := Venue{
			ID:          r.id("id"),
			Name:        r.name(),
			City:        r.must("city"),
			Country:     r.must("country"),
			TimeZone:    r.must("tz"),
			Cadence:     r.must("cadence"),
			Kind:        r.oneOf("kind", VenueKinds()),
			Domains:     c.capabilityList(r, "domains"),
			LastEdition: r.cell("last_edition"),
			NextEdition: r.cell("next_edition"),
			Sources:     r.sources(),
			Confidence:  r.cell("confidence"),
		}
		venue.Last, venue.Next = ParseDates(venue.LastEdition), ParseDates(venue.NextEdition)
		if month := r.cell("month"); month != "" {
			venue.Month = number(month)
			if venue.Month < 1 || venue.Month > 12 {
				r.fail("month", "%q: want 1 to 12", month)
			}
		}
		cadence := strings.Fields(venue.Cadence + " ")
		if len(cadence) == 0 || !slices.Contains([]string{"annual", "biennial-odd", "biennial-even", "irregular"}, cadence[0]) {
			r.fail("cadence", "%q: want annual, biennial-odd, biennial-even or irregular", venue.Cadence)
		}
		for _, domain := range venue.Domains {
			if strings.Contains(domain, ".") {
				r.fail("domains", "%q is no root", domain)
			}
		}
		if r.err != nil {
			return r.err
		}
		c.venues = append(c.venues, venue)
	}
	return nil
}

// Venues returns the seed rows in file order.
func (c *Catalog) Venues() []Venue { return c.venues }

// Venue finds a seed row by its id.
func (c *Catalog) Venue(id string) (Venue, bool) {
	i := slices.IndexFunc(c.venues, func(v Venue) bool { return v.ID == id })
	if i < 0 {
		return Venue{}, false
	}
	return c.venues[i], true
}
