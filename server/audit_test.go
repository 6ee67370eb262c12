package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/access"
	"github.com/canada-korea-roadshow/tandem/server/store"
)

// audited lists entries as "who: what", newest first, over gRPC and REST alike.
func (f *faces) audited(t *testing.T, secret, language, filter string) (lines []string) {
	t.Helper()
	got := f.both(t, call{method: "AuditService/ListAuditEntries", credential: secret, request: fmt.Sprintf(`{"filter": %q, "language": %q}`, filter, language)})
	if got.Code != codes.OK {
		t.Fatalf("%s: %s", filter, got.Message)
	}
	entries, _ := got.Body.(map[string]any)["auditEntries"].([]any)
	for _, one := range entries {
		entry := one.(map[string]any)
		lines = append(lines, fmt.Sprintf("%s: %s", entry["actorDisplayName"], entry["summary"].(map[string]any)["text"]))
	}
	return lines
}

func TestAuditTellsWhoDidWhat(t *testing.T) {
	now := newClock()
	f := serveFaces(t, openServer(t, Config{Now: now.Now}))
	operator := f.server.Operator()
	firms := tandemv1.NewFirmServiceClient(operator)
	acme := f.firm(t, "acme", tandemv1.Firm_APPROVED)
	organiser, err := tandemv1.NewCredentialServiceClient(operator).CreateCredential(t.Context(),
		&tandemv1.CreateCredentialRequest{Role: tandemv1.Credential_ORGANISER, DisplayName: "Jane Doe"})
	if err != nil {
		t.Fatal(err)
	}
	invited, err := tandemv1.NewInvitationServiceClient(operator).InviteFirm(t.Context(), &tandemv1.InviteFirmRequest{Name: acme})
	if err != nil {
		t.Fatal(err)
	}
	claimed := f.overREST(t, call{method: "InvitationService/ClaimFirm", request: fmt.Sprintf(`{"code": %q}`, invited.Code)})
	own := claimed.Body.(map[string]any)["credential"].(string)
	now.add(time.Hour)
	edit := `{"firm": {"name": "firms/acme", "nativeName": "에이스", "summary": "a word that only the firm may read"}, "updateMask": "nativeName,summary", "attested": true}`
	for _, c := range []call{
		{method: "FirmService/UpdateFirm", credential: own, request: edit},
		{method: "FirmService/SuspendFirm", credential: organiser.Secret, request: `{"name": "firms/acme"}`},
	} {
		if got := f.overREST(t, c); got.Code != codes.OK {
			t.Fatalf("%s: %s", c.method, got.Message)
		}
	}
	for i := range 5 {
		if _, err := firms.UndeleteFirm(t.Context(), &tandemv1.UndeleteFirmRequest{Name: fmt.Sprintf("firms/none-%d", i)}); err == nil {
			t.Fatal("a firm that is not there came back")
		}
	}
	for _, test := range []struct {
		language, filter string
		want             []string
	}{
		{"EN", `resource = "firms/acme"`, []string{
			"Jane Doe (organiser): Suspended acme.", "acme: Changed the profile of acme.", "somebody without a credential: Took over the profile of acme with a claim code.",
			"whoever runs the server: Invited acme.", "whoever runs the server: Entered acme.",
		}},
		{"FR", `resource = "firms/acme" AND create_time >= "2026-11-24T13:00:00Z"`, []string{"Jane Doe (organisateur): A suspendu acme.", "acme: A modifié le profil d'acme."}},
		{"KO", `resource = "firms/acme" AND create_time >= "2026-11-24T13:00:00Z"`, []string{"Jane Doe (주최 측): 에이스 참가를 정지했습니다.", "에이스: 에이스 프로필을 수정했습니다."}},
		{"EN", `actor = "firms/acme"`, []string{"acme: Changed the profile of acme."}},
		{"EN", `action = "CreateCredential"`, []string{"whoever runs the server: Issued a credential for Jane Doe."}},
		{"EN", `role = ORGANISER AND NOT actor = "operator"`, []string{"Jane Doe (organiser): Suspended acme."}},
		{"EN", `outcome != "OK"`, nil},
		{"EN", `action = "seed"`, []string{"Tandem itself: Opened the register."}},
	} {
		if diff := cmp.Diff(test.want, f.audited(t, organiser.Secret, test.language, test.filter)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.language, test.filter, diff)
		}
	}
	whole := fmt.Sprint(f.both(t, call{method: "AuditService/ListAuditEntries", credential: f.secret(t, tandemv1.Credential_AUDITOR, ""), request: `{}`}).Body)
	for _, secret := range []string{own, organiser.Secret, invited.Code, "only the firm may read"} {
		if strings.Contains(whole, secret) {
			t.Errorf("the audit log shows %q", secret)
		}
	}
	blames(t, f.both(t, call{method: "AuditService/ListAuditEntries", credential: own, request: `{}`}), codes.PermissionDenied, tandemv1.Reason_ROLE_NOT_ALLOWED)
	blames(t, f.both(t, call{method: "AuditService/ListAuditEntries", credential: organiser.Secret, request: `{"filter": "resource = acme"}`}), codes.InvalidArgument, tandemv1.Reason_FILTER_INVALID, "filter")
	blames(t, f.both(t, call{method: "AuditService/ListAuditEntries", credential: organiser.Secret, request: `{"filter": "create_time = 3"}`}), codes.InvalidArgument, tandemv1.Reason_FILTER_INVALID, "filter")
}

