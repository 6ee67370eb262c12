package report

import (
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// byDemand counts the pairings whose gate waits for each thing, with what it takes. Items that differ only in the organisation that
// they are asked of are one thing.
func (r *reader) byDemand(rows []row) grid {
	g := r.grid("gates", "demand", "state", "action", "#pairings")
	g.Most = 4
	pairings, asked, items := newIndex(), newIndex(), map[string]*tandemv1.Gate_Item{}
	for _, w := range rows {
		for _, item := range w.GetGate().GetItems() {
			if item.GetState() <= tandemv1.Gate_CLEAR {
				continue
			}
			key, firms := demandKey(item)
			pairings.add(key, w.GetName())
			for _, firm := range firms {
				asked.add(key, firm)
			}
			if items[key] == nil {
				items[key] = item
			}
		}
	}
	for _, key := range pairings.keys() {
		item := items[key]
		g.add(r, pairings.of(key), cell{Text: capitalised(r.name("rule", item.GetToken())), Exact: item.GetToken()},
			cell{Text: r.name("gate", item.GetState().String()), Exact: item.GetState().String()}, r.demandOf(item, len(asked.of(key))), len(pairings.of(key)))
	}
	return g
}

// demandKey tells apart what pairings wait for, whichever organisation it is asked of, and names those.
func demandKey(item *tandemv1.Gate_Item) (key string, firms []string) {
	parts := []string{item.GetToken(), item.GetState().String(), item.GetFramework(), item.GetAction().GetKey()}
	for _, arg := range item.GetAction().GetArgs() {
		if strings.HasPrefix(arg, "firm:") {
			firms = append(firms, arg)
			arg = "firm:"
		}
		parts = append(parts, arg)
	}
	return strings.Join(parts, "\x00"), firms
}

// demandOf says what is needed, of one organisation by name or of several by their number.
func (r *reader) demandOf(item *tandemv1.Gate_Item, organisations int) string {
	if organisations < 2 {
		return r.demand(item)
	}
	said := &tandemv1.Sentence{Key: item.GetAction().GetKey()}
	for _, arg := range item.GetAction().GetArgs() {
		if strings.HasPrefix(arg, "firm:") {
			arg = catalog.Literal(r.say("partnership.each", catalog.Number(organisations)))
		}
		said.Args = append(said.Args, arg)
	}
	return capitalised(r.sentence(said))
}
