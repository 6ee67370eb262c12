package matching

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// everyCore does 0 to n-1 on all processors. What is done in which order is open, so each do writes only what is its own.
func everyCore(n int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		group.Go(func() { doNext(&next, n, do) })
	}
	doNext(&next, n, do)
	group.Wait()
}

func doNext(next *atomic.Int64, n int, do func(i int)) {
	for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
		do(i)
	}
}

// prepareAll prepares n profiles.
func (p *preparer) prepareAll(n int, profile func(i int) Profile) []*firm {
	firms := make([]*firm, n)
	const atOnce = 64
	everyCore((n+atOnce-1)/atOnce, func(i int) {
		for at := i * atOnce; at < min(n, (i+1)*atOnce); at++ {
			firms[at] = p.prepare(profile(at))
		}
	})
	return firms
}
