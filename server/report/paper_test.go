package report

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

const (
	partnershipKind = tandemv1.DownloadReportRequest_PARTNERSHIP
	ministerialKind = tandemv1.DownloadReportRequest_MINISTERIAL
	exposureKind    = tandemv1.DownloadReportRequest_EXPOSURE
)

// clone is a report with inputs of its own.
func clone(r *Report) *Report {
	c := &Report{Catalog: r.Catalog, Snapshot: proto.CloneOf(r.Snapshot), Digest: r.Digest}
	for _, p := range r.Pairings {
		c.Pairings = append(c.Pairings, proto.CloneOf(p))
	}
	return c
}

func ofKind(t *testing.T, r *Report, k tandemv1.DownloadReportRequest_Kind, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b, k, f, lang, o); err != nil {
		t.Fatalf("writing %v as %v in %v: %v", k, f, lang, err)
	}
	return b.String()
}

// table reads the rows of one table out of JSON Lines.
func table(t *testing.T, file, name string) []map[string]any {
	t.Helper()
	var rows []map[string]any
	for line := range strings.Lines(file) {
		row := map[string]any{}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if row["table"] == name {
			rows = append(rows, row)
		}
	}
	return rows
}

// count looks up a number by the exact value of another column; -1 where the row is not there.
func count(rows []map[string]any, key, exact, number string) int {
	for _, row := range rows {
		if row[key] == exact {
			return int(row[number].(float64))
		}
	}
	return -1
}

func TestPapersInEveryFormAndLanguage(t *testing.T) {
	r := fixture(t)
	o := Options{Base: clone(r), Incomplete: []*tandemv1.IncompleteFirm{{Firm: r.Snapshot.Firms[0], Missing: []string{"region"}, Matched: true, Unlocked: 3}}}
	for _, k := range []tandemv1.DownloadReportRequest_Kind{
		partnershipKind, ministerialKind, exposureKind, tandemv1.DownloadReportRequest_COMPLETENESS, tandemv1.DownloadReportRequest_COMPARISON,
	} {
		for _, lang := range languages {
			for _, f := range []tandemv1.DownloadReportRequest_Format{html, lines, csvs, tandemv1.DownloadReportRequest_XLSX} {
				if (k == partnershipKind || k == ministerialKind) && f == csvs {
					if err := r.Write(io.Discard, k, f, lang, o); err == nil {
						t.Errorf("%v was written as one table", k)
					}
					continue
				}
				got := ofKind(t, r, k, f, lang, o)
				if again := ofKind(t, r, k, f, lang, o); again != got {
					t.Errorf("%v %v %v: other bytes for the same input", k, f, lang)
				}
				if f != tandemv1.DownloadReportRequest_XLSX && strings.Contains(got, "«paper.") || strings.Contains(got, "«compare.") || strings.Contains(got, "«exposure.") {
					t.Errorf("%v %v %v: a sentence is missing", k, f, lang)
				}
			}
		}
	}
	if err := r.Write(io.Discard, tandemv1.DownloadReportRequest_COMPARISON, html, tandemv1.Language_EN, Options{}); err == nil {
		t.Error("a comparison with nothing was written")
	}
}

