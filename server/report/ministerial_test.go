package report

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func TestParsePeriod(t *testing.T) {
	for text, want := range map[string]Period{
		"":        {},
		"2026":    {"2026-01-01", "2026-12-31"},
		"2026-H1": {"2026-01-01", "2026-06-30"},
		"2026-h2": {"2026-07-01", "2026-12-31"},
		"2026-Q3": {"2026-07-01", "2026-09-30"},
		"2024-02": {"2024-02-01", "2024-02-29"},
		"2026-12": {"2026-12-01", "2026-12-31"},

		"2025-11-24/2026-02-28": {"2025-11-24", "2026-02-28"},
	} {
		if got, err := ParsePeriod(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"last year", "2026-13", "2026-H3", "2026-00", "2026-02-30/2026-03-01", "2026-03-01/2026-02-01", "2026-01-01/", "26", "2026-13-01/2026-14-01"} {
		if got, err := ParsePeriod(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
	for day, want := range map[string]string{"2026-11-24": "2025-12-01", "2026-12-31": "2026-01-01", "2026-01-02": "2025-02-01"} {
		if got := yearUpTo(day).First; got != want {
			t.Errorf("the year up to %s begins on %s, want %s", day, got, want)
		}
	}
}

// talking is the fixture with a dialogue that has not met for too long.
func talking(t *testing.T) (r *Report, dialogue *tandemv1.Framework) {
	t.Helper()
	r = clone(fixture(t))
	dialogue = &tandemv1.Framework{
		Name: "frameworks/ministers", DisplayName: &tandemv1.LocalizedText{En: "Ministers", Fr: "Ministres", Ko: "장관"}, Kind: tandemv1.Framework_DIALOGUE,
		Status: tandemv1.Framework_ACTIVE, Dates: "2024-11-01 first", Cadence: "annual",
	}
	r.Snapshot.Frameworks = append(r.Snapshot.Frameworks, dialogue)
	return r, dialogue
}

// linesWithoutReport are the lines of a report in JSON Lines, by what they say and not by whose they are.
func linesWithoutReport(t *testing.T, file string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(file) {
		row := map[string]any{}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		delete(row, "report")
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	return list
}

// TestMinistersReadWhatOfficialsRead (S16, S17): the talks' report holds every line of the ministers', and the open issues on top; an
// issue that is marked then appears before ministers, and in no other way.
func TestMinistersReadWhatOfficialsRead(t *testing.T) {
	r, dialogue := talking(t)
	o := Options{Period: Period{"2025-01-01", "2026-12-31"}}
	both := func() (officials, ministers string) {
		return ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, o), ofKind(t, r, ministerialKind, lines, tandemv1.Language_EN, o)
	}
	officials, ministers := both()
	if rows := table(t, ministers, "issues"); len(rows) > 0 {
		t.Errorf("nothing is marked, and ministers read of %v", rows)
	}
	open := table(t, officials, "issues")
	if len(open) < 3 {
		t.Fatalf("%d open issues, want some of each kind", len(open))
	}
	marked := []string{dialogue.Name, r.Snapshot.Frameworks[0].Name} // one that is open anyway and one that is not
	for _, f := range r.Snapshot.Frameworks {
		f.Raised = slices.Contains(marked, f.Name)
	}
	officials, ministers = both()
	got := map[string]bool{}
	for _, row := range table(t, ministers, "issues") {
		got[row["framework"].(string)] = true
	}
	want := map[string]bool{}
	for _, name := range marked {
		want[name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what is raised (-want +got):\n%s", diff)
	}
	all := linesWithoutReport(t, officials)
	for _, line := range linesWithoutReport(t, ministers) {
		if !slices.Contains(all, line) {
			t.Errorf("ministers read what their officials do not: %s", line)
		}
	}
	if len(table(t, officials, "issues")) <= len(table(t, ministers, "issues")) {
		t.Error("the officials have no more open issues than what is raised")
	}
	for _, name := range []string{"handouts", "match"} {
		kind := tandemv1.DownloadReportRequest_Kind(tandemv1.DownloadReportRequest_Kind_value[strings.ToUpper(name)])
		before := ofKind(t, fixture(t), kind, lines, tandemv1.Language_EN, Options{})
		if ofKind(t, r, kind, lines, tandemv1.Language_EN, Options{}) != before {
			t.Errorf("%s tells what is to be raised", name)
		}
	}
}

// TestIssuesAreCountedAgain counts what waits for each framework, and what is overdue.
func TestIssuesAreCountedAgain(t *testing.T) {
	r, _ := talking(t)
	want := map[string]int{}
	for _, p := range r.Pairings {
		seen := map[string]bool{}
		for _, use := range p.GetFrameworkGaps() {
			seen["gap "+use.GetFramework()] = true
		}
		for _, item := range p.GetGate().GetItems() {
			if item.GetState() >= tandemv1.Gate_HOLD && item.GetFramework() != "" {
				seen["held "+item.GetFramework()] = true
			}
		}
		for key := range seen {
			want[key]++
		}
	}
	for _, f := range r.Snapshot.Frameworks {
		if Overdue(f, r.Snapshot.AsOf) {
			want["overdue "+f.Name] = 0
		}
	}
	got := map[string]int{}
	for _, row := range table(t, ofKind(t, r, partnershipKind, lines, tandemv1.Language_KO, Options{}), "issues") {
		got[row["matter"].(string)+" "+row["framework"].(string)] = int(row["pairings"].(float64))
		if ids := row["ids"].([]any); row["matter"] != "overdue" && len(ids) != int(row["pairings"].(float64)) {
			t.Errorf("%v has %d ids", row, len(ids))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("open issues (-want +got):\n%s", diff)
	}
}

// TestCalendarOfAPeriod: what is dated in the period, and nothing else.
func TestCalendarOfAPeriod(t *testing.T) {
	r, dialogue := talking(t)
	for _, f := range r.Snapshot.Frameworks {
		f.Dates = ""
	}
	dialogue.Dates = "2024-11-01 first; 2026-02-25 second; 2027-05 third"
	for period, want := range map[Period][]string{
		{"2024-01-01", "2024-12-31"}: {"2024-11-01 2024-11-01 first"},
		{"2026-02-25", "2026-02-25"}: {"2026-02-25 2026-02-25 second"},
		{"2026-02-26", "2027-04-30"}: nil,
		{"2026-01-01", "2027-05-10"}: {"2026-02-25 2026-02-25 second", "2027-05 2027-05 third"},
	} {
		var got []string
		for _, row := range table(t, ofKind(t, r, ministerialKind, lines, tandemv1.Language_FR, Options{Period: period}), "calendar") {
			got = append(got, row["day"].(string)+" "+row["what"].(string))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", period, diff)
		}
	}
}
