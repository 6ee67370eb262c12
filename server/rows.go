package server

import (
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/canada-korea-roadshow/tandem/server/store"
)

// The kinds of rows that the server keeps: the collections of the API, snapshots, one beside each run, and former versions.
const (
	partnerships store.Kind = "partnership"
	firms        store.Kind = "firms"
	frameworks   store.Kind = "frameworks"
	programs     store.Kind = "programs"
	venues       store.Kind = "venues"
	// frameworkVersions are what frameworks were before their changes.
	frameworkVersions store.Kind = "frameworkVersions"
	credentials       store.Kind = "credentials"
	invitations       store.Kind = "invitations"
	matchRuns         store.Kind = "matchRuns"
	snapshots         store.Kind = "snapshots"
	results           store.Kind = "results"
	pairings          store.Kind = "pairings"
)

// list reads a page of messages and the key of the next page.
func list[M proto.Message](tx *store.Tx, kind store.Kind, q store.Query) ([]M, string, error) {
	page, err := tx.List(kind, q)
	if err != nil {
		return nil, "", err
	}
	messages := make([]M, len(page.Rows))
	for i, row := range page.Rows {
		messages[i] = row.Message.(M)
	}
	return messages, page.Next, nil
}

// allOf reads all messages of a kind that are not deleted, by name.
func allOf[M proto.Message](tx *store.Tx, kind store.Kind) ([]M, error) {
	var messages []M
	err := tx.Each(kind, func(row store.Row) error {
		if !row.Deleted {
			messages = append(messages, row.Message.(M))
		}
		return nil
	})
	return messages, err
}

// get reads a message by name; one that is not there is NOT_FOUND under its name.
func get(tx *store.Tx, kind store.Kind, name string, into proto.Message) error {
	err := tx.Get(kind, name, into)
	if errors.Is(err, store.ErrNotFound) {
		missing := notFound(name)
		missing.Cause = err
		return missing
	}
	return err
}
