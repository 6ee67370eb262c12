package report

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// errNoBase is the answer to a comparison with nothing.
var errNoBase = errors.New("base: a comparison needs the earlier run")

// Tell fills in the texts of the reasons in a language. Organisations and rows that only one of the two reports has are named too.
func Tell(base, now *Report, lang tandemv1.Language, differences []*tandemv1.PairingDifference) error {
	r, err := now.reader(lang)
	if err != nil {
		return err
	}
	r.knowing(base)
	for _, d := range differences {
		d.Reason.Text = r.sentence(d.GetReason())
	}
	return nil
}

// knowing lets a reader also name what only an earlier report has.
func (r *reader) knowing(base *Report) {
	old := newReader(base, r.lang)
	for _, into := range []struct{ now, before map[string]*tandemv1.Firm }{{r.firms, old.firms}} {
		known := maps.Clone(into.before)
		maps.Copy(known, into.now)
		r.firms = known
	}
	now, before := r.cat, old.cat
	r.cat = r.report.Catalog.WithNames(func(prefix, id string) (catalog.Text, bool) {
		for _, cat := range []*catalog.Catalog{now, before} {
			if name, ok := overlaid(cat, prefix, id); ok {
				return name, true
			}
		}
		return catalog.Text{}, false
	})
}

// overlaid is the name that a catalogue has for a typed argument; not ok where it only repeats the id.
func overlaid(cat *catalog.Catalog, prefix, id string) (catalog.Text, bool) {
	var name catalog.Text
	for _, l := range catalog.Languages() {
		name[l] = cat.Name(l, prefix+":"+id)
	}
	return name, name[catalog.EN] != id
}

// comparison writes what entered, left, moved and was rerouted since another run.
func (r *reader) comparison(base *Report, effects Effects) (*paper, error) {
	if base == nil {
		return nil, errNoBase
	}
	if err := base.Hold(); err != nil {
		return nil, err
	}
	r.knowing(base)
	differences, unchanged := Compare(base, r.report, effects)
	p := r.paper(tandemv1.DownloadReportRequest_COMPARISON)
	p.Intro = []string{
		r.say("compare.intro", "date:"+base.Snapshot.GetAsOf(), catalog.Literal(base.Digest)),
		r.say("compare.intro.why"),
	}
	if effects != nil {
		p.Intro[1] = r.say("compare.intro.proved", catalog.Number(len(effects)))
	}
	counts := map[tandemv1.PairingDifference_Kind]int{}
	for _, d := range differences {
		counts[d.GetKind()]++
	}
	for _, kind := range differenceKinds() {
		p.Figures = append(p.Figures, figure{Value: r.number(counts[kind]), Label: r.say("compare.figure."+kind.String(), catalog.Number(counts[kind]))})
	}
	p.Figures = append(p.Figures, figure{Value: r.number(unchanged), Label: r.say("compare.figure.same", catalog.Number(unchanged))})
	p.Grids = []grid{r.differences(differences), r.causes(differences)}
	p.Compiled = r.compiledNote()
	return p, nil
}

func differenceKinds() []tandemv1.PairingDifference_Kind {
	return []tandemv1.PairingDifference_Kind{
		tandemv1.PairingDifference_ENTERED, tandemv1.PairingDifference_LEFT, tandemv1.PairingDifference_MOVED, tandemv1.PairingDifference_REROUTED,
	}
}

// weight orders differences as a reader wants them: what is new, what is gone, whose place is another, then scores and routes.
func weight(d *tandemv1.PairingDifference) int {
	before, now := d.GetBefore(), d.GetNow()
	switch d.GetKind() {
	case tandemv1.PairingDifference_ENTERED:
		return 0
	case tandemv1.PairingDifference_LEFT:
		return 1
	case tandemv1.PairingDifference_MOVED:
		if before.GetFirstRank() != now.GetFirstRank() || before.GetSecondRank() != now.GetSecondRank() {
			return 2
		}
		return 3
	default:
		return 4
	}
}

// differences lists what became of each pairing, and why.
func (r *reader) differences(list []*tandemv1.PairingDifference) grid {
	g := r.grid("differences", "change", "first", "second", "#score_before", "#score_now", "ranks_before", "ranks_now", "why")
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *tandemv1.PairingDifference) int { return cmp.Compare(weight(a), weight(b)) })
	for _, d := range list {
		p := pairingOf(d)
		change := cell{Text: r.say("compare.kind." + d.GetKind().String()), Exact: d.GetKind().String()}
		ids := append([]string{p.GetName()}, d.GetCauses()...)
		g.add(r, ids, change, r.exactly(r.firm(r.whole(p.GetFirst())), p.GetFirst().GetName()),
			r.exactly(r.firm(r.whole(p.GetSecond())), p.GetSecond().GetName()), int(d.GetBefore().GetScore()), int(d.GetNow().GetScore()),
			ranks(d.GetBefore()), ranks(d.GetNow()), r.sentence(d.GetReason()))
	}
	return g
}

// ranks are a pairing's places in the lists of its two organisations; a dash where it is in none.
func ranks(p *tandemv1.Pairing) string {
	return rank(p.GetFirstRank()) + " / " + rank(p.GetSecondRank())
}

func rank(n int32) string {
	if n == 0 {
		return "–"
	}
	return digits(int(n))
}

// causes counts the differences by whose change caused them.
func (r *reader) causes(list []*tandemv1.PairingDifference) grid {
	g := r.grid("causes", "cause", "#count")
	behind := newIndex()
	for _, d := range list {
		behind.add(r.sentence(d.GetReason()), pairingOf(d).GetName())
	}
	for _, reason := range behind.keys() {
		g.add(r, behind.of(reason), reason, len(behind.of(reason)))
	}
	return g
}

func (r *reader) compiledNote() string {
	if r.anyCompiled() {
		return r.say("notice.compiled_all")
	}
	return ""
}
