package matching

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// imageOf is a market's image.
func imageOf(t testing.TB, m *Market, tag string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteImage(&b, []byte(tag)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func readImage(image []byte) (*Market, []byte, error) {
	return ReadImage(bytes.NewReader(image), catalog.Embedded(), basePreparer().weights, trialFacts())
}

// A market from an image is the market that was written: everything that can be asked of it says the same, and it writes the same bytes.
func TestImageIsTheMarket(t *testing.T) {
	shippedProfiles, w := shipped(t), CurrentWeights()
	whole := must(NewMarket(catalog.Embedded(), w, Count(catalog.Embedded(), w, shippedProfiles), trialFacts(), shippedProfiles))
	written := must(randomMarket(t, 5, 250).With(randomProfiles(6, 270)[230:], []string{"firm-00003", "firm-00004"})).WithFacts(trialFacts())
	empty := must(NewMarket(catalog.Embedded(), w, Flat(), trialFacts(), nil))
	for name, m := range map[string]*Market{"shipped": whole, "written to": written, "sealed": written.Sealed(), "empty": empty} {
		image := imageOf(t, m, "revision 7")
		got, tag, err := readImage(image)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if string(tag) != "revision 7" {
			t.Errorf("%s: tag %q", name, tag)
		}
		if diff := cmp.Diff(m.Profiles(), got.Profiles()); diff != "" {
			t.Errorf("%s: profiles (-written +read):\n%s", name, diff)
		}
		wanted, found := must(m.Run(context.Background(), RunOptions{})), must(got.Run(context.Background(), RunOptions{Workers: 2}))
		if diff := cmp.Diff(wanted, found); diff != "" {
			t.Errorf("%s: run (-written +read):\n%s", name, diff)
		}
		if !bytes.Equal(imageOf(t, got, "revision 7"), image) {
			t.Errorf("%s: the read market writes another image", name)
		}
	}
}

// Writes go on in a market from an image as in the one that was written.
func TestImageTakesWrites(t *testing.T) {
	m := randomMarket(t, 8, 80).WithFacts(trialFacts())
	read, _, err := readImage(imageOf(t, m, ""))
	if err != nil {
		t.Fatal(err)
	}
	changed, removed := randomProfiles(9, 100)[60:], []string{"firm-00000", "firm-00050"}
	for step := range 3 {
		m, read = must(m.With(changed[step*10:], removed[:min(step, 2)])), must(read.With(changed[step*10:], removed[:min(step, 2)]))
		wanted, found := must(m.Run(context.Background(), RunOptions{})), must(read.Run(context.Background(), RunOptions{}))
		if diff := cmp.Diff(wanted, found); diff != "" {
			t.Fatalf("write %d: (-written +read):\n%s", step, diff)
		}
		m, read = m.Sealed(), read.Sealed()
	}
}

// No bit of an image can be another, and none can be missing, without an error that says so.
func TestImageIsRefused(t *testing.T) {
	image := imageOf(t, randomMarket(t, 3, 6), "tag")
	refused := func(what string, i int, image []byte) {
		m, tag, err := readImage(image)
		if !errors.Is(err, ErrImage) || m != nil || tag != nil {
			t.Fatalf("%s %d: market %v, tag %q, error %v", what, i, m != nil, tag, err)
		}
	}
	for at := range image { // a bit of every byte
		broken := bytes.Clone(image)
		broken[at] ^= 1 << (at % 8)
		refused("a bit of byte", at, broken)
	}
	for size := range len(image) {
		refused("cut to", size, image[:size])
	}
	refused("one byte more", 0, append(bytes.Clone(image), 0))
}

// What was written from something else is told from what is broken.
func TestImageOfAnother(t *testing.T) {
	m := randomMarket(t, 3, 6)
	version := imageOf(t, m, "")
	version[len(imageMark)]++
	other := must(CurrentWeights().With("need.low", 7))
	foreign := must(NewMarket(catalog.Embedded(), other, Flat(), Facts{}, randomProfiles(3, 6)))
	for want, image := range map[string][]byte{
		"it is of version 2: want 1":         version,
		"it was made with weights v2, need":  imageOf(t, foreign, ""),
		"it does not begin as an image does": []byte("a file of another program, long enough to look at"),
		"it breaks off":                      imageOf(t, m, "")[:100],
	} {
		if _, _, err := readImage(image); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v: want %q", err, want)
		}
	}
}

// Records are read as they were written, and nothing that is no record is one.
func TestRecordRoundTrip(t *testing.T) {
	for _, p := range append(randomProfiles(4, 200), shipped(t)...) {
		written := record(&p)
		got, err := profileOf(written)
		if err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Fatalf("%s (-written +read):\n%s", p.ID, diff)
		}
		for size := range len(written) {
			if _, err := profileOf(written[:size]); err == nil {
				t.Fatalf("%s: cut to %d bytes of %d it is still a record", p.ID, size, len(written))
			}
		}
	}
}

// FuzzImage breaks images with right checksums and without, and asks only that nothing panics or is half believed.
func FuzzImage(f *testing.F) {
	image := imageOf(f, randomMarket(f, 3, 6), "tag")
	f.Add(image, uint64(0))
	f.Add(image[:len(image)/2], uint64(1))
	f.Add(image, uint64(2))
	f.Fuzz(func(t *testing.T, image []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		if seed > 0 && len(image) > 0 {
			image = bytes.Clone(image)
			image[r.IntN(len(image))] ^= 1 << r.IntN(8)
		}
		m, tag, err := readImage(image)
		if (err == nil) != (m != nil) || err != nil && (tag != nil || !errors.Is(err, ErrImage)) {
			t.Fatalf("market %v, tag %q, error %v", m != nil, tag, err)
		}
	})
}
