package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/browser"
)

// line is a row of a report in JSON Lines.
type line struct {
	cells map[string]any
	ids   []string
}

func (l line) text(key string) string { s, _ := l.cells[key].(string); return s }
func (l line) number(key string) int  { n, _ := l.cells[key].(float64); return int(n) }

// linesOf reads one table of a report in JSON Lines.
func linesOf(t *testing.T, file []byte, table string) []line {
	t.Helper()
	var rows []line
	for text := range bytes.Lines(file) {
		row := line{cells: map[string]any{}}
		if err := json.Unmarshal(text, &row.cells); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, id := range row.cells["ids"].([]any) {
			row.ids = append(row.ids, id.(string))
		}
		if row.text("table") == table {
			rows = append(rows, row)
		}
	}
	return rows
}

// shippedRun matches the shipped organisations and returns what the API says of them: the run's pairings, the organisations and the
// name of the run.
func shippedRun(t *testing.T) (conn grpc.ClientConnInterface, run string, pairings []*tandemv1.Pairing, firms []*tandemv1.Firm) {
	t.Helper()
	s, conn := withShipped(t)
	run = finishRun(t, s, conn, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}}).GetName()
	for token, more := "", true; more; more = token != "" {
		page, err := tandemv1.NewMatchRunServiceClient(conn).ListMatchResults(t.Context(), &tandemv1.ListMatchResultsRequest{Parent: run, PageSize: 500, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range page.Results {
			pairings = append(pairings, result.Pairing)
		}
		token = page.NextPageToken
	}
	for token, more := "", true; more; more = token != "" {
		page, err := tandemv1.NewFirmServiceClient(conn).ListFirms(t.Context(), &tandemv1.ListFirmsRequest{PageSize: 500, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		firms = append(firms, page.Firms...)
		token = page.NextPageToken
	}
	return conn, run, pairings, firms
}

func partnershipFile(t *testing.T, conn grpc.ClientConnInterface, run string, f tandemv1.DownloadReportRequest_Format, lang tandemv1.Language) []byte {
	t.Helper()
	return download(t, tandemv1.NewMatchRunServiceClient(conn), &tandemv1.DownloadReportRequest{
		Name: run, Kind: tandemv1.DownloadReportRequest_PARTNERSHIP, Format: f, Language: lang,
	})
}

// TestPartnershipReportCountsWhatTheAPISays (S85) counts each figure of the report again over the answers of the API, as plainly as
// can be, and expects the same number and the same names behind it.
func TestPartnershipReportCountsWhatTheAPISays(t *testing.T) {
	conn, run, pairings, firms := shippedRun(t)
	file := partnershipFile(t, conn, run, tandemv1.DownloadReportRequest_JSONL, tandemv1.Language_EN)
	if again := partnershipFile(t, conn, run, tandemv1.DownloadReportRequest_JSONL, tandemv1.Language_EN); !bytes.Equal(file, again) {
		t.Error("the same run gave other bytes")
	}
	such := func(is func(*tandemv1.Pairing) bool) []string {
		var names []string
		for _, p := range pairings {
			if is(p) {
				names = append(names, p.Name)
			}
		}
		slices.Sort(names)
		return names
	}
	uses := func(list []*tandemv1.FrameworkUse, name string) bool {
		return slices.ContainsFunc(list, func(u *tandemv1.FrameworkUse) bool { return u.Framework == name })
	}
	for table, is := range map[string]func(l line, p *tandemv1.Pairing) bool{
		"frameworks":  func(l line, p *tandemv1.Pairing) bool { return uses(p.Frameworks, l.text("framework")) },
		"gaps":        func(l line, p *tandemv1.Pairing) bool { return uses(p.FrameworkGaps, l.text("framework")) },
		"themes":      func(l line, p *tandemv1.Pairing) bool { return slices.Contains(p.Themes, l.text("theme")) },
		"labels":      func(l line, p *tandemv1.Pairing) bool { return slices.Contains(p.Tags, l.text("label")) },
		"workstreams": func(l line, p *tandemv1.Pairing) bool { return slices.Contains(p.Tags, l.text("workstream")) },
		"modes":       func(l line, p *tandemv1.Pairing) bool { return p.PrimaryMode.String() == l.text("mode") },
		"venues":      func(l line, p *tandemv1.Pairing) bool { return p.GetVenue().GetVenue() == l.text("venue") },
		"programs": func(l line, p *tandemv1.Pairing) bool {
			return slices.ContainsFunc(p.Programs, func(u *tandemv1.ProgramUse) bool {
				return u.Program == l.text("program") && u.State.String() == l.text("award")
			})
		},
		"materials": func(l line, p *tandemv1.Pairing) bool {
			return slices.ContainsFunc(p.Components, func(c *tandemv1.Component) bool {
				return c.Kind == tandemv1.Component_NEED && c.Points > 0 && strings.HasPrefix(c.GetNeed().GetCapability()+".", l.text("material")+".")
			})
		},
	} {
		rows := linesOf(t, file, table)
		if len(rows) == 0 {
			t.Errorf("%s: no rows", table)
		}
		for _, l := range rows {
			want := such(func(p *tandemv1.Pairing) bool { return is(l, p) })
			if diff := cmp.Diff(want, l.ids); diff != "" || l.number("pairings") != len(want) {
				t.Errorf("%s %v: %d pairings, want %d (-want +got):\n%.400s", table, l.cells, l.number("pairings"), len(want), diff)
			}
		}
	}
	countGates(t, linesOf(t, file, "gates"), pairings)
	countMaterials(t, linesOf(t, file, "materials"), linesOf(t, file, "single"), firms)
	countParticipants(t, linesOf(t, file, "participation"), pairings, firms)
	page := string(partnershipFile(t, conn, run, tandemv1.DownloadReportRequest_HTML, tandemv1.Language_EN))
	for label, want := range map[string]int{
		"pairings":   len(pairings),
		"reciprocal": len(such(func(p *tandemv1.Pairing) bool { return p.Tier == tandemv1.Pairing_RECIPROCAL })),
		"settle":     len(such(func(p *tandemv1.Pairing) bool { return p.Gate.GetState() > tandemv1.Gate_CLEAR })),
		"signed":     len(linesOf(t, file, "gaps")),
		"overdue":    len(frameworksFound(t, tandemv1.NewCatalogServiceClient(conn), "overdue")),
	} {
		figures := regexp.MustCompile(`(?s)<section aria-labelledby="figures".*?</section>`).FindString(page)
		shown := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(strings.ReplaceAll(figures, ",", ""), " ")
		if !regexp.MustCompile(fmt.Sprintf(`\b%s\b[^0-9]*\b%d\b`, label, want)).MatchString(shown) {
			t.Errorf("the head of the report does not count %d %s: %s", want, label, strings.Join(strings.Fields(shown), " "))
		}
	}
}

// countGates expects that the lines of each demand together name the pairings that wait for it.
func countGates(t *testing.T, rows []line, pairings []*tandemv1.Pairing) {
	t.Helper()
	want, got := map[string][]string{}, map[string][]string{}
	for _, p := range pairings {
		for _, item := range p.Gate.GetItems() {
			if item.State > tandemv1.Gate_CLEAR {
				want[item.Token] = append(want[item.Token], p.Name)
			}
		}
	}
	for _, l := range rows {
		if l.number("pairings") != len(l.ids) {
			t.Errorf("gates %v: %d pairings, %d ids", l.text("demand"), l.number("pairings"), len(l.ids))
		}
		got[l.text("demand")] = append(got[l.text("demand")], l.ids...)
	}
	for _, lists := range []map[string][]string{want, got} {
		for token := range lists {
			slices.Sort(lists[token])
			lists[token] = slices.Compact(lists[token])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("who waits for what (-want +got):\n%.800s", diff)
	}
}

// countMaterials expects who offers and who looks for each material, and which wanted ones exactly one offers.
func countMaterials(t *testing.T, materials, single []line, firms []*tandemv1.Firm) {
	t.Helper()
	under := func(capability, above string) bool {
		return strings.HasPrefix(capability+".", strings.TrimPrefix(above, "capabilities/")+".")
	}
	offers := func(f *tandemv1.Firm, what string) bool {
		return slices.ContainsFunc(f.Offers, func(o *tandemv1.Offer) bool { return under(o.Capability, what) })
	}
	wants := func(f *tandemv1.Firm, what string) bool {
		return slices.ContainsFunc(f.Needs, func(n *tandemv1.Need) bool { return under(n.Capability, what) })
	}
	wanted := map[string]int{}
	for _, l := range materials {
		var got, want [4]int
		for i, key := range []string{"offered_first", "offered_second", "needed_first", "needed_second"} {
			got[i] = l.number(key)
		}
		for _, f := range firms {
			side := map[string]int{"CA": 0, "KR": 1}[f.Country]
			if offers(f, l.text("material")) {
				want[side]++
			}
			if wants(f, l.text("material")) {
				want[2+side]++
			}
			for _, n := range f.Needs {
				if under(n.Capability, l.text("material")) {
					wanted[n.Capability] = 0
				}
			}
		}
		if got != want {
			t.Errorf("%s: offered and needed by side %v, want %v", l.text("material"), got, want)
		}
	}
	want := map[string]string{}
	for material := range wanted {
		var sources []string
		for _, f := range firms {
			if offers(f, material) {
				sources = append(sources, f.Name)
			}
		}
		if len(sources) == 1 {
			want["capabilities/"+material] = sources[0]
		}
	}
	got := map[string]string{}
	for _, l := range single {
		got[l.text("material")] = l.text("source")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("single sources (-want +got):\n%s", diff)
	}
}

// countParticipants expects each organisation in one group of its kind, size and region, on its side.
func countParticipants(t *testing.T, rows []line, pairings []*tandemv1.Pairing, firms []*tandemv1.Firm) {
	t.Helper()
	paired, byName := map[string]bool{}, map[string]*tandemv1.Firm{}
	for _, p := range pairings {
		paired[p.First.Name], paired[p.Second.Name] = true, true
	}
	all := map[string]int{}
	for _, f := range firms {
		byName[f.Name] = f
		all["kind"]++
		if f.Size != tandemv1.Firm_SIZE_UNSPECIFIED {
			all["size"]++
		}
		all["region"]++
	}
	for _, l := range rows {
		var first, second, with int
		groups := map[string]bool{}
		for _, name := range l.ids {
			f := byName[name]
			groups[map[string]string{"kind": f.Kind.String(), "size": f.Size.String(), "region": f.Country + f.Region}[l.text("by")]] = true
			if f.Country == "CA" {
				first++
			} else {
				second++
			}
			if paired[name] {
				with++
			}
			all[l.text("by")]--
		}
		if len(groups) != 1 || l.number("first_firms") != first || l.number("second_firms") != second || l.number("with_pairing") != with {
			t.Errorf("%s %s: %d and %d, %d with a pairing; want %d, %d, %d of one group, not %v", l.text("by"), l.text("value"),
				l.number("first_firms"), l.number("second_firms"), l.number("with_pairing"), first, second, with, groups)
		}
	}
	for by, left := range all {
		if left != 0 {
			t.Errorf("%d organisations stand in no group by %s, or in two", left, by)
		}
	}
}

// TestDialoguesHaveTheirPairings (S16 to S22, S13): each dialogue has before it what it is about, rolled up to the one over it.
func TestDialoguesHaveTheirPairings(t *testing.T) {
	conn, run, pairings, _ := shippedRun(t)
	file := partnershipFile(t, conn, run, tandemv1.DownloadReportRequest_JSONL, tandemv1.Language_EN)
	before := map[string]line{}
	for _, l := range linesOf(t, file, "dialogues") {
		before[strings.TrimPrefix(l.text("dialogue"), "frameworks/")] = l
	}
	byName := map[string]*tandemv1.Pairing{}
	for _, p := range pairings {
		byName[p.Name] = p
	}
	touches := func(p *tandemv1.Pairing, roots ...string) bool {
		return slices.ContainsFunc(p.Components, func(c *tandemv1.Component) bool {
			return slices.ContainsFunc(roots, func(root string) bool {
				return c.Kind == tandemv1.Component_NEED && c.Points > 0 && (strings.HasPrefix(c.GetNeed().GetCapability()+".", "capabilities/"+root+".") ||
					strings.HasPrefix(c.GetOffer().GetCapability()+".", "capabilities/"+root+"."))
			})
		})
	}
	for dialogue, roots := range map[string][]string{
		"staff-talks-navy":           {"naval", "underwater", "c4isr.command.maritime-awareness"},
		"staff-talks-army":           {"land", "munitions", "soldier"},
		"staff-talks-air":            {"air", "c4isr.radar", "training.simulation.flight"},
		"staff-talks-space":          {"space", "c4isr.pnt"},
		"cyber-policy-consultations": {"cyber", "emerging.ai"},
		"space-security-dialogue":    {"space"},
	} {
		l := before[dialogue]
		if len(l.ids) < 50 || l.number("pairings") != len(l.ids) {
			t.Errorf("%s has %d pairings before it and %d ids, want some of each", dialogue, l.number("pairings"), len(l.ids))
		}
		for _, name := range l.ids {
			if !touches(byName[name], roots...) {
				t.Errorf("%s has %s before it, which is about nothing of %q", dialogue, name, roots)
			}
		}
	}
	for child, over := range map[string]string{
		"space-security-dialogue": "fadpt", "staff-talks-navy": "staff-talks", "staff-talks-space": "staff-talks", "fadpt": "two-plus-two-ministerial",
		"joint-meeting-materiel": "two-plus-two-ministerial",
	} {
		for _, name := range before[child].ids {
			if !slices.Contains(before[over].ids, name) {
				t.Errorf("%s is before %s and not before %s", name, child, over)
				break
			}
		}
	}
	for dialogue, memorandum := range map[string]string{"joint-meeting-materiel": "frameworks/dmc-mou", "rd-joint-meeting": "frameworks/rd-mou"} {
		for _, p := range pairings {
			uses := slices.ContainsFunc(p.Frameworks, func(u *tandemv1.FrameworkUse) bool { return u.Framework == memorandum })
			if uses && !slices.Contains(before[dialogue].ids, p.Name) {
				t.Errorf("%s uses %s and is not before the %s", p.Name, memorandum, dialogue)
			}
		}
	}
	for _, l := range linesOf(t, file, "workstreams") {
		if l.text("framework") != "frameworks/pipir" || len(l.ids) == 0 {
			t.Errorf("workstream %v with %d pairings", l.cells["workstream"], len(l.ids))
		}
	}
}

// TestPairingsUnderBothStrategies (S89): a pairing carries its label under each side's strategy, and either finds it.
func TestPairingsUnderBothStrategies(t *testing.T) {
	conn, run, pairings, _ := shippedRun(t)
	for _, tag := range []string{"kic.shipbuilding-design-engineering", "korea-class.naval-vessels"} {
		answer, err := tandemv1.NewMatchRunServiceClient(conn).ListMatchResults(t.Context(), &tandemv1.ListMatchResultsRequest{Parent: run, PageSize: 500, Filter: `tag = "` + tag + `"`})
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, p := range pairings {
			if slices.Contains(p.Tags, "crosswalks/"+tag) {
				want++
			}
		}
		if len(answer.Results) != want || want == 0 {
			t.Errorf("%s finds %d pairings, want %d", tag, len(answer.Results), want)
		}
	}
}

// printed finds the pages of a PDF file.
var printed = regexp.MustCompile(`/Type /Page[^s]`)

// TestPartnershipReportIsTwoPages prints the report on the shipped organisations in each language.
func TestPartnershipReportIsTwoPages(t *testing.T) {
	chromium := browser.Path(t)
	conn, run, _, _ := shippedRun(t)
	for _, lang := range []tandemv1.Language{tandemv1.Language_EN, tandemv1.Language_FR, tandemv1.Language_KO} {
		t.Run(strings.ToLower(lang.String()), func(t *testing.T) {
			dir := t.TempDir()
			page, sheets := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.pdf")
			if err := os.WriteFile(page, partnershipFile(t, conn, run, tandemv1.DownloadReportRequest_HTML, lang), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
				"--user-data-dir="+dir, "--print-to-pdf="+sheets, "file://"+page).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			file, err := os.ReadFile(sheets)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(printed.FindAll(file, -1)); n != 2 {
				t.Errorf("%d printed pages, want 2", n)
			}
		})
	}
}
