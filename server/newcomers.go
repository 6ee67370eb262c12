package server

import (
	"sync"
	"time"
)

// newcomers limits how many firms register themselves, from one address and from all together. Anybody may register, so nothing
// else keeps a script from filling the list that organisers approve from. A hall of visitors behind one address is well within it.
type newcomers struct {
	mu        sync.Mutex
	all       bucket
	addresses map[string]bucket
}

// bucket holds what may come at once and fills evenly; it is kept as the time at which it is full again.
type bucket time.Time

// wait returns how long it takes until one of hourly is to be had; 0 where one is.
func (b bucket) wait(now time.Time, hourly int) time.Duration {
	every := time.Hour / time.Duration(hourly)
	return max(0, time.Time(b).Add(every-time.Hour).Sub(now))
}

// less is the bucket after one of hourly is taken.
func (b bucket) less(now time.Time, hourly int) bucket {
	full := time.Time(b)
	if full.Before(now) {
		full = now
	}
	return bucket(full.Add(time.Hour / time.Duration(hourly)))
}

// admit refuses an address that has registered too many, and everybody when all together have.
func (n *newcomers) admit(address string, now time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	key, wait := "error.registrations.all", n.all.wait(now, maxNewcomers)
	if own := n.addresses[address].wait(now, maxNewcomersOfAddress); own > wait {
		key, wait = "error.registrations", own
	}
	if wait == 0 {
		return nil
	}
	wait = wait.Truncate(time.Second) + time.Second
	return tooMany(wait, key, int(wait.Seconds()))
}

// count counts one that registered.
func (n *newcomers) count(address string, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = n.all.less(now, maxNewcomers)
	if address == "" {
		return // in process: no address of its own
	}
	if n.addresses == nil {
		n.addresses = make(map[string]bucket)
	}
	if len(n.addresses) >= 2*maxNewcomers { // the limit of all keeps those that are not full again below half of it
		for other, b := range n.addresses {
			if !time.Time(b).After(now) {
				delete(n.addresses, other)
			}
		}
	}
	n.addresses[address] = n.addresses[address].less(now, maxNewcomersOfAddress)
}
