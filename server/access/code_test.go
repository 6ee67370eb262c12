package access_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/canada-korea-roadshow/tandem/server/access"
)

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		code, err := access.NewCode(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if seen[code] {
			t.Fatalf("%s was drawn twice", code)
		}
		seen[code] = true
		for _, typed := range []string{
			code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""), strings.ReplaceAll(code, "-", " "), " " + code + " ",
			strings.ReplaceAll(strings.ReplaceAll(code, "0", "o"), "1", "l"), strings.ReplaceAll(code, "1", "I"),
		} {
			if got, ok := access.ParseCode(typed); !ok || got != code {
				t.Errorf("%q: got %q, %t, want %q", typed, got, ok, code)
			}
		}
	}
	if _, err := access.NewCode(iotest.ErrReader(iotest.ErrTimeout)); err == nil {
		t.Error("a code without chance")
	}
}

// Every wrong digit is told from a wrong code; what has not the form of a code is none.
func TestMistypedCodesAreKnown(t *testing.T) {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	code, err := access.NewCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.ReplaceAll(code, "-", "")
	for i := range len(plain) {
		for _, digit := range digits {
			typed := plain[:i] + string(digit) + plain[i+1:]
			if _, ok := access.ParseCode(typed); ok != (typed == plain) {
				t.Errorf("%s for %s: taken: %t", typed, plain, ok)
			}
		}
	}
	for _, typed := range []string{"", "-", plain[1:], plain + "0", "U" + plain[1:], plain[:15] + "é", strings.Repeat("😀", 4), "한글한글한글한글한글한글한글한글"} {
		if _, ok := access.ParseCode(typed); ok {
			t.Errorf("%q is taken for a code", typed)
		}
	}
	swapped := 0
	for i := range len(plain) - 2 {
		if _, ok := access.ParseCode(plain[:i] + plain[i+1:i+2] + plain[i:i+1] + plain[i+2:]); !ok || plain[i] == plain[i+1] {
			swapped++
		}
	}
	if swapped < len(plain)-4 { // digits that are 16 apart pass
		t.Errorf("%d of %d swapped neighbours were noticed", swapped, len(plain)-2)
	}
}
