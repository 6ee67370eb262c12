package server

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// planted is a word that stands in every property of a counterpart that a firm may not see.
const planted = "zyxwvplanted"

// twoFirms opens a register with one firm on each side that answer each other's needs, published, and a word planted in all that is not
// the counterpart's business.
func twoFirms(t *testing.T) (f *faces, us string) {
	t.Helper()
	line := func(name, country, region, offer, need string) string {
		return fmt.Sprintf(`{"name": "firms/%s", "display_name": "%s", "country": "%s", "region": "%s", "kind": "COMPANY", "size": "SMALL", "summary": "We work.",
 "city": "%[6]s", "external_id": "%[1]s-%[6]s", "contact": {"display_name": "%[6]s", "email": "%[6]s@example.com", "phone": "%[6]s"}, "responsible_use_statement": "%[6]s",
 "offers": [{"capability": "%[5]s", "detail": "%[6]s", "detail_native": "%[6]s", "trl": 7, "capacity": 3, "material": {"grade": "%[6]s", "form": "%[6]s"}}],
 "needs": [{"capability": "%[7]s", "detail": "%[6]s", "detail_native": "%[6]s", "material": {"grade": "%[6]s"}, "modes": ["CO_DEVELOPMENT"]}]}`,
			name, strings.ToUpper(name), country, region, offer, planted, need)
	}
	file := strings.ReplaceAll(line("ours", "CA", "CA-NS", "underwater.sonar.towed-array", "underwater.sonar.processing"), "\n", "") + "\n" +
		strings.ReplaceAll(line("theirs", "KR", "KR-26", "underwater.sonar.processing", "underwater.sonar.towed-array"), "\n", "") + "\n" +
		strings.ReplaceAll(line("stranger", "KR", "KR-26", "land.armoured.wheeled", "land.armoured.protection"), "\n", "") + "\n"
	s := openServer(t, Config{})
	if _, err := importFile(t.Context(), s.Operator(), []byte(file), &tandemv1.ImportFirmsRequest_Options{Attested: true}); err != nil {
		t.Fatal(err)
	}
	run := finishRun(t, s, s.Operator(), &tandemv1.CreateMatchRunRequest{})
	if _, err := tandemv1.NewMatchRunServiceClient(s.Operator()).PublishMatchRun(t.Context(), &tandemv1.PublishMatchRunRequest{Name: run.Name}); err != nil {
		t.Fatal(err)
	}
	f = serveFaces(t, s)
	return f, f.secret(t, tandemv1.Credential_FIRM, "firms/ours")
}