// TestPartnershipFigures counts every figure again, plainly, over the pairings.
func TestPartnershipFigures(t *testing.T) {
	r := fixture(t)
	file := ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{})
	for _, rows := range [][]map[string]any{table(t, file, "frameworks"), table(t, file, "gaps")} {
		for _, row := range rows {
			want := 0
			for _, p := range r.Pairings {
				uses := slices.Concat(p.GetFrameworks(), p.GetFrameworkGaps())
				if slices.ContainsFunc(uses, func(u *tandemv1.FrameworkUse) bool { return u.GetFramework() == row["framework"] }) {
					want++
				}
			}
			if got := int(row["pairings"].(float64)); got != want || len(row["ids"].([]any)) != want {
				t.Errorf("%v: %d pairings with %d ids, want %d", row, got, len(row["ids"].([]any)), want)
			}
		}
	}
	for table, rows := range map[string][]map[string]any{"theme": table(t, file, "themes"), "mode": table(t, file, "modes"), "label": table(t, file, "labels")} {
		for _, row := range rows {
			want := 0
			for _, p := range r.Pairings {
				if slices.Contains(slices.Concat(p.GetThemes(), p.GetTags(), []string{p.GetPrimaryMode().String()}), row[table].(string)) {
					want++
				}
			}
			if got := int(row["pairings"].(float64)); got != want {
				t.Errorf("%s %v: %d, want %d", table, row[table], got, want)
			}
		}
	}
	for _, row := range table(t, file, "programs") {
		want := 0
		for _, p := range r.Pairings {
			for _, use := range p.GetPrograms() {
				if use.GetProgram() == row["program"] && use.GetState().String() == row["award"] {
					want++
				}
			}
		}
		if got := int(row["pairings"].(float64)); got != want {
			t.Errorf("%v: %d, want %d", row["program"], got, want)
		}
	}
	sides := [2]int{}
	for _, f := range r.Snapshot.Firms {
		if f.GetState() == tandemv1.Firm_APPROVED {
			sides[slices.Index([]string{"CA", "KR"}, f.GetCountry())]++
		}
	}
	got := [2]int{}
	for _, row := range table(t, file, "participation") {
		if row["by"] == "kind" {
			got[0] += int(row["first_firms"].(float64))
			got[1] += int(row["second_firms"].(float64))
		}
	}
	if got != sides {
		t.Errorf("participation by kind adds up to %v, want %v", got, sides)
	}
}

// TestPoliciesOfBothSides (S89): a pairing stands under a policy whose way of working and capabilities it serves.
func TestPoliciesOfBothSides(t *testing.T) {
	r := clone(fixture(t))
	best := r.Pairings[0]
	needed := ""
	for _, c := range best.GetComponents() {
		if c.GetKind() == tandemv1.Component_NEED && c.GetPoints() > 0 {
			needed = c.GetNeed().GetCapability()
		}
	}
	r.Pairings = r.Pairings[:1]
	other := tandemv1.Mode_SUPPLY
	if best.GetPrimaryMode() == other {
		other = tandemv1.Mode_JOINT_RD
	}
	for want, modes := range [][]tandemv1.Mode{{other}, {best.GetPrimaryMode(), other}} {
		r.Snapshot.Frameworks = []*tandemv1.Framework{{
			Name: "frameworks/plan", Kind: tandemv1.Framework_POLICY, Parties: []string{"KR:body"}, Modes: modes, Capabilities: []string{needed},
		}}
		rows := table(t, ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{}), "policies")
		if got := count(rows, "policy", "frameworks/plan", "pairings"); got != want || rows[0]["side"] != "Republic of Korea" {
			t.Errorf("modes %v: %v, want %d", modes, rows, want)
		}
	}
}

// TestDialoguesAreData (S16 to S24): a dialogue that is added as a row reviews what its parent covers, and a child's pairings roll
// up to the dialogue over it.
func TestDialoguesAreData(t *testing.T) {
	r := clone(fixture(t))
	under := ""
	umbrella := r.Snapshot.GetPartnership().GetUmbrellaFramework()
	for _, p := range r.Pairings {
		for _, use := range p.GetFrameworks() {
			if use.GetFramework() != umbrella {
				under = use.GetFramework()
			}
		}
	}
	for _, f := range r.Snapshot.Frameworks {
		if f.GetName() == under {
			f.Kind = tandemv1.Framework_MOU
		}
	}
	r.Snapshot.Frameworks = append(r.Snapshot.Frameworks, &tandemv1.Framework{
		Name: "frameworks/new-talks", Kind: tandemv1.Framework_DIALOGUE, Parent: under, DisplayName: &tandemv1.LocalizedText{En: "New talks"},
	})
	want := 0
	for _, p := range r.Pairings {
		if slices.ContainsFunc(p.GetFrameworks(), func(u *tandemv1.FrameworkUse) bool { return u.GetFramework() == under }) {
			want++
		}
	}
	file := ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{})
	if got := count(table(t, file, "dialogues"), "dialogue", "frameworks/new-talks", "pairings"); got != want || want == 0 {
		t.Errorf("the new talks have %d pairings before them, want %d", got, want)
	}
}

