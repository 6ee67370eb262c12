package server

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// A stranger cannot become somebody else: not by an outside id, not by a name that an organiser's list will use, not by a name that was
// deleted.
func TestNobodyTakesAnothersPlace(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	operator := f.server.Operator()
	newcomer := func(name, externalID string) (*tandemv1.RegisterFirmResponse, error) {
		return tandemv1.NewFirmServiceClient(f.conn).RegisterFirm(t.Context(), &tandemv1.RegisterFirmRequest{Attested: true, Firm: &tandemv1.Firm{
			DisplayName: name, Country: "CA", Kind: tandemv1.Firm_COMPANY, ExternalId: externalID, Offers: []*tandemv1.Offer{{Capability: "metals.steel"}},
		}})
	}
	if _, err := newcomer("Impostor", "CRM-1"); status.Code(err) != codes.InvalidArgument {
		t.Errorf("an external_id at registration: got %v, want INVALID_ARGUMENT", err)
	}
	impostor, err := newcomer("Algoma Steel", "")
	if err != nil {
		t.Fatal(err)
	}
	list := "Organisation,Country,Type,Offers\nAlgoma Steel,Canada,company,steel\n"
	if _, err := importFile(t.Context(), operator, []byte(list), &tandemv1.ImportFirmsRequest_Options{Attested: true, Partial: true}); err != nil {
		t.Fatal(err)
	}
	own := f.both(t, call{method: "FirmService/GetFirm", credential: impostor.Credential, request: `{"name": "firms/me"}`})
	if state := own.Body.(map[string]any)["state"]; state != "PENDING" {
		t.Errorf("after the organiser's import the impostor is %v, want PENDING", state)
	}

	firms := tandemv1.NewFirmServiceClient(operator)
	create := &tandemv1.CreateFirmRequest{FirmId: "acme", Attested: true, Firm: &tandemv1.Firm{
		DisplayName: "Acme", Country: "CA", Kind: tandemv1.Firm_COMPANY, Offers: []*tandemv1.Offer{{Capability: "metals.steel"}},
	}}
	if _, err := firms.CreateFirm(t.Context(), create); err != nil {
		t.Fatal(err)
	}
	old := f.secret(t, tandemv1.Credential_FIRM, "firms/acme")
	if _, err := firms.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: "firms/acme"}); err != nil {
		t.Fatal(err)
	}
	if _, err := firms.DeleteFirm(t.Context(), &tandemv1.DeleteFirmRequest{Name: "firms/acme"}); err != nil {
		t.Fatal(err)
	}
	again, err := firms.CreateFirm(t.Context(), create)
	if err != nil {
		t.Fatal(err)
	}
	if again.State != tandemv1.Firm_SUSPENDED {
		t.Errorf("created again after its suspension: got %s, want SUSPENDED", again.State)
	}
	if a := f.both(t, call{method: "FirmService/GetFirm", credential: old, request: `{"name": "firms/me"}`}); a.Code != codes.Unauthenticated {
		t.Errorf("the credential of the deleted firm: got %s, want UNAUTHENTICATED", a.Code)
	}
}

// A row whose external_id and name are those of two firms is refused.
func TestImportOfTwoIdentities(t *testing.T) {
	s := openServer(t, Config{})
	line := func(name, id string) string {
		return fmt.Sprintf(`{"name": "firms/%s", "display_name": "%s", "country": "CA", "kind": "COMPANY", "external_id": %q}`, name, name, id)
	}
	options := &tandemv1.ImportFirmsRequest_Options{Attested: true}
	if _, err := importFile(t.Context(), s.Operator(), []byte(line("one", "1")+"\n"+line("two", "2")), options); err != nil {
		t.Fatal(err)
	}
	if _, err := importFile(t.Context(), s.Operator(), []byte(line("two", "1")), options); err == nil || !strings.Contains(err.Error(), "belongs to firms/one") {
		t.Errorf("got %v, want a refusal that names firms/one", err)
	}
}

// A page token shows nothing of the row that it holds.
func TestPageTokensAreSealed(t *testing.T) {
	st := newStage(t)
	body := st.overREST(t, call{method: "PairingService/ListPairings", credential: st.algoma, request: `{"page_size": 1}`}).Body.(map[string]any)
	token, _ := body["nextPageToken"].(string)
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || token == "" {
		t.Fatalf("token %q: %v", token, err)
	}
	for _, word := range []string{"pairings/", "algoma", "position"} {
		if strings.Contains(string(raw), word) {
			t.Errorf("the token shows %q", word)
		}
	}
}

// Publishing the published run again changes nothing, and a cancelled run gives its place in the queue back.
func TestPublishTwice(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{})
	runs := tandemv1.NewMatchRunServiceClient(operator)
	first, err := runs.PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: run.Name})
	if err != nil {
		t.Fatal(err)
	}
	second, err := runs.PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: run.Name})
	if err != nil {
		t.Fatal(err)
	}
	if !first.PublishTime.AsTime().Equal(second.PublishTime.AsTime()) {
		t.Errorf("published at %s, then at %s", first.PublishTime.AsTime(), second.PublishTime.AsTime())
	}
}