// Pages of the audit log follow each other without a gap, and their tokens are the caller's and the query's own.
func TestAuditPages(t *testing.T) {
	s := openServer(t, Config{})
	audit := tandemv1.NewAuditServiceClient(s.Operator())
	for i := range 7 {
		(&faces{server: s}).firm(t, fmt.Sprintf("firm-%d", i), tandemv1.Firm_APPROVED)
	}
	var names []string
	request := &tandemv1.ListAuditEntriesRequest{PageSize: 3}
	for {
		page, err := audit.ListAuditEntries(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.AuditEntries {
			names = append(names, strings.TrimPrefix(e.Name, "auditEntries/"))
		}
		if page.NextPageToken == "" {
			break
		}
		if _, err := audit.ListAuditEntries(t.Context(), &tandemv1.ListAuditEntriesRequest{PageToken: page.NextPageToken, Filter: `actor = "operator"`}); err == nil {
			t.Error("a token of another query was taken")
		}
		request.PageToken = page.NextPageToken
	}
	if got, want := strings.Join(names, " "), "8 7 6 5 4 3 2 1"; got != want {
		t.Errorf("got entries %s, want %s", got, want)
	}
}

// Whatever changes the register has words for the audit log, in every language.
func TestEveryActionHasWords(t *testing.T) {
	cat, actions := openServer(t, Config{}).catalog, 0
	protoregistry.GlobalFiles.RangeFilesByPackage("tandem.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				if access.Of(methods.Get(j)).ReadOnly {
					continue
				}
				actions++
				if key := "audit.did." + string(methods.Get(j).Name()); !cat.HasSentence(key) {
					t.Errorf("there is no sentence %s", key)
				}
			}
		}
		return true
	})
	for _, own := range []string{"seed", "compute", "publish"} {
		if key := "audit.did." + own; !cat.HasSentence(key) {
			t.Errorf("there is no sentence %s", key)
		}
	}
	if actions < 20 {
		t.Errorf("%d actions: the test does not see the contract", actions)
	}
}

