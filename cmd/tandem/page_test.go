package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBroken(t *testing.T) {
	for _, test := range []struct {
		words string
		most  int
		want  []string
	}{
		{"one two three", 7, []string{"one two", "three"}},
		{"unbreakable", 4, []string{"unbreakable"}},
		{"des «\u00a0sous-marins\u00a0»", 8, []string{"des", "«\u00a0sous-marins\u00a0»"}}, // no break inside French quotes
		{"예인선 배열 소나", 12, []string{"예인선 배열", "소나"}},                                        // a syllable takes two columns
		{"", 10, []string{""}},
	} {
		if got := broken(test.words, test.most); !cmp.Equal(got, test.want) {
			t.Errorf("broken(%q, %d) = %q, want %q", test.words, test.most, got, test.want)
		}
	}
}

func TestPageKeepsItsWidth(t *testing.T) {
	var out bytes.Buffer
	p := page{w: &out, width: 24}
	p.paragraph("  1  ", strings.Repeat("예인선 ", 12))
	p.spread("left", "오른쪽")
	for _, line := range strings.Split(strings.TrimRight(out.String(), "\n"), "\n") {
		if width(line) > 24 {
			t.Errorf("%q takes %d columns of 24", line, width(line))
		}
	}
	if !strings.HasSuffix(out.String(), "left              오른쪽\n") {
		t.Errorf("the last line is not spread to both margins:\n%s", &out)
	}
}
