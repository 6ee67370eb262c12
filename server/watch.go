package server

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/canada-korea-roadshow/tandem/matching"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// watcher follows one firm's list for one caller.
type watcher struct {
	*Server
	firm     string // its id
	language tandemv1.Language
	revision int32            // up to which the caller knows the list; 0 before the first
	known    []string         // who is in the list that the caller has
	places   []matching.Place // that list, nil until it was looked at
}

// revisionGone refuses a revision that the lists' history does not have and says where to go on.
func revisionGone(revision, since, newest int32) *Error {
	return &Error{
		Code: codes.OutOfRange, Reason: tandemv1.Reason_POSITION_GONE,
		says:   say("error.revision.gone", int(revision), int(since), int(newest)),
		Fields: []Violation{{Field: "revision", says: say("error.revision.begin")}},
		Meta:   map[string]string{"restart_revision": "0"},
	}
}

// next is the list if the caller does not know it, nil if it does; the revision moves on in both cases.
func (w *watcher) next(ctx context.Context) (*tandemv1.PartnerList, error) {
	now, err := w.standing.at(ctx, w.Server)
	if err != nil {
		return nil, err
	}
	if now.firms.find(w.firm) == nil {
		return nil, notFound("firms/" + w.firm)
	}
	list := now.lists.Places(w.firm)
	switch {
	case w.revision == 0:
	case w.places == nil: // it begins at a revision
		before, moved, err := w.standing.listAt(now, w.firm, w.revision)
		if err != nil {
			return nil, err
		}
		w.known = before
		if !moved {
			w.places, w.revision = append([]matching.Place{}, list...), now.revision
			return nil, nil //nolint:nilnil // the caller has it
		}
	case slices.Equal(w.places, list):
		w.revision = now.revision
		return nil, nil //nolint:nilnil // the caller has it
	}
	w.places, w.revision = append([]matching.Place{}, list...), now.revision
	return w.tell(now, list)
}

// tell puts the list into a message.
func (w *watcher) tell(now *listing, list []matching.Place) (*tandemv1.PartnerList, error) {
	ids := idsOf(list)
	message := &tandemv1.PartnerList{
		Revision: now.revision, RarityRun: now.rarityRun, Entered: namesWithout(ids, w.known), Left: namesWithout(w.known, ids),
	}
	w.known = ids
	if len(list) == 0 {
		return message, nil
	}
	found, err := now.lists.Partners(w.firm, defaultTop, matching.Filter{})
	if err != nil {
		return nil, err
	}
	for i := range found {
		message.Pairings = append(message.Pairings, now.scene.pairing(&found[i]))
	}
	speak(w.catalog, w.language, message)
	return message, nil
}

// namesWithout are the resource names of firms that are not among others.
func namesWithout(ids, others []string) (names []string) {
	for _, id := range ids {
		if !slices.Contains(others, id) {
			names = append(names, "firms/"+id)
		}
	}
	return names
}

// stands returns the time and until when the caller's credential is good, no time for the operator; it refuses one that has ended.
func (w *watcher) stands(ctx context.Context) (now, until time.Time, err error) {
	err = w.store.View(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now()
		until, err = standing(tx, access.FromContext(ctx))
		return err
	})
	return now, until, err
}

// WatchPartners streams a firm's list until the caller leaves, its credential ends, the firm is deleted, the time is over or the server
// stops. A list is computed when the one before has been sent, so nothing waits in line for a caller who reads slowly.
func (s pairingService) WatchPartners(r *tandemv1.WatchPartnersRequest, stream tandemv1.PairingService_WatchPartnersServer) error {
	end := s.config.Now().Add(followFor)
	leave, err := s.followers.enter()
	if err != nil {
		return err
	}
	defer leave()
	ctx := stream.Context()
	w := &watcher{Server: s.Server, firm: firmSlug(r.Firm), language: r.Language, revision: r.Revision}
	for {
		changed := s.store.Changed()
		now, until, err := w.stands(ctx)
		if err != nil {
			return err
		}
		message, err := w.next(ctx)
		if err != nil {
			return err
		}
		if message != nil {
			if err := stream.Send(message); err != nil {
				return err
			}
		}
		if err := s.await(ctx, changed, now, until, end); err != nil {
			return err
		}
	}
}

// AwaitPartners answers with a firm's list when it is another one than at a revision, or when the time is over. A credential
// that ended meanwhile gets neither. At a stop of the server it answers what there is.
func (s pairingService) AwaitPartners(ctx context.Context, r *tandemv1.AwaitPartnersRequest) (*tandemv1.AwaitPartnersResponse, error) {
	if r.Wait.AsDuration() > 0 {
		leave, err := s.followers.enter()
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	w := &watcher{Server: s.Server, firm: firmSlug(r.Firm), language: r.Language, revision: r.Revision}
	over := time.NewTimer(r.Wait.AsDuration())
	defer over.Stop()
	for waiting := r.Wait.AsDuration() > 0; ; {
		changed := s.store.Changed()
		if _, _, err := w.stands(ctx); err != nil {
			return nil, err
		}
		list, err := w.next(ctx)
		if err != nil {
			return nil, err
		}
		if list != nil || !waiting {
			return &tandemv1.AwaitPartnersResponse{List: list, NextRevision: w.revision}, nil
		}
		select {
		case <-changed:
		case <-over.C:
			waiting = false
		case <-s.dismissed:
			return &tandemv1.AwaitPartnersResponse{NextRevision: w.revision}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
