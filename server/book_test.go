package server

import (
	"fmt"
	"math/rand/v2"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// A book is a map that remembers what it was: after any changes it holds what a map would, and the books before hold what they did.
func TestBook(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	want, current := map[string]*tandemv1.Firm{}, newBook(nil)
	for range 300 {
		before, size := current, current.size
		changed := map[string]*tandemv1.Firm{}
		for range r.IntN(12) {
			id := fmt.Sprint(r.IntN(900))
			if changed[id] = nil; r.IntN(3) > 0 {
				changed[id] = &tandemv1.Firm{Name: "firms/" + id}
			}
		}
		current = current.with(changed)
		for id, f := range changed {
			if want[id] = f; f == nil {
				delete(want, id)
			}
		}
		if before.size != size || len(before.all()) != size {
			t.Fatal("a book changed")
		}
		if current.size != len(want) || len(current.all()) != len(want) {
			t.Fatalf("%d firms, %d listed: want %d", current.size, len(current.all()), len(want))
		}
		for id := range 900 {
			if id := fmt.Sprint(id); current.find(id) != want[id] {
				t.Fatalf("firm %s is %v: want %v", id, current.find(id), want[id])
			}
		}
	}
}
