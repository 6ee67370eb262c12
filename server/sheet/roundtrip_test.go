package sheet

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

const (
	csvForm  = tandemv1.ImportFirmsRequest_CSV
	xlsxForm = tandemv1.ImportFirmsRequest_XLSX
)

// TestExportReadsBack is the promise of Export: every shipped organisation, and one with every field and every trap for a spreadsheet,
// comes back without a difference, in each form and language.
func TestExportReadsBack(t *testing.T) {
	firms := append(shipped(t), trapped()...)
	for _, l := range catalog.Languages() {
		for _, form := range []tandemv1.ImportFirmsRequest_Format{csvForm, xlsxForm} {
			t.Run(fmt.Sprintf("%s %s", l, form), func(t *testing.T) {
				data, err := Export(catalog.Embedded(), firms, l, form)
				if err != nil {
					t.Fatalf("Export: %v", err)
				}
				rows := readFirms(t, data)
				var got []*tandemv1.Firm
				for _, row := range rows {
					for _, p := range row.Problems {
						t.Errorf("row %d: %v", row.Number, p)
					}
					got = append(got, row.Firm)
				}
				if diff := cmp.Diff(firms, got, protocmp.Transform()); diff != "" {
					t.Errorf("exported and read back (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestExportBytesAreTheSame keeps files comparable: the same organisations give the same bytes.
func TestExportBytesAreTheSame(t *testing.T) {
	firms := trapped()
	for _, form := range []tandemv1.ImportFirmsRequest_Format{csvForm, xlsxForm} {
		one, err := Export(catalog.Embedded(), firms, catalog.KO, form)
		if err != nil {
			t.Fatal(err)
		}
		two, err := Export(catalog.Embedded(), firms, catalog.KO, form)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, two) {
			t.Errorf("%s: two exports of the same organisations differ", form)
		}
	}
}

// TestExportRefusesWhatACellCannotHold: a workbook must not be written with a text cut off.
func TestExportRefusesWhatACellCannotHold(t *testing.T) {
	firm := &tandemv1.Firm{Name: "firms/talkative", DisplayName: "Talkative", Country: "CA"}
	for range 10 {
		firm.Offers = append(firm.Offers, &tandemv1.Offer{Capability: "naval.submarine", Detail: strings.Repeat("x", 4000)})
	}
	_, err := Export(catalog.Embedded(), []*tandemv1.Firm{firm}, catalog.EN, xlsxForm)
	if refused := new(Error); !asError(err, &refused) || refused.Key != "sheet.long" {
		t.Errorf("XLSX: got error %v, want sheet.long", err)
	}
	if _, err := Export(catalog.Embedded(), []*tandemv1.Firm{firm}, catalog.EN, csvForm); err != nil {
		t.Errorf("CSV: %v", err)
	}
}

// shipped is the profiles that the binary carries.
func shipped(t *testing.T) []*tandemv1.Firm {
	t.Helper()
	data, err := os.ReadFile("../../cmd/tandem/demo/firms.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var firms []*tandemv1.Firm
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		firm := new(tandemv1.Firm)
		if err := protojson.Unmarshal(lines.Bytes(), firm); err != nil {
			t.Fatal(err)
		}
		firms = append(firms, firm)
	}
	if len(firms) < 50 {
		t.Fatalf("%d shipped organisations, want at least 50", len(firms))
	}
	return firms
}

// trapped is organisations with every field that a person writes, each value one that a spreadsheet is known to spoil.
func trapped() []*tandemv1.Firm {
	full := &tandemv1.Firm{
		Name: "firms/equals-1", DisplayName: "=1+1 Systems", NativeName: "'=따옴표", Country: "KR", Region: "KR-48", City: "@home",
		Kind: tandemv1.Firm_COMPANY, Size: tandemv1.Firm_PRIME, Summary: "-1; two, \"three\"\nsecond line", SummaryNative: "＋전각 더하기",
		Modes:     []tandemv1.Mode{tandemv1.Mode_CO_DEVELOPMENT, tandemv1.Mode_G2G_PROCUREMENT, tandemv1.Mode_EXPORT_THIRD_COUNTRY},
		Languages: []tandemv1.Language{tandemv1.Language_KO, tandemv1.Language_FR}, Programs: []string{"programs/cpsp", "programs/of-our-own"},
		Exclusions: []string{"firms/plus", "firms/unheard-of"}, ResponsibleUseStatement: "''@ we answer for it", ExternalId: "0012", WomenPercent: proto.Int32(0),
		Contact:    &tandemv1.Contact{DisplayName: "김 하늘", Email: "a+b@example.com", Phone: "+82 51 000 0000"},
		Provenance: tandemv1.Firm_COMPILED,
		Offers: []*tandemv1.Offer{
			{
				Capability: "underwater.sonar.towed-array", Level: tandemv1.Offer_CORE, Trl: 8, Modes: []tandemv1.Mode{tandemv1.Mode_SUPPLY, tandemv1.Mode_JOINT_RD},
				Capacity: proto.Int32(0), Detail: `a | b: c \ d; 1) e` + "\nnext | line", DetailNative: "예인선배열\\n 소나 [선배열]", DesignatedTechnology: true,
				Material: &tandemv1.Material{Grade: "HY-80", Form: "plate | bar", TonnesPerYear: 1200},
			},
			{Capability: "naval.submarine", Material: &tandemv1.Material{}},
		},
		Needs: []*tandemv1.Need{
			{
				Capability: "metals.steel.plate", Aim: tandemv1.Need_CUSTOMER, Modes: []tandemv1.Mode{tandemv1.Mode_TECH_TRANSFER}, Priority: tandemv1.Need_LOW,
				Classification: tandemv1.Need_TOP_SECRET, Detail: "supplier: no", DetailNative: "고객: 아님", Material: &tandemv1.Material{TonnesPerYear: 5},
				Amount: &money.Money{CurrencyCode: "CAD", Units: -12, Nanos: -500_000_000},
			},
			{Capability: "naval", Amount: &money.Money{CurrencyCode: "KRW", Units: 1_000_000_000}},
			{Capability: "naval", Detail: "the same once more", Amount: &money.Money{CurrencyCode: "USD", Nanos: -1}},
		},
	}
	plain := &tandemv1.Firm{Name: "firms/plus", DisplayName: "+Plus Énergie « nouvelle »", Country: "JP", Region: "JP-13", Kind: tandemv1.Firm_UNIVERSITY}
	return []*tandemv1.Firm{full, plain}
}

// readFirms reads a table as an import does.
func readFirms(t *testing.T, data []byte, corrections ...string) []Row {
	t.Helper()
	table, err := Read(data, Options{})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	columns, err := Columns(catalog.Embedded(), table, corrections)
	if err != nil {
		t.Fatalf("Columns: %v", err)
	}
	return Firms(catalog.Embedded(), roadshow(), table, columns)
}

// roadshow is a partnership with what this package asks of one.
func roadshow() *tandemv1.Partnership {
	return &tandemv1.Partnership{Sides: []*tandemv1.Partnership_Side{
		{Id: "canada", DisplayName: &tandemv1.LocalizedText{En: "Canada", Fr: "Canada", Ko: "캐나다"}, Countries: []string{"CA"}},
		{Id: "korea", DisplayName: &tandemv1.LocalizedText{En: "Republic of Korea", Fr: "République de Corée", Ko: "대한민국"}, Countries: []string{"KR"}},
	}}
}