// TestOverdueDialogues (S87).
func TestOverdueDialogues(t *testing.T) {
	f := &tandemv1.Framework{Name: "frameworks/talks", Kind: tandemv1.Framework_DIALOGUE, Dates: "2024-11-01 first; 2025-02-25 second", Cadence: "reported as biannual"}
	if m := meetingsOf(f, "2026-01-01"); m != (meetings{last: "2025-02-25", due: "2025-08-25"}) {
		t.Errorf("meetings: %+v", m)
	}
	for _, day := range []struct {
		asOf string
		want int
	}{{"2025-08-25", 0}, {"2025-08-26", 1}} {
		r := clone(fixture(t))
		r.Snapshot.AsOf, r.Snapshot.Frameworks = day.asOf, []*tandemv1.Framework{f}
		if got := len(table(t, ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{}), "overdue")); got != day.want {
			t.Errorf("as of %s: %d overdue, want %d", day.asOf, got, day.want)
		}
	}
	f.Dates += "; 2026-09 planned"
	if Overdue(f, "2026-01-01") {
		t.Error("a dialogue with a date to come is overdue")
	}
}

// TestPrinciplesStayFromFirms (S91, S11): the governments read them, a report that firms see never prints those that are not for them.
func TestPrinciplesStayFromFirms(t *testing.T) {
	r := fixture(t)
	for _, lang := range languages {
		file := ofKind(t, r, partnershipKind, html, lang, Options{})
		match := ofKind(t, r, match, html, lang, Options{})
		reader := mustReader(t, r, lang)
		for _, theme := range r.Catalog.Themes() {
			if theme.Kind != "principle" || theme.IndustryFacing {
				continue
			}
			name := capitalised(reader.name("theme", theme.ID))
			if !strings.Contains(file, strings.ReplaceAll(name, "'", "&#39;")) {
				t.Errorf("%v: the partnership report does not list %q", lang, name)
			}
			if strings.Contains(match, name) {
				t.Errorf("%v: the match report names %q", lang, name)
			}
		}
	}
}

// TestExposureCounts (S47): every place in somebody's list is counted once, and who is in none has a reason.
func TestExposureCounts(t *testing.T) {
	r := fixture(t)
	rows := table(t, ofKind(t, r, exposureKind, lines, tandemv1.Language_EN, Options{}), "shown")
	if len(rows) != len(r.Snapshot.Firms) {
		t.Fatalf("%d organisations, want %d", len(rows), len(r.Snapshot.Firms))
	}
	for _, f := range r.Snapshot.Firms {
		want := 0
		for _, p := range r.Pairings {
			if p.GetFirst().GetName() == f.GetName() && p.GetSecondRank() > 0 || p.GetSecond().GetName() == f.GetName() && p.GetFirstRank() > 0 {
				want++
			}
		}
		if got := count(rows, "organisation", f.GetName(), "shown"); got != want {
			t.Errorf("%s is shown %d times, want %d", f.GetName(), got, want)
		}
	}
	for _, row := range rows {
		if (row["shown"] == 0.0) != (row["why"] != "") {
			t.Errorf("%v: a reason stands exactly where nobody is shown it", row)
		}
	}
}

