package report

import (
	"cmp"
	"slices"
)

// behind gathers the names of what stands behind each figure, so that every count is the length of a list that can be read.
type behind struct {
	names map[string][]string
}

func newIndex() *behind { return &behind{names: map[string][]string{}} }

// add puts a name behind a key, once.
func (b *behind) add(key, name string) {
	if !slices.Contains(b.names[key], name) {
		b.names[key] = append(b.names[key], name)
	}
}

// of lists what stands behind a key, by name.
func (b *behind) of(key string) []string { return slices.Sorted(slices.Values(b.names[key])) }

// keys lists the keys, what has most behind it first, then by key.
func (b *behind) keys() []string {
	keys := make([]string, 0, len(b.names))
	for key := range b.names {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y string) int {
		return cmp.Or(cmp.Compare(len(b.names[y]), len(b.names[x])), cmp.Compare(x, y))
	})
	return keys
}
