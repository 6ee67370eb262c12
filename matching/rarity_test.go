package matching

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// log16 is the largest k with 2^k b^16 <= a^16, here in big integers.
func TestLog16(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.Uint64Range(1, 1<<22).Draw(t, "b")
		a := rapid.Uint64Range(b, 1<<22).Draw(t, "a")
		power := func(x uint64) *big.Int { return new(big.Int).Exp(new(big.Int).SetUint64(x), big.NewInt(16), nil) }
		k := log16(a, b)
		low := new(big.Int).Lsh(power(b), uint(k))
		high := new(big.Int).Lsh(power(b), uint(k+1))
		if low.Cmp(power(a)) > 0 || high.Cmp(power(a)) <= 0 {
			t.Fatalf("log16(%d, %d) = %d", a, b, k)
		}
	})
	for _, test := range []struct {
		a, b uint64
		want int
	}{{1, 1, 0}, {2, 1, 16}, {1 << 20, 1, 320}, {3, 4, 0}, {218, 2, 108}} {
		if got := log16(test.a, test.b); got != test.want {
			t.Errorf("log16(%d, %d) = %d: want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestRarityText(t *testing.T) {
	profiles := shipped(t)
	r := Count(catalog.Embedded(), CurrentWeights(), profiles)
	text, err := r.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var back Rarity
	if err := back.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Error(diff)
	}
	again, err := back.MarshalText()
	if err != nil || string(again) != string(text) {
		t.Errorf("not canonical: %v", err)
	}
	if r.Firms != [2]int32{116, 101} || r.Codes["space"][0] < r.Codes["space.launch"][0] || r.Codes["space.launch"][0] == 0 {
		t.Errorf("firms %v, space %v, launch %v", r.Firms, r.Codes["space"], r.Codes["space.launch"])
	}
	for _, test := range []struct{ text, want string }{
		{"code\tnaval\t1", "line 1: 3 fields: want 4"},
		{"code\tnaval\t1\t-2", `line 1: "-2": want a count`},
		{"firms\t\t1\t2\nplace\tx\t1\t2", `line 2: "place": want firms, code or word`},
	} {
		if err := back.UnmarshalText([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v: want %q", test.text, err, test.want)
		}
	}
}

// Only who takes part is counted, each once however many offers it has.
func TestCount(t *testing.T) {
	sonar, array := code(t, "underwater.sonar"), code(t, "underwater.sonar.towed-array")
	profiles := []Profile{
		{ID: "a", Status: Approved, Offers: []Offer{{Capability: array, Detail: Words{EN: "thin-line hydrophones"}}, {Capability: sonar}}},
		{ID: "b", Status: Pending, Offers: []Offer{{Capability: array}}},
		{ID: "c", Status: Approved, Missing: []string{"contact"}, Offers: []Offer{{Capability: array}}},
		{ID: "d", Side: Second, Status: Approved, Offers: []Offer{{Capability: sonar}}, Needs: []Need{{Capability: array, Detail: Words{EN: "hydrophones"}}}},
	}
	r := Count(catalog.Embedded(), CurrentWeights(), profiles)
	if r.Firms != [2]int32{1, 1} || r.Codes["underwater.sonar.towed-array"] != [2]int32{1, 0} || r.Codes["underwater"] != [2]int32{1, 1} {
		t.Errorf("got %v, %v", r.Firms, r.Codes)
	}
	if r.Words["hydrophon"] != [2]int32{1, 0} {
		t.Errorf("words %v", r.Words)
	}
}
