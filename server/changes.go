package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

type changeService struct {
	tandemv1.UnimplementedChangeServiceServer
	*Server
}

// position is a place in the feed with the mark of the history that it belongs to: a register that was restored from an older
// copy, or is another one, does not have it. The zero value is the beginning.
type position struct {
	place store.Place
	mark  string
}

// markSize is how many bytes of a mark stand in a position.
const markSize = 6

// behindAll stands for the name in a position behind all of a revision; it sorts behind every name.
const behindAll = "~"

// positionText is what a position looks like. Revision, mark and name in this order make texts sort as the feed does.
var positionText = regexp.MustCompile(`^([0-7][0-9a-f]{7})-([0-9a-f]{12})-(` + behindAll + `|([A-Za-z]+)/[0-9a-z~-]+)$`)

// String writes the position as callers keep it.
func (p position) String() string {
	name := p.place.Name
	if name == "" {
		name = behindAll
	}
	return fmt.Sprintf("%08x-%s-%s", p.place.Revision, p.mark, name)
}

// parsePosition reads a position that a caller has kept; an empty one is the beginning.
func parsePosition(text string) (position, error) {
	if text == "" {
		return position{}, nil
	}
	parts := positionText.FindStringSubmatch(text)
	if parts == nil {
		return position{}, invalid("after", "error.position.form", text)
	}
	revision, err := strconv.ParseInt(parts[1], 16, 32)
	if err != nil {
		return position{}, invalid("after", "error.position.form", text)
	}
	p := position{mark: parts[2], place: store.Place{Revision: int32(revision)}}
	if parts[3] != behindAll {
		p.place.Kind, p.place.Name = store.Kind(parts[4]), parts[3]
	}
	return p, nil
}

// markOf is the mark of a revision, as positions have it.
func markOf(tx *store.Tx, revision int32) (string, error) {
	digest, err := tx.Mark(revision)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(digest[:markSize]), nil
}

// check refuses a position that the register's history does not have.
func (p position) check(tx *store.Tx) error {
	if p == (position{}) {
		return nil
	}
	mark, err := markOf(tx, p.place.Revision)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if mark != p.mark {
		return gone(p)
	}
	return nil
}

// gone refuses a position of another history and says where to go on.
func gone(p position) *Error {
	return &Error{
		Code: codes.OutOfRange, Reason: tandemv1.Reason_POSITION_GONE,
		says:   say("error.position.gone", p.String()),
		Fields: []Violation{{Field: "after", says: say("error.position.begin")}},
		Meta:   map[string]string{"restart_after": ""},
	}
}

// feedKinds are the kinds of rows whose changes are told: resources, not what is derived beside them.
func feedKinds() []store.Kind { return []store.Kind{firms, matchRuns, pairings} }

// page is a part of the feed.
type page struct {
	changes []*tandemv1.Change
	next    position
}

// changesAfter reads up to size changes after a position, less where they are large.
func (s *Server) changesAfter(tx *store.Tx, after position, size int, l tandemv1.Language) (page, error) {
	if err := after.check(tx); err != nil {
		return page{}, err
	}
	current, err := publicationOf(tx)
	if err != nil {
		return page{}, err
	}
	found, err := tx.Newest(feedKinds(), after.place, size)
	if err != nil {
		return page{}, err
	}
	if current.held > 0 { // what comes after waits until the publication is told as a whole
		found = found[:sort.Search(len(found), func(i int) bool { return found[i].Revision >= current.held })]
	}
	p, bytes := page{next: after}, 0
	for _, c := range found {
		told, err := tell(tx, c)
		if err != nil {
			return page{}, err
		}
		if c.Revision != p.next.place.Revision {
			if p.next.mark, err = markOf(tx, c.Revision); err != nil {
				return page{}, err
			}
		}
		p.next.place = store.Place{Revision: c.Revision, Kind: c.Kind, Name: c.Name}
		told.Position = p.next.String()
		speak(s.catalog, l, told) // each by itself: a pairing is told with the names that it was computed with
		p.changes = append(p.changes, told)
		if bytes += proto.Size(told); bytes >= maxMessage {
			break // the next page has the rest
		}
	}
	if len(p.changes) > 0 {
		return p, nil
	}
	// Nothing to tell: the position moves behind what there is, so that the same is not looked through again.
	revision, err := tx.Revision()
	if current.held > 0 {
		revision = current.held - 1
	}
	if err != nil || revision == 0 {
		return p, err
	}
	p.next.place = store.Place{Revision: revision}
	p.next.mark, err = markOf(tx, revision)
	return p, err
}

