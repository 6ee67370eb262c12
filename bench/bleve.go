package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// textSearch is Bleve over what organisations say: a firm's needs are the query, the others' offers the documents. Both ways, the
// firm's offers are searched in the others' needs too and the two lists joined; without that nothing is reciprocal.
type textSearch struct {
	inProcess
	index   bleve.Index
	arena   *arena
	catalog *catalog.Catalog
	both    bool
}

func openBleve(cat *catalog.Catalog, t *arena, both bool) (finder, error) {
	index, err := newTextIndex()
	if err != nil {
		return nil, err
	}
	s := &textSearch{index: index, arena: t, catalog: cat, both: both}
	s.inProcess = s.list
	batch := index.NewBatch()
	for i, id := range t.ids[matching.Second] {
		if err := addText(batch, cat, i, t.profile[id]); err != nil {
			return nil, err
		}
		if batch.Size() == 1000 || i == len(t.ids[matching.Second])-1 {
			if err := index.Batch(batch); err != nil {
				return nil, err
			}
			batch.Reset()
		}
	}
	return s, nil
}

// newTextIndex is an index in memory with two English fields, scored by BM25.
func newTextIndex() (bleve.Index, error) {
	field := bleve.NewTextFieldMapping()
	field.Analyzer, field.Store, field.IncludeInAll, field.IncludeTermVectors, field.DocValues = "en", false, false, false, false
	document := bleve.NewDocumentStaticMapping()
	document.AddFieldMappingsAt("offers", field)
	document.AddFieldMappingsAt("needs", field)
	m := mapping.NewIndexMapping()
	m.DefaultMapping, m.ScoringModel = document, "bm25"
	return bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
}

// offersText is what a firm says it does, with the catalogue's names of its codes.
func offersText(cat *catalog.Catalog, p *matching.Profile) string {
	words := []string{p.Summary.EN}
	for _, o := range p.Offers {
		words = append(words, o.Detail.EN, cat.Capability(o.Capability).Name[catalog.EN])
	}
	return strings.Join(words, " . ")
}

// needsText is what a firm says it looks for.
func needsText(cat *catalog.Catalog, p *matching.Profile) string {
	var words []string
	for _, n := range p.Needs {
		words = append(words, n.Detail.EN, cat.Capability(n.Capability).Name[catalog.EN])
	}
	return strings.Join(words, " . ")
}

// search gives the scores of all documents that hold one of the words, at most size of them.
func (s *textSearch) search(field, text string, size int) (map[int]float64, []int, error) {
	query := bleve.NewMatchQuery(text)
	query.SetField(field)
	result, err := s.index.Search(bleve.NewSearchRequestOptions(query, size, 0, false))
	if err != nil {
		return nil, nil, err
	}
	scores, order := make(map[int]float64, len(result.Hits)), make([]int, 0, len(result.Hits))
	for _, hit := range result.Hits {
		i, err := strconv.Atoi(hit.ID)
		if err != nil {
			return nil, nil, err
		}
		scores[i] = hit.Score
		order = append(order, i)
	}
	return scores, order, nil
}

func (s *textSearch) list(query, k int) ([]partner, error) {
	p := s.arena.profile[s.arena.ids[firstSide][query]]
	size := k
	if s.both {
		size = len(s.arena.ids[matching.Second]) // a good pair may be far down in either list
	}
	given, order, err := s.search("offers", needsText(s.catalog, p), size)
	if err != nil {
		return nil, err
	}
	if !s.both {
		list := make([]partner, len(order))
		for i, index := range order {
			list[i] = partner{index: index, tier: 1, score: int32(1000 * given[index])}
		}
		return list, nil
	}
	taken, _, err := s.search("needs", offersText(s.catalog, p), size)
	if err != nil {
		return nil, err
	}
	var list []partner
	for index, one := range given {
		if two := taken[index]; two > 0 {
			list = append(list, partner{index: index, tier: 1, score: int32(1000 * one * two)})
		}
	}
	slices.SortFunc(list, partner.compare)
	return list[:min(k, len(list))], nil
}

func (s *textSearch) close() error { return s.index.Close() }
