package catalog

import (
	"testing"
	"testing/fstest"
)

// withMessages loads the embedded vocabulary with sentences of the test's own added.
func withMessages(t *testing.T, rows string) *Catalog {
	t.Helper()
	c, err := Load(edited(t, "messages.csv", "", rows))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSentenceFormsFollowTheirArgument(t *testing.T) {
	c := withMessages(t, `zz.count,{0} {0|firm|firms},{0} {0|entreprise|entreprises},{0}개 업체
zz.eul,{0},{0},{0|을를}
zz.eun,{0},{0},{0|은는}
zz.i,{0},{0},{0|이가}
zz.lower,{0|lower},{0|lower},{0}
zz.of,{0},liste {0|de},{0}
zz.oflower,{0|lower},liste {0|lower|de},{0}
zz.quoted,{0},{0},‘{0}’{0|~은는}
zz.ro,{0},{0},{0|으로로}
zz.wa,{0},{0},{0|와과}
`)
	for _, test := range []struct {
		l         Language
		key, arg  string
		want, why string
	}{
		{KO, "zz.eun", "cap:underwater.asw.torpedo", "어뢰는", "어뢰 ends in a vowel"},
		{KO, "zz.eun", "cap:naval.submarine", "잠수함은", "잠수함 ends in ㅁ"},
		{KO, "zz.eun", "actor:dapa", "방위사업청은", "청 ends in ㅇ"},
		{KO, "zz.eun", "text:방위사업청(DAPA)", "방위사업청(DAPA)은", "parentheses are not read"},
		{KO, "zz.quoted", "text:어뢰", "‘어뢰’는", "the particle stands after the quote"},
		{KO, "zz.ro", "text:서울", "서울로", "ㄹ takes 로"},
		{KO, "zz.ro", "text:부산", "부산으로", ""},
		{KO, "zz.eul", "text:서울", "서울을", "ㄹ takes 을"},
		{KO, "zz.wa", "text:한화", "한화와", ""},
		{KO, "zz.wa", "text:현대로템", "현대로템과", ""},
		{KO, "zz.i", "text:CAE", "CAE가", "E is read 이"},
		{KO, "zz.i", "text:MDA", "MDA가", "A is read 에이"},
		{KO, "zz.i", "text:IBM", "IBM이", "M is read 엠"},
		{KO, "zz.ro", "text:NHL", "NHL로", "L is read 엘"},
		{KO, "zz.i", "text:Algoma Steel", "Algoma Steel이", "스틸"},
		{KO, "zz.ro", "text:Algoma Steel", "Algoma Steel로", "스틸 takes 로"},
		{KO, "zz.i", "text:Irving Shipbuilding", "Irving Shipbuilding이", "빌딩"},
		{KO, "zz.i", "text:Marine", "Marine이", "마린: the e is silent"},
		{KO, "zz.i", "text:Telesat", "Telesat가", "other consonants are taken as open"},
		{KO, "zz.i", "text:K9", "K9가", "9 is read 구"},
		{KO, "zz.i", "n:3", "3이", "3 is read 삼"},
		{KO, "zz.ro", "n:7", "7로", "7 is read 칠"},
		{KO, "zz.i", "n:1000", "1,000이", "1000 is read 천"},
		{KO, "zz.i", "pct:40", "40%가", "퍼센트"},
		{KO, "zz.i", "text:", "가", "nothing to read"},
		{KO, "zz.i", "text:(...)", "(...)가", "nothing to read in parentheses"},
		{FR, "zz.of", "text:Algoma", "liste d'Algoma", "a vowel elides"},
		{FR, "zz.of", "text:Électronique", "liste d'Électronique", "an accent changes nothing"},
		{FR, "zz.of", "text:Hanwha", "liste de Hanwha", "a foreign h is heard"},
		{FR, "zz.of", "cap:air.rotary", "liste d'Hélicoptères", "a Greek h is silent"},
		{FR, "zz.oflower", "cap:air.rotary", "liste d'hélicoptères", ""},
		{FR, "zz.of", "text:onze", "liste de onze", "onze does not elide"},
		{FR, "zz.of", "text:", "liste de ", "nothing to elide"},
		{EN, "zz.lower", "cap:underwater.sonar.towed-array", "towed array sonar", ""},
		{EN, "zz.lower", "cap:resilience.arctic.surveillance", "Arctic surveillance", "a proper noun"},
		{EN, "zz.lower", "prog:lightspeed", "Telesat Lightspeed LEO constellation", "programmes have proper names"},
		{EN, "zz.lower", List("cap:naval.submarine", "prog:nuri"), "submarines and Nuri launch vehicle (KSLV-II)", "lists, too"},
		{EN, "zz.lower", "cap:soldier.cbrn", "CBRN defence", "an abbreviation"},
		{EN, "zz.count", "n:1", "1 firm", ""},
		{EN, "zz.count", "n:0", "0 firms", "English zero is plural"},
		{EN, "zz.count", "n:1200", "1,200 firms", ""},
		{FR, "zz.count", "n:0", "0 entreprise", "French zero is singular"},
		{FR, "zz.count", "n:1200", "1\u00a0200 entreprises", ""},
		{KO, "zz.count", "n:1200", "1,200개 업체", ""},
	} {
		if got := c.Sentence(test.l, test.key, test.arg); got != test.want {
			t.Errorf("%s %s with %q is %q: want %q (%s)", test.l, test.key, test.arg, got, test.want, test.why)
		}
	}
}

func TestNameOfTypedArguments(t *testing.T) {
	c := Embedded()
	for _, test := range []struct {
		arg  string
		want Text
	}{
		{"cap:underwater.sonar.towed-array", Text{"Towed array sonar", "Sonar à antenne linéaire remorquée", "예인선배열소나"}},
		{"mode:CO_DEVELOPMENT", Text{"co-development", "développement conjoint", "공동개발"}},
		{"mode:co-development", Text{"co-development", "développement conjoint", "공동개발"}},
		{"kind:COMPANY", Text{"company", "entreprise", "업체"}},
		{"region:KR-26", Text{"Busan", "Busan", "부산광역시"}},
		{"country:CA", Text{"Canada", "Canada", "캐나다"}},
		{"kic:munitions", Text{"Munitions", "Munitions", "탄약"}},
		{"venue:cansec", Text{"CANSEC", "CANSEC", "캔섹(CANSEC)"}},
		{"n:-12345", Text{"-12,345", "-12\u00a0345", "-12,345"}},
		{"n:many", Text{"many", "many", "many"}},
		{"pct:45", Text{"45%", "45\u00a0%", "45%"}},
		{"date:2026-03-01", Text{"1 March 2026", "1er mars 2026", "2026년 3월 1일"}},
		{"date:2026-12", Text{"December 2026", "décembre 2026", "2026년 12월"}},
		{"date:2026-02-30", Text{"2026-02-30", "2026-02-30", "2026-02-30"}},
		{"cap:no.such", Text{"no.such", "no.such", "no.such"}},
		{"firm:algoma-steel", Text{"algoma-steel", "algoma-steel", "algoma-steel"}},
		{"Hanwha: ships", Text{"Hanwha: ships", "Hanwha: ships", "Hanwha: ships"}},
		{"plain", Text{"plain", "plain", "plain"}},
		{Literal("cap:naval"), Text{"cap:naval", "cap:naval", "cap:naval"}},
		{Number(7), Text{"7", "7", "7"}},
		{List(), Text{"", "", ""}},
		{List("mode:SUPPLY"), Text{"supply", "approvisionnement", "공급"}},
		{List("mode:SUPPLY", "mode:JOINT_RD"), Text{"supply and joint R&D", "approvisionnement et R-D conjointe", "공급 및 공동 연구개발"}},
		{List("n:1", "n:2", "n:3"), Text{"1, 2 and 3", "1, 2 et 3", "1, 2 및 3"}},
		{List(Literal(`a|b\`), Literal("cap:naval")), Text{`a|b\ and cap:naval`, `a|b\ et cap:naval`, `a|b\ 및 cap:naval`}},
	} {
		for _, l := range Languages() {
			if got := c.Name(l, test.arg); got != test.want[l] {
				t.Errorf("%s name of %q is %q: want %q", l, test.arg, got, test.want[l])
			}
		}
	}
}

func TestWithNamesLooksThereFirst(t *testing.T) {
	c := Embedded()
	renamed := c.WithNames(func(prefix, id string) (Text, bool) {
		switch prefix + ":" + id {
		case "fw:rd-mou":
			return Text{"Renamed"}, true
		case "firm:algoma-steel":
			return Text{"Algoma Steel", "Algoma Steel", "알고마 스틸"}, true
		}
		return Text{}, false
	})
	for arg, want := range map[string]string{
		"fw:rd-mou": "Renamed", "firm:algoma-steel": "알고마 스틸", "fw:gsia": c.Name(KO, "fw:gsia"), "cap:naval": "함정 건조 및 잠수함",
	} {
		if got := renamed.Name(KO, arg); got != want {
			t.Errorf("%s is %q: want %q", arg, got, want)
		}
	}
	if got := c.Name(KO, "fw:rd-mou"); got == "Renamed" {
		t.Error("the catalogue underneath was renamed too")
	}
}

func TestMistakesInCallsShow(t *testing.T) {
	c := Embedded()
	if got, want := c.Sentence(EN, "no.such.key", "x"), "«no.such.key»"; got != want {
		t.Errorf("an unknown key gives %q: want %q", got, want)
	}
	if got, want := c.Sentence(EN, "list.and", "x"), "x and «list.and {1}»"; got != want {
		t.Errorf("a missing argument gives %q: want %q", got, want)
	}
	if got, want := c.Placeholders("list.and"), 2; got != want {
		t.Errorf("list.and takes %d arguments: want %d", got, want)
	}
	if got := c.Placeholders("mode.SUPPLY"); got != 0 {
		t.Errorf("mode.SUPPLY takes %d arguments: want none", got)
	}
	if c.HasSentence("no.such.key") || !c.HasSentence("list.and") {
		t.Error("HasSentence does not know the keys")
	}
}

func TestParseLanguage(t *testing.T) {
	for _, l := range Languages() {
		if got, err := ParseLanguage(l.String()); err != nil || got != l {
			t.Errorf("ParseLanguage(%q) = %v, %v", l, got, err)
		}
	}
	want := `language "de" is unknown: want en, fr or ko`
	if _, err := ParseLanguage("de"); err == nil || err.Error() != want {
		t.Errorf("ParseLanguage(de): %v: want %s", err, want)
	}
	if got := (Text{"", "", "한"}).In(EN); got != "한" {
		t.Errorf("a text with Korean only is %q in English", got)
	}
}

// edited returns the embedded files with one text of one of them replaced, or added at the end where old is empty.
func edited(t *testing.T, file, old, replacement string) fstest.MapFS {
	t.Helper()
	copied := fstest.MapFS{}
	for _, name := range append([]string{"messages.csv"}, vocabulary[:]...) {
		content, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		copied[name] = &fstest.MapFile{Data: content}
	}
	content := string(copied[file].Data)
	if old == "" {
		content += replacement
	} else {
		content = replaceOnce(t, content, old, replacement)
	}
	copied[file] = &fstest.MapFile{Data: []byte(content)}
	return copied
}
