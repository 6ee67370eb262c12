package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// flow is the picture of who answers whom in one direction: needs by domain on the left, the offers that answer them
// best by domain on the right. Every answered need is counted once.
type flow struct {
	ID      string
	Title   string
	Desc    string
	Summary string
	Height  int
	Left    []node
	Right   []node
	Ribbons []ribbon
	Links   []link
}

// node is a domain on one edge of the picture.
type node struct {
	Label string
	Count string
	Y, H  int // top and height
	Mid   int // middle, where the label stands

	domain      string
	total, used int // needs of the node, and how many of them have their ribbon
}

// ribbon joins two nodes, as a path in a box 1,000 wide whose heights count in tenths.
type ribbon struct {
	Path    string
	Crosses bool // the two domains differ
}

// link is a ribbon in words and numbers.
type link struct {
	Need, Offer string
	Count       string

	count int
}

// answer is the best offer that a need found.
type answer struct {
	side                int // of the need
	needDomain, offered string
	points              int32
}

const (
	flowUnits  = 330 // height shared by all needs together
	nodeHeight = 17  // least height of a node, so that its label fits
	nodeGap    = 6
)

// answers finds for each need that a pairing answers the offer that answers it best.
type answers struct {
	list []answer       // in the order in which the needs are first answered
	at   map[string]int // by organisation and need
}

func (a *answers) count(w row) {
	for _, c := range w.GetComponents() {
		if c.GetKind() != tandemv1.Component_NEED || c.GetPoints() == 0 || c.GetOffer().GetCapability() == "" {
			continue
		}
		key := c.GetNeed().GetFirm() + " " + c.GetNeed().GetField()
		i, seen := a.at[key]
		if !seen {
			i = len(a.list)
			a.at[key], a.list = i, append(a.list, answer{})
		}
		if !seen || c.GetPoints() > a.list[i].points {
			a.list[i] = answer{
				side:       seeker(w.Pairing, c),
				needDomain: domain(c.GetNeed().GetCapability()),
				offered:    domain(c.GetOffer().GetCapability()),
				points:     c.GetPoints(),
			}
		}
	}
}

// domain is the root of a capability, the first part of its code.
func domain(capability string) string {
	root, _, _ := strings.Cut(id(capability), ".")
	return root
}

// domainName is the short name of a root capability, for pictures.
func (r *reader) domainName(root string) string {
	if key := "report.domain." + root; r.cat.HasSentence(key) {
		return r.say(key)
	}
	return r.name("cap", root)
}

// flow draws the needs of one side.
func (r *reader) flow(side int, answers []answer) flow {
	counts := map[[2]string]int{}
	answered := 0
	for _, a := range answers {
		if a.side == side {
			counts[[2]string{a.needDomain, a.offered}]++
			answered++
		}
	}
	f := flow{
		ID:    [2]string{"flow-first", "flow-second"}[side],
		Title: r.say("report.flow.title", catalog.Literal(r.side(side)), catalog.Literal(r.side(1-side))),
		Left:  r.edge(counts, 0, answered),
		Right: r.edge(counts, 1, answered),
	}
	f.Height = align(f.Left, f.Right)
	f.join(counts)
	f.Links = r.links(counts)
	needs := r.needs(side)
	f.Summary = r.say("report.flow.summary", catalog.Number(answered), catalog.Number(needs), "pct:"+digits(rounded(100*answered, needs)))
	f.Desc = r.flowInWords(f)
	return f
}

// needs counts all needs of the organisations of a side that take part.
func (r *reader) needs(side int) int {
	sum := 0
	for _, f := range r.report.Snapshot.GetFirms() {
		if r.sideOf(f) == side && f.GetState() == tandemv1.Firm_APPROVED {
			sum += len(f.GetNeeds())
		}
	}
	return sum
}

// edge makes the nodes of one edge of the picture, in the catalogue's order.
func (r *reader) edge(counts map[[2]string]int, end, answered int) []node {
	totals := map[string]int{}
	for pair, n := range counts {
		totals[pair[end]] += n
	}
	var nodes []node
	for _, capability := range r.cat.Capabilities() {
		n := totals[capability.Code]
		if n == 0 {
			continue
		}
		nodes = append(nodes, node{
			Label: r.domainName(capability.Code), Count: r.number(n), H: max(nodeHeight, n*flowUnits/answered), domain: capability.Code, total: n,
		})
	}
	return nodes
}

// align places both edges' nodes so that they are equally high, and returns the height.
func align(left, right []node) int {
	height := max(stacked(left, nodeGap), stacked(right, nodeGap))
	for _, nodes := range [][]node{left, right} {
		spare, gaps, y := height-stacked(nodes, 0), max(1, len(nodes)-1), 0
		for i := range nodes {
			nodes[i].Y = y + spare*i/gaps
			nodes[i].Mid = nodes[i].Y + nodes[i].H/2
			y += nodes[i].H
		}
	}
	return height
}

func stacked(nodes []node, gap int) int {
	height := -gap
	for _, n := range nodes {
		height += n.H + gap
	}
	return max(0, height)
}

// join draws the ribbons. Each leaves its node below the one before, so that none hides another at its ends.
func (f *flow) join(counts map[[2]string]int) {
	for i := range f.Left {
		for j := range f.Right {
			left, right := &f.Left[i], &f.Right[j]
			n := counts[[2]string{left.domain, right.domain}]
			if n == 0 {
				continue
			}
			top0, end0 := left.take(n)
			top1, end1 := right.take(n)
			f.Ribbons = append(f.Ribbons, ribbon{
				Path:    fmt.Sprintf("M0 %dC500 %d 500 %d 1000 %dV%dC500 %d 500 %d 0 %dZ", top0, top0, top1, top1, end1, end1, end0, end0),
				Crosses: left.domain != right.domain,
			})
		}
	}
}

// take reserves the place of n needs on the node's edge, in tenths.
func (n *node) take(needs int) (top, end int) {
	top = 10*n.Y + 10*n.H*n.used/n.total
	n.used += needs
	return top, 10*n.Y + 10*n.H*n.used/n.total
}

// links lists the flows in words, the largest first.
func (r *reader) links(counts map[[2]string]int) []link {
	links := make([]link, 0, len(counts))
	for _, need := range r.cat.Capabilities() {
		for _, offer := range r.cat.Capabilities() {
			if n := counts[[2]string{need.Code, offer.Code}]; n > 0 {
				links = append(links, link{Need: r.domainName(need.Code), Offer: r.domainName(offer.Code), Count: r.number(n), count: n})
			}
		}
	}
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Compare(b.count, a.count) })
	return links
}

// flowInWords says what the picture shows to those who do not see it: its largest flows.
func (r *reader) flowInWords(f flow) string {
	said := []string{f.Summary}
	for _, l := range f.Links[:min(5, len(f.Links))] {
		said = append(said, r.say("report.flow.link", catalog.Literal(l.Need), catalog.Literal(l.Offer), catalog.Number(l.count)))
	}
	return strings.Join(said, " ")
}
