package access_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/canada-korea-roadshow/tandem/server/access"
)

// fixed is a source of the same bits, again and again.
func fixed(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

func newSecret(t *testing.T, seed byte) string {
	t.Helper()
	secret, err := access.NewSecret(fixed(seed))
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestSecretHasItsForm(t *testing.T) {
	form := regexp.MustCompile(`^tnd_[a-z2-7]{58}$`)
	seen := make(map[string]bool)
	for seed := range byte(100) {
		secret := newSecret(t, seed)
		if !form.MatchString(secret) || !access.ParseSecret(secret) {
			t.Errorf("%q is not a secret", secret)
		}
		seen[secret] = true
	}
	if len(seen) != 100 {
		t.Errorf("100 sources made %d different secrets", len(seen))
	}
}

func TestNoSecretWithoutChance(t *testing.T) {
	broken := errors.New("no entropy")
	if secret, err := access.NewSecret(iotest.ErrReader(broken)); !errors.Is(err, broken) || secret != "" {
		t.Errorf("got %q, %v; want the error of the source", secret, err)
	}
	if _, err := access.NewSecret(bytes.NewReader(make([]byte, 31))); err == nil {
		t.Error("255 bits are taken for 256")
	}
}

// Every change of a single character, and what else a mistyped secret may be.
func TestMistypedSecretsAreKnown(t *testing.T) {
	secret := newSecret(t, 1)
	for i := range secret {
		for _, r := range "abz237_A01\n" {
			typed := secret[:i] + string(r) + secret[i+1:]
			if typed != secret && access.ParseSecret(typed) {
				t.Errorf("%q is taken for a secret; %q is one", typed, secret)
			}
		}
	}
	for _, typed := range []string{
		"", "tnd_", secret[:len(secret)-1], secret + "a", " " + secret, secret + "\n", strings.ToUpper(secret), strings.TrimPrefix(secret, "tnd_"),
		"tnd_" + strings.Repeat("\n", 58), secret[:30] + "\r\n" + secret[32:],
	} {
		if access.ParseSecret(typed) {
			t.Errorf("%q is taken for a secret", typed)
		}
	}
}

// The hash is HMAC-SHA-256: an example of RFC 4231, and a life of its own for each key.
func TestHash(t *testing.T) {
	const want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if got := hex.EncodeToString(access.Hash([]byte("Jefe"), "what do ya want for nothing?")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	secret := newSecret(t, 1)
	if bytes.Equal(access.Hash([]byte("a"), secret), access.Hash([]byte("b"), secret)) {
		t.Error("two keys give the same hash")
	}
}

func FuzzParseSecret(f *testing.F) {
	secret, err := access.NewSecret(fixed(1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(secret)
	f.Add("tnd_")
	f.Fuzz(func(t *testing.T, typed string) {
		if access.ParseSecret(typed) && (len(typed) != 62 || typed != strings.ToLower(typed)) {
			t.Errorf("%q is taken for a secret", typed)
		}
	})
}
