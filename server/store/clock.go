package store

import "time"

// systemClock is the one place that asks the machine for the time.
func systemClock() time.Time { return time.Now() }
