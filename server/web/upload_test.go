package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// halfFilled is a list as organisers keep them: a title, headers in Korean, words that mean nothing, a row without a country, one without
// a name, a cell of two lines.
const halfFilled = "참가 업체 목록,,,,,\n,,,,,\n기관명,국가,구분,제공,필요,이메일\n" +
	"한빛어레이,KR,업체,예인선배열소나,음향 신호처리,lee@hanbit.example\n" +
	"Maple Sonar,CA,company,sonar signal processing,towed array sonar,info@maple.example\n" +
	"Northern Widgets,CA,company,flux capacitors,steel plate,not-an-email\n" +
	"서해조선,,업체,선박 건조,극지 강재,\n" +
	",CA,company,radar,,\n" +
	"Doe & Sons,CA,company,\"towed array sonar\nflux capacitors\",shipbuilding,x@y.example\n"

// upload sends a list as a browser does.
func (r *reader) upload(file []byte, fields ...string) answer {
	r.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for pair := range slices.Chunk(fields, 2) {
		if err := w.WriteField(pair[0], pair[1]); err != nil {
			r.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", "list.csv")
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		r.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.base+"/web/upload", &body)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", w.FormDataContentType())
	return r.send(request)
}

// A half-filled list is shown with its problems, mended in place, and taken over for what is good of it.
func TestUploadIsMendedInPlace(t *testing.T) {
	h := openHouse(t)
	r := h.signedIn("ko", tandemv1.Credential_ORGANISER, "")
	if got := r.upload([]byte(halfFilled), "csrf", r.token(), "attested", "yes"); got.code != http.StatusSeeOther {
		t.Fatalf("sending the list: %d\n%s", got.code, got.body)
	}
	list := r.get("/web/upload/list").body
	form := formOf(t, list)
	for _, cell := range []string{"cell.6.D", "cell.6.F", "cell.8.A", "cell.9.D"} {
		if !form.Has(cell) {
			t.Errorf("the page has no field for %s", cell)
		}
	}
	if got := form.Get("cell.9.D"); got != "towed array sonar\nflux capacitors" {
		t.Errorf("the cell of two lines reads %q", got)
	}
	form.Set("cell.6.D", "radar")
	form.Set("cell.6.F", "ok@widgets.example")
	form.Set("cell.7.B", "KR")
	form.Set("cell.8.A", "Raven Radar")
	form.Set("cell.9.D", "towed array sonar")
	form.Set("do", "check")
	if got := r.post("/web/upload/list", form); got.code != http.StatusSeeOther {
		t.Fatalf("checking again: %d", got.code)
	}
	mended := r.get("/web/upload/list").body
	if strings.Contains(mended, "flux capacitors") || strings.Contains(mended, "not-an-email") || !strings.Contains(mended, "6곳 가져오기") {
		t.Error("after mending the list still has its problems")
	}
	if _, err := tandemv1.NewFirmServiceClient(h.conn).GetFirm(t.Context(), &tandemv1.GetFirmRequest{Name: "firms/maple-sonar"}); err == nil {
		t.Error("checking stored something")
	}
	take := formOf(t, mended)
	take.Set("do", "take")
	if got := r.post("/web/upload/list", take); got.code != http.StatusOK {
		t.Fatalf("taking over: %d\n%s", got.code, got.body)
	}
	all, err := tandemv1.NewFirmServiceClient(h.conn).ListFirms(t.Context(), &tandemv1.ListFirmsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if all.GetTotalSize() != 6 {
		t.Errorf("%d organisations were taken over, want 6", all.GetTotalSize())
	}
	for _, f := range all.GetFirms() {
		if f.GetDisplayName() == "Northern Widgets" && (f.GetContact().GetEmail() != "ok@widgets.example" || len(f.GetOffers()) != 1) {
			t.Errorf("a mended row became %v", f)
		}
	}
}

// What is no list, too large, cut off, not attested or of another session is refused, and says so.
func TestUploadRefuses(t *testing.T) {
	h := openHouse(t)
	r := h.signedIn("en", tandemv1.Credential_ORGANISER, "")
	token := r.token()
	for name, test := range map[string]struct {
		file   []byte
		fields []string
		code   int
		says   string
	}{
		"too large":     {bytes.Repeat([]byte("name,country\n"), 50<<20/13), []string{"csrf", token, "attested", "yes"}, http.StatusBadRequest, "larger than 16 MiB"},
		"not attested":  {[]byte(halfFilled), []string{"csrf", token}, http.StatusBadRequest, "no classified"},
		"forged":        {[]byte(halfFilled), []string{"csrf", "forged", "attested", "yes"}, http.StatusForbidden, "Choose the file again"},
		"a picture":     {[]byte("\x89PNG\r\n\x1a\n"), []string{"csrf", token, "attested", "yes"}, http.StatusBadRequest, "alert"},
		"empty":         {nil, []string{"csrf", token, "attested", "yes"}, http.StatusBadRequest, "Choose a file first"},
		"nothing known": {[]byte("x,y\n1,2\n"), []string{"csrf", token, "attested", "yes"}, http.StatusBadRequest, "alert"},
		"an open quote": {[]byte("name,country\n\"Maple,CA\n"), []string{"csrf", token, "attested", "yes"}, http.StatusBadRequest, "alert"},
	} {
		if got := r.upload(test.file, test.fields...); got.code != test.code || !strings.Contains(got.body, test.says) {
			t.Errorf("%s: %d, want %d and %q in %s", name, got.code, test.code, test.says, got.body)
		}
	}
	cut, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.base+"/web/upload", strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n"+token+"\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nname,coun"))
	if err != nil {
		t.Fatal(err)
	}
	cut.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	if got := r.send(cut); got.code != http.StatusBadRequest || !strings.Contains(got.body, "did not arrive whole") {
		t.Errorf("a file cut off: %d", got.code)
	}
	if got := r.post("/web/upload/list", url.Values{"csrf": {token}, "do": {"take"}}); got.code != http.StatusConflict {
		t.Errorf("taking over what was refused: %d, want 409", got.code)
	}
}

// A list that stands against what a firm wrote of itself is taken over without that, unless its box is ticked; the page says so before
// and after.
func TestUploadKeepsOwnWords(t *testing.T) {
	h := openHouse(t)
	h.withPlanted()
	own := h.signedIn("en", tandemv1.Credential_FIRM, "firms/third-steel")
	if got := own.post("/web/profile", save(formOf(t, own.get("/web/profile").body), map[string]string{"city": "Our own city"})); got.code != http.StatusSeeOther {
		t.Fatalf("editing: %d", got.code)
	}
	r := h.signedIn("en", tandemv1.Credential_ORGANISER, "")
	list := []byte(`{"name":"firms/third-steel","display_name":"third-steel","country":"KR","kind":"COMPANY","city":"A city of the list","offers":[{"capability":"metals.steel"}]}`)
	for _, overwrite := range []bool{false, true} {
		if got := r.upload(list, "csrf", r.token(), "attested", "yes"); got.code != http.StatusSeeOther {
			t.Fatalf("uploading: %d\n%s", got.code, got.body)
		}
		page := r.get("/web/upload/list")
		for _, words := range []string{"keeps its own words", "edits its own profile: its words stay", `name="overwrite"`, "(stays as it is)"} {
			if !strings.Contains(page.body, words) {
				t.Fatalf("the list does not say %q", words)
			}
		}
		form := url.Values{"do": {"check"}}
		want, city := "keeps its own words", "Our own city"
		if overwrite {
			form.Set("overwrite", "yes")
			want, city = "this row replaces its words", "A city of the list"
		}
		r.submit("/web/upload/list", form)
		if body := r.get("/web/upload/list").body; !strings.Contains(body, want) {
			t.Errorf("overwrite %v: checked again, the list does not say %q", overwrite, want)
		}
		form.Set("do", "take")
		if got := r.submit("/web/upload/list", form); got.code != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("overwrite %v: taken over: %d, want it to say %q", overwrite, got.code, want)
		}
		if got := h.firm("firms/third-steel").GetCity(); got != city {
			t.Errorf("overwrite %v: the city is %q, want %q", overwrite, got, city)
		}
	}
}
