package server

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// A messy list in Korean, by an organiser: what a partial import makes of it, and what a strict one says.
func TestImportOfAMessyTable(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	table := strings.Join([]string{
		"기관명,국가,지역,구분,제공 역량,필요 역량",
		"한빛어레이,대한민국,부산광역시,기업,예인선배열소나,소나 신호처리",
		"두빛소나,대한민국,부산광역시,기업,창정비,소나 신호처리", // 창정비 is several things
		"세빛,,,,,", // half-filled
		",대한민국,,기업,예인선배열소나,", // nobody
	}, "\n")
	partial := f.overREST(t, call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true, "partial": true, "language": "KO"}`, file: []byte(table)})
	if partial.Code != codes.OK {
		t.Fatalf("partial: %s", partial.Message)
	}
	body := partial.Body.(map[string]any)
	if got := fmt.Sprint(body["created"], body["incomplete"], body["refused"]); got != "3 1 1" {
		t.Errorf("created, incomplete, refused: got %s, want 3 1 1\n%v", got, body)
	}
	var problems []string
	for _, p := range body["problems"].([]any) {
		problem := p.(map[string]any)
		problems = append(problems, fmt.Sprint(problem["row"], problem["field"], problem["column"]))
		if text := problem["problem"].(map[string]any)["text"].(string); !strings.ContainsAny(text, "다요") {
			t.Errorf("a problem is not in Korean: %s", text)
		}
	}
	t.Log(problems)
	list := f.overREST(t, call{method: "FirmService/ListFirms", credential: organiser, request: `{"filter": "state = PENDING"}`})
	pending := list.Body.(map[string]any)["firms"].([]any)
	if len(pending) != 1 || fmt.Sprint(pending[0].(map[string]any)["missing"]) != "[country kind offers needs]" {
		t.Errorf("pending: %v", pending)
	}
	again := f.overREST(t, call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true, "partial": true}`, file: []byte(table)})
	if got := fmt.Sprint(again.Body.(map[string]any)["unchanged"]); got != "3" {
		t.Errorf("the same file again: %v, want 3 unchanged", again.Body)
	}
	strict := f.both(t, call{method: "FirmService/ImportFirms", credential: organiser, request: `{"attested": true}`, file: []byte(table)})
	if strict.reason() != "IMPORT_REFUSED" {
		t.Errorf("strict: got %s %s", strict.Code, strict.Message)
	}
}
