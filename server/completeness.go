package server

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	"github.com/canada-korea-roadshow/tandem/matching/names"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// This file answers the two questions that an organiser with a half-filled list has: whom to call for what, and who stands twice.

// alike is from which likeness on two names are suspected to be one organisation's.
const alike = 93

// ListIncompleteFirms lists firms whose profile lacks something, what it would unlock first.
func (s firmService) ListIncompleteFirms(ctx context.Context, r *tandemv1.ListIncompleteFirmsRequest) (*tandemv1.ListIncompleteFirmsResponse, error) {
	caller := access.FromContext(ctx)
	last, err := s.after(caller, r)
	if err != nil {
		return nil, err
	}
	m, err := s.liveNow(ctx)
	if err != nil {
		return nil, err
	}
	list, err := incomplete(ctx, m.market, m.byName())
	if err != nil {
		return nil, err
	}
	answer := &tandemv1.ListIncompleteFirmsResponse{TotalSize: int32(len(list))} //nolint:gosec // counts of firms
	list = list[sort.Search(len(list), func(i int) bool { return list[i].key() > last }):]
	page := list[:min(len(list), pageSize(r))]
	for i := range page {
		answer.Firms = append(answer.Firms, page[i].entry())
	}
	if len(page) < len(list) {
		answer.NextPageToken = s.nextToken(caller, r, page[len(page)-1].key())
	}
	speak(s.catalog, r.Language, answer)
	return answer, nil
}

// halfFilled is a firm that lacks something, and what filling it in would bring.
type halfFilled struct {
	firm               *tandemv1.Firm
	missing            []string
	matched            bool
	partners, unlocked int32
}

// key orders firms worst first: those that cannot be matched, then by what filling in would unlock, then by how much is missing.
func (h *halfFilled) key() string {
	return fmt.Sprintf("%s %010d %03d %s", truth(h.matched), math.MaxInt32-h.unlocked, 999-len(h.missing), h.firm.Name)
}

func (h *halfFilled) entry() *tandemv1.IncompleteFirm {
	return &tandemv1.IncompleteFirm{
		Firm: basic(h.firm), Missing: h.missing, Matched: h.matched, Contact: h.firm.Contact,
		Partners: h.partners, Unlocked: h.unlocked, Advice: advice(h.firm, h.missing, h.unlocked),
	}
}

// incomplete finds the firms that lack something, worst first.
func incomplete(ctx context.Context, m *matching.Market, firms []*tandemv1.Firm) ([]halfFilled, error) {
	usual := usualReach(m, firms)
	var list []halfFilled
	for _, f := range firms {
		missing := lacks(f)
		if len(missing) == 0 {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h := halfFilled{firm: f, missing: missing, matched: len(f.Missing) == 0 && f.State == tandemv1.Firm_APPROVED}
		now, then, err := reachIfComplete(m, f, usual)
		if err != nil {
			return nil, err
		}
		h.partners, h.unlocked = int32(now), int32(max(then-now, 0)) //nolint:gosec // counts of firms
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b halfFilled) int { return strings.Compare(a.key(), b.key()) })
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
	could, err := m.ReachAdmitted(id)
	if err != nil {
		return 0, 0, err
	}
	then = could.Reciprocal
	if len(f.Offers) == 0 || len(f.Needs) == 0 {
		then += could.OneSided
	}
	return reach.Reciprocal, then, nil
}

// usualSample is how many firms of a side are asked what they reach, evenly out of all; more do not move the median by much.
const usualSample = 200

// usualReach is the median number of partners in earnest of the complete firms of each side.
func usualReach(m *matching.Market, firms []*tandemv1.Firm) map[matching.Side]int {
	complete := make(map[matching.Side][]string)
	for _, f := range firms {
		if profile, placed := m.Profile(firmSlug(f.Name)); placed && len(f.Offers) > 0 && len(f.Needs) > 0 {
			complete[profile.Side] = append(complete[profile.Side], profile.ID)
		}
	}
	medians := make(map[matching.Side]int)
	for side, ids := range complete {
		var counts []int
		asked := min(len(ids), usualSample)
		for i := range asked {
			if reach, err := m.Reach(ids[i*len(ids)/asked]); err == nil {
				counts = append(counts, reach.Reciprocal)
			}
		}
		if slices.Sort(counts); len(counts) > 0 {
			medians[side] = counts[len(counts)/2]
		}
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
func Complete(ctx context.Context, cat *catalog.Catalog, snapshot *tandemv1.Snapshot, o *report.Options) error {
	m, err := marketOf(cat, snapshot)
	if err != nil {
		return err
	}
	list, err := incomplete(ctx, m.market, snapshot.Firms)
	for i := range list {
		o.Incomplete = append(o.Incomplete, list[i].entry())
	}
	o.Suspicions = duplicates(snapshot.Firms)
	return err
}
