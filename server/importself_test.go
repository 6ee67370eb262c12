package server

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
)

// An organiser's list does not replace what a firm wrote of itself after it took its profile over, unless it is told to. Both are said:
// before anything is stored, in the answer, and in the list that is given back.
func TestImportKeepsOwnWords(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	list := func(summary string) []byte {
		return []byte("Organisation,Country,Type,Summary,Offers\nAcme,Canada,company," + summary + ",steel\nBolt,Canada,company," + summary + ",steel\n")
	}
	send := func(file []byte, options string) map[string]any {
		t.Helper()
		got := f.overREST(t, call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true, "partial": true` + options + `}`, file: file})
		if got.Code != codes.OK {
			t.Fatalf("importing: %s", got.Message)
		}
		return got.Body.(map[string]any)
	}
	summaryOf := func(name string) string {
		got := f.both(t, call{method: "FirmService/GetFirm", credential: organiser, request: fmt.Sprintf(`{"name": %q}`, name)})
		return fmt.Sprint(got.Body.(map[string]any)["summary"], " ", got.Body.(map[string]any)["provenance"])
	}
	counts := func(got map[string]any) string {
		return fmt.Sprint("updated ", got["updated"], ", unchanged ", got["unchanged"], ", kept ", got["kept"])
	}

	send(list("from the list"), "")
	edit := call{method: "FirmService/UpdateFirm", credential: f.secret(t, tandemv1.Credential_FIRM, "firms/acme"),
		request: `{"firm": {"name": "firms/acme", "summary": "our own words"}, "updateMask": "summary", "attested": true}`}
	if got := f.overREST(t, edit); got.Code != codes.OK {
		t.Fatal(got.Message)
	}
	const kept = "Acme edits its own profile: its words stay"
	dry := f.both(t, call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true, "partial": true, "validateOnly": true}`, file: list("newer")})
	if got := fmt.Sprint(dry.Body); !strings.Contains(got, kept) || !strings.Contains(got, "kept:true") {
		t.Errorf("validate_only does not say that the firm's words stay: %s", got)
	}
	got := send(list("newer"), "")
	if want := "updated 1, unchanged <nil>, kept 1"; counts(got) != want {
		t.Errorf("the import: %s, want %s", counts(got), want)
	}
	if text := fmt.Sprint(got["problems"]); !strings.Contains(text, kept) || strings.Contains(text, "Bolt") {
		t.Errorf("the import says %s", text)
	}
	if acme, bolt := summaryOf("firms/acme"), summaryOf("firms/bolt"); acme != "our own words SELF" || bolt != "newer ORGANISER" {
		t.Errorf("after the import: Acme %q and Bolt %q", acme, bolt)
	}
	if got, want := counts(send(list("newer"), "")), "updated <nil>, unchanged 1, kept 1"; got != want {
		t.Errorf("the same list again: %s, want %s", got, want)
	}
	if got, want := counts(send(list("our own words"), "")), "updated 1, unchanged 1, kept <nil>"; got != want {
		t.Errorf("a list that says what the firm says: %s, want %s", got, want)
	}
	self := `{"name": "firms/acme", "display_name": "Acme", "country": "CA", "kind": "COMPANY", "provenance": "SELF", "summary": "an old copy"}`
	if got, want := counts(send([]byte(self), "")), "updated <nil>, unchanged <nil>, kept 1"; got != want {
		t.Errorf("an old copy of a firm that somebody speaks for here: %s, want %s", got, want)
	}
	table, err := sheet.Read(reviewed(t, f, organiser, list("newer")), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(table.Rows); strings.Count(text, kept) != 1 {
		t.Errorf("the reviewed list says %s", text)
	}
	got = send(list("newer"), `, "overwriteSelf": true`)
	if want := "updated 2, unchanged <nil>, kept <nil>"; counts(got) != want || !strings.Contains(fmt.Sprint(got["problems"]), "this row replaces its words") {
		t.Errorf("when told to: %s with %v, want %s", counts(got), got["problems"], want)
	}
	if acme := summaryOf("firms/acme"); acme != "newer ORGANISER" {
		t.Errorf("after an import that was told to: %q", acme)
	}
}

// reviewed is a list as REST gives it back.
func reviewed(t *testing.T, f *faces, secret string, list []byte) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.base+"/v1/firms:review?attested=true&partial=true", bytes.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/csv")
	r.Header.Set("Authorization", "Bearer "+secret)
	response, err := f.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	workbook, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v: %s", response.Status, err, workbook)
	}
	return workbook
}

// A system in which firms edit their own profiles goes on sending them, as long as nobody speaks for the firm here.
func TestImportOfOwnWords(t *testing.T) {
	s := openServer(t, Config{})
	send := func(summary string) *tandemv1.ImportFirmsResponse {
		t.Helper()
		row := fmt.Sprintf(`{"name": "firms/acme", "display_name": "Acme", "country": "CA", "kind": "COMPANY", "provenance": "SELF", "summary": %q}`, summary)
		answer, err := importFile(t.Context(), s.Operator(), []byte(row), &tandemv1.ImportFirmsRequest_Options{Attested: true})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	send("first")
	if got := send("second"); got.Updated != 1 || got.Kept != 0 {
		t.Errorf("got %v, want one updated", got)
	}
}
