package matching

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

var (
	syntheticSize   = flag.Int("size", 2000, "organisations a side of the synthetic market of BenchmarkLists")
	syntheticDomain = flag.Bool("clustered", true, "whether its organisations stay within a domain")
)

// synthetic makes a market like that of bench/: 4 to 8 offers and 2 to 6 needs, most of them in one domain and some in a
// second, usual capabilities and words more often than others.
func synthetic(seed uint64, n int, clustered bool) []Profile {
	r := rand.New(rand.NewPCG(seed, 7))
	cat := catalog.Embedded()
	var domains [][]catalog.Code
	var all []catalog.Code
	for _, c := range cat.Capabilities() {
		all = append(all, c.Index)
		if c.Depth == 1 {
			domains = append(domains, nil)
		} else {
			domains[len(domains)-1] = append(domains[len(domains)-1], c.Index)
		}
	}
	domains = slices.DeleteFunc(domains, func(d []catalog.Code) bool { return len(d) < 4 })
	zipf := func(n int) int { return min(n-1, int(math.Exp(r.Float64()*math.Log(float64(n+2)/2))*2)-2) }
	code := func(main, second []catalog.Code) catalog.Code {
		switch draw := r.IntN(100); {
		case !clustered || draw >= 95:
			return all[r.IntN(len(all))]
		case draw >= 75:
			return second[zipf(len(second))]
		}
		return main[zipf(len(main))]
	}
	words := func(about catalog.Code) string {
		var b strings.Builder
		for range 4 {
			b.WriteString("w")
			for at := (int(about)*61 + zipf(60)*7919) % 20000; at > 0; at /= 13 {
				b.WriteByte("bcfhjkmpqtvwz"[at%13])
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	profiles := make([]Profile, 0, 2*n)
	for i := range 2 * n {
		main, second := domains[zipf(len(domains))], domains[r.IntN(len(domains))]
		p := Profile{ID: fmt.Sprintf("f-%07d-%d", i*7919%(2*n), i), Side: Side(i % 2), Status: Approved, Kind: Company, Region: cat.Regions()[r.IntN(20)].Code}
		for range 4 + r.IntN(5) {
			o := Offer{Capability: code(main, second), Level: Level(1 + r.IntN(2))}
			if o.Detail.EN = words(o.Capability); r.IntN(2) == 0 {
				o.TRL = 3 + r.IntN(7)
			}
			p.Offers = append(p.Offers, o)
		}
		p.Summary.EN = words(p.Offers[0].Capability)
		for range 2 + r.IntN(5) {
			c := code(main, second)
			p.Needs = append(p.Needs, Need{Capability: c, Priority: Priority(1 + r.IntN(3)), Aim: Aim(1 + r.IntN(2)), Detail: Words{EN: words(c)}})
		}
		if r.IntN(4) == 0 {
			p.Programs = []string{cat.Programs()[r.IntN(10)].ID}
		}
		profiles = append(profiles, p)
	}
	return profiles
}

func syntheticMarket(b testing.TB, n int, clustered bool) *Market {
	profiles, w := synthetic(1, n, clustered), CurrentWeights()
	start := time.Now()
	rarity := Count(catalog.Embedded(), w, profiles)
	counted := time.Now()
	m, err := NewMarket(catalog.Embedded(), w, rarity, Facts{}, profiles)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d firms: count %v, new market %v", 2*n, counted.Sub(start), time.Since(counted))
	return m
}

// BenchmarkLists computes the list of every organisation of one side with one worker: nanoseconds a pair. With -size 20000
// it is the engine's part of bench/.
func BenchmarkLists(b *testing.B) {
	m := syntheticMarket(b, *syntheticSize, *syntheticDomain)
	runtime.GC()
	pairs := float64(*syntheticSize) * float64(*syntheticSize)
	start := cpuTime()
	for b.Loop() {
		if err := m.newBatch(RunOptions{}).lists(context.Background(), m, Second, func(*firm, []place) {}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime()-start).Nanoseconds())/float64(b.N)/pairs, "cpu-ns/pair")
}

// cpuTime is what the process has used: a shared machine's wall clock says little.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPlain scores every pair of some organisations in full, with the list that the spine had.
func BenchmarkPlain(b *testing.B) {
	m := syntheticMarket(b, *syntheticSize, *syntheticDomain)
	firms, others := m.firms(Second), m.firms(First)
	o := &plain{m: m}
	const sample = 20
	start := cpuTime()
	for b.Loop() {
		for i := range sample {
			list := best{top: DefaultTop}
			for _, other := range others {
				if tier, score := o.score(other, firms[i*len(firms)/sample]); tier != 0 {
					list.show(place{tier, score, other})
				}
			}
		}
	}
	b.ReportMetric(float64((cpuTime()-start).Nanoseconds())/float64(b.N)/sample/float64(len(others)), "cpu-ns/pair")
}

// BenchmarkQuery asks for the lists of some organisations one by one, and tells what an organisation takes of memory: all
// of it, and the index alone.
func BenchmarkQuery(b *testing.B) {
	var before, after, bare runtime.MemStats
	runtime.ReadMemStats(&before)
	m := syntheticMarket(b, *syntheticSize, *syntheticDomain)
	runtime.GC()
	runtime.ReadMemStats(&after)
	firms := m.firms(Second)
	const sample = 200
	start := cpuTime()
	for b.Loop() {
		for i := range sample {
			m.list(firms[i*len(firms)/sample], DefaultTop)
		}
	}
	b.ReportMetric(float64((cpuTime()-start).Microseconds())/float64(b.N)/sample, "cpu-us/query")
	everybody := slices.Concat(m.firms(First), m.firms(Second))
	m.sides = [2]*index{{fresh: everybody}, {}}
	runtime.GC()
	runtime.ReadMemStats(&bare)
	n := float64(2 * *syntheticSize)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/firm")
	b.ReportMetric(float64(after.HeapAlloc-bare.HeapAlloc)/n, "index-B/firm")
	runtime.KeepAlive(m)
}

// BenchmarkCancel tells how long a run of everybody goes on when nobody wants it any more.
func BenchmarkCancel(b *testing.B) {
	m := syntheticMarket(b, *syntheticSize, *syntheticDomain)
	var longest time.Duration
	for b.Loop() {
		ctx, cancel := context.WithCancel(context.Background())
		var at time.Time
		time.AfterFunc(700*time.Millisecond, func() { at = time.Now(); cancel() })
		if _, err := m.Lists(ctx, RunOptions{Workers: 2}, func(string, []Place) {}); err != nil {
			longest = max(longest, time.Since(at))
		}
	}
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-to-stop")
}
