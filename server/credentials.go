package server

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// How long credentials live at most, and where nobody says otherwise.
const (
	firmTTL  = 180 * 24 * time.Hour
	staffTTL = 90 * 24 * time.Hour
)

type credentialService struct {
	tandemv1.UnimplementedCredentialServiceServer
	*Server
}

// CreateCredential issues a credential.
func (s credentialService) CreateCredential(ctx context.Context, r *tandemv1.CreateCredentialRequest) (*tandemv1.CreateCredentialResponse, error) {
	ttl, err := lifetime(r)
	if err != nil {
		return nil, err
	}
	secret, err := access.NewSecret(rand.Reader)
	if err != nil {
		return nil, err
	}
	answer := new(tandemv1.CreateCredentialResponse)
	replayed, err := write(ctx, s.Server, r, answer, func(c *change) error {
		if r.Firm != "" {
			if _, err := c.liveFirm(r.Firm, ""); err != nil {
				return err
			}
		}
		credential, err := c.issue(s.key, secret, &tandemv1.Credential{Role: r.Role, Firm: r.Firm, DisplayName: r.DisplayName}, ttl)
		answer.Credential = credential
		return err
	})
	if err != nil {
		return nil, err
	}
	if !replayed {
		answer.Secret = secret
	}
	return answer, nil
}

// lifetime checks what a request says about role, firm and lifetime together.
func lifetime(r *tandemv1.CreateCredentialRequest) (time.Duration, error) {
	longest := staffTTL
	if r.Role == tandemv1.Credential_FIRM {
		longest = firmTTL
	}
	switch {
	case r.Role == tandemv1.Credential_FIRM && r.Firm == "":
		return 0, invalid("firm", "error.credential.firm")
	case r.Role != tandemv1.Credential_FIRM && r.Firm != "":
		return 0, invalid("firm", "error.credential.staff", term("role:"+r.Role.String()))
	case r.Ttl == nil:
		return longest, nil
	case r.Ttl.AsDuration() > longest:
		return 0, invalid("ttl", "error.credential.ttl", int(longest.Hours()/24), term("role:"+r.Role.String()))
	}
	return r.Ttl.AsDuration(), nil
}

// issueOwn stores the credential with which a firm acts for itself.
func (c *change) issueOwn(key []byte, secret string, firm *tandemv1.Firm) (*tandemv1.Credential, error) {
	own := &tandemv1.Credential{Role: tandemv1.Credential_FIRM, Firm: firm.Name, DisplayName: firm.DisplayName}
	return c.issue(key, secret, own, firmTTL)
}

// issue stores a credential with the hash of its secret, the only trace of it.
func (c *change) issue(key []byte, secret string, credential *tandemv1.Credential, ttl time.Duration) (*tandemv1.Credential, error) {
	raw := make([]byte, 10)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	credential.Name = "credentials/" + strings.ToLower(base32.StdEncoding.EncodeToString(raw))
	credential.CreateTime = timestamppb.New(c.Now())
	credential.ExpireTime = timestamppb.New(c.Now().Add(ttl))
	return credential, c.putCredential(credential, hashTerm(access.Hash(key, secret)))
}

// hashTerm is how a credential is found by its secret.
func hashTerm(hash []byte) string { return "hash=" + hex.EncodeToString(hash) }

func (c *change) putCredential(credential *tandemv1.Credential, hash string) error {
	row := store.Row{
		Name: credential.Name, Message: credential, Unique: []string{hash}, Terms: []string{"role=" + credential.Role.String()},
		Position: -credential.CreateTime.AsTime().UnixMicro(), // newest first
	}
	if credential.Firm != "" {
		row.Terms = append(row.Terms, "firm="+firmSlug(credential.Firm))
	}
	return c.put(credentials, row)
}

// ListCredentials lists credentials, newest first.
func (s credentialService) ListCredentials(ctx context.Context, r *tandemv1.ListCredentialsRequest) (*tandemv1.ListCredentialsResponse, error) {
	caller := access.FromContext(ctx)
	after, err := s.after(caller, r)
	if err != nil {
		return nil, err
	}
	query := store.Query{OrderBy: store.ByPosition, After: after, Limit: pageSize(r)}
	if !caller.Staff() {
		query.Filter = store.Term("firm=" + firmSlug(caller.Firm))
	}
	answer := new(tandemv1.ListCredentialsResponse)
	err = s.store.View(ctx, func(tx *store.Tx) error {
		rows, next, err := list[*tandemv1.Credential](tx, credentials, query)
		answer.Credentials, answer.NextPageToken = rows, s.nextToken(caller, r, next)
		return err
	})
	return answer, err
}

