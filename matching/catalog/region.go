package catalog

import (
	"io/fs"
	"slices"
	"strings"
)

// Region is a part of a country, by its ISO 3166-2 code.
type Region struct {
	Code    string // such as "KR-26"
	Country string // ISO 3166-1, the first part of Code
	Name    Text
	Coast   string // one of Coasts
}

// Coastal tells whether a seagoing ship can come there.
func (r Region) Coastal() bool { return r.Coast != "none" }

func (c *Catalog) readRegions(files fs.FS) error {
	t, err := readTable(files, "regions.csv", "code", "country", "name_en", "name_fr", "name_ko", "coast")
	if err != nil {
		return err
	}
	for _, r := range t.rows {
		region := Region{
			Code:    r.must("code"),
			Country: r.must("country"),
			Name:    r.name(),
			Coast:   r.oneOf("coast", Coasts()),
		}
		if country, _, ok := strings.Cut(region.Code, "-"); !ok || country != region.Country || len(country) != 2 {
			r.fail("code", "%q: want an ISO 3166-2 code that begins with the country %q and a hyphen", region.Code, region.Country)
		}
		if _, ok := c.Region(region.Code); ok {
			r.fail("code", "%q stands twice", region.Code)
		}
		if r.err != nil {
			return r.err
		}
		c.regions = append(c.regions, region)
	}
	return nil
}

// Regions returns all regions in file order.
func (c *Catalog) Regions() []Region { return c.regions }

// Region finds a region by its code.
func (c *Catalog) Region(code string) (Region, bool) {
	i := slices.IndexFunc(c.regions, func(r Region) bool { return r.Code == code })
	if i < 0 {
		return Region{}, false
	}
	return c.regions[i], true
}

// HasCountry tells whether the catalogue knows regions of a country. Where it does, a firm's region must be one of them.
func (c *Catalog) HasCountry(country string) bool {
	return slices.ContainsFunc(c.regions, func(r Region) bool { return r.Country == country })
}
