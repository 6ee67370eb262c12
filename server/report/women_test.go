package report

import (
	"testing"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// answering is the fixture with so many of its organisations saying which share of those they send are women: 37 each.
func answering(t *testing.T, answers int) *Report {
	t.Helper()
	r := clone(fixture(t))
	for _, f := range r.Snapshot.Firms[:answers] {
		f.State, f.WomenPercent = tandemv1.Firm_APPROVED, proto.Int32(37)
	}
	return r
}

// TestParticipationOfWomen (S69) counts the share again, over all and by theme.
func TestParticipationOfWomen(t *testing.T) {
	r := clone(fixture(t))
	said := map[string]int{}
	for i, f := range r.Snapshot.Firms {
		if f.GetState() == tandemv1.Firm_APPROVED && i%4 != 3 {
			f.WomenPercent = proto.Int32(int32(i * 17 % 101)) //nolint:gosec // below 101
			said[f.GetName()] = i * 17 % 101
		}
	}
	under := map[string]map[string]int{"themes/-": said}
	for _, p := range r.Pairings {
		for _, theme := range p.GetThemes() {
			if under[theme] == nil {
				under[theme] = map[string]int{}
			}
			for _, name := range []string{p.GetFirst().GetName(), p.GetSecond().GetName()} {
				if share, ok := said[name]; ok {
					under[theme][name] = share
				}
			}
		}
	}
	rows := table(t, ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{}), "women")
	shown := map[string]bool{}
	for _, row := range rows {
		theme, got := row["theme"].(string), row["women"].(float64)
		shown[theme] = true
		sum := 0
		for _, share := range under[theme] {
			sum += share
		}
		mean := float64(sum) / float64(len(under[theme]))
		if row["answers"].(float64) != float64(len(under[theme])) || got-mean > 2.5 || mean-got > 2.5 || int(got)%5 != 0 || len(row["ids"].([]any)) > 0 {
			t.Errorf("%v, want %d answers with a mean of %.1f, and nobody's name", row, len(under[theme]), mean)
		}
	}
	for theme, answers := range under {
		if want := len(answers) >= 5; shown[theme] != want {
			t.Errorf("%s with %d answers is shown: %v, want %v", theme, len(answers), shown[theme], want)
		}
	}
	if len(rows) < 3 {
		t.Errorf("%d rows, want some themes", len(rows))
	}
}

// TestNobodysShareOfWomenShows (S69): too few answers show nothing, one more answer does not show what it is, and no other report knows.
func TestNobodysShareOfWomenShows(t *testing.T) {
	none, few, enough := answering(t, 0), answering(t, 4), answering(t, 5)
	if ofKind(t, few, partnershipKind, lines, tandemv1.Language_EN, Options{}) != ofKind(t, none, partnershipKind, lines, tandemv1.Language_EN, Options{}) {
		t.Error("four answers show in the report")
	}
	before := ofKind(t, enough, partnershipKind, lines, tandemv1.Language_EN, Options{})
	if len(table(t, before, "women")) == 0 {
		t.Error("five answers do not show")
	}
	enough.Snapshot.Firms[0].WomenPercent = proto.Int32(32)
	if ofKind(t, enough, partnershipKind, lines, tandemv1.Language_EN, Options{}) != before {
		t.Error("one organisation's answer, five points lower, can be told from five")
	}
	all := answering(t, len(none.Snapshot.Firms))
	for _, kind := range []tandemv1.DownloadReportRequest_Kind{match, tandemv1.DownloadReportRequest_HANDOUTS, exposureKind, tandemv1.DownloadReportRequest_COMPLETENESS} {
		for _, f := range []tandemv1.DownloadReportRequest_Format{html, lines, csvs} {
			if ofKind(t, all, kind, f, tandemv1.Language_EN, Options{}) != ofKind(t, silenced(all), kind, f, tandemv1.Language_EN, Options{}) {
				t.Errorf("%v in %v tells what organisations said", kind, f)
			}
		}
	}
}

// silenced is a report whose organisations say nothing.
func silenced(r *Report) *Report {
	c := clone(r)
	for _, f := range c.Snapshot.Firms {
		f.WomenPercent = nil
	}
	return c
}
