package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

const (
	// invitationTTL is how long a claim code is good where nobody says otherwise.
	invitationTTL = 30 * 24 * time.Hour
	// maxInvited is how many firms one call invites.
	maxInvited = 500
)

type invitationService struct {
	tandemv1.UnimplementedInvitationServiceServer
	*Server
}

// InviteFirm invites one firm.
func (s invitationService) InviteFirm(ctx context.Context, r *tandemv1.InviteFirmRequest) (*tandemv1.IssuedInvitation, error) {
	answer, code := new(tandemv1.IssuedInvitation), ""
	replayed, err := write(ctx, s.Server, r, answer, func(c *change) error {
		firm, err := c.liveFirm(r.Name, "")
		if err != nil {
			return err
		}
		if !r.ReplaceCredentials {
			has, err := c.hasCredential(firm.Name)
			if err != nil {
				return err
			}
			if has {
				return wrongState(firm.Name, "error.invite.held", firm.Name)
			}
		}
		issued, drawn, err := c.invite(s.key, firm, r.Ttl, r.ReplaceCredentials)
		if err != nil {
			return err
		}
		code = drawn
		proto.Merge(answer, issued)
		return nil
	})
	if err == nil && !replayed {
		answer.Code = code
	}
	return answer, err
}

// BatchInviteFirms invites the firms that are named, or all that nobody has a way into yet.
func (s invitationService) BatchInviteFirms(ctx context.Context, r *tandemv1.BatchInviteFirmsRequest) (*tandemv1.BatchInviteFirmsResponse, error) {
	answer := new(tandemv1.BatchInviteFirmsResponse)
	var drawn []string
	replayed, err := write(ctx, s.Server, r, answer, func(c *change) error {
		drawn = nil
		invited, err := c.toInvite(r.Names)
		if err != nil {
			return err
		}
		answer.Remaining = int32(max(0, len(invited)-maxInvited)) //nolint:gosec // a register has fewer than 2^31 firms
		for _, firm := range invited[:min(len(invited), maxInvited)] {
			issued, code, err := c.invite(s.key, firm, r.Ttl, false)
			if err != nil {
				return err
			}
			answer.Invitations, drawn = append(answer.Invitations, issued), append(drawn, code)
		}
		return nil
	})
	if err == nil && !replayed {
		for i, code := range drawn {
			answer.Invitations[i].Code = code
		}
	}
	return answer, err
}