// RevokeCredential revokes a credential; revoking a revoked one changes nothing.
func (s credentialService) RevokeCredential(ctx context.Context, r *tandemv1.RevokeCredentialRequest) (*tandemv1.Credential, error) {
	caller := access.FromContext(ctx)
	answer := new(tandemv1.Credential)
	_, err := write(ctx, s.Server, r, answer, func(c *change) error {
		if err := get(c.Tx, credentials, r.Name, answer); err != nil {
			return err
		}
		if !caller.Staff() && !caller.Is(answer.Firm) {
			return notFound(r.Name)
		}
		if answer.RevokeTime != nil {
			return nil
		}
		row, err := c.Row(credentials, r.Name)
		if err != nil {
			return err
		}
		answer.RevokeTime = timestamppb.New(c.Now())
		return c.putCredential(answer, row.Unique[0])
	})
	return answer, err
}

// revokeAll revokes every credential of a firm, so that none comes to life with another firm of its name.
func (c *change) revokeAll(firm string) error {
	return c.eachOf(credentials, firm, func(row store.Row) error {
		credential := row.Message.(*tandemv1.Credential)
		if credential.RevokeTime != nil {
			return nil
		}
		credential.RevokeTime = timestamppb.New(c.Now())
		return c.putCredential(credential, row.Unique[0])
	})
}

// identify finds the caller of a secret's hash. A credential that is unknown, expired or revoked is one and the same: nobody.
func (s *Server) identify(ctx context.Context, hash []byte) (access.Caller, error) {
	var caller access.Caller
	err := s.store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Find(credentials, hashTerm(hash))
		if err != nil {
			return err
		}
		credential := row.Message.(*tandemv1.Credential)
		if credential.RevokeTime != nil || !tx.Now().Before(credential.ExpireTime.AsTime()) {
			return store.ErrNotFound
		}
		role, err := roleOf(tx, credential)
		caller = access.Caller{Role: role, Firm: credential.Firm, Credential: credential.Name}
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return access.Caller{}, unauthenticated()
	}
	return caller, err
}

// standing returns until when the credential of a call is good, as far as its transaction sees; no time for the operator. It is for
// calls that last: every other one was asked when it began.
func standing(tx *store.Tx, c access.Caller) (until time.Time, err error) {
	if c.Credential == "" {
		return time.Time{}, nil
	}
	credential := new(tandemv1.Credential)
	err = tx.Get(credentials, c.Credential, credential)
	until = credential.ExpireTime.AsTime()
	if errors.Is(err, store.ErrNotFound) || err == nil && (credential.RevokeTime != nil || !tx.Now().Before(until)) {
		return until, unauthenticated()
	}
	return until, err
}

// roleOf is what a credential's bearer is now; a firm's role follows its state.
func roleOf(tx *store.Tx, c *tandemv1.Credential) (tandemv1.Role, error) {
	switch c.Role {
	case tandemv1.Credential_ORGANISER:
		return tandemv1.Role_ORGANISER, nil
	case tandemv1.Credential_AUDITOR:
		return tandemv1.Role_AUDITOR, nil
	case tandemv1.Credential_INTEGRATION:
		return tandemv1.Role_INTEGRATION, nil
	case tandemv1.Credential_FIRM, tandemv1.Credential_ROLE_UNSPECIFIED:
	}
	f := new(tandemv1.Firm)
	if err := get(tx, firms, c.Firm, f); err != nil {
		return 0, err
	}
	switch {
	case f.DeleteTime != nil:
		return 0, store.ErrNotFound
	case f.State == tandemv1.Firm_APPROVED:
		return tandemv1.Role_FIRM, nil
	case f.State == tandemv1.Firm_SUSPENDED:
		return tandemv1.Role_FIRM_SUSPENDED, nil
	}
	return tandemv1.Role_FIRM_PENDING, nil
}
