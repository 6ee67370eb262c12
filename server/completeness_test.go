package server

import (
	"fmt"
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Whom to call first: who cannot be matched, then who would reach most; and what a half-filled organisation is told.
func TestIncompleteFirmsWorstFirst(t *testing.T) {
	file := strings.Join([]string{
		`{"name": "firms/whole-ca", "display_name": "Whole", "country": "CA", "region": "CA-NS", "kind": "COMPANY", "size": "SMALL", "summary": "S.", "offers": [{"capability": "underwater.sonar.towed-array"}], "needs": [{"capability": "underwater.sonar.processing"}]}`,
		`{"name": "firms/whole-kr", "display_name": "Ganz", "country": "KR", "region": "KR-26", "kind": "COMPANY", "size": "SMALL", "summary": "S.", "offers": [{"capability": "underwater.sonar.processing"}], "needs": [{"capability": "underwater.sonar.towed-array"}]}`,
		`{"name": "firms/no-needs", "display_name": "Needless", "country": "KR", "region": "KR-26", "kind": "COMPANY", "size": "SMALL", "summary": "S.", "offers": [{"capability": "underwater.sonar.processing"}]}`,
		`{"name": "firms/empty", "display_name": "Empty", "country": "KR", "kind": "COMPANY"}`,
	}, "\n")
	s := openServer(t, Config{})
	if _, err := importFile(t.Context(), s.Operator(), []byte(file), &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
		t.Fatal(err)
	}
	answer, err := tandemv1.NewFirmServiceClient(s.Operator()).ListIncompleteFirms(t.Context(), &tandemv1.ListIncompleteFirmsRequest{Language: tandemv1.Language_FR})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range answer.Firms {
		got = append(got, fmt.Sprint(f.Firm.Name, " ", f.Missing, " ", f.Matched, " ", f.Partners, "+", f.Unlocked))
	}
	want := []string{
		"firms/empty [offers needs region size summary] false 0+1", // what firms of its side usually reach
		"firms/no-needs [needs] true 0+1",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if text := answer.Firms[1].Advice.Text; text != "Demander à Needless ce qui manque\u00a0: besoins. Cela pourrait ouvrir 1 partenaire de plus." {
		t.Errorf("advice: got %q", text)
	}
}

func TestSuspectedDuplicates(t *testing.T) {
	line := func(id, name, native, country string) string {
		return fmt.Sprintf(`{"name": "firms/%s", "display_name": %q, "native_name": %q, "country": %q, "kind": "COMPANY"}`, id, name, native, country)
	}
	file := strings.Join([]string{
		line("a1", "Hanbit Array", "한빛어레이", "KR"), line("a2", "Hanbit-Array Co., Ltd.", "", "KR"), line("a3", "HB Sonar", "㈜한빛어레이", "KR"),
		line("a4", "Hanbit Array", "", "CA"), line("a5", "Kraken", "", "CA"),
	}, "\n")
	s := openServer(t, Config{})
	if _, err := importFile(t.Context(), s.Operator(), []byte(file), &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
		t.Fatal(err)
	}
	answer, err := tandemv1.NewFirmServiceClient(s.Operator()).ListSuspectedDuplicates(t.Context(), &tandemv1.ListSuspectedDuplicatesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range answer.Suspicions {
		got = append(got, fmt.Sprint(s.First, " ", s.Second, " ", s.LikenessPercent))
	}
	if want := "firms/a1 firms/a2 100|firms/a1 firms/a3 100"; strings.Join(got, "|") != want {
		t.Errorf("got %s, want %s", strings.Join(got, "|"), want)
	}
}
