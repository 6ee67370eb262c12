package main

import (
	"runtime"
	"runtime/metrics"
	"syscall"
	"time"
)

// cpuOf is the CPU time, user and system, that this process spends while do runs: all threads, the collector's too.
// Nothing here is measured by the clock on the wall, which says more about the neighbours than about the work.
func cpuOf(do func() error) (time.Duration, error) {
	runtime.GC() // what was left before is nobody's cost
	before, err := cpuTime()
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := cpuTime()
	return after - before, err
}

func cpuTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// collection is the CPU time that the garbage collector has taken so far.
func collection() time.Duration {
	sample := []metrics.Sample{{Name: "/cpu/classes/gc/total:cpu-seconds"}}
	metrics.Read(sample)
	return time.Duration(sample[0].Value.Float64() * float64(time.Second))
}
