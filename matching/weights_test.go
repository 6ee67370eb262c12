package matching

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestWeights(t *testing.T) {
	w := CurrentWeights()
	if w.Version != CurrentVersion || len(w.fields()) < 40 {
		t.Errorf("weights %s with %d constants", w.Version, len(w.fields()))
	}
	if _, err := WeightsByVersion("v0"); err == nil || err.Error() != `weights version "v0" is unknown: want one of v1, v2` {
		t.Errorf("got %v", err)
	}
}

func TestBrokenWeightsAreRefused(t *testing.T) {
	read := func(name string) string {
		content, err := weightFiles.ReadFile("weights/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	tests := []struct{ file, from, to, want string }{
		{"v1.txt", "need.high               = 255", "need.high = many", `need.high: "many": want an integer from 0 to 1048576`},
		{"v1.txt", "need.high               = 255", "need.high = 256", "256: affinities, strengths and needs are bytes, 0 to 255"},
		{"v1.txt", "need.high               = 255", "need.hihg = 255", `"need.hihg" is no weight, or stands twice`},
		{"v1.txt", "need.high               = 255", "need.low = 1", `"need.low" is no weight, or stands twice`},
		{"v1.txt", "need.high               = 255", "", "weights/v1.txt: missing: need.high"},
		{"v1.txt", "need.high               = 255", "need.high 255", `"need.high 255": want name = value`},
		{"v1.txt", "modulator.text          = 172", "modulator.text = 173", "the modulator's terms add up to 256: want 255"},
		{"v1.txt", "coverage.halfway        = 32500", "coverage.halfway = 0", "must be at least 1"},
		{"v1.lists.txt", "coastal", "costal", `"costal" is no list`},
	}
	for _, test := range tests {
		files := fstest.MapFS{}
		for _, name := range []string{"v1.txt", "v1.lists.txt", "v1.stopwords.txt"} {
			content := read(name)
			if name == test.file {
				if !strings.Contains(content, test.from) {
					t.Fatalf("%s has no %q", name, test.from)
				}
				content = strings.Replace(content, test.from, test.to, 1)
			}
			files["weights/"+name] = &fstest.MapFile{Data: []byte(content)}
		}
		if _, err := loadWeights(files, "v1"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v: want %q", test.to, err, test.want)
		}
	}
}

// The lists name capabilities of the catalogue: a wrong one would be silently without effect.
func TestWeightListsNameCapabilities(t *testing.T) {
	w := CurrentWeights()
	for _, text := range append(w.coastal, w.civil...) {
		code(t, text)
	}
	if len(w.coastal) == 0 || len(w.civil) == 0 {
		t.Error("a list is empty")
	}
}
