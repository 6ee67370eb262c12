package matching

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
)

// caught is what a call panics with.
func caught(call func()) (r any) {
	defer func() { r = recover() }()
	call()
	return nil
}

// A panic in one of several goroutines is the caller's to recover, tells where it was, and ends the work of the others.
func TestPanicsReachTheCaller(t *testing.T) {
	const n = 1 << 30 // more than is done before the others hear of it
	var done atomic.Int64
	work := func(i int) {
		if i == 100 {
			panic(errors.New("the hundredth"))
		}
		done.Add(1)
	}
	b := &batch{workers: 4}
	for name, call := range map[string]func(){
		"together": func() { together(n, work) },
		"each":     func() { _ = b.each(context.Background(), n, func(i int, _ *scratch) { work(i) }) },
	} {
		done.Store(0)
		p, ok := caught(call).(*panicked)
		if !ok || !strings.Contains(p.String(), "the hundredth") || !strings.Contains(p.String(), "crew_test.go") {
			t.Errorf("%s: the caller's panic is %v, want the hundredth's, with its stack", name, p)
		}
		if done.Load() > n/2 {
			t.Errorf("%s: %d were done all the same", name, done.Load())
		}
	}
	done.Store(0)
	if r := caught(func() { together(100, work) }); r != nil || done.Load() != 100 {
		t.Errorf("without a panic: %v, and %d of 100 were done", r, done.Load())
	}
}