// Who is refused is in the audit log: by whom, what and how often, without the secret or the address.
func TestRefusalsAreAudited(t *testing.T) {
	now := newClock()
	f := serveFaces(t, openServer(t, Config{Now: now.Now}))
	auditor := f.secret(t, tandemv1.Credential_AUDITOR, "")
	pending := f.secret(t, tandemv1.Credential_FIRM, f.firm(t, "pending", tandemv1.Firm_PENDING))
	for range 8 { // each over both protocols: above the limit from the 11th on
		f.both(t, call{method: "FirmService/ListFirms", credential: "tnd_wrong", request: `{}`})
	}
	now.add(time.Minute)
	f.overGRPC(t, call{method: "InvitationService/ClaimFirm", request: `{"code": "0000-0000-0000-0000"}`})
	f.overREST(t, call{method: "InvitationService/ClaimFirm", request: `{"code": "0000-0000-0000-0000", "validateOnly": true}`})
	f.both(t, call{method: "FirmService/ListFirms", request: `{}`})
	f.overREST(t, call{method: "FirmService/ListFirms", credential: pending, request: `{}`})
	f.overREST(t, call{method: "FirmService/GetFirm", credential: pending, request: `{"name": "firms/no-such"}`}) // absent is no refusal

	key := strings.TrimPrefix(f.server.chain.addressKey("127.0.0.1"), "addresses/")
	somebody := "somebody unknown at the address " + key
	want := []string{
		somebody + ": Asked for something without a valid credential, 17 times.", // the rest of 18
		somebody + ": Tried a claim code that invites nobody, 1 time.",
		"pending: Asked for what this role may not do (ListFirms), 1 time.",
		somebody + ": Tried a claim code that invites nobody, 1 time.",
		somebody + ": Asked for something without a valid credential, 1 time.",
	}
	got := f.audited(t, auditor, "EN", `outcome != "OK"`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, secret := range []string{"tnd_wrong", "0000", "127.0.0.1"} {
		if strings.Contains(strings.Join(got, " "), secret) {
			t.Errorf("the audit log shows %s", secret)
		}
	}
	if findings, err := f.server.Verify(t.Context()); err != nil || len(findings) > 0 {
		t.Errorf("verify: %v, %v", findings, err)
	}
}

// However many are refused from however many addresses, what is written is bounded, and every one is counted.
func TestFloodsOfRefusalsAreFolded(t *testing.T) {
	var written []store.Entry
	r := refusals{log: slog.New(slog.DiscardHandler), write: func(_ context.Context, entries []store.Entry) error {
		written = append(written, entries...)
		return nil
	}}
	const windows, refused = 3, 20_000
	now := newClock()
	for range windows {
		for i := range refused {
			what := refusal{actor: fmt.Sprintf("addresses/%d", i%1000), role: "ANONYMOUS", outcome: "CREDENTIAL_INVALID"}
			r.note(t.Context(), what, now.Now(), "")
		}
		now.add(refusalWindow)
	}
	r.settle(t.Context())
	total, others := int32(0), int32(0)
	for _, e := range written {
		total += max(e.Count, 1)
		if e.Actor == otherAddresses {
			others += e.Count
		}
	}
	if total != windows*refused {
		t.Errorf("%d refusals are in the audit log, want %d", total, windows*refused)
	}
	if most := windows * 2 * (maxRefusals + 1); len(written) > most {
		t.Errorf("%d entries for %d refusals, want at most %d", len(written), total, most)
	}
	if others != windows*refused/1000*(1000-maxRefusals) {
		t.Errorf("%d refusals of addresses that are not told apart, want %d", others, windows*refused/1000*(1000-maxRefusals))
	}
	before := len(written)
	if r.settle(t.Context()); len(written) != before {
		t.Errorf("settled twice: %d entries more", len(written)-before)
	}
}

// Who is refused does not keep it out of the audit log by hanging up.
func TestRefusalOfWhoHangsUp(t *testing.T) {
	s := openServer(t, Config{})
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	s.chain.refusals.note(gone, refusal{actor: "addresses/1", role: "ANONYMOUS", outcome: "CREDENTIAL_INVALID"}, s.config.Now(), "")
	answer, err := tandemv1.NewAuditServiceClient(s.Operator()).ListAuditEntries(t.Context(), &tandemv1.ListAuditEntriesRequest{Filter: `outcome = "CREDENTIAL_INVALID"`})
	if err != nil || len(answer.AuditEntries) != 1 {
		t.Errorf("the audit log has %d refusals, want 1: %v", len(answer.GetAuditEntries()), err)
	}
}

// A refusal that cannot be written is a refusal all the same.
func TestRefusalWithoutAudit(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	f.server.chain.refusals.write = func(context.Context, []store.Entry) error { return errors.New("disk full") }
	blames(t, f.both(t, call{method: "FirmService/ListFirms", credential: "tnd_wrong", request: `{}`}), codes.Unauthenticated, tandemv1.Reason_CREDENTIAL_INVALID)
}
