package server

import (
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/report"
)

// Complete gives the options of a report what one on completeness tells: whose profile lacks what, and who may stand twice.
func Complete(cat *catalog.Catalog, snapshot *tandemv1.Snapshot, o *report.Options) error {
	m, err := marketOf(cat, snapshot)
	if err != nil {
		return err
	}
	o.Incomplete, err = incomplete(m.market, snapshot.Firms)
	o.Suspicions = duplicates(snapshot.Firms)
	return err
}
