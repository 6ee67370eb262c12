package main

import (
	"context"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// shelf is one collection of the vocabulary: how to read one row and many, and how to show them.
type shelf[T proto.Message] struct {
	collection string // as in resource names
	list       func(ctx context.Context, c tandemv1.CatalogServiceClient, size int32, token, filter string) ([]T, string, error)
	get        func(ctx context.Context, c tandemv1.CatalogServiceClient, name string) (T, error)
	answer     func([]T) proto.Message // the list answer that holds all pages
	columns    []column[T]
	details    []column[T] // what a single one shows besides
}

// shelfCommand makes the commands of a collection.
func shelfCommand[T proto.Message](a *app, s shelf[T], more ...*cobra.Command) *cobra.Command {
	var filter string
	var limit int
	list := &cobra.Command{
		Use:  "list",
		Args: wants(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			client := tandemv1.NewCatalogServiceClient(conn)
			rows, err := all(limit, func(size int32, token string) ([]T, string, error) {
				return s.list(cmd.Context(), client, size, token, filter)
			})
			if err != nil {
				return err
			}
			return show(a, s.answer(rows), rows, s.columns)
		},
	}
	list.Flags().StringVar(&filter, "filter", "", "")
	get := &cobra.Command{
		Use:  "get ID",
		Args: wants(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			conn, end, err := a.connect(cmd)
			if err != nil {
				return err
			}
			defer end() //nolint:errcheck // nothing was written
			row, err := s.get(cmd.Context(), tandemv1.NewCatalogServiceClient(conn), named(s.collection, args[0]))
			if err != nil {
				return err
			}
			return showOne(a, row, append(s.columns[:len(s.columns):len(s.columns)], s.details...))
		},
	}
	parent := &cobra.Command{Use: s.collection}
	group(parent, limited(a.prints(a.talks(list)), &limit), a.prints(a.talks(get)))
	parent.AddCommand(more...)
	return parent
}
