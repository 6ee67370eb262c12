package names

import (
	"fmt"
	"testing"
)

func TestKey(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"Hanwha Ocean Co., Ltd.", "hanwhaocean"},
		{"HANWHA OCEAN", "hanwhaocean"},
		{"㈜한화오션", "한화오션"},
		{"주식회사 한화오션", "한화오션"},
		{"한화오션(주)", "한화오션"},
		{"Les Ateliers Ménard Ltée", "ateliersmenard"},
		{"Œuvres Navales Inc.", "oeuvresnavales"},
		{"\u1112\u1161\u11ab\u1112\u116a\u110b\u1169\u1109\u1167\u11ab", "한화오션"}, // decomposed jamo
		{"The Company", "thecompany"},
		{"", ""},
	} {
		if got := Key(test.name); got != test.want {
			t.Errorf("Key(%q): got %q, want %q", test.name, got, test.want)
		}
	}
}

// Likeness against the values that Winkler's own papers give, and what names in the register look like.
func TestLikeness(t *testing.T) {
	for _, test := range []struct {
		a, b     string
		min, max int
	}{
		{"martha", "marhta", 96, 96},
		{"dwayne", "duane", 84, 84},
		{"dixon", "dicksonx", 81, 81},
		{"Hanwha Ocean", "Hanwha Ocean Co., Ltd.", 100, 100},
		{"Ocean Hanwha", "Hanwha Ocean", 100, 100},
		{"한화오션", "㈜한화 오션", 100, 100},
		{"한화오션", "한화오선", 90, 99},
		{"한화오션", "현대중공업", 0, 70},
		{"Télésat", "Telesat", 100, 100},
		{"Algoma Steel", "Algoma Central Corporation", 60, 89},
		{"Algoma Steel", "MDA Space", 0, 60},
		{"", "", 0, 0},
		{"", "x", 0, 0},
	} {
		got := Likeness(test.a, test.b)
		if got < test.min || got > test.max {
			t.Errorf("Likeness(%q, %q): got %d, want %d to %d", test.a, test.b, got, test.min, test.max)
		}
		if back := Likeness(test.b, test.a); back != got {
			t.Errorf("Likeness(%q, %q) is %d one way and %d the other", test.a, test.b, got, back)
		}
	}
}

func TestSuspects(t *testing.T) {
	list := []Named{
		{"a", []string{"Hanwha Ocean", "한화오션"}}, {"b", []string{"Algoma Steel Inc."}}, {"c", []string{"Hanwha Ocean Co., Ltd."}},
		{"d", []string{"Algoma Central"}}, {"e", []string{"(주)한화오션"}}, {"f", []string{"Algoma Stell"}},
	}
	got := fmt.Sprint(Suspects(list, 92))
	want := "[{0 2 100 Hanwha Ocean Hanwha Ocean Co., Ltd.} {0 4 100 한화오션 (주)한화오션} {1 5 96 Algoma Steel Inc. Algoma Stell}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Blocking may only leave out what is not alike: against comparing everybody with everybody.
func TestSuspectsMissNothingAlike(t *testing.T) {
	var list []Named
	for i, base := range []string{"Kraken Robotics", "Sonatech", "LIG Nex1", "Irving Shipbuilding", "대한항공", "한국항공우주산업", "Ontario Shipyards", "Mila", "CAE"} {
		for j, variant := range []string{"%s", "%s Inc.", "The %s", "%s Ltd", "주식회사 %s", "%se"} {
			list = append(list, Named{fmt.Sprint(i, j), []string{fmt.Sprintf(variant, base)}})
		}
	}
	found := make(map[[2]int]bool)
	for _, s := range Suspects(list, 93) {
		found[[2]int{s.First, s.Second}] = true
	}
	for i := range list {
		for j := i + 1; j < len(list); j++ {
			if alike := Likeness(list[i].Names[0], list[j].Names[0]) >= 93; alike != found[[2]int{i, j}] {
				t.Errorf("%s and %s: alike %v, found %v", list[i].Names[0], list[j].Names[0], alike, found[[2]int{i, j}])
			}
		}
	}
}

func FuzzLikeness(f *testing.F) {
	f.Add("Hanwha Ocean", "한화오션")
	f.Add("\xff", "㈜")
	f.Fuzz(func(t *testing.T, a, b string) {
		got := Likeness(a, b)
		if got < 0 || got > 100 || got != Likeness(b, a) {
			t.Errorf("Likeness(%q, %q): got %d and %d", a, b, got, Likeness(b, a))
		}
		if len(Words(a)) > 0 && Likeness(a, a) != 100 {
			t.Errorf("Likeness(%q, itself): got %d", a, Likeness(a, a))
		}
	})
}