// toInvite finds the firms of a batch: those named, of which none may have a credential; else all without credential and without open
// invitation, by name.
func (c *change) toInvite(names []string) ([]*tandemv1.Firm, error) {
	var found []*tandemv1.Firm
	for _, name := range names {
		firm, err := c.liveFirm(name, "")
		if err != nil {
			return nil, err
		}
		has, err := c.hasCredential(name)
		if err != nil {
			return nil, err
		}
		if has {
			return nil, wrongState(name, "error.invite.held.batch", name)
		}
		found = append(found, firm)
	}
	if len(names) > 0 {
		return found, nil
	}
	reached := make(map[string]bool) // firms with a way in
	err := c.Each(credentials, func(row store.Row) error {
		if credential := row.Message.(*tandemv1.Credential); c.valid(credential) {
			reached[credential.Firm] = true
		}
		return nil
	})
	if err == nil {
		err = c.Each(invitations, func(row store.Row) error {
			if invitation := row.Message.(*tandemv1.Invitation); c.standing(invitation) == tandemv1.Invitation_OPEN {
				reached[invitation.Firm] = true
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	all, err := allOf[*tandemv1.Firm](c.Tx, firms)
	return slices.DeleteFunc(all, func(f *tandemv1.Firm) bool { return reached[f.Name] || f.State == tandemv1.Firm_SUSPENDED }), err
}

// valid tells whether a credential is good now.
func (c *change) valid(credential *tandemv1.Credential) bool {
	return credential.RevokeTime == nil && c.Now().Before(credential.ExpireTime.AsTime())
}

// hasCredential tells whether anybody can speak for a firm now.
func (c *change) hasCredential(firm string) (bool, error) {
	has := false
	err := c.eachOf(credentials, firm, func(row store.Row) error {
		has = has || c.valid(row.Message.(*tandemv1.Credential))
		return nil
	})
	return has, err
}

// eachOf visits the rows of a kind that belong to a firm.
func (c *change) eachOf(kind store.Kind, firm string, visit func(store.Row) error) error {
	query := store.Query{Filter: store.Term("firm=" + firmSlug(firm)), Limit: maxPage}
	for {
		page, err := c.List(kind, query)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			if err := visit(row); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		query.After = page.Next
	}
}

// standing is what an invitation is now: time passes without a write.
func (c *change) standing(i *tandemv1.Invitation) tandemv1.Invitation_State {
	return stateAt(i, c.Now())
}

func stateAt(i *tandemv1.Invitation, now time.Time) tandemv1.Invitation_State {
	switch {
	case i.ClaimTime != nil:
		return tandemv1.Invitation_CLAIMED
	case i.RevokeTime != nil:
		return tandemv1.Invitation_REVOKED
	case !now.Before(i.ExpireTime.AsTime()):
		return tandemv1.Invitation_EXPIRED
	}
	return tandemv1.Invitation_OPEN
}

// invite stores an invitation with the hash of its code, the only trace of it, in place of the firm's open one.
func (c *change) invite(key []byte, firm *tandemv1.Firm, ttl *durationpb.Duration, replaces bool) (*tandemv1.IssuedInvitation, string, error) {
	if err := c.withdraw(firm.Name); err != nil {
		return nil, "", err
	}
	code, err := access.NewCode(rand.Reader)
	if err != nil {
		return nil, "", err
	}
	raw := make([]byte, 10)
	if _, err := rand.Read(raw); err != nil {
		return nil, "", err
	}
	until := c.Now().Add(invitationTTL)
	if ttl != nil {
		until = c.Now().Add(ttl.AsDuration())
	}
	invitation := &tandemv1.Invitation{
		Name: "invitations/" + strings.ToLower(base32.StdEncoding.EncodeToString(raw)), Firm: firm.Name, ReplacesCredentials: replaces,
		CreateTime: timestamppb.New(c.Now()), ExpireTime: timestamppb.New(until),
	}
	issued := &tandemv1.IssuedInvitation{
		Invitation: invitation, DisplayName: firm.DisplayName, NativeName: firm.NativeName, Contact: firm.Contact,
	}
	issued.Language = addressed(firm)
	return issued, code, c.putInvitation(invitation, hashTerm(access.Hash(key, code)))
}

// addressed is the language in which to write to a firm: the first of its own, else Korean where its own name is in Hangul. Latin
// letters tell nothing, as organisations that read English have French names, so that none is named then.
func addressed(firm *tandemv1.Firm) tandemv1.Language {
	switch {
	case len(firm.Languages) > 0:
		return firm.Languages[0]
	case catalog.OwnName("", firm.NativeName)[catalog.KO] != "":
		return tandemv1.Language_KO
	}
	return tandemv1.Language_LANGUAGE_UNSPECIFIED
}

func (c *change) putInvitation(i *tandemv1.Invitation, hash string) error {
	i.State = c.standing(i)
	return c.put(invitations, store.Row{
		Name: i.Name, Message: i, Unique: []string{hash}, Terms: []string{"firm=" + firmSlug(i.Firm)},
		Position: -i.CreateTime.AsTime().UnixMicro(), // newest first
	})
}

// withdraw revokes the open invitations of a firm.
func (c *change) withdraw(firm string) error {
	return c.eachOf(invitations, firm, func(row store.Row) error {
		invitation := row.Message.(*tandemv1.Invitation)
		if c.standing(invitation) != tandemv1.Invitation_OPEN {
			return nil
		}
		invitation.RevokeTime = timestamppb.New(c.Now())
		return c.putInvitation(invitation, row.Unique[0])
	})
}

// ClaimFirm uses a claim code up: whoever holds it speaks for the firm from now on.
func (s invitationService) ClaimFirm(ctx context.Context, r *tandemv1.ClaimFirmRequest) (*tandemv1.ClaimFirmResponse, error) {
	code, ok := access.ParseCode(r.Code)
	if !ok {
		return nil, invalid("code", "error.claim.mistyped")
	}
	secret, err := access.NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	answer := new(tandemv1.ClaimFirmResponse)
	replayed, err := write(ctx, s.Server, r, answer, func(c *change) error {
		invitation, hash, err := c.invited(hashTerm(access.Hash(s.key, code)))
		if err != nil {
			return err
		}
		firm, err := c.liveFirm(invitation.Firm, "")
		if err != nil {
			return err
		}
		if invitation.ReplacesCredentials {
			if err := c.revokeAll(firm.Name); err != nil {
				return err
			}
		}
		invitation.ClaimTime = timestamppb.New(c.Now())
		if err := c.putInvitation(invitation, hash); err != nil {
			return err
		}
		credential, err := c.issueOwn(s.key, secret, firm)
		if err != nil {
			return err
		}
		answer.Firm, answer.CredentialExpireTime = firm, credential.ExpireTime
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !replayed && !r.ValidateOnly {
		answer.Credential = secret
	}
	return answer, nil
}

// invited finds the open invitation of a code. Whoever holds a whole code was given it, so that it is told what became of it; it is told
// nothing of the firm.
func (c *change) invited(hash string) (*tandemv1.Invitation, string, error) {
	row, err := c.Find(invitations, hash)
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", &Error{Code: codes.NotFound, Reason: tandemv1.Reason_CLAIM_CODE_UNKNOWN, says: say("error.claim.unknown")}
	}
	if err != nil {
		return nil, "", err
	}
	invitation := row.Message.(*tandemv1.Invitation)
	switch c.standing(invitation) {
	case tandemv1.Invitation_OPEN, tandemv1.Invitation_STATE_UNSPECIFIED:
		return invitation, hash, nil
	case tandemv1.Invitation_CLAIMED:
		return nil, "", precondition(tandemv1.Reason_CLAIM_CODE_USED, "", "error.claim.used", onDay(invitation.ClaimTime))
	case tandemv1.Invitation_EXPIRED:
		return nil, "", precondition(tandemv1.Reason_CLAIM_CODE_EXPIRED, "", "error.claim.expired", onDay(invitation.ExpireTime))
	case tandemv1.Invitation_REVOKED:
	}
	return nil, "", precondition(tandemv1.Reason_CLAIM_CODE_EXPIRED, "", "error.claim.withdrawn")
}

// onDay is the day of a time, for a phrase.
func onDay(t *timestamppb.Timestamp) term { return term("date:" + t.AsTime().Format(dateOnly)) }

// ListInvitations lists invitations, newest first.
func (s invitationService) ListInvitations(ctx context.Context, r *tandemv1.ListInvitationsRequest) (*tandemv1.ListInvitationsResponse, error) {
	caller := access.FromContext(ctx)
	after, err := s.after(caller, r)
	if err != nil {
		return nil, err
	}
	query := store.Query{OrderBy: store.ByPosition, After: after, Limit: pageSize(r)}
	if r.Firm != "" {
		query.Filter = store.Term("firm=" + firmSlug(r.Firm))
	}
	answer := new(tandemv1.ListInvitationsResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		rows, next, err := list[*tandemv1.Invitation](tx, invitations, query)
		for _, invitation := range rows {
			invitation.State = stateAt(invitation, tx.Now())
		}
		answer.Invitations, answer.NextPageToken = rows, s.nextToken(caller, r, next)
		return err
	})
	return answer, err
}

// RevokeInvitation revokes an open invitation; what is not open stays as it is.
func (s invitationService) RevokeInvitation(ctx context.Context, r *tandemv1.RevokeInvitationRequest) (*tandemv1.Invitation, error) {
	answer := new(tandemv1.Invitation)
	_, err := write(ctx, s.Server, r, answer, func(c *change) error {
		if err := get(c.Tx, invitations, r.Name, answer); err != nil {
			return err
		}
		if answer.State = c.standing(answer); answer.State != tandemv1.Invitation_OPEN {
			return nil
		}
		row, err := c.Row(invitations, r.Name)
		if err != nil {
			return err
		}
		answer.RevokeTime = timestamppb.New(c.Now())
		return c.putInvitation(answer, row.Unique[0])
	})
	return answer, err
}
