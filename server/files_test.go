package server

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// An import says the same over both protocols; a second one of the same file
// changes nothing.
func TestImportOverREST(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	c := call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true, "validate_only": true}`, file: shippedFirms(t)}
	if a := f.both(t, c); a.Code != codes.OK {
		t.Errorf("%s: %s", a.Code, a.Message)
	}
	for _, test := range []struct {
		name, target, kind, credential string
		reason                         tandemv1.Reason
		fields                         []string
	}{
		{"nobody", "/v1/firms:import?attested=true", "application/jsonl", "", tandemv1.Reason_CREDENTIAL_INVALID, nil},
		{"no file of lines", "/v1/firms:import?attested=true", jsonBody, organiser, tandemv1.Reason_MALFORMED, []string{"Content-Type"}},
		{"no media type", "/v1/firms:import?attested=true", "", organiser, tandemv1.Reason_MALFORMED, []string{"Content-Type"}},
		{"unknown key", "/v1/firms:import?sure=true", "application/x-ndjson", organiser, tandemv1.Reason_MALFORMED, []string{"sure"}},
		{"no attestation", "/v1/firms:import", "application/x-ndjson", organiser, tandemv1.Reason_ATTESTATION_MISSING, []string{"attested"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, a := f.post(t, test.target, test.credential, test.kind, "{}")
			if a.reason() != test.reason.String() {
				t.Errorf("got %s (%s), want %s", a.reason(), a.Message, test.reason)
			}
			blames(t, a, a.Code, test.reason, test.fields...)
		})
	}
}

// More than 64 MiB is refused, whatever it is, over both protocols.
func TestImportHasALimit(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	c := call{
		method: "FirmService/ImportFirms", credential: f.secret(t, tandemv1.Credential_ORGANISER, ""), request: `{"attested": true}`,
		file: bytes.Repeat([]byte("\n"), maxImport+maxImport/512),
	}
	if a := f.both(t, c); a.Code != codes.ResourceExhausted || a.reason() != tandemv1.Reason_TOO_LARGE.String() {
		t.Errorf("got %s %s (%s), want %s", a.Code, a.reason(), a.Message, tandemv1.Reason_TOO_LARGE)
	}
}

// A body that is cut off on the way is no shorter file: nothing is imported.
func TestCutOffImportCountsForNothing(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(f.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	head := "POST /v1/firms:import?attested=true HTTP/1.1\r\nHost: x\r\nContent-Type: application/jsonl\r\nContent-Length: 1000\r\nAuthorization: Bearer " +
		organiser + "\r\n\r\n"
	line := `{"name": "firms/cut-off", "display_name": "Cut off", "country": "KR", "kind": "COMPANY"}` + "\n"
	if _, err := io.WriteString(conn, head+line); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	reply, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(reply), "HTTP/1.1 4") {
		t.Errorf("got:\n%s\nwant a refusal", reply)
	}
	if a := f.both(t, call{method: "FirmService/GetFirm", credential: organiser, request: `{"name": "firms/cut-off"}`}); a.Code != codes.NotFound {
		t.Errorf("half a file is imported: %s", a.Code)
	}
}

// A download has the same bytes over both protocols, its type and its name.
func TestDownloads(t *testing.T) {
	s, operator := withShipped(t)
	run := finishRun(t, s, operator, &tandemv1.CreateMatchRunRequest{MatchRun: &tandemv1.MatchRun{AsOf: "2026-11-24"}})
	f := serveFaces(t, s)
	auditor := f.secret(t, tandemv1.Credential_AUDITOR, "")
	id := strings.TrimPrefix(run.Name, "matchRuns/")
	for _, test := range []struct{ method, fields, target, kind, name string }{
		{"DownloadReport", `, "format": "HTML", "language": "FR"`, ":downloadReport?format=HTML&language=FR", "text/html; charset=utf-8", `inline; filename="tandem-` + id + `-fr.html"`},
		{"DownloadReport", `, "format": "CSV", "bom": true`, ":downloadReport?format=CSV&bom=true", "text/csv; charset=utf-8; header=present", `attachment; filename="tandem-` + id + `-en.csv"`},
		{"DownloadReport", `, "format": "JSONL", "language": "KO"`, ":downloadReport?format=JSONL&language=KO", "application/jsonl", `attachment; filename="tandem-` + id + `-ko.jsonl"`},
		{"ExportSnapshot", ``, ":exportSnapshot", "application/json", `attachment; filename="tandem-` + id + `-snapshot.json"`},
	} {
		t.Run(test.target, func(t *testing.T) {
			a := f.both(t, call{method: "MatchRunService/" + test.method, credential: auditor, request: `{"name": "` + run.Name + `"` + test.fields + `}`})
			if len(a.File) < 10_000 {
				t.Errorf("%s: got %d bytes: %s", test.method, len(a.File), a.Message)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.base+"/v1/"+run.Name+test.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+auditor)
			response, body := f.do(t, r)
			if got := response.Header.Get("Content-Type"); got != test.kind {
				t.Errorf("got the type %q, want %q", got, test.kind)
			}
			if got := response.Header.Get("Content-Disposition"); got != test.name {
				t.Errorf("got %q, want %q", got, test.name)
			}
			if policy := response.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
				t.Errorf("got the policy %q, want one that loads nothing", policy)
			} else if _, own, page := strings.Cut(body.File, `http-equiv="Content-Security-Policy" content="`); page {
				if own, _, _ = strings.Cut(own, `"`); !strings.HasPrefix(policy, own+";") {
					t.Errorf("the page is sent under %q and asks for %q: its script would not run", policy, own)
				}
			}
		})
	}
	// Before the first byte, an error is an error.
	for _, method := range []string{"DownloadReport", "ExportSnapshot"} {
		missing := call{method: "MatchRunService/" + method, credential: auditor, request: `{"name": "matchRuns/none"}`}
		blames(t, f.both(t, missing), codes.NotFound, tandemv1.Reason_NOT_FOUND)
	}
}
