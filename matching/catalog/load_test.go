package catalog

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func replaceOnce(t *testing.T, content, old, replacement string) string {
	t.Helper()
	if !strings.Contains(content, old) {
		t.Fatalf("the file does not hold %q any more: choose another cell for this test", old)
	}
	return strings.Replace(content, old, replacement, 1)
}

func TestLoadNamesTheWrongCell(t *testing.T) {
	for _, test := range []struct{ name, file, old, replacement, want string }{
		{"missing column", "regions.csv", "code,country", "code,land", `^regions.csv:1: header is code,land,.*: want code,country,`},
		{"cell too many", "regions.csv", "KR-26,KR,Busan", "KR-26,KR,Busan,x", `^regions.csv:16: 7 cells: want 6`},
		{"bare quote", "regions.csv", "KR-26,KR,Busan", `KR-26,KR,Bu"san`, `^regions.csv:16: bare "`},
		{"carriage return", "regions.csv", "code,country,name_en,name_fr,name_ko,coast\n", "code,country,name_en,name_fr,name_ko,coast\r\n", `^regions.csv:1: carriage return`},
		{"byte order mark", "regions.csv", "code,country", "\ufeffcode,country", `^regions.csv:1: byte order mark`},
		{"malformed UTF-8", "regions.csv", "KR-26,KR,Busan", "KR-26,KR,Bus\xffn", `^regions.csv:16: malformed UTF-8`},
		{"not NFC", "regions.csv", "Québec", "Que\u0301bec", `^regions.csv:12: not in Unicode form NFC`},
		{"missing translation", "regions.csv", "KR-26,KR,Busan,Busan", "KR-26,KR,Busan,", `^regions.csv:16: name_fr: empty`},
		{"space", "regions.csv", "KR-26,KR,Busan", "KR-26,KR, Busan", `^regions.csv:16: name_en: space around " Busan"`},
		{"region of another country", "regions.csv", "KR-26,KR", "KR-26,CA", `^regions.csv:16: code: "KR-26": want an ISO 3166-2 code that begins with the country "CA"`},
		{"region twice", "regions.csv", "KR-26,KR", "KR-11,KR", `^regions.csv:16: code: "KR-11" stands twice`},
		{"unknown coast", "regions.csv", "부산광역시,ocean", "부산광역시,sea", `^regions.csv:16: coast: "sea" is unknown: want one of ocean, inland-waterway, none`},
		{"unknown scheme", "crosswalks.csv", "kic,munitions", "kix,munitions", `^crosswalks.csv:\d+: scheme: "kix" is unknown`},
		{"label twice", "crosswalks.csv", "kic,munitions", "kic,armour", `^crosswalks.csv:\d+: slug: "armour" stands twice in kic`},
		{"code with capitals", "capabilities.csv", "\nnaval.submarine.aip,", "\nnaval.submarine.AIP,", `^capabilities.csv:6: code: "naval.submarine.AIP": want lower-case`},
		{"wrong parent", "capabilities.csv", "naval.submarine.aip,naval.submarine,", "naval.submarine.aip,naval,", `^capabilities.csv:6: parent: "naval": want "naval.submarine"`},
		{"orphan", "capabilities.csv", "naval.submarine.aip,naval.submarine,", "naval.boat.aip,naval.boat,", `^capabilities.csv:6: parent: "naval.boat" has no row above`},
		{"code twice", "capabilities.csv", "\nnaval.submarine.aip,", "\nnaval.submarine.hull,", `^capabilities.csv:6: code: "naval.submarine.hull" stands twice`},
		{"four levels", "capabilities.csv", "naval.submarine.aip,naval.submarine,", "naval.submarine.hull.aip,naval.submarine.hull,", `^capabilities.csv:6: code: .* has 4 levels: at most 3`},
		{"one synonym", "capabilities.csv", "조선;함정;특수선;함정무기체계;해양방산", "조선", `^capabilities.csv:2: synonyms_ko: 1 search terms: want at least 2`},
		{"synonym twice", "capabilities.csv", "조선;함정;특수선", "조선;함정;조선", `^capabilities.csv:2: synonyms_ko: "조선" stands twice`},
		{"empty item", "capabilities.csv", "조선;함정;특수선", "조선;;특수선", `^capabilities.csv:2: synonyms_ko: item 2 of .* is empty`},
		{"unknown label", "capabilities.csv", "shipbuilding-design-engineering", "shipyards", `^capabilities.csv:2: kic: "shipyards" is not in the list kic`},
		{"edge to nowhere", "adjacency.csv", "air.aircraft.trainer,", "air.aircraft.trainers,", `^adjacency.csv:3: from: "air.aircraft.trainers" is no capability: nearest are air.aircraft.trainer,`},
		{"edge to itself", "adjacency.csv", "air.aircraft.trainer,training.services.aircrew", "air.aircraft.trainer,air.aircraft.trainer", `^adjacency.csv:3: to: "air.aircraft.trainer" is joined to itself`},
		{"edge turned round", "adjacency.csv", "", "training.services.aircrew,air.aircraft.trainer,0.5,enables,again\n", `^adjacency.csv:\d+: training.services.aircrew and air.aircraft.trainer are already joined in line 3`},
		{"weight of nothing", "adjacency.csv", "training.services.aircrew,0.8,", "training.services.aircrew,0,", `^adjacency.csv:3: weight: "0": want a fraction`},
		{"weight above one", "adjacency.csv", "training.services.aircrew,0.8,", "training.services.aircrew,1.001,", `^adjacency.csv:3: weight: "1.001": want a fraction`},
		{"weight in words", "adjacency.csv", "training.services.aircrew,0.8,", "training.services.aircrew,0.x,", `^adjacency.csv:3: weight: "0.x": want a fraction`},
		{"weight too fine", "adjacency.csv", "training.services.aircrew,0.8,", "training.services.aircrew,0.8001,", `^adjacency.csv:3: weight: "0.8001": want a fraction`},
		{"unknown relation", "adjacency.csv", "training.services.aircrew,0.8,joint-develops", "training.services.aircrew,0.8,likes", `^adjacency.csv:3: relation: "likes" is unknown: want one of supplies,`},
		{"unknown mode", "frameworks.csv", "mode:co-development;", "mode:codevelopment;", `^frameworks.csv:2: applies_to: "codevelopment" is no mode`},
		{"unknown token", "frameworks.csv", "mode:co-development;", "way:co-development;", `^frameworks.csv:2: applies_to: "way:co-development": want mode:<mode> or cap:`},
		{"unknown capability", "frameworks.csv", "cap:naval;", "cap:navy;", `^frameworks.csv:2: applies_to: "navy" is no capability`},
		{"unknown gate", "frameworks.csv", ",materiel-sponsor,", ",materiel,", `^frameworks.csv:\d+: gate: "materiel" is unknown`},
		{"unknown status", "frameworks.csv", ",signed-not-in-force,", ",signed,", `^frameworks.csv:\d+: status: "signed" is unknown`},
		{"unknown framework kind", "frameworks.csv", ",dialogue,sdcp,", ",talk,sdcp,", `^frameworks.csv:\d+: kind: "talk" is unknown`},
		{"parent that is none", "frameworks.csv", ",dialogue,sdcp,", ",dialogue,sdcq,", `^frameworks.csv:5: parent: "sdcq" is no framework`},
		{"parent in a circle", "frameworks.csv", ",dialogue,sdcp,", ",dialogue,two-plus-two-ministerial,", `^frameworks.csv:5: parent: .* leads back to itself`},
		{"framework twice", "frameworks.csv", "\ncsp,", "\nsdcp,", `^frameworks.csv:3: id: "sdcp" is already the id of line 2`},
		{"party", "frameworks.csv", ",CA;KR,", ",Canada;KR,", `^frameworks.csv:2: parties: "Canada": want a country`},
		{"no date", "frameworks.csv", ",2026-02-25,", ",2026-02-30,", `^frameworks.csv:2: as_of: "2026-02-30": want a date`},
		{"not boolean", "frameworks.csv", ",true,", ",yes,", `^frameworks.csv:2: industry_facing: "yes" is unknown: want one of true, false`},
		{"unknown program status", "programs.csv", ",competition,", ",open,", `^programs.csv:2: status: "open" is unknown`},
		{"unknown program capability", "programs.csv", "naval.submarine.aip", "naval.submarine.aap", `^programs.csv:2: capabilities: "naval.submarine.aap" is no capability: nearest are naval.submarine.aip`},
		{"domain below a root", "venues.csv", "naval;underwater;space;land", "naval.build;underwater;space;land", `^venues.csv:4: domains: "naval.build" is no root`},
		{"month 13", "venues.csv", "America/Toronto,11,", "America/Toronto,13,", `^venues.csv:2: month: "13": want 1 to 12`},
		{"cadence", "venues.csv", "11,annual,", "11,yearly,", `^venues.csv:2: cadence: "yearly": want annual`},
		{"unknown actor kind", "actors.csv", "CA,ministry,", "CA,ministries,", `^actors.csv:2: kind: "ministries" is unknown`},
		{"unknown theme kind", "themes.csv", ",principle,", ",value,", `^themes.csv:2: kind: "value" is unknown`},
		{"empty focus", "themes.csv", "focus,true,naval,", "focus,true,,", `^themes.csv:\d+: capabilities: empty: a focus`},
		{"key out of order", "messages.csv", "", "aim.zzz,a,b,c\n", `^messages.csv:\d+: key: "aim.zzz" after ".*": keys are sorted`},
		{"key without prefix", "messages.csv", "", "zzzz,a,b,c\n", `^messages.csv:\d+: key: "zzzz": want a prefix`},
		{"sentence missing", "messages.csv", "", "zz.a,a,b,\n", `^messages.csv:\d+: ko: empty`},
		{"other placeholders", "messages.csv", "", "zz.a,{0} {1},{0},{0} {1}\n", `^messages.csv:\d+: fr: placeholders \[0\]: want \[0 1\] as in English`},
		{"open brace", "messages.csv", "", "zz.a,{0,{0},{0}\n", `^messages.csv:\d+: en: brace without its partner at "\{0"`},
		{"closing brace", "messages.csv", "", "zz.a,0},{0},{0}\n", `^messages.csv:\d+: en: brace without its partner`},
		{"named placeholder", "messages.csv", "", "zz.a,{x},{0},{0}\n", `^messages.csv:\d+: en: placeholder "\{x\}": want a number`},
		{"particle in English", "messages.csv", "", "zz.a,{0|은는},{0},{0}\n", `^messages.csv:\d+: en: placeholder .*: form "은는" is unknown in en`},
		{"elision in Korean", "messages.csv", "", "zz.a,{0},{0},{0|de}\n", `^messages.csv:\d+: ko: placeholder .*: form "de" is unknown in ko`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(edited(t, test.file, test.old, test.replacement))
			var wrong *LoadError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v: want a LoadError matching %s", err, test.want)
			}
			if wrong.File != test.file || !regexp.MustCompile(test.want).MatchString(err.Error()) {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

func TestLoadNeedsEveryFile(t *testing.T) {
	for _, file := range append([]string{"messages.csv"}, vocabulary[:]...) {
		missing := edited(t, file, "", "")
		delete(missing, file)
		var wrong *LoadError
		if _, err := Load(missing); !errors.As(err, &wrong) || wrong.File != file {
			t.Errorf("without %s: %v: want a LoadError that names it", file, err)
		}
		empty := edited(t, file, "", "")
		empty[file].Data = nil
		if _, err := Load(empty); !errors.As(err, &wrong) || wrong.File != file {
			t.Errorf("with an empty %s: %v: want a LoadError that names it", file, err)
		}
	}
}

func TestDigestNamesTheVocabulary(t *testing.T) {
	digest := func(file, old, replacement string) string {
		c, err := Load(edited(t, file, old, replacement))
		if err != nil {
			t.Fatal(err)
		}
		return c.Digest()
	}
	same := Embedded().Digest()
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(same) {
		t.Fatalf("digest is %q: want 64 hexadecimal digits", same)
	}
	if got := digest("messages.csv", "", "zz.a,a,b,c\n"); got != same {
		t.Error("another sentence gave another digest")
	}
	if got := digest("regions.csv", "Busan", "Pusan"); got == same {
		t.Error("another vocabulary has the same digest")
	}
	if got := digest("adjacency.csv", "training.services.aircrew,0.8,", "training.services.aircrew,0.81,"); got == same {
		t.Error("another weight has the same digest")
	}
}

func TestVenueDates(t *testing.T) {
	for _, test := range []struct {
		text string
		want Dates
	}{
		{"2025-11-07", Dates{Month: "2025-11", First: "2025-11-07"}},
		{"2025-10-17/2025-10-24", Dates{Month: "2025-10", First: "2025-10-17", Last: "2025-10-24"}},
		{"2026-09-16/2026-09-19 (KINTEX)", Dates{Month: "2026-09", First: "2026-09-16", Last: "2026-09-19"}},
		{"2026-10-06 start (Gyeryongdae)", Dates{Month: "2026-10", First: "2026-10-06"}},
		{"2026-01-30/2026-02-06", Dates{Month: "2026-01", First: "2026-01-30", Last: "2026-02-06"}},
		{"2022-09-06/2022-09-07 seen; later editions not checked", Dates{Month: "2022-09", First: "2022-09-06", Last: "2022-09-07"}},
		{"2026-01-30/2026-01-06", Dates{Month: "2026-01", First: "2026-01-30"}},
		{"2027-10 (odd years)", Dates{Month: "2027-10"}},
		{"2025-13", Dates{}},
		{"2025-02-30", Dates{}},
		{"2027 (May or June, BEXCO)", Dates{}},
		{"late May, EY Centre", Dates{}},
		{"", Dates{}},
	} {
		if diff := cmp.Diff(test.want, ParseDates(test.text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestOwnName(t *testing.T) {
	for _, test := range []struct{ usual, native, want string }{
		{"Hanwha Ocean", "한화오션", "Hanwha Ocean|Hanwha Ocean|한화오션"},
		{"Telesat", "Télésat", "Telesat|Télésat|Telesat"},
		{"Algoma Steel", "", "Algoma Steel|Algoma Steel|Algoma Steel"},
		{"LIG Nex1", "LIG넥스원", "LIG Nex1|LIG Nex1|LIG넥스원"},
		{"Umi Works", "海ワークス", "Umi Works|Umi Works|Umi Works"},
	} {
		name := OwnName(test.usual, test.native)
		if got := name[EN] + "|" + name[FR] + "|" + name[KO]; got != test.want {
			t.Errorf("OwnName(%q, %q): got %s, want %s", test.usual, test.native, got, test.want)
		}
	}
}
