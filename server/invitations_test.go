package server

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// lobby is a register with one firm of the organiser's list, at a time that can be moved.
type lobby struct {
	*faces
	now         *clock
	invitations tandemv1.InvitationServiceClient // the operator's
	firms       tandemv1.FirmServiceClient
	acme        string
}

func newLobby(t *testing.T) *lobby {
	t.Helper()
	now := newClock()
	f := serveFaces(t, openServer(t, Config{DB: filepath.Join(t.TempDir(), "tandem.db"), Now: now.Now}))
	return &lobby{
		faces: f, now: now, invitations: tandemv1.NewInvitationServiceClient(f.server.Operator()),
		firms: tandemv1.NewFirmServiceClient(f.server.Operator()), acme: f.firm(t, "acme", tandemv1.Firm_APPROVED),
	}
}

func (l *lobby) invite(t *testing.T, r *tandemv1.InviteFirmRequest) *tandemv1.IssuedInvitation {
	t.Helper()
	r.Name = l.acme
	l.now.add(time.Second) // so that each is newer than the one before
	issued, err := l.invitations.InviteFirm(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// claim claims as a stranger, over both protocols in turn.
func (l *lobby) claim(t *testing.T, code string, rest bool) answer {
	t.Helper()
	c := call{method: "InvitationService/ClaimFirm", request: fmt.Sprintf(`{"code": %q}`, code)}
	if rest {
		return l.overREST(t, c)
	}
	return l.overGRPC(t, c)
}

// text is a text property of an answer.
func (a answer) text(name string) string {
	body, _ := a.Body.(map[string]any)
	text, _ := body[name].(string)
	return text
}

// An organiser's firm becomes the firm's own, over either protocol; the code is good for once, and for nobody who has another.
func TestClaim(t *testing.T) {
	for _, rest := range []bool{false, true} {
		l := newLobby(t)
		issued := l.invite(t, &tandemv1.InviteFirmRequest{RequestId: "once"})
		if again := l.invite(t, &tandemv1.InviteFirmRequest{RequestId: "once"}); again.Code != "" || again.Invitation.Name != issued.Invitation.Name {
			t.Errorf("a repeated request: got %v, want the same invitation without its code", again)
		}
		looked := l.overREST(t, call{method: "InvitationService/ClaimFirm", request: fmt.Sprintf(`{"code": %q, "validate_only": true}`, issued.Code)})
		if looked.Code != codes.OK || looked.text("credential") != "" {
			t.Errorf("only looking: got %v", looked)
		}
		claimed := l.claim(t, strings.ToLower(strings.ReplaceAll(issued.Code, "-", " ")), rest)
		secret := claimed.text("credential")
		if claimed.Code != codes.OK || secret == "" {
			t.Fatalf("claiming: got %v", claimed)
		}
		own := l.both(t, call{method: "FirmService/GetFirm", credential: secret, request: `{"name": "firms/me"}`})
		if own.text("name") != l.acme || own.text("provenance") != "ORGANISER" || own.text("state") != "APPROVED" {
			t.Errorf("after the claim: got %v, want the firm as the organiser left it", own.Body)
		}
		edited := l.overREST(t, call{
			method: "FirmService/UpdateFirm", credential: secret,
			request: `{"firm": {"name": "firms/acme", "summary": "We say so ourselves."}, "update_mask": "summary", "attested": true}`,
		})
		if edited.text("provenance") != "SELF" {
			t.Errorf("after its first edit: got %v, want the provenance SELF", edited)
		}
		for _, also := range []bool{false, true} {
			second := l.claim(t, issued.Code, also)
			blames(t, second, codes.FailedPrecondition, tandemv1.Reason_CLAIM_CODE_USED)
			if strings.Contains(fmt.Sprint(second), "acme") {
				t.Errorf("a used code tells whose it was: %v", second)
			}
		}
	}
}

// What became of a code is said to whoever holds it, and nothing else; a guess learns nothing, and soon has to wait.
func TestCodesThatAreNotGood(t *testing.T) {
	l := newLobby(t)
	replaced := l.invite(t, &tandemv1.InviteFirmRequest{})
	expired := l.invite(t, &tandemv1.InviteFirmRequest{Ttl: durationpb.New(time.Hour)})
	l.now.add(time.Hour)
	revoked := l.invite(t, &tandemv1.InviteFirmRequest{})
	if _, err := l.invitations.RevokeInvitation(t.Context(), &tandemv1.RevokeInvitationRequest{Name: revoked.Invitation.Name}); err != nil {
		t.Fatal(err)
	}
	deleted := l.invite(t, &tandemv1.InviteFirmRequest{})
	if _, err := l.firms.DeleteFirm(t.Context(), &tandemv1.DeleteFirmRequest{Name: l.acme}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ code, says string }{
		{replaced.Code, "withdrawn"}, {expired.Code, "expired on 24 November 2026"}, {revoked.Code, "withdrawn"}, {deleted.Code, "withdrawn"},
	} {
		got := l.both(t, call{method: "InvitationService/ClaimFirm", request: fmt.Sprintf(`{"code": %q}`, test.code)})
		blames(t, got, codes.FailedPrecondition, tandemv1.Reason_CLAIM_CODE_EXPIRED)
		if !strings.Contains(got.Message, test.says) || strings.Contains(fmt.Sprint(got), "acme") {
			t.Errorf("got %v, want it to say %q and nothing of the firm", got, test.says)
		}
	}
	list, err := l.invitations.ListInvitations(t.Context(), &tandemv1.ListInvitationsRequest{Firm: l.acme})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, invitation := range list.Invitations {
		states = append(states, invitation.State.String())
	}
	if got, want := strings.Join(states, " "), "REVOKED REVOKED EXPIRED REVOKED"; got != want {
		t.Errorf("states, newest first: got %s, want %s", got, want)
	}

	const guess = "0000-0000-0000-0000"
	for i := range maxAttempts {
		blames(t, l.claim(t, guess, i%2 == 0), codes.NotFound, tandemv1.Reason_CLAIM_CODE_UNKNOWN)
	}
	for _, rest := range []bool{false, true} {
		blames(t, l.claim(t, guess, rest), codes.ResourceExhausted, tandemv1.Reason_TOO_MANY)
	}
}

// A lost credential is replaced by an invitation: the organiser never sees the new one, and the lost one ends when it comes.
func TestLostCredentialIsReplaced(t *testing.T) {
	l := newLobby(t)
	lost := l.secret(t, tandemv1.Credential_FIRM, l.acme)
	read := call{method: "FirmService/GetFirm", credential: lost, request: `{"name": "firms/me"}`}
	issued := l.invite(t, &tandemv1.InviteFirmRequest{ReplaceCredentials: true})
	if got := l.both(t, read); got.Code != codes.OK {
		t.Errorf("before the claim: got %v, want the old credential to be good", got)
	}
	if got := l.claim(t, issued.Code, true); got.text("credential") == "" {
		t.Fatalf("claiming: got %v", got)
	}
	if got := l.both(t, read); got.Code != codes.Unauthenticated {
		t.Errorf("after the claim: got %v, want the old credential to be nobody's", got)
	}
}

// A firm that names no language is written to in that of its own name's script, where that tells one.
func TestLanguageOfInvitation(t *testing.T) {
	for _, test := range []struct {
		name string
		firm *tandemv1.Firm
		want tandemv1.Language
	}{
		{"its own first", &tandemv1.Firm{NativeName: "한빛", Languages: []tandemv1.Language{tandemv1.Language_EN, tandemv1.Language_KO}}, tandemv1.Language_EN},
		{"Hangul", &tandemv1.Firm{NativeName: "㈜한빛"}, tandemv1.Language_KO},
		{"Latin letters", &tandemv1.Firm{NativeName: "Énergie Candu"}, tandemv1.Language_LANGUAGE_UNSPECIFIED},
		{"another script", &tandemv1.Firm{NativeName: "三菱重工業"}, tandemv1.Language_LANGUAGE_UNSPECIFIED},
		{"no other name", &tandemv1.Firm{DisplayName: "Acme"}, tandemv1.Language_LANGUAGE_UNSPECIFIED},
	} {
		if got := addressed(test.firm); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// A batch without names invites whom nobody has a way into, once; nothing of a code is in the database, and who did what is in the audit log.
func TestBatchInvitation(t *testing.T) {
	l := newLobby(t)
	other, held := l.firm(t, "other", tandemv1.Firm_APPROVED), l.firm(t, "held", tandemv1.Firm_APPROVED)
	l.firm(t, "suspended", tandemv1.Firm_SUSPENDED)
	l.secret(t, tandemv1.Credential_FIRM, held)
	batch := func() (names []string, codes []string) {
		answer, err := l.invitations.BatchInviteFirms(t.Context(), &tandemv1.BatchInviteFirmsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for _, issued := range answer.Invitations {
			names, codes = append(names, issued.Invitation.Firm), append(codes, issued.Code)
		}
		return names, codes
	}
	names, issued := batch()
	if got, want := fmt.Sprint(names), fmt.Sprint([]string{l.acme, other}); got != want {
		t.Fatalf("invited: got %s, want %s", got, want)
	}
	if again, _ := batch(); len(again) > 0 {
		t.Errorf("invited again: %v", again)
	}
	claimed := l.claim(t, issued[1], false)
	if claimed.text("credential") == "" {
		t.Fatalf("claiming: got %v", claimed)
	}
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(l.server.config.DB + suffix)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range issued {
			if bytes.Contains(raw, []byte(code)) || bytes.Contains(raw, []byte(strings.ReplaceAll(code, "-", ""))) {
				t.Errorf("the database%s holds a claim code", suffix)
			}
		}
		if bytes.Contains(raw, []byte(claimed.text("credential"))) {
			t.Errorf("the database%s holds a credential", suffix)
		}
	}
	var audited []string
	err := l.server.store.View(t.Context(), func(tx *store.Tx) error {
		entries, err := tx.AuditLog(0, 100)
		for _, e := range entries {
			if strings.Contains(e.Method, "InvitationService") && len(e.Objects) > 0 {
				audited = append(audited, e.Actor+" "+e.Method[strings.LastIndex(e.Method, "/")+1:])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(audited, ", "), "operator BatchInviteFirms, anonymous ClaimFirm"; got != want {
		t.Errorf("audit log: got %q, want %q", got, want)
	}
}
