package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// A secret is `tnd_`, 256 random bits and a checksum of them, both in lower-case
// base32. The prefix lets secret scanners find it, the check digits let them (and
// us) tell a mistyped one from a wrong one without a look-up.
const (
	secretPrefix = "tnd_"
	secretBytes  = 32
)

// encoding writes random and check bits so that a double click selects them.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewSecret draws a new secret from random, which must be a cryptographic source.
func NewSecret(random io.Reader) (string, error) {
	raw := make([]byte, secretBytes, secretBytes+crc32.Size)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("drawing a secret: %w", err)
	}
	return secretPrefix + encoding.EncodeToString(withCheck(raw)), nil
}

// ParseSecret reports whether s has the form of a secret: prefix, length,
// alphabet and check digits. Only then is it worth a look-up.
func ParseSecret(s string) bool {
	digits, ok := strings.CutPrefix(s, secretPrefix)
	if !ok || len(digits) != encoding.EncodedLen(secretBytes+crc32.Size) {
		return false
	}
	raw, err := encoding.DecodeString(digits)
	// Encoding again refuses the spellings that differ only in unused bits.
	return err == nil && digits == encoding.EncodeToString(withCheck(raw[:secretBytes]))
}

// Hash returns the HMAC-SHA-256 of a secret under the server's key: all that is
// stored of it. Look-ups go by this hash, so their time tells nothing about the
// secret.
func Hash(key []byte, secret string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(secret))
	return mac.Sum(nil)
}

// withCheck appends the checksum to the random bits.
func withCheck(raw []byte) []byte {
	return binary.BigEndian.AppendUint32(raw[:len(raw):len(raw)], crc32.ChecksumIEEE(raw))
}
