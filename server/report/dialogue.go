package report

import (
	"cmp"
	"slices"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// This file tells what the dialogues of the two governments have before them. All of it follows from the rows of the frameworks: which
// of them are dialogues, under what each is held, what it is about, and when it meets.

// dialogues counts the pairings that each dialogue has before it: those that cite it, those whose instrument it reviews, and those of
// the dialogues that are held under it. Dialogues that have none stand last.
func (r *reader) dialogues(rows []row) grid {
	g := r.grid("dialogues", "dialogue", "under", "status", "next", "#pairings")
	g.Most = 7
	before, all := newIndex(), r.held()
	for _, f := range all {
		for _, w := range rows {
			if r.routed(f, w) || r.reviews(f, w) {
				before.add(f.GetName(), w.GetName())
			}
		}
	}
	r.rollUp(all, before)
	listed := before.keys()
	for _, f := range all {
		if !slices.Contains(listed, f.GetName()) {
			listed = append(listed, f.GetName())
		}
	}
	for _, name := range listed {
		f := r.frameworks[name]
		status, _ := r.statusCells(name)
		g.add(r, before.of(name), r.factCell("fw", name), r.underCell(f), status, r.nextMeeting(f), len(before.of(name)))
	}
	return g
}

// underCell names what a dialogue is held under; the umbrella by a short word, since many are.
func (r *reader) underCell(f *tandemv1.Framework) cell {
	switch parent := f.GetParent(); parent {
	case "":
		return cell{}
	case r.report.Snapshot.GetPartnership().GetUmbrellaFramework():
		return cell{Text: r.say("partnership.umbrella"), Exact: parent}
	default:
		return cell{Text: r.name("fw", id(parent)), Exact: parent}
	}
}

// held lists the dialogues by name.
func (r *reader) held() []*tandemv1.Framework {
	var list []*tandemv1.Framework
	for _, f := range r.report.Snapshot.GetFrameworks() {
		if f.GetKind() == tandemv1.Framework_DIALOGUE {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *tandemv1.Framework) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return list
}

// nextMeeting is the date of the next meeting where the row has one, else the one by which the cadence asks for it.
func (r *reader) nextMeeting(f *tandemv1.Framework) cell {
	m := meetingsOf(f, r.report.Snapshot.GetAsOf())
	switch {
	case m.next != "":
		return cell{Text: r.date(m.next), Exact: m.next}
	case m.due != "":
		return cell{Text: r.say("partnership.due", "date:"+m.due), Exact: m.due}
	default:
		return cell{}
	}
}

// isDialogue tells of a framework's name whether it is one.
func (r *reader) isDialogue(name string) bool {
	return r.frameworks[name].GetKind() == tandemv1.Framework_DIALOGUE
}

// rollUp puts what a dialogue has before it before those too that it is held under.
func (r *reader) rollUp(all []*tandemv1.Framework, before *behind) {
	for _, f := range all {
		over := f.GetParent()
		for depth := 0; depth < len(all) && r.isDialogue(over); depth++ {
			for _, name := range before.of(f.GetName()) {
				before.add(over, name)
			}
			over = r.frameworks[over].GetParent()
		}
	}
}

// routed tells whether a pairing cites a dialogue.
func (r *reader) routed(dialogue *tandemv1.Framework, w row) bool {
	return slices.ContainsFunc(w.GetFrameworks(), func(use *tandemv1.FrameworkUse) bool { return use.GetFramework() == dialogue.GetName() })
}

// reviews tells whether a dialogue reviews the instrument that a pairing uses. Of the umbrella, which nearly all pairings use, a
// dialogue reviews its own subject; so does one that is held under another dialogue.
func (r *reader) reviews(dialogue *tandemv1.Framework, w row) bool {
	base := dialogue.GetParent()
	for depth := 0; depth < len(r.frameworks) && r.isDialogue(base); depth++ {
		base = r.frameworks[base].GetParent()
	}
	if !slices.ContainsFunc(w.GetFrameworks(), func(use *tandemv1.FrameworkUse) bool { return use.GetFramework() == base }) {
		return false
	}
	switch direct := base == dialogue.GetParent(); {
	case direct && base != r.report.Snapshot.GetPartnership().GetUmbrellaFramework():
		return true
	case direct:
		return about(w, dialogue.GetCapabilities())
	default:
		return len(dialogue.GetCapabilities()) > 0 && about(w, dialogue.GetCapabilities())
	}
}

// reviewers are the dialogues that review a framework: those held under it, else those held under the one that it belongs to, as far
// as they speak of the same. Those that speak of everything come first.
func (r *reader) reviewers(name string) []string {
	own := r.frameworks[name].GetCapabilities()
	for depth := 0; name != "" && depth < len(r.frameworks); depth++ {
		var found []*tandemv1.Framework
		for _, f := range r.held() {
			if f.GetParent() == name && (depth == 0 || overlap(own, f.GetCapabilities())) {
				found = append(found, f)
			}
		}
		if len(found) > 0 {
			slices.SortStableFunc(found, func(a, b *tandemv1.Framework) int {
				return cmp.Compare(min(1, len(a.GetCapabilities())), min(1, len(b.GetCapabilities())))
			})
			names := make([]string, len(found))
			for i, f := range found {
				names[i] = f.GetName()
			}
			return names
		}
		name = r.frameworks[name].GetParent()
	}
	return nil
}

// overlap tells whether two lists of capabilities speak of something in common. None stated are all.
func overlap(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(x string) bool {
		return slices.ContainsFunc(b, func(y string) bool { return below(id(x), id(y)) || below(id(y), id(x)) })
	})
}

// reviewedIn names the first of the dialogues that review a framework, and how many more there are.
func (r *reader) reviewedIn(name string) string {
	reviewers := r.reviewers(name)
	if len(reviewers) == 0 {
		return ""
	}
	first := r.name("fw", id(reviewers[0]))
	if more := len(reviewers) - 1; more > 0 {
		return r.say("partnership.and_more", catalog.Literal(first), catalog.Number(more))
	}
	return first
}

// overdue lists the dialogues that have not met for longer than their cadence allows.
func (r *reader) overdue() grid {
	g := r.grid("overdue", "dialogue", "last", "due")
	asOf := r.report.Snapshot.GetAsOf()
	for _, f := range r.held() {
		if m := meetingsOf(f, asOf); Overdue(f, asOf) {
			g.add(r, []string{f.GetName()}, r.factCell("fw", f.GetName()), cell{Text: r.date(m.last), Exact: m.last}, cell{Text: r.date(m.due), Exact: m.due})
		}
	}
	return g
}
