package server

import (
	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// What a firm wrote of itself is worth more than what somebody else has in a list: a row of a file does not replace it unless the import
// is told to, and both are said at the row. A row that says itself that it is the firm's own word (provenance SELF, as of another
// system in which firms edit) replaces it as long as nobody holds a credential of the firm here.

// ownWords tells whether a row would replace what its firm wrote of itself, and whether it would change anything of it.
func (c *change) ownWords(old *tandemv1.Firm, r *FirmRow) (own, differs bool, err error) {
	if old == nil || old.DeleteTime != nil || old.Provenance != tandemv1.Firm_SELF {
		return false, false, nil
	}
	if r.Firm.Provenance == tandemv1.Firm_SELF {
		if own, err = c.hasCredential(old.Name); err != nil || !own {
			return false, false, err
		}
	}
	said := proto.CloneOf(r.Firm)
	enter(said, old)
	said.Provenance, said.NeedsInferred = old.Provenance, old.NeedsInferred
	return true, !sameContent(old, said), nil
}

// keepsOwn decides on a row that may replace a firm's own words. It returns true where they stay; either way the row says what is done.
func (c *change) keepsOwn(old *tandemv1.Firm, r *FirmRow, overwrite bool, answer *tandemv1.ImportFirmsResponse) (bool, error) {
	own, differs, err := c.ownWords(old, r)
	switch {
	case err != nil || !own:
		return false, err
	case !differs:
		answer.Unchanged++
		return true, nil
	case overwrite:
		r.note("", aboutOwn("desk.self.overwritten", old))
		return false, nil
	}
	r.note("", aboutOwn("desk.self.kept", old))
	answer.Kept++
	said := proto.CloneOf(r.Firm)
	enter(said, old)
	for _, d := range differences(old, said, maxChanges-len(answer.Changes)) {
		d.Kept = true
		answer.Changes = append(answer.Changes, d)
	}
	return true, nil
}

func aboutOwn(key string, f *tandemv1.Firm) *tandemv1.Sentence {
	return &tandemv1.Sentence{Key: key, Args: []string{catalog.Literal(f.DisplayName)}}
}

// noteOwn says at the rows of a file which of them an import would keep from firms' own words, or replace them by.
func (f *FirmFile) noteOwn(tx *store.Tx, overwrite bool) error {
	c, counted := &change{Tx: tx}, new(tandemv1.ImportFirmsResponse)
	for i := range f.Rows {
		r := &f.Rows[i]
		if r.refused() || r.Delete {
			continue
		}
		old, err := c.known(r)
		if err != nil {
			return err
		}
		if r.refused() {
			continue
		}
		if _, err := c.keepsOwn(old, r, overwrite, counted); err != nil {
			return err
		}
	}
	return nil
}
