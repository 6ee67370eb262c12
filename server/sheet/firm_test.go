package sheet

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestRows reads values as people write them, in three languages.
func TestRows(t *testing.T) {
	for _, test := range []struct {
		name, table string
		want        *tandemv1.Firm
		problems    []string
	}{
		{
			"English", "Company,Country,Province,Type,Employees,Tel,E-Mail\nAcme Marine Inc.,canadian,NS,Company,250,613 555 0100,a@example.com\n",
			&tandemv1.Firm{
				Name: "firms/acme-marine-inc", DisplayName: "Acme Marine Inc.", Country: "CA", Region: "CA-NS", Kind: tandemv1.Firm_COMPANY, Size: tandemv1.Firm_MEDIUM,
				Contact: &tandemv1.Contact{Email: "a@example.com", Phone: "613 555 0100"},
			}, nil,
		},
		{
			"French", "Raison sociale;PAYS;Région;Type d'organisation;Effectifs;Langues\nÉcole Polaire;Canada;Québec;université;1 200;français, anglais\n",
			&tandemv1.Firm{
				Name: "firms/ecole-polaire", DisplayName: "École Polaire", Country: "CA", Region: "CA-QC", Kind: tandemv1.Firm_UNIVERSITY, Size: tandemv1.Firm_LARGE,
				Languages: []tandemv1.Language{tandemv1.Language_FR, tandemv1.Language_EN},
			}, nil,
		},
		{
			"Korean", "기관명(국문)\t영문명\t국가\t소재지(시도)\t기관 구분\t기업규모\t협력 희망 방식\n㈜한빛\tHanbit\t한국\t경남\t업체\t중소기업\t\n",
			&tandemv1.Firm{Name: "firms/hanbit", DisplayName: "Hanbit", NativeName: "㈜한빛", Country: "KR", Region: "KR-48", Kind: tandemv1.Firm_COMPANY},
			[]string{"size sheet.problem.size.sme"},
		},
		{
			"a region tells the country", "name,region\nAcme,Ontario\n",
			&tandemv1.Firm{Name: "firms/acme", DisplayName: "Acme", Country: "CA", Region: "CA-ON"}, nil,
		},
		{
			"a region abroad", "name,country,region\nAcme,Korea,Ontario\n",
			&tandemv1.Firm{Name: "firms/acme", DisplayName: "Acme", Country: "KR"}, []string{"region sheet.problem.region.abroad"},
		},
		{
			"what cannot be understood is left out", "name,country,region,kind,size,email,languages,programs,modes,provenance\nAcme,Atlantis,Mu,cult,huge,nobody,Latin,Apollo,barter,the stars\n",
			&tandemv1.Firm{Name: "firms/acme", DisplayName: "Acme"},
			[]string{
				"country sheet.problem.country", "region sheet.problem.region", "kind sheet.problem.kind", "size sheet.problem.size",
				"provenance sheet.problem.provenance", "contact.email sheet.problem.email", "modes sheet.problem.mode", "languages sheet.problem.language", "programs sheet.problem.program",
			},
		},
		{
			"several in one cell, exact and in own words", "name,country,offers,needs\nAcme,CA,\"1) towed array sonar\n2) submarine design; armour plate (core)\",\"customer: heavy-duty armour plate for vehicles (high)\n고객: 예인선배열소나\"\n",
			&tandemv1.Firm{
				Name: "firms/acme", DisplayName: "Acme", Country: "CA",
				Offers: []*tandemv1.Offer{{Capability: "underwater.sonar.towed-array"}, {Capability: "naval.submarine.design"}, {Capability: "metals.steel.armour-plate", Level: tandemv1.Offer_CORE}},
				Needs: []*tandemv1.Need{
					{Capability: "metals.steel.armour-plate", Aim: tandemv1.Need_CUSTOMER, Priority: tandemv1.Need_HIGH},
					{Capability: "underwater.sonar.towed-array", Aim: tandemv1.Need_CUSTOMER},
				},
			}, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows := readFirms(t, []byte(test.table))
			if len(rows) != 1 {
				t.Fatalf("%d rows, want 1", len(rows))
			}
			var problems []string
			for _, p := range rows[0].Problems {
				problems = append(problems, p.GetField()+" "+p.GetProblem().GetKey())
				checkSentence(t, &Error{Key: p.GetProblem().GetKey(), Args: p.GetProblem().GetArgs()})
				if p.GetColumn() == "" || p.GetRow() != 2 || p.GetRefused() {
					t.Errorf("problem %v: want one of row 2 with its column, that leaves out a value only", p)
				}
			}
			got := rows[0].Firm
			for _, o := range got.Offers {
				o.Detail, o.DetailNative = "", "" // TestOwnWords
			}
			for _, n := range got.Needs {
				n.Detail, n.DetailNative = "", ""
			}
			if diff := cmp.Diff(test.want, got, protocmp.Transform()); diff != "" {
				t.Errorf("firm (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(fmt.Sprint(test.problems), fmt.Sprint(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOwnWords keeps what an organisation wrote beside the code, in the language it was written in, and chooses nothing for it.
func TestOwnWords(t *testing.T) {
	w := newWords(catalog.Embedded(), nil)
	for _, test := range []struct {
		cell  string
		codes string // of each item, or the nearest in brackets
		words string
	}{
		{"thin-line towed array for small ships", "underwater.sonar.towed-array", "thin-line towed array for small ships|"},
		{"소형함용 예인선배열소나", "underwater.sonar.towed-array", "|소형함용 예인선배열소나"},
		{"underwater.sonar.towed-array", "underwater.sonar.towed-array", "|"},
		{"submarine design, armour plate", "naval.submarine.design metals.steel.armour-plate", ""},
		{"잠수함 설계·예인선배열소나", "naval.submarine.design underwater.sonar.towed-array", ""},
		{"• submarine design • armour plate", "naval.submarine.design metals.steel.armour-plate", ""},
		{"①잠수함 설계 ②예인선배열소나", "naval.submarine.design underwater.sonar.towed-array", ""},
		{"submarine design\nsubmarine design", "naval.submarine.design", ""},
		{"underwater.sonar.towed-aray", "[underwater.sonar.towed-array]", ""},
		{"blockchain for pizza", "?", ""},
	} {
		var codes []string
		var words string
		for _, i := range w.items(fieldOffers, test.cell) {
			detail, native := i.details()
			words = detail + "|" + native
			switch {
			case i.code != "":
				codes = append(codes, i.code)
			case test.codes == "?":
				codes = append(codes, "?")
			default:
				codes = append(codes, "["+i.near[0]+"]")
			}
		}
		if got := strings.Join(codes, " "); got != test.codes {
			t.Errorf("%q: got %s, want %s", test.cell, got, test.codes)
		}
		if test.words != "" && words != test.words {
			t.Errorf("%q: words kept %q, want %q", test.cell, words, test.words)
		}
	}
}

// TestTwins refuses every row of an id or an external id that stands twice, and names the other row.
func TestTwins(t *testing.T) {
	rows := readFirms(t, []byte("name,external id,country\nAcme,7,CA\nBolt,7,CA\nCord,8,CA\nÀcme,9,CA\n,,CA\n"))
	var got []string
	for _, row := range rows {
		for _, p := range row.Problems {
			got = append(got, fmt.Sprint(row.Number, " ", p.GetProblem().GetKey(), " ", p.GetProblem().GetArgs(), " ", p.GetRefused()))
		}
	}
	want := []string{
		"2 sheet.problem.twin [text:acme n:5] true", "2 sheet.problem.twin.external [text:7 n:3] true", "3 sheet.problem.twin.external [text:7 n:2] true",
		"5 sheet.problem.twin [text:acme n:2] true", "6 sheet.problem.nameless [] true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestDerivedNames are the same whenever a list is read again, and belong to one organisation each.
func TestDerivedNames(t *testing.T) {
	for name, want := range map[string]string{
		"L3Harris – Wescam": "l3harris-wescam", "Œuvre Côté inc.": "oeuvre-cote-inc", "한빛어레이": "org-", "한빛 3D": "org-",
	} {
		got := idOf(name)
		if strings.HasPrefix(want, "org-") {
			if !strings.HasPrefix(got, "org-") || len(got) != 14 || got != idOf(name) {
				t.Errorf("id of %q: %q, want org- and ten digits", name, got)
			}
			continue
		}
		if got != want {
			t.Errorf("id of %q: got %q, want %q", name, got, want)
		}
	}
	if idOf("한빛어레이") != idOf("㈜ 한빛어레이") || idOf("한빛어레이") == idOf("한빛레이더") {
		t.Error("an id must follow the name and not its legal form")
	}
}

func TestColumns(t *testing.T) {
	const text = "Firm*,ISO,Wares,x\nAcme,Canada,sonar,a@example.com\nB,Korea,radar,b@example.com\nC,Canada,steel,c@example.com\n"
	table, err := Read([]byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		corrections []string
		want        string // fields, or the key of the error
	}{
		{nil, "name country  contact.email"},
		{[]string{"A=display_name", "C=offers", "d="}, "display_name country offers "},
		{[]string{"Wares=제공 역량"}, "name country offers contact.email"},
		{[]string{"B=external_id"}, "name external_id  contact.email"},
		{[]string{"offers"}, "sheet.map.form"},
		{[]string{"C=sonar"}, "sheet.map.field"},
		{[]string{"Z=offers"}, "sheet.map.column"},
	} {
		columns, err := Columns(catalog.Embedded(), table, test.corrections)
		var refused *Error
		if errors.As(err, &refused) {
			checkSentence(t, refused)
			if refused.Key != test.want {
				t.Errorf("%q: got %s, want %s", test.corrections, refused.Key, test.want)
			}
			continue
		}
		var fields []string
		for _, c := range columns {
			fields = append(fields, c.GetField())
		}
		if got := strings.Join(fields, " "); got != test.want {
			t.Errorf("%q: got %q, want %q", test.corrections, got, test.want)
		}
	}
	table, err = Read([]byte("alpha,beta\n1,2\n3,4\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Columns(catalog.Embedded(), table, nil)
	var refused *Error
	if !errors.As(err, &refused) || refused.Key != "sheet.headers" || !strings.Contains(refused.Error(), "alpha, beta") {
		t.Errorf("a header that names nothing: got %v, want sheet.headers with what it says", err)
	}
}

// TestExclusionsByName finds organisations of the same list by their names.
func TestExclusionsByName(t *testing.T) {
	rows := readFirms(t, []byte("name,country,exclusions\nAcme Inc.,CA,\"Bolt; nobody at all\"\nBolt Ltd.,CA,firms/acme-inc\n"))
	if diff := cmp.Diff([]string{"firms/bolt-ltd"}, rows[0].Firm.GetExclusions()); diff != "" {
		t.Errorf("Acme (-want +got):\n%s", diff)
	}
	if len(rows[0].Problems) != 1 || rows[0].Problems[0].GetProblem().GetKey() != "sheet.problem.exclusion" {
		t.Errorf("Acme's problems: %v", rows[0].Problems)
	}
	if diff := cmp.Diff([]string{"firms/acme-inc"}, rows[1].Firm.GetExclusions()); diff != "" {
		t.Errorf("Bolt (-want +got):\n%s", diff)
	}
}

func TestDelete(t *testing.T) {
	rows := readFirms(t, []byte("name,country,delete\nA1,CA,yes\nB1,CA,삭제\nC1,CA,\nD1,CA,non\nE1,CA,perhaps\n"))
	var got []string
	for _, row := range rows {
		got = append(got, fmt.Sprint(row.Delete, row.Refused()))
	}
	if diff := cmp.Diff([]string{"true false", "true false", "false false", "false false", "false true"}, got); diff != "" {
		t.Errorf("deleted, refused (-want +got):\n%s", diff)
	}
}
