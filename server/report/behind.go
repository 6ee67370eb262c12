package report

import (
	"cmp"
	"maps"
	"slices"
)

// behind gathers the names of what stands behind each figure, so that every count is the length of a list that can be read.
type behind struct {
	names map[string]map[string]bool
}

func newIndex() *behind { return &behind{names: map[string]map[string]bool{}} }

// add puts a name behind a key, once.
func (b *behind) add(key, name string) {
	if b.names[key] == nil {
		b.names[key] = map[string]bool{}
	}
	b.names[key][name] = true
}

// of lists what stands behind a key, by name.
func (b *behind) of(key string) []string { return slices.Sorted(maps.Keys(b.names[key])) }

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
