package server

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// An upsert creates, then changes the same firm; a deleted one comes back under its name.
func TestUpsertByExternalID(t *testing.T) {
	s := openServer(t, Config{})
	client := tandemv1.NewFirmServiceClient(s.Operator())
	upsert := func(externalID, summary string, mask ...string) (*tandemv1.Firm, error) {
		return client.UpdateFirm(t.Context(), &tandemv1.UpdateFirmRequest{
			AllowMissing: true, Attested: true, UpdateMask: &fieldmaskpb.FieldMask{Paths: mask},
			Firm: &tandemv1.Firm{
				Name: "firms/-", ExternalId: externalID, DisplayName: "Upserted", Country: "CA", Kind: tandemv1.Firm_COMPANY, Summary: summary,
				Offers: []*tandemv1.Offer{{Capability: "naval.build"}},
			},
		})
	}
	created, err := upsert("crm-7", "First.", "summary")
	if err != nil {
		t.Fatal(err)
	}
	if created.Name != "firms/crm-7" || created.State != tandemv1.Firm_APPROVED || created.DisplayName != "Upserted" {
		t.Errorf("got %v, want firms/crm-7, approved, with all that the request has", created)
	}
	changed, err := upsert("crm-7", "Second.", "summary")
	if err != nil || changed.Name != created.Name || changed.Summary != "Second." {
		t.Errorf("got %v, %v, want the same firm with another summary", changed, err)
	}
	if same, err := upsert("crm-7", "Second.", "summary"); err != nil || same.Etag != changed.Etag {
		t.Errorf("got %v, %v, want nothing changed by what is there", same, err)
	}
	if _, err := client.DeleteFirm(t.Context(), &tandemv1.DeleteFirmRequest{Name: created.Name}); err != nil {
		t.Fatal(err)
	}
	back, err := upsert("crm-7", "Third.")
	if err != nil || back.Name != created.Name || back.DeleteTime != nil || back.Summary != "Third." {
		t.Errorf("got %v, %v, want the deleted firm back", back, err)
	}
	_, err = client.UpdateFirm(t.Context(), &tandemv1.UpdateFirmRequest{
		AllowMissing: true, Attested: true, Firm: &tandemv1.Firm{Name: "firms/crm-8", Etag: "1", Summary: "Edited."},
	})
	if status.Code(err) != codes.NotFound {
		t.Errorf("an etag of a firm that is not there: got %v, want NOT_FOUND", err)
	}
}

// Each external id has an id of its own, that a reader of URLs recognises.
func TestIDFromExternalID(t *testing.T) {
	s := openServer(t, Config{})
	client := tandemv1.NewFirmServiceClient(s.Operator())
	seen := make(map[string]string)
	for _, test := range []struct{ externalID, want string }{
		{"crm-42", "firms/crm-42"},
		{"CRM-42", "firms/crm-42-"},
		{"crm 42", "firms/crm-42-"},
		{"crm--42", "firms/crm-42-"},
		{"me", "firms/me-"},
		{"7", "firms/7-"},
		{"한빛", "firms/"},
		{"한화", "firms/"},
		{strings.Repeat("long-", 40), "firms/" + strings.Repeat("long-", 12)},
	} {
		firm, err := client.UpdateFirm(t.Context(), &tandemv1.UpdateFirmRequest{AllowMissing: true, Attested: true, Firm: &tandemv1.Firm{
			Name: "firms/-", ExternalId: test.externalID, DisplayName: "N", Country: "CA", Kind: tandemv1.Firm_COMPANY,
		}})
		if err != nil {
			t.Errorf("%q: %v", test.externalID, err)
			continue
		}
		if !strings.HasPrefix(firm.Name, test.want) || seen[firm.Name] != "" || firm.Name == "firms/me" {
			t.Errorf("%q: got %s (which is also %q's), want %s", test.externalID, firm.Name, seen[firm.Name], test.want)
		}
		seen[firm.Name] = test.externalID
	}
}

// Over REST, a PATCH with the mask `*` replaces the whole profile.
func TestUpsertReplacesOverREST(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	secret := f.secret(t, tandemv1.Credential_INTEGRATION, "")
	patch := func(body string) answer {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, f.base+"/v1/firms/-?allowMissing=true&attested=true&updateMask=*", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+secret)
		_, a := f.do(t, r)
		return a
	}
	if a := patch(`{"externalId": "r-1", "displayName": "Rest", "country": "KR", "kind": "COMPANY", "summary": "Here."}`); a.Code != codes.OK {
		t.Fatalf("got %v", a)
	}
	if a := patch(`{"externalId": "r-1", "displayName": "Rest", "country": "KR", "kind": "COMPANY"}`); a.Code != codes.OK || strings.Contains(a.File, "Here.") {
		t.Errorf("got %v, want the firm without its summary", a)
	}
}
