package report

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

func TestNothingChanged(t *testing.T) {
	r := fixture(t)
	if differences, unchanged := Compare(clone(r), r, nil); len(differences) != 0 || unchanged != len(r.Pairings) {
		t.Errorf("%d differences and %d unchanged, want 0 and %d", len(differences), unchanged, len(r.Pairings))
	}
}

// TestCauseOfAChange changes one thing by hand each time, and expects exactly that cause.
func TestCauseOfAChange(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(base, now *Report, p *tandemv1.Pairing) (cause string)
		kind   tandemv1.PairingDifference_Kind
		key    string
	}{
		{"the profile of one of the two", func(_, now *Report, p *tandemv1.Pairing) string {
			firmIn(now, p.GetFirst().GetName()).Summary = "Other words."
			p.Score += 10
			return p.GetFirst().GetName()
		}, tandemv1.PairingDifference_MOVED, "compare.profile"},
		{"one of the two joined", func(base, _ *Report, p *tandemv1.Pairing) string {
			base.Snapshot.Firms = slices.DeleteFunc(base.Snapshot.Firms, func(f *tandemv1.Firm) bool { return f.GetName() == p.GetSecond().GetName() })
			base.Pairings = slices.DeleteFunc(base.Pairings, func(q *tandemv1.Pairing) bool { return q.GetName() == p.GetName() })
			return p.GetSecond().GetName()
		}, tandemv1.PairingDifference_ENTERED, "compare.joined"},
		{"one of the two was suspended", func(_, now *Report, p *tandemv1.Pairing) string {
			firmIn(now, p.GetFirst().GetName()).State = tandemv1.Firm_SUSPENDED
			now.Pairings = slices.DeleteFunc(now.Pairings, func(q *tandemv1.Pairing) bool { return q.GetName() == p.GetName() })
			return p.GetFirst().GetName()
		}, tandemv1.PairingDifference_LEFT, "compare.suspended"},
		{"a framework's row", func(_, now *Report, p *tandemv1.Pairing) string {
			name := p.GetFrameworks()[0].GetFramework()
			p.Frameworks[0].Status = "UNKNOWN"
			for _, f := range now.Snapshot.Frameworks {
				if f.GetName() == name {
					f.Status = tandemv1.Framework_UNKNOWN
				}
			}
			return name
		}, tandemv1.PairingDifference_REROUTED, "compare.row"},
		{"the length of the lists", func(_, now *Report, p *tandemv1.Pairing) string {
			now.Snapshot.Top++
			p.FirstRank++
			return ""
		}, tandemv1.PairingDifference_MOVED, "compare.top"},
		{"the weights", func(_, now *Report, p *tandemv1.Pairing) string {
			now.Snapshot.Partnership.WeightsVersion = "v2"
			p.Score++
			return ""
		}, tandemv1.PairingDifference_MOVED, "compare.weights"},
		{"nothing but the order", func(_, _ *Report, p *tandemv1.Pairing) string {
			p.FirstRank++
			return ""
		}, tandemv1.PairingDifference_MOVED, "compare.others"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, now := clone(fixture(t)), clone(fixture(t))
			p := now.Pairings[0]
			cause := c.change(base, now, p)
			differences, _ := Compare(base, now, nil)
			i := slices.IndexFunc(differences, func(d *tandemv1.PairingDifference) bool {
				return d.GetNow().GetName() == p.GetName() || d.GetBefore().GetName() == p.GetName()
			})
			if i < 0 {
				t.Fatalf("no difference of %s", p.GetName())
			}
			d := differences[i]
			if d.GetKind() != c.kind || d.GetReason().GetKey() != c.key {
				t.Errorf("got %v because of %v, want %v because of %s", d.GetKind(), d.GetReason(), c.kind, c.key)
			}
			if want := slices.DeleteFunc([]string{cause}, func(s string) bool { return s == "" }); !slices.Equal(d.GetCauses(), want) {
				t.Errorf("causes %v, want %v", d.GetCauses(), want)
			}
			for _, lang := range languages {
				if err := Tell(base, now, lang, differences); err != nil || d.GetReason().GetText() == "" {
					t.Errorf("%v: %q, %v", lang, d.GetReason().GetText(), err)
				}
			}
		})
	}
}

// TestPushedBy: a pairing that left because somebody joined a list names that organisation.
func TestPushedBy(t *testing.T) {
	base, now := clone(fixture(t)), clone(fixture(t))
	first := firmIn(now, now.Pairings[0].GetFirst().GetName())
	gone := now.Pairings[0]
	newcomer := &tandemv1.Firm{Name: "firms/newcomer", DisplayName: "Newcomer", Country: gone.GetSecond().GetCountry(), State: tandemv1.Firm_APPROVED}
	now.Snapshot.Firms = append(now.Snapshot.Firms, newcomer)
	now.Pairings[0] = &tandemv1.Pairing{Name: "pairings/x~newcomer", First: first, Second: newcomer, FirstRank: 1, Score: 9000, Tier: tandemv1.Pairing_RECIPROCAL}
	differences, _ := Compare(base, now, nil)
	last := differences[len(differences)-1]
	if last.GetBefore().GetName() != gone.GetName() || last.GetReason().GetKey() != "compare.pushed" || !slices.Equal(last.GetCauses(), []string{"firms/newcomer"}) {
		t.Errorf("got %v %v %v, want %s pushed by the newcomer", last.GetBefore().GetName(), last.GetReason(), last.GetCauses(), gone.GetName())
	}
}

// TestWhatEnteredComesFirst: a comparison opens with what is new and what is gone, not with scores that moved a little.
func TestWhatEnteredComesFirst(t *testing.T) {
	base, now := clone(fixture(t)), clone(fixture(t))
	gone := base.Pairings[0]
	now.Pairings = now.Pairings[1:]
	now.Pairings[0].Score++
	now.Pairings[1].FirstRank++
	entered := proto.CloneOf(now.Pairings[2])
	entered.Name, entered.Score = "pairings/x~y", 1
	now.Pairings = append(now.Pairings, entered)
	file := ofKind(t, now, tandemv1.DownloadReportRequest_COMPARISON, lines, tandemv1.Language_EN, Options{Base: base})
	var order []string
	for _, row := range table(t, file, "differences") {
		order = append(order, row["ids"].([]any)[0].(string))
	}
	if want := []string{entered.Name, gone.Name, now.Pairings[1].Name, now.Pairings[0].Name}; !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}

func firmIn(r *Report, name string) *tandemv1.Firm {
	return r.Snapshot.Firms[slices.IndexFunc(r.Snapshot.Firms, func(f *tandemv1.Firm) bool { return f.GetName() == name })]
}
