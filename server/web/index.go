package web

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/canada-korea-roadshow/tandem/matching/names"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// index finds firms by words of their names. It holds what every organiser may read, and nobody else is let near it: firms by the folded
// text of their names. It follows the register by revisions, so that after the first search only what changed is read.
type index struct {
	mu       sync.Mutex
	revision int32
	texts    map[string]string // by resource name; firms that are deleted are not in it
}

// follow brings the index up to the register as the reader sees it.
func (i *index) follow(v *visit) error {
	if i.texts == nil {
		i.texts = make(map[string]string)
	}
	newest := i.revision
	request := &tandemv1.ListFirmsRequest{PageSize: 500, OrderBy: "update_time desc", ShowDeleted: true}
	for {
		page, err := v.firmsClient().ListFirms(v.ctx(), request)
		if err != nil {
			return err
		}
		for _, f := range page.GetFirms() {
			if f.GetRevision() <= i.revision {
				i.revision = newest
				return nil
			}
			newest = max(newest, f.GetRevision())
			if f.GetDeleteTime() != nil {
				delete(i.texts, f.GetName())
			} else {
				i.texts[f.GetName()] = searchText(f)
			}
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			i.revision = newest
			return nil
		}
	}
}

// find returns the names of the firms whose text holds every word, by that text.
func (i *index) find(v *visit, words []string) ([]string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.follow(v); err != nil {
		i.revision, i.texts = 0, nil // half of it is no index
		return nil, err
	}
	var hits []string
	for name, text := range i.texts {
		if holds(text, words) {
			hits = append(hits, name)
		}
	}
	slices.SortFunc(hits, func(a, b string) int { return cmp.Or(cmp.Compare(i.texts[a], i.texts[b]), cmp.Compare(a, b)) })
	return hits, nil
}

// searchText is what a search looks at: names in whatever script, ids and the city.
func searchText(f *tandemv1.Firm) string {
	return names.Fold(strings.Join([]string{f.GetDisplayName(), f.GetNativeName(), slug(f.GetName()), f.GetExternalId(), f.GetCity()}, " "))
}

func holds(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// searchWords are the words of a search, folded as names are.
func searchWords(text string) []string { return strings.Fields(names.Fold(text)) }

// named reads firms by name, in order. One that was deleted a moment ago is left out.
func (v *visit) named(list []string) ([]*tandemv1.Firm, error) {
	if len(list) == 0 {
		return nil, nil
	}
	answer, err := v.firmsClient().BatchGetFirms(v.ctx(), &tandemv1.BatchGetFirmsRequest{Names: list})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(answer.GetFirms(), func(f *tandemv1.Firm) bool { return f.GetDeleteTime() != nil }), nil
}
