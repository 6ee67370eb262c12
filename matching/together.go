package matching

import "sync/atomic"

// hands is how many goroutines share what can be done in any order: as many as there are processors, on any but the largest machines,
// without asking how many there are.
const hands = 32

// together does 0 to n-1 on all processors. What is done in which order is open, so each do writes only what is its own.
// A panic of one of them is the caller's.
func together(n int, do func(i int)) {
	var next atomic.Int64
	var all crew
	for range min(hands, n) {
		all.add(func() {
			for i := int(next.Add(1)) - 1; i < n && !all.stopped(); i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	all.wait()
}

// prepareAll prepares n profiles.
func (p *preparer) prepareAll(n int, profile func(i int) Profile) []*firm {
	firms := make([]*firm, n)
	const atOnce = 64
	together((n+atOnce-1)/atOnce, func(i int) {
		for at := i * atOnce; at < min(n, (i+1)*atOnce); at++ {
			firms[at] = p.prepare(profile(at))
		}
	})
	return firms
}
