package server

import (
	"maps"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// book holds firms by id and never changes. A changed copy shares nearly everything with the one it came from, so that a write
// costs the same in a large register as in a small one.
type book struct {
	pages   map[string]*tandemv1.Firm
	changes map[string]*tandemv1.Firm // since the pages were written; nil for a firm that is gone
	size    int
}

// maxLoose is how many changes a book carries before its pages are written anew.
const maxLoose = 512

func newBook(firms []*tandemv1.Firm) *book {
	b := &book{pages: make(map[string]*tandemv1.Firm, len(firms))}
	for _, f := range firms {
		b.pages[firmSlug(f.Name)] = f
	}
	b.size = len(b.pages)
	return b
}

// find returns a firm, nil if there is none.
func (b *book) find(id string) *tandemv1.Firm {
	if f, changed := b.changes[id]; changed {
		return f
	}
	return b.pages[id]
}

// with returns the book with changed firms, nil for those that are gone.
func (b *book) with(changed map[string]*tandemv1.Firm) *book {
	next := &book{pages: b.pages, changes: make(map[string]*tandemv1.Firm, len(b.changes)+len(changed)), size: b.size}
	maps.Copy(next.changes, b.changes)
	for id, f := range changed {
		before := b.find(id)
		switch {
		case before == nil && f != nil:
			next.size++
		case before != nil && f == nil:
			next.size--
		}
		next.changes[id] = f
	}
	if len(next.changes) > maxLoose {
		return newBook(next.all())
	}
	return next
}

// all lists the firms in no particular order.
func (b *book) all() []*tandemv1.Firm {
	list := make([]*tandemv1.Firm, 0, b.size)
	for id, f := range b.pages {
		if _, changed := b.changes[id]; !changed {
			list = append(list, f)
		}
	}
	for _, f := range b.changes {
		if f != nil {
			list = append(list, f)
		}
	}
	return list
}
