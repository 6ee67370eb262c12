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
			f.WomenPercent = proto.Int32(int32(i * 17 % 101))
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
		if want := anyAnswerIsPossible(len(answers), meanOf(answers)); shown[theme] != want {
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

// meanOf is the mean of some answers as it is shown, to the nearest five.
func meanOf(answers map[string]int) int {
	sum := 0
	for _, share := range answers {
		sum += share
	}
	return nearestFive(sum, len(answers))
}

func nearestFive(sum, answers int) int { return (2*sum + 5*answers) / (10 * answers) * 5 }

// anyAnswerIsPossible tries all sums of so many answers: with one that is shown so, a single answer may be 0, and with one it may be 100.
func anyAnswerIsPossible(answers, shown int) bool {
	nothing, all := false, false
	for sum := range 100*answers + 1 {
		if nearestFive(sum, answers) == shown {
			nothing, all = nothing || sum <= 100*(answers-1), all || sum >= 100
		}
	}
	return answers >= 5 && nothing && all
}

// TestSharesOfWomenTellNoAnswer (S69): what is shown leaves each single answer open, from 0 to 100; what does not is not shown.
func TestSharesOfWomenTellNoAnswer(t *testing.T) {
	for answers := 1; answers <= 60; answers++ {
		for share := 0; share <= 100; share += 5 {
			if got, want := mayShow(answers, share), anyAnswerIsPossible(answers, share); got != want {
				t.Errorf("%d%% of %d answers is shown: %v, want %v", share, answers, got, want)
			}
		}
	}
	silent := ofKind(t, answering(t, 0), partnershipKind, lines, tandemv1.Language_EN, Options{})
	for said, shown := range map[int32]bool{0: false, 10: false, 37: true, 95: false, 100: false} {
		r := answering(t, 5)
		for _, f := range r.Snapshot.Firms[:5] {
			f.WomenPercent = proto.Int32(said)
		}
		if got := ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{}) != silent; got != shown {
			t.Errorf("when five say %d%% it is shown: %v, want %v", said, got, shown)
		}
	}
}
