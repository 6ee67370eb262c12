package scorecard

import "crypto/sha256"

// Half is a part of the cases.
type Half uint8

// The halves.
const (
	Tuned    Half = iota // weights may be chosen by it
	SetAside             // looked at only when the tuning is over
)

// String returns how tables name the half.
func (h Half) String() string { return []string{"tuned", "set aside"}[h] }

// HalfOf is the half of an organisation's cases: by the parity of its id's hash, so that nobody chose it and a list is
// never torn apart.
func HalfOf(seeker string) Half {
	sum := sha256.Sum256([]byte(seeker))
	return Half(sum[0] & 1)
}
