package matching

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// crew is goroutines that do a caller's work. When one of them panics the others stop at their next step, and the first panic goes on
// in whoever waits for them: where it can be recovered, as in the goroutine of its own it could not.
type crew struct {
	group sync.WaitGroup
	first atomic.Pointer[panicked]
}

// panicked is the panic of a goroutine, with the stack that it had.
type panicked struct {
	value any
	stack []byte
}

// String tells the panic and where it was.
func (p *panicked) String() string {
	return fmt.Sprintf("%v\n\nin a goroutine of its own:\n%s", p.value, p.stack)
}

// add has one more goroutine do some work.
func (c *crew) add(work func()) {
	c.group.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				c.first.CompareAndSwap(nil, &panicked{value: r, stack: debug.Stack()})
			}
		}()
		work()
	})
}

// stopped tells whether one of them panicked.
func (c *crew) stopped() bool { return c.first.Load() != nil }

// wait returns when all of them are done.
func (c *crew) wait() {
	c.group.Wait()
	if p := c.first.Load(); p != nil {
		panic(p)
	}
}