// tell puts a change with its resource into a message.
func tell(tx *store.Tx, c store.Change) (*tandemv1.Change, error) {
	told := &tandemv1.Change{Name: c.Name, Deleted: c.Deleted, Revision: c.Revision}
	var resource proto.Message
	switch c.Kind {
	case firms:
		firm := new(tandemv1.Firm)
		told.Resource, resource = &tandemv1.Change_Firm{Firm: firm}, firm
	case matchRuns:
		run := new(tandemv1.MatchRun)
		told.Resource, resource = &tandemv1.Change_MatchRun{MatchRun: run}, run
	case pairings:
		pairing := new(tandemv1.Pairing)
		told.Resource, resource = &tandemv1.Change_Pairing{Pairing: pairing}, pairing
	}
	var err error
	if pairing, told := resource.(*tandemv1.Pairing); told {
		err = toldPairing(tx, c.Name, pairing)
	} else {
		err = tx.Get(c.Kind, c.Name, resource)
	}
	if c.Deleted && errors.Is(err, store.ErrNotFound) {
		told.Resource, err = nil, nil // gone for good
	}
	return told, err
}

// ListChanges lists changes, and waits for some if asked to. At a stop of the server it answers what there is.
func (s changeService) ListChanges(ctx context.Context, r *tandemv1.ListChangesRequest) (*tandemv1.ListChangesResponse, error) {
	after, err := parsePosition(r.After)
	if err != nil {
		return nil, err
	}
	size := int(r.PageSize)
	if size == 0 {
		size = defaultPage
	}
	if r.Wait.AsDuration() > 0 {
		leave, err := s.followers.enter()
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	over := time.NewTimer(r.Wait.AsDuration())
	defer over.Stop()
	for waiting := true; ; {
		changed := s.store.Changed()
		var found page
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			found, err = s.changesAfter(tx, after, size, r.Language)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(found.changes) > 0 || !waiting || r.Wait.AsDuration() == 0 {
			return &tandemv1.ListChangesResponse{Changes: found.changes, NextPosition: found.next.String()}, nil
		}
		after = found.next
		select {
		case <-changed:
		case <-over.C:
			waiting = false
		case <-s.dismissed:
			waiting = false
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// WatchChanges streams changes until the caller leaves, its credential ends, its time is over or the server stops.
func (s changeService) WatchChanges(r *tandemv1.WatchChangesRequest, stream tandemv1.ChangeService_WatchChangesServer) error {
	after, err := parsePosition(r.After)
	if err != nil {
		return err
	}
	end := s.config.Now().Add(followFor)
	leave, err := s.followers.enter()
	if err != nil {
		return err
	}
	defer leave()
	ctx := stream.Context()
	for {
		changed := s.store.Changed()
		var found page
		var now, until time.Time
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			now = tx.Now()
			if until, err = standing(tx, access.FromContext(ctx)); err != nil {
				return err
			}
			found, err = s.changesAfter(tx, after, defaultPage, r.Language)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range found.changes {
			if err := stream.Send(c); err != nil {
				return err
			}
		}
		after = found.next
		if len(found.changes) > 0 { // there may be more
			changed = closed()
		}
		if err := s.await(ctx, changed, now, until, end); err != nil {
			return err
		}
	}
}

// closed is a channel that need not be waited for.
func closed() <-chan struct{} {
	ready := make(chan struct{})
	close(ready)
	return ready
}

// await returns when it is time for a stream to look again: at a change, and when its credential ends, if it does. It refuses to go on
// when the stream's own time is over.
func (s *Server) await(ctx context.Context, changed <-chan struct{}, now, until, end time.Time) error {
	if until.IsZero() || until.After(end) {
		until = end
	}
	if !now.Before(end) { // its credential was asked at the same moment, and says more
		return unavailable(nil, "error.stream.lasted", int(followFor.Minutes()))
	}
	over := time.NewTimer(until.Sub(s.config.Now()))
	defer over.Stop()
	select {
	case <-s.dismissed: // asked first: who reads all the time must go too
		return stopping()
	default:
	}
	select {
	case <-s.dismissed:
		return stopping()
	case <-ctx.Done():
		return ctx.Err()
	case <-over.C:
		return nil
	case <-changed:
		return nil
	}
}

func stopping() error {
	return unavailable(nil, "error.stopping")
}

// followers counts those who wait for changes.
type followers struct{ places chan struct{} }

func newFollowers() followers { return followers{make(chan struct{}, maxFollowers)} }

// enter takes a place, which leave gives back.
func (f followers) enter() (leave func(), err error) {
	select {
	case f.places <- struct{}{}:
		return func() { <-f.places }, nil
	default:
		return nil, tooMany(10*time.Second, "error.followers", maxFollowers)
	}
}