// What a firm sees of its counterpart after publication, and nothing else, over both protocols.
func TestWhatAFirmSees(t *testing.T) {
	f, us := twoFirms(t)
	list := f.both(t, call{method: "PairingService/ListPairings", credential: us, request: `{"language": "KO"}`})
	body := list.Body.(map[string]any)
	pairings, _ := body["pairings"].([]any)
	if len(pairings) != 1 {
		t.Fatalf("got %d pairings, want the one with theirs: %v", len(pairings), list.Body)
	}
	pairing := pairings[0].(map[string]any)
	wantKeys := []string{"name", "first", "second", "band", "primaryMode", "reasons", "publishTime"}
	for key := range pairing {
		if key != "notices" && !strings.Contains(strings.Join(wantKeys, " "), key) {
			t.Errorf("a firm sees %q of a pairing", key)
		}
	}
	for _, key := range wantKeys {
		if pairing[key] == nil {
			t.Errorf("a firm does not see %q of a pairing", key)
		}
	}
	theirs := pairing["second"].(map[string]any)
	for key := range theirs {
		if !strings.Contains("name displayName nativeName country region kind size summary summaryNative capabilities needsInferred provenance", key) {
			t.Errorf("a firm sees %q of its counterpart", key)
		}
	}
	if got := fmt.Sprint(theirs["capabilities"]); got != "[capabilities/underwater.sonar]" {
		t.Errorf("capabilities: got %s, want the group only", got)
	}
	calls := []call{
		{method: "PairingService/ListPairings", request: `{}`},
		{method: "PairingService/GetPairing", request: `{"name": "pairings/ours~theirs"}`},
		{method: "FirmService/GetFirm", request: `{"name": "firms/theirs"}`},
		{method: "FirmService/ListFirms", request: `{}`},
		{method: "FirmService/ListFirms", request: `{"filter": "external_id = \"theirs-` + planted + `\""}`},
		{method: "PairingService/GetPairing", request: `{"name": "pairings/ours~stranger"}`},
		{method: "PairingService/FindPartners", request: `{"firm": "firms/ours"}`},
		{method: "PairingService/ExplainPairing", request: `{"name": "pairings/ours~theirs"}`},
		{method: "MatchRunService/ListMatchRuns", request: `{}`},
		{method: "google.longrunning.Operations/ListOperations", request: `{"name": "operations"}`},
		{method: "CredentialService/ListCredentials", request: `{}`},
		{method: "CatalogService/ListThemes", request: `{}`},
	}
	for _, c := range calls {
		c.credential = us
		for protocol, a := range map[string]answer{"gRPC": f.overGRPC(t, c), "REST": f.overREST(t, c)} {
			text, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			if c.method == "FirmService/GetFirm" {
				if a.Code != codes.NotFound {
					t.Errorf("%s %s: got %s, want NOT_FOUND", protocol, c.method, a.Code)
				}
			}
			// The caller may send the word itself; no answer may hold it.
			if strings.Contains(strings.ReplaceAll(string(text), c.request, ""), planted) {
				t.Errorf("%s %s %s: the planted word shows: %s", protocol, c.method, c.request, text)
			}
			for _, word := range []string{"score", "firstRank", "secondRank", "components", "stranger"} {
				if a.Code == codes.OK && strings.Contains(string(text), `"`+word) {
					t.Errorf("%s %s: shows %s", protocol, c.method, word)
				}
			}
		}
	}
	// Absent and out of view are the same answer but for the name that was asked for.
	absent := f.both(t, call{method: "FirmService/GetFirm", credential: us, request: `{"name": "firms/nobody"}`})
	hidden := f.both(t, call{method: "FirmService/GetFirm", credential: us, request: `{"name": "firms/theirs"}`})
	if a, h := fmt.Sprint(absent), strings.ReplaceAll(fmt.Sprint(hidden), "firms/theirs", "firms/nobody"); a != h {
		t.Errorf("absent: %s\nhidden: %s", a, h)
	}
	// Its own words it sees.
	own := f.both(t, call{method: "FirmService/GetFirm", credential: us, request: `{"name": "firms/me"}`})
	if !strings.Contains(fmt.Sprint(own.Body), planted) {
		t.Error("a firm does not see its own profile whole")
	}
}

// A suspended counterpart vanishes at once; a suspended firm sees nobody; a revoked credential is nobody.
func TestSuspensionAndRevocation(t *testing.T) {
	f, us := twoFirms(t)
	operator := f.server.Operator()
	firmClient := tandemv1.NewFirmServiceClient(operator)
	get := call{method: "PairingService/GetPairing", credential: us, request: `{"name": "pairings/ours~theirs"}`}
	if a := f.both(t, get); a.Code != codes.OK {
		t.Fatalf("before: %s", a.Message)
	}
	if _, err := firmClient.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: "firms/theirs"}); err != nil {
		t.Fatal(err)
	}
	if a := f.both(t, get); a.Code != codes.NotFound {
		t.Errorf("with a suspended counterpart: got %s, want NOT_FOUND", a.Code)
	}
	if _, err := firmClient.SuspendFirm(t.Context(), &tandemv1.SuspendFirmRequest{Name: "firms/ours"}); err != nil {
		t.Fatal(err)
	}
	if a := f.both(t, get); a.Code != codes.PermissionDenied {
		t.Errorf("as a suspended firm: got %s, want PERMISSION_DENIED", a.Code)
	}
	credentialClient := tandemv1.NewCredentialServiceClient(operator)
	mine, err := credentialClient.ListCredentials(t.Context(), &tandemv1.ListCredentialsRequest{})
	if err != nil || len(mine.Credentials) != 1 {
		t.Fatalf("got %v, %v; want the firm's one credential", mine, err)
	}
	if _, err := credentialClient.RevokeCredential(t.Context(), &tandemv1.RevokeCredentialRequest{Name: mine.Credentials[0].Name}); err != nil {
		t.Fatal(err)
	}
	revoked := f.both(t, get)
	wrong := f.both(t, call{method: get.method, credential: strings.Repeat("x", len(us)), request: get.request})
	if revoked.Code != codes.Unauthenticated || fmt.Sprint(revoked) != fmt.Sprint(wrong) {
		t.Errorf("revoked and wrong credentials differ:\n%v\n%v", revoked, wrong)
	}
}