// TestExposureOfADominantFirm (S81): where one organisation takes every list, the others are listed with the reason.
func TestExposureOfADominantFirm(t *testing.T) {
	r := &Report{Catalog: fixture(t).Catalog, Digest: "d", Snapshot: &tandemv1.Snapshot{AsOf: "2026-01-01", Top: 1, Partnership: fixture(t).Snapshot.Partnership}}
	firm := func(name, country string) *tandemv1.Firm {
		f := &tandemv1.Firm{Name: "firms/" + name, DisplayName: name, Country: country, State: tandemv1.Firm_APPROVED}
		r.Snapshot.Firms = append(r.Snapshot.Firms, f)
		return f
	}
	giant, small := firm("giant", "KR"), firm("small", "KR")
	for i, name := range []string{"one", "two"} {
		f := firm(name, "CA")
		r.Pairings = append(r.Pairings, &tandemv1.Pairing{Name: "pairings/" + name + "~giant", First: f, Second: giant, FirstRank: 1, SecondRank: int32(1 - i)})
		if i == 0 {
			r.Pairings = append(r.Pairings, &tandemv1.Pairing{Name: "pairings/" + name + "~small", First: f, Second: small, SecondRank: 1})
		}
	}
	rows := table(t, ofKind(t, r, exposureKind, lines, tandemv1.Language_EN, Options{}), "shown")
	if got := count(rows, "organisation", "firms/giant", "shown"); got != 2 {
		t.Errorf("the giant is shown %d times, want 2", got)
	}
	unshown := table(t, ofKind(t, r, exposureKind, lines, tandemv1.Language_EN, Options{}), "unshown")
	var crowded bool
	for _, row := range unshown {
		crowded = crowded || row["organisation"] == "small" && strings.Contains(row["why"].(string), "better")
	}
	if !crowded {
		t.Errorf("the small one has no reason: %v", unshown)
	}
}

// TestInvestmentsCarryTheirSum (S45, S44): amount, currency, and the award that it depends on.
func TestInvestmentsCarryTheirSum(t *testing.T) {
	r := clone(fixture(t))
	r.Pairings = r.Pairings[:1]
	p := r.Pairings[0]
	file := func() []map[string]any {
		return table(t, ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{}), "investments")
	}
	if rows := file(); len(rows) != 0 {
		t.Errorf("nobody names a sum: %v", rows)
	}
	i := slices.IndexFunc(p.Components, func(c *tandemv1.Component) bool { return c.GetKind() == tandemv1.Component_NEED && c.GetPoints() > 0 })
	seeker := firmIn(r, p.Components[i].GetNeed().GetFirm())
	needAt(seeker, p.Components[i].GetNeed().GetField()).Amount = &money.Money{CurrencyCode: "CAD", Units: 5_000_000}
	p.Programs = []*tandemv1.ProgramUse{{Program: "programs/cpsp", State: tandemv1.ProgramUse_CONDITIONAL, Condition: "cpsp-award"}}
	rows := file()
	if len(rows) != 1 || rows[0]["organisation"] != seeker.GetName() || rows[0]["currency"] != "CAD" || rows[0]["amount"] != 5e6 || rows[0]["condition"] != "cpsp-award" {
		t.Errorf("got %v, want CAD 5,000,000 of %s under the award", rows, seeker.GetName())
	}
}

// TestSingleSource (S72 to S75).
func TestSingleSource(t *testing.T) {
	r := &Report{Catalog: fixture(t).Catalog, Digest: "d", Snapshot: &tandemv1.Snapshot{AsOf: "2026-01-01", Partnership: fixture(t).Snapshot.Partnership}}
	nickel := "capabilities/metals.nonferrous.nickel-alloys"
	seller := &tandemv1.Firm{Name: "firms/seller", Country: "CA", State: tandemv1.Firm_APPROVED, Offers: []*tandemv1.Offer{{Capability: nickel}}}
	r.Snapshot.Firms = []*tandemv1.Firm{seller, {Name: "firms/buyer", Country: "KR", State: tandemv1.Firm_APPROVED, Needs: []*tandemv1.Need{{Capability: nickel}}}}
	single := func() []map[string]any {
		return table(t, ofKind(t, r, partnershipKind, lines, tandemv1.Language_EN, Options{}), "single")
	}
	if rows := single(); len(rows) != 1 || rows[0]["material"] != nickel || rows[0]["source"] != "firms/seller" {
		t.Errorf("single sources: %v", rows)
	}
	second := proto.CloneOf(seller)
	second.Name = "firms/second"
	r.Snapshot.Firms = append(r.Snapshot.Firms, second)
	if rows := single(); len(rows) != 0 {
		t.Errorf("two sources are no single one: %v", rows)
	}
}
