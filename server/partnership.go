package server

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"buf.build/go/protovalidate"
	"buf.build/go/protoyaml"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// partnershipName is the name of the one partnership that a server serves.
const partnershipName = "partnership"

//go:embed partnership.yaml
var defaultPartnership []byte

// DefaultPartnership returns the partnership that the binary carries.
func DefaultPartnership() *tandemv1.Partnership {
	p, err := LoadPartnership(defaultPartnership)
	if err != nil {
		panic(err) // the embedded file is tested
	}
	return p
}

// LoadPartnership reads a partnership file: a Partnership message as YAML. The error says which field is wrong and, where
// it can, in which line.
func LoadPartnership(yaml []byte) (*tandemv1.Partnership, error) {
	p := new(tandemv1.Partnership)
	if err := protoyaml.Unmarshal(yaml, p); err != nil {
		return nil, fmt.Errorf("partnership file: %w", err)
	}
	p.Name = partnershipName
	if err := protovalidate.Validate(p); err != nil {
		return nil, fmt.Errorf("partnership file: %w", err)
	}
	if err := checkPartnership(catalog.Embedded(), p); err != nil {
		return nil, fmt.Errorf("partnership file: %w", err)
	}
	return p, nil
}

// checkPartnership checks what a message's own rules cannot: references and disjoint sides.
func checkPartnership(cat *catalog.Catalog, p *tandemv1.Partnership) error {
	for _, country := range p.Sides[1].Countries {
		if slices.Contains(p.Sides[0].Countries, country) {
			return fmt.Errorf("sides[1].countries: %s belongs to sides[0] already; a country belongs to one side", country)
		}
	}
	for i, name := range p.FocusThemes {
		if _, ok := cat.Theme(strings.TrimPrefix(name, "themes/")); !ok {
			return fmt.Errorf("focus_themes[%d]: the catalogue has no %s; it has %s", i, name, focusThemes(cat))
		}
	}
	if _, ok := cat.Theme(strings.TrimPrefix(p.MaterialTheme, "themes/")); p.MaterialTheme != "" && !ok {
		return fmt.Errorf("material_theme: the catalogue has no %s", p.MaterialTheme)
	}
	for i, name := range p.Excluded {
		if !inCatalog(cat, name) {
			return fmt.Errorf("excluded[%d]: the catalogue has no %s", i, name)
		}
	}
	if _, err := matching.WeightsByVersion(p.WeightsVersion); err != nil {
		return fmt.Errorf("weights_version: %w", err)
	}
	if p.UmbrellaFramework == "" {
		return nil
	}
	if !slices.ContainsFunc(seedFrameworks(cat, p), func(f *tandemv1.Framework) bool { return f.Name == p.UmbrellaFramework }) {
		return fmt.Errorf("umbrella_framework: neither the catalogue nor this file has %s for these two sides", p.UmbrellaFramework)
	}
	return nil
}

// inCatalog tells whether the catalogue has a row of facts.
func inCatalog(cat *catalog.Catalog, name string) bool {
	kind, id, _ := strings.Cut(name, "/")
	var ok bool
	switch kind {
	case "frameworks":
		_, ok = cat.Framework(id)
	case "programs":
		_, ok = cat.Program(id)
	case "venues":
		_, ok = cat.Venue(id)
	}
	return ok
}

// focusThemes lists the themes that a partnership file will mostly want.
func focusThemes(cat *catalog.Catalog) string {
	var names []string
	for _, theme := range cat.Themes() {
		if theme.Kind == "focus" {
			names = append(names, "themes/"+theme.ID)
		}
	}
	return strings.Join(names, ", ") + " and other themes"
}

// sideOf tells to which side a country belongs.
func sideOf(p *tandemv1.Partnership, country string) (matching.Side, bool) {
	for i, side := range p.Sides {
		if slices.Contains(side.Countries, country) {
			return matching.Side(i), true
		}
	}
	return 0, false
}

// countriesOf lists the countries of both sides, as an error names them.
func countriesOf(p *tandemv1.Partnership) []string {
	return slices.Concat(p.Sides[0].Countries, p.Sides[1].Countries)
}

type partnershipService struct {
	tandemv1.UnimplementedPartnershipServiceServer
	*Server
}

// GetPartnership reads the stored partnership.
func (s partnershipService) GetPartnership(ctx context.Context, _ *tandemv1.GetPartnershipRequest) (*tandemv1.Partnership, error) {
	p := new(tandemv1.Partnership)
	err := s.store.View(ctx, func(tx *store.Tx) error { return get(tx, partnerships, partnershipName, p) })
	return p, err
}

// withoutSeeds returns the partnership as the store and snapshots keep it: its seed rows live in tables of their own.
func withoutSeeds(p *tandemv1.Partnership) *tandemv1.Partnership {
	q := proto.CloneOf(p)
	q.Frameworks, q.Programs, q.Venues, q.Excluded = nil, nil, nil, nil
	return q
}
