package report

import (
	"cmp"
	"maps"
	"slices"
)

const (
	// enoughAnswers is how many organisations must have answered before a share is shown.
	enoughAnswers = 5
	// shareStep is to what a share is rounded. Two groups that differ by one organisation then differ by too little or too much to tell
	// its answer: with five answers the sum behind a share is known to 12 points up or down.
	shareStep = 5
	// anyAnswer is the most that an organisation can say, in percent.
	anyAnswer = 100
)

// women tells the share of women among those whom organisations send, as far as these said so: of all that take part, and of those with
// a pairing under each theme. No organisation is named, not even as having answered.
func (r *reader) women(rows []row) grid {
	g := r.grid("women", "theme", "#answers", "#women")
	g.Most = 6
	all, under := map[string]bool{}, map[string]map[string]bool{}
	for side := range 2 {
		for _, f := range r.members(side) {
			all[f.GetName()] = true
		}
	}
	for _, w := range rows {
		for _, theme := range w.GetThemes() {
			if under[theme] == nil {
				under[theme] = map[string]bool{}
			}
			for _, f := range w.firms {
				under[theme][f.GetName()] = true
			}
		}
	}
	if answers, share := r.shareOfWomen(all); mayShow(answers, share) {
		g.add(r, nil, cell{Text: r.say("paper.women.all"), Exact: "themes/-"}, answers, share)
	}
	overall := len(g.Records)
	for _, theme := range slices.Sorted(maps.Keys(under)) {
		if answers, share := r.shareOfWomen(under[theme]); mayShow(answers, share) {
			g.add(r, nil, r.factCell("theme", theme), answers, share)
		}
	}
	slices.SortStableFunc(g.Records[overall:], func(a, b record) int { return cmp.Compare(b.Cells[1].N, a.Cells[1].N) })
	return g
}

// shareOfWomen is how many of some organisations said which share of those they send are women, and the mean of what they said.
func (r *reader) shareOfWomen(names map[string]bool) (answers, share int) {
	sum := 0
	for _, f := range r.report.Snapshot.GetFirms() {
		if names[f.GetName()] && f.WomenPercent != nil {
			answers++
			sum += int(f.GetWomenPercent())
		}
	}
	if answers == 0 {
		return 0, 0
	}
	return answers, rounded(sum, answers*shareStep) * shareStep
}

// mayShow tells whether a share may be shown: whether enough answered, and each may have answered anything. Of a share near 0 or 100 a
// reader could tell that each answer is near it, too.
func mayShow(answers, share int) bool {
	// Twice the sum of the answers is at least least and less than beyond; see rounded.
	least, beyond := answers*(2*share-shareStep), answers*(2*share+shareStep)
	return answers >= enoughAnswers && beyond > 2*anyAnswer && least <= 2*anyAnswer*(answers-1)
}
