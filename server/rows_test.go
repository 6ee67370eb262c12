package server

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// Every row of the catalogue can be read over REST and gRPC with its names in three languages and, where its file has them, a status
// with its date and a source: test T0 of all that the partnership names.
func TestEveryCatalogueRowIsReadable(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	auditor := f.secret(t, tandemv1.Credential_AUDITOR, "")
	for _, kind := range []struct {
		plural, singular, path string
		rows                   int
		dated, sourced         bool
	}{
		{"Capabilities", "Capability", "capabilities", 320, false, false},
		{"Frameworks", "Framework", "frameworks", 62, true, true},
		{"Venues", "Venue", "venues", 24, false, true},
		{"Programs", "Program", "programs", 25, true, true},
		{"Actors", "Actor", "actors", 68, false, true},
		{"Themes", "Theme", "themes", 45, false, false},
		{"Crosswalks", "Crosswalk", "crosswalks", 43, false, false},
		{"Regions", "Region", "regions", 30, false, false},
	} {
		var rows []any
		for token, more := "", true; more; more = token != "" {
			request := fmt.Sprintf(`{"page_size": 50, "page_token": %q}`, token)
			page := f.both(t, call{method: "CatalogService/List" + kind.plural, credential: auditor, request: request}).Body.(map[string]any)
			rows = append(rows, page[kind.path].([]any)...)
			token, _ = page["nextPageToken"].(string)
		}
		if len(rows) != kind.rows {
			t.Errorf("%s: got %d rows, want %d", kind.path, len(rows), kind.rows)
		}
		for _, r := range rows {
			row := r.(map[string]any)
			name, _ := row["name"].(string)
			names, _ := row["displayName"].(map[string]any)
			for _, language := range []string{"en", "fr", "ko"} {
				if text, _ := names[language].(string); text == "" {
					t.Errorf("%s has no name in %s", name, language)
				}
			}
			if kind.dated && (row["status"] == nil || row["asOf"] == nil) {
				t.Errorf("%s has no status with its date: %v", name, row)
			}
			if kind.sourced && row["source"] == nil {
				t.Errorf("%s has no source", name)
			}
			got := f.overREST(t, call{method: "CatalogService/Get" + kind.singular, credential: auditor, request: fmt.Sprintf(`{"name": %q}`, name)})
			if got.Code != codes.OK || got.Body.(map[string]any)["name"] != name {
				t.Errorf("%s cannot be read: %s %s", name, got.Code, got.Message)
			}
		}
	}
}

// Paging walks every row once, whatever the size of a page, and a token is good for its own query and caller only.
func TestPageTokensAreBound(t *testing.T) {
	st := newStage(t)
	page := func(who, request string) answer {
		return st.both(t, call{method: "FirmService/ListFirms", credential: who, request: request})
	}
	seen := make(map[string]bool)
	token := ""
	for more := true; more; more = token != "" {
		body := page(st.organiser, fmt.Sprintf(`{"page_size": 37, "order_by": "display_name", "page_token": %q}`, token)).Body.(map[string]any)
		for _, f := range body["firms"].([]any) {
			name := f.(map[string]any)["name"].(string)
			if seen[name] {
				t.Errorf("%s stands on two pages", name)
			}
			seen[name] = true
		}
		token, _ = body["nextPageToken"].(string)
		if token == "" {
			break
		}
		for why, request := range map[string]string{
			"another order":  `{"page_size": 37, "order_by": "name", "page_token": %q}`,
			"another filter": `{"page_size": 37, "order_by": "display_name", "filter": "kind = COMPANY", "page_token": %q}`,
		} {
			if a := page(st.organiser, fmt.Sprintf(request, token)); a.reason() != "PAGE_TOKEN_INVALID" {
				t.Errorf("a token with %s: got %s %s", why, a.Code, a.Message)
			}
		}
		if a := page(st.auditor, fmt.Sprintf(`{"page_size": 37, "order_by": "display_name", "page_token": %q}`, token)); a.reason() != "PAGE_TOKEN_INVALID" {
			t.Errorf("another's token: got %s %s", a.Code, a.Message)
		}
		edited := strings.ToUpper(token[:1]) + token[1:]
		if edited == token {
			edited = strings.ToLower(token[:1]) + token[1:]
		}
		if a := page(st.organiser, fmt.Sprintf(`{"page_size": 37, "order_by": "display_name", "page_token": %q}`, edited)); edited != token && a.reason() != "PAGE_TOKEN_INVALID" {
			t.Errorf("an edited token: got %s %s", a.Code, a.Message)
		}
	}
	if len(seen) != 218 {
		t.Errorf("got %d firms on all pages, want 218", len(seen))
	}
}
