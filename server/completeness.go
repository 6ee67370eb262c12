package server

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// This file answers the two questions that an organiser with a half-filled list has: whom to call for what, and who stands twice.

// alike is from which likeness on two names are suspected to be one organisation's.
const alike = 93

// ListIncompleteFirms lists firms whose profile lacks something, what it would unlock first.
func (s firmService) ListIncompleteFirms(ctx context.Context, r *tandemv1.ListIncompleteFirmsRequest) (*tandemv1.ListIncompleteFirmsResponse, error) {
	m, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	list, err := incomplete(m.market, m.byName())
	if err != nil {
		return nil, err
	}
	answer := &tandemv1.ListIncompleteFirmsResponse{Firms: list}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}

// incomplete lists the firms that lack something, worst first: those that cannot be matched, then by what filling in would unlock.
func incomplete(m *matching.Market, firms []*tandemv1.Firm) ([]*tandemv1.IncompleteFirm, error) {
	usual := usualReach(m, firms)
	var list []*tandemv1.IncompleteFirm
	for _, f := range firms {
		missing := lacks(f)
		if len(missing) == 0 {
			continue
		}
		entry := &tandemv1.IncompleteFirm{Firm: basic(f), Missing: missing, Matched: len(f.Missing) == 0 && f.State == tandemv1.Firm_APPROVED, Contact: f.Contact}
		now, then, err := reachIfComplete(m, f, usual)
		if err != nil {
			return nil, err
		}
		entry.Partners, entry.Unlocked = int32(now), int32(max(then-now, 0)) //nolint:gosec // counts of firms
		entry.Advice = advice(f, missing, entry.Unlocked)
		list = append(list, entry)
	}
	slices.SortStableFunc(list, func(a, b *tandemv1.IncompleteFirm) int {
		return cmp.Or(strings.Compare(truth(a.Matched), truth(b.Matched)), cmp.Compare(b.Unlocked, a.Unlocked), cmp.Compare(len(b.Missing), len(a.Missing)),
			strings.Compare(a.Firm.Name, b.Firm.Name))
	})
	return list, nil
}

// lacks lists what a profile should have and does not: first what keeps it from being matched, then what makes it reach fewer, then
// what its reader misses.
func lacks(f *tandemv1.Firm) []string {
	missing := slices.Clone(f.Missing)
	for _, part := range []struct {
		field string
		empty bool
	}{
		{"offers", len(f.Offers) == 0}, {"needs", len(f.Needs) == 0}, {"region", f.Region == ""},
		{"size", f.Kind == tandemv1.Firm_COMPANY && f.Size == tandemv1.Firm_SIZE_UNSPECIFIED}, {"summary", f.Summary == "" && f.SummaryNative == ""},
	} {
		if part.empty && !slices.Contains(missing, part.field) {
			missing = append(missing, part.field)
		}
	}
	return missing
}

// reachIfComplete tells how many partners in earnest a firm has now, and how many it could have if its profile were complete. Where
// offers or needs are there, that is counted: the counterparts with whom one side finds something already. Where both are missing,
// it is what firms of its side usually reach.
func reachIfComplete(m *matching.Market, f *tandemv1.Firm, usual map[matching.Side]int) (now, then int, err error) {
	id := firmSlug(f.Name)
	profile, placed := m.Profile(id)
	if !placed {
		return 0, max(usual[matching.First], usual[matching.Second]), nil
	}
	reach, err := m.Reach(id)
	if err != nil {
		return 0, 0, err
	}
	if len(f.Offers) == 0 && len(f.Needs) == 0 {
		return 0, usual[profile.Side], nil
	}
	profile.Status, profile.Missing = matching.Approved, nil
	completed, err := m.With([]matching.Profile{profile}, nil)
	if err != nil {
		return 0, 0, err
	}
	could, err := completed.Reach(id)
	if err != nil {
		return 0, 0, err
	}
	then = could.Reciprocal
	if len(f.Offers) == 0 || len(f.Needs) == 0 {
		then += could.OneSided
	}
	return reach.Reciprocal, then, nil
}

// usualReach is the median number of partners in earnest of the complete firms of each side.
func usualReach(m *matching.Market, firms []*tandemv1.Firm) map[matching.Side]int {
	counts := make(map[matching.Side][]int)
	for _, f := range firms {
		profile, placed := m.Profile(firmSlug(f.Name))
		if !placed || len(f.Offers) == 0 || len(f.Needs) == 0 {
			continue
		}
		if reach, err := m.Reach(profile.ID); err == nil {
			counts[profile.Side] = append(counts[profile.Side], reach.Reciprocal)
		}
	}
	medians := make(map[matching.Side]int)
	for side, list := range counts {
		slices.Sort(list)
		medians[side] = list[len(list)/2]
	}
	return medians
}

// advice says whom to ask for what, and what it would bring.
func advice(f *tandemv1.Firm, missing []string, unlocked int32) *tandemv1.Sentence {
	fields := make([]string, len(missing))
	for i, field := range missing {
		fields[i] = "field:" + field
	}
	key := "desk.ask"
	if unlocked > 0 {
		key = "desk.ask.unlocks"
	}
	return &tandemv1.Sentence{Key: key, Args: []string{"firm:" + firmSlug(f.Name), catalog.List(fields...), catalog.Number(int(unlocked))}}
}

// ListSuspectedDuplicates lists firms that may be one organisation.
func (s firmService) ListSuspectedDuplicates(ctx context.Context, r *tandemv1.ListSuspectedDuplicatesRequest) (*tandemv1.ListSuspectedDuplicatesResponse, error) {
	m, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	answer := &tandemv1.ListSuspectedDuplicatesResponse{Suspicions: duplicates(m.byName())}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}

// duplicates lists the firms of one country whose names are alike.
func duplicates(firms []*tandemv1.Firm) []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion {
	list := make([]names.Named, len(firms))
	for i, f := range firms {
		list[i] = names.Named{ID: f.Name, Names: []string{f.DisplayName, f.NativeName}}
	}
	var found []*tandemv1.ListSuspectedDuplicatesResponse_Suspicion
	for _, s := range names.Suspects(list, alike) {
		a, b := firms[s.First], firms[s.Second]
		if a.Country != "" && b.Country != "" && a.Country != b.Country {
			continue // a namesake in the other country is another organisation, often a subsidiary
		}
		found = append(found, &tandemv1.ListSuspectedDuplicatesResponse_Suspicion{
			First: a.Name, Second: b.Name, LikenessPercent: int32(s.Likeness), //nolint:gosec // 0..100
			Reason: &tandemv1.Sentence{Key: "desk.alike", Args: []string{catalog.Literal(s.One), catalog.Literal(s.Two)}},
		})
	}
	return found
}

// Complete gives the options of a report what one on completeness tells: whose profile lacks what, and who may stand twice.
func Complete(cat *catalog.Catalog, snapshot *tandemv1.Snapshot, o *report.Options) error {
	m, err := marketOf(cat, snapshot)
	if err != nil {
		return err
	}
	o.Incomplete, err = incomplete(m.market, snapshot.Firms)
	o.Suspicions = duplicates(snapshot.Firms)
	return err
}
