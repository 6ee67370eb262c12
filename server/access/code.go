package access

import (
	"fmt"
	"io"
	"strings"
)

// A claim code is 15 random digits and a check digit, in groups of four: 7KQM-2XW9-4HTR-C0DS. People type it from a card, so that
// its digits are Crockford's: no I, L, O or U, which look like others or make words. 75 random bits are too many to guess, and the
// check digit tells a mistyped code from a wrong one without a look-up.
const (
	codeDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength = 16
)

// NewCode draws a new claim code from random, which must be a cryptographic source.
func NewCode(random io.Reader) (string, error) {
	raw := make([]byte, codeLength-1)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("drawing a claim code: %w", err)
	}
	digits := make([]byte, 0, codeLength)
	for _, b := range raw {
		digits = append(digits, codeDigits[b%32]) // 256 is a multiple of 32, so that all are as likely
	}
	return grouped(string(append(digits, checkDigit(string(digits))))), nil
}

// ParseCode brings a claim code as somebody typed it into the form that it was issued in: whatever the case, the spaces and the
// hyphens, O for 0, I and L for 1. It reports false for what is no claim code.
func ParseCode(typed string) (code string, ok bool) {
	folded := strings.NewReplacer(" ", "", "-", "", "\u2010", "", "\u2011", "", "\u2013", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
	if len(folded) != codeLength || strings.Trim(folded, codeDigits) != "" {
		return "", false
	}
	random := folded[:codeLength-1]
	return grouped(folded), folded[codeLength-1] == checkDigit(random)
}

// checkDigit is a weighted sum. The weights are odd, so that every wrong digit changes it; those of neighbours differ by 2, so that it
// changes when two are swapped, unless they are 16 apart.
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		sum += (2*i + 1) * strings.IndexByte(codeDigits, digits[i])
	}
	return codeDigits[sum%len(codeDigits)]
}

func grouped(digits string) string {
	return strings.Join([]string{digits[:4], digits[4:8], digits[8:12], digits[12:]}, "-")
}
