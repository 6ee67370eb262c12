package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Whom to call first: who cannot be matched, then who would reach most; and what a half-filled organisation is told.
func TestIncompleteFirmsWorstFirst(t *testing.T) {
	file := strings.Join([]string{
		`{"name": "firms/whole-ca", "display_name": "Whole", "country": "CA", "region": "CA-NS", "kind": "COMPANY", "size": "SMALL", "summary": "S.", "offers": [{"capability": "underwater.sonar.towed-array"}], "needs": [{"capability": "underwater.sonar.processing"}]}`,
		`{"name": "firms/whole-kr", "display_name": "Ganz", "country": "KR", "region": "KR-26", "kind": "COMPANY", "size": "SMALL", "summary": "S.", "offers": [{"capability": "underwater.sonar.processing"}], "needs": [{"capability": "underwater.sonar.towed-array"}]}`,
		`{"name": "firms/no-needs", "display_name": "Needless", "country": "KR", "region": "KR-26", "kind": "COMPANY", "size": "SMALL", "summary": "S.", "offers": [{"capability": "underwater.sonar.processing"}]}`,
		`{"name": "firms/no-kind", "display_name": "Kindless", "country": "KR", "region": "KR-26", "size": "SMALL", "summary": "S.", "offers": [{"capability": "underwater.sonar.processing"}], "needs": [{"capability": "underwater.sonar.towed-array"}]}`,
		`{"name": "firms/empty", "display_name": "Empty", "country": "KR", "kind": "COMPANY"}`,
	}, "\n")
	s := openServer(t, Config{})
	if _, err := importFile(t.Context(), s.Operator(), []byte(file), &tandemv1.ImportFirmsRequest_Options{Attested: true, Partial: true}); err != nil {
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
		"firms/no-kind [kind] false 0+1",
		"firms/no-needs [needs] true 0+1",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if text := answer.Firms[2].Advice.Text; text != "Demander à Needless ce qui manque\u00a0: besoins. Cela pourrait ouvrir 1 partenaire de plus." {
		t.Errorf("advice: got %q", text)
	}
}

// The pages of the list are the list, each firm once, whatever their size, and a stranger's deadline ends the counting.
func TestIncompleteFirmsByPages(t *testing.T) {
	s := openServer(t, Config{})
	var file []byte
	for _, firm := range halfFilledFirms(t, 300) {
		line, err := protojson.Marshal(firm)
		if err != nil {
			t.Fatal(err)
		}
		file = append(append(file, line...), '\n')
	}
	if _, err := importFile(t.Context(), s.Operator(), file, &tandemv1.ImportFirmsRequest_Options{Attested: true, Partial: true}); err != nil {
		t.Fatal(err)
	}
	client := tandemv1.NewFirmServiceClient(s.Operator())
	read := func(size int32) (names []string, total int32) {
		request := &tandemv1.ListIncompleteFirmsRequest{PageSize: size}
		for {
			page, err := client.ListIncompleteFirms(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range page.Firms {
				names = append(names, f.Firm.Name)
			}
			if request.PageToken, total = page.NextPageToken, page.TotalSize; request.PageToken == "" {
				return names, total
			}
		}
	}
	whole, total := read(500)
	if len(whole) < 150 || len(whole) != int(total) {
		t.Errorf("%d incomplete firms, said to be %d; want at least 150", len(whole), total)
	}
	if paged, _ := read(7); !slices.Equal(paged, whole) {
		t.Errorf("by pages of 7:\n%q\nwant\n%q", paged, whole)
	}
	m, err := s.liveNow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := incomplete(over, m.market, m.byName()); !errors.Is(err, context.Canceled) {
		t.Errorf("for a caller that is gone: got error %v", err)
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

// halfFilledFirms is so many firms made of the shipped ones, every second one without its needs, its offers or both.
func halfFilledFirms(b testing.TB, n int) []*tandemv1.Firm {
	b.Helper()
	file := readLines(shippedFirms(b))
	var list []*tandemv1.Firm
	for i := range n {
		firm := proto.CloneOf(file.Rows[i%len(file.Rows)].Firm)
		firm.Name, firm.ExternalId = fmt.Sprintf("firms/half-%d", i), ""
		if i%2 == 1 {
			switch i % 6 {
			case 1:
				firm.Needs = nil
			case 3:
				firm.Offers = nil
			default:
				firm.Offers, firm.Needs = nil, nil
			}
		}
		complete(catalog.Embedded(), firm)
		list = append(list, firm)
	}
	return list
}

// BenchmarkIncompleteFirms counts what filling in would unlock for 10,000 firms, half of them half-filled.
func BenchmarkIncompleteFirms(b *testing.B) {
	snapshot, err := NewSnapshot(catalog.Embedded(), DefaultPartnership(), halfFilledFirms(b, 10_000), "2026-11-24", 10)
	if err != nil {
		b.Fatal(err)
	}
	m, err := marketOf(catalog.Embedded(), snapshot)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		list, err := incomplete(b.Context(), m.market, snapshot.Firms)
		if err != nil || len(list) < 5_000 {
			b.Fatalf("%d incomplete: %v", len(list), err)
		}
	}
}
