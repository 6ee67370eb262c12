package scorecard

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func question() Question {
	return Question{
		Seeker: "seeker", Domain: "domain",
		Grades: map[string]Grade{"best": Strong, "second": Strong, "fair": Possible, "rival": Poor},
		hidden: map[string]bool{"elsewhere": true},
	}
}

func TestAsk(t *testing.T) {
	q := question()
	tests := []struct {
		name string
		list []string
		want Values
	}{
		{"the best order", []string{"best", "second", "fair"}, Values{NDCG: whole, NDCGJudged: whole, Hit1: whole, Hit5: whole, Hit10: whole, MRR: whole, Recall: whole}},
		{"equal grades change places", []string{"second", "best", "fair"}, Values{NDCG: whole, NDCGJudged: whole, Hit1: whole, Hit5: whole, Hit10: whole, MRR: whole, Recall: whole}},
		{"nothing", nil, Values{}},
		{"only the rival", []string{"rival"}, Values{PoorShown: whole}},
		// 3/log2(3) of the ideal 3 + 3/log2(3) + 1/log2(4); among the judged it is first.
		{"behind a stranger", []string{"stranger", "best"}, Values{NDCG: 350985, NDCGJudged: 556298, Hit5: whole, Hit10: whole, MRR: whole / 2, Recall: whole / 2}},
		{"what is judged elsewhere does not count", []string{"elsewhere", "best"}, Values{
			NDCG: 556298, NDCGJudged: 556298, Hit1: whole, Hit5: whole, Hit10: whole, MRR: whole, Recall: whole / 2,
		}},
		{"too late for ten", []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "best"}, Values{NDCGJudged: 556298, MRR: whole / 11}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, q.Ask(test.list)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestQuestionsHideWhatIsJudgedElsewhere(t *testing.T) {
	cases := []Case{
		{Domain: "one", Seeker: "algoma-steel", Counterpart: "a", Grade: Strong},
		{Domain: "two", Seeker: "algoma-steel", Counterpart: "b", Grade: Strong},
		{Domain: "three", Seeker: "algoma-steel", Counterpart: "c", Grade: Poor},
	}
	got := Questions(cases, HalfOf("algoma-steel"))
	if len(got) != 2 || got[0].Domain != "one" || got[1].Domain != "two" {
		t.Fatalf("got %v: want one question for each domain with a strong counterpart", got)
	}
	if diff := cmp.Diff(map[string]bool{"b": true, "c": true}, got[0].hidden); diff != "" {
		t.Errorf("hidden of the first (-want +got)\n%s", diff)
	}
	if other := Questions(cases, 1-HalfOf("algoma-steel")); len(other) != 0 {
		t.Errorf("the other half got %v", other)
	}
}

func TestCompare(t *testing.T) {
	var better, worse, mixed []Values
	for i := range 40 {
		better = append(better, Values{NDCG: int64(500_000 + i)})
		worse = append(worse, Values{NDCG: int64(400_000 + i)})
		mixed = append(mixed, Values{NDCG: int64(400_000 + i + 200_000*(i%2) - 100_000)})
	}
	if got, want := Compare(better, worse, NDCG), (Difference{100_000, 100_000, 100_000}); got != want || got.Noise() {
		t.Errorf("everywhere better: got %v: want %v", got, want)
	}
	noise := Compare(mixed, worse, NDCG)
	if !noise.Noise() || noise.Low >= noise.High || noise != Compare(mixed, worse, NDCG) {
		t.Errorf("as often better as worse: got %v: want noise, the same every time", noise)
	}
	if got := Compare(better, better, NDCG); got != (Difference{}) || !got.Noise() {
		t.Errorf("the same: got %v", got)
	}
	if got := noise.String(); len(got) != len("+0.000 [-0.000 +0.000] ") {
		t.Errorf("got %q", got)
	}
}

func TestDecimal(t *testing.T) {
	for v, want := range map[int64]string{0: "0.000", 1_000_000: "1.000", 499: "0.000", 500: "0.001", -25_400: "-0.025", 999_500: "1.000"} {
		if got := decimal(v); got != want {
			t.Errorf("%d: got %s: want %s", v, got, want)
		}
	}
}
