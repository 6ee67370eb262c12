package server

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// manyFirms is an import of n invented firms, on both sides in turn.
func manyFirms(n int) []byte {
	var b strings.Builder
	for i := range n {
		country := []string{"CA", "KR"}[i%2]
		fmt.Fprintf(&b, `{"name": "firms/firm-%05d", "display_name": "Firm %d", "country": %q, "kind": "COMPANY", "offers": [{"capability": "naval.build"}]}`+"\n", i, i, country)
	}
	return []byte(b.String())
}

// An import of ten thousand with bad rows imports nothing and says line, field and reason of each, up to a hundred.
func TestImportIsAllOrNothing(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	lines := strings.SplitAfter(string(manyFirms(10_000)), "\n")
	for i := 100; i < 10_000; i += 50 {
		lines[i] = strings.Replace(lines[i], "naval.build", "naval.built", 1)
	}
	lines[7] = `{"name": "firms/firm-7", "display_name": "Firm", "country": "KR", "kind": "CLUB"}` + "\n"
	lines[8] = "not json\n"
	bad := []byte(strings.Join(lines, ""))
	a := f.both(t, call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true}`, file: bad})
	if a.Code != codes.InvalidArgument || a.reason() != "IMPORT_REFUSED" {
		t.Fatalf("got %s %s (%s), want IMPORT_REFUSED", a.Code, a.reason(), a.Message)
	}
	if fields := a.fields(); len(fields) == 0 || len(fields) > maxRefused || fields[0] != "line[8].kind" {
		t.Errorf("got %d rows named, the first %q; want at most %d, the first line[8].kind", len(fields), fields[0], maxRefused)
	}
	list := f.both(t, call{method: "FirmService/ListFirms", credential: organiser, request: `{}`})
	if body := fmt.Sprint(list.Body); body != "map[]" {
		t.Errorf("after a refused import the register has %s", body)
	}
	// Only bad codes: the reason that the catalogue gives.
	lines = strings.SplitAfter(string(manyFirms(3)), "\n")
	lines[1] = strings.Replace(lines[1], "naval.build", "naval.built", 1)
	a = f.both(t, call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true}`, file: []byte(strings.Join(lines, ""))})
	if got := a.fields(); len(got) != 1 || got[0] != "line[2].offers[0].capability" || !strings.Contains(a.Message, "naval.build") {
		t.Errorf("got %v: %s", got, a.Message)
	}
}

func TestImportCountsAndRepeats(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	integration := f.secret(t, tandemv1.Credential_INTEGRATION, "")
	counts := func(request string, file []byte) string {
		a := f.overREST(t, call{method: "FirmService/ImportFirms", credential: integration, request: request, file: file})
		if a.Code != codes.OK {
			t.Fatalf("%s: %s", request, a.Message)
		}
		body := a.Body.(map[string]any)
		return fmt.Sprint(body["created"], " ", body["updated"], " ", body["unchanged"])
	}
	if got := counts(`{"attested": true, "validate_only": true}`, manyFirms(1000)); got != "1000 <nil> <nil>" {
		t.Errorf("checked only: got %s", got)
	}
	if got := counts(`{"attested": true}`, manyFirms(1000)); got != "1000 <nil> <nil>" {
		t.Errorf("first import: got %s; validate_only must not have stored anything", got)
	}
	changed := strings.Replace(string(manyFirms(1001)), `"Firm 5"`, `"Firm Five"`, 1)
	if got := counts(`{"attested": true}`, []byte(changed)); got != "1 1 999" {
		t.Errorf("second import: got %s, want 1 created, 1 updated, 999 unchanged", got)
	}
	a := f.both(t, call{method: "FirmService/ImportFirms", credential: integration, request: `{}`, file: manyFirms(1)})
	if a.reason() != "ATTESTATION_MISSING" {
		t.Errorf("without attestation: got %s %s", a.Code, a.Message)
	}
	twice := append(manyFirms(1), manyFirms(1)...)
	a = f.both(t, call{method: "FirmService/ImportFirms", credential: integration, request: `{"attested": true}`, file: twice})
	if !strings.Contains(a.Message, "line 1 already") {
		t.Errorf("a name twice: got %s %s", a.Code, a.Message)
	}
}
