package server

import (
	"strings"
	"testing"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// The guard names the field to blame, in the contract's spelling; "" is let through.
func TestGuardMessage(t *testing.T) {
	nested := func(open, shut string, n int) string { return strings.Repeat(open, n) + strings.Repeat(shut, n) }
	descriptor := (&tandemv1.Firm{}).ProtoReflect().Descriptor()
	for _, test := range []struct{ data, field, says string }{
		{`{}`, "", ""},
		{`null`, "", ""},
		{` {"displayName": "a", "needs": [{"amount": {"currencyCode": "CAD", "units": "5"}}], "contact": null} `, "", ""},
		{`{"createTime": "2026-11-24T00:00:00Z", "offers": [{"trl": 5, "capacity": "7", "designatedTechnology": true}]}`, "", ""},
		{`{"needs": null, "modes": ["SUPPLY", 1]}`, "", ""},
		{`{"createTime": ` + nested("[", "]", maxDepth-1) + `}`, "", ""}, // the decoder will say what a time is
		{`{"createTime": ` + nested("[", "]", maxDepth) + `}`, "firm.create_time" + strings.Repeat("[0]", maxDepth-1), "nested more than 32 deep"},
		{`{"createTime": ` + nested(`{"a":`, `}`, maxDepth), "firm.create_time" + strings.Repeat(".a", maxDepth-1), "nested more than 32 deep"},
		{`{"createTime": {"a": 1, "a": 2}}`, "firm.create_time.a", "stands twice"},
		{`{"createTime": {"a": "` + "\xff" + `"}}`, "firm.create_time.a", "UTF-8"},
		{"{\"\xff\": 1}", "firm", "UTF-8"},
		{`{"city": "\ud83d\ude00 \\\\ud800 \uac00"}`, "", ""},
		{`{"city": "\ude00\ud83d"}`, "firm.city", "half a surrogate pair"},
		{`{"city": "\ud83dx"}`, "firm.city", "half a surrogate pair"},
		{`{"\ud83d": 1}`, "firm", "half a surrogate pair"},
		{`5`, "firm", "must be a JSON object"},
		{`[]`, "firm", "must be a JSON object"},
		{``, "firm", "it ends at byte 0"},
		{`{"city": "a",}`, "firm", "is not JSON"},
		{`{"city": [}`, "firm.city", "must be a string"},
		{`{"city": {"a": 1}}`, "firm.city", "must be a string"},
		{`{"city": true}`, "firm.city", "must be a string"},
		{`{"needsInferred": "true"}`, "firm.needs_inferred", "must be true or false"},
		{`{"revision": true}`, "firm.revision", "must be a number"},
		{`{"kind": true}`, "firm.kind", "must be one of COMPANY, "},
		{`{"kind": "company"}`, "firm.kind", `“company” is not one of`},
		{`{"contact": "a"}`, "firm.contact", "must be a JSON object"},
		{`{"contact": [{}]}`, "firm.contact", "must be a JSON object"},
		{`{"needs": {}}`, "firm.needs", "must be a JSON array"},
		{`{"needs": [{}, 5]}`, "firm.needs[1]", "must be a JSON object"},
		{`{"modes": ["SUPPLY", "BARTER"]}`, "firm.modes[1]", `“BARTER” is not one of`},
		{`{"needs": [{"aim": "PARTNER"}, {"aim": "RIVAL"}]}`, "firm.needs[1].aim", "SUPPLIER, PARTNER, CUSTOMER"},
		{`{"needs": [{"material": {"colour": 1}}]}`, "firm.needs[0].material.colour", "is not a field of Material"},
		{`{"needs": [{}`, "firm.needs", "in the middle"},
	} {
		err := guardMessage([]byte(test.data), descriptor, "firm")
		switch {
		case err == nil && test.field != "":
			t.Errorf("%s passes", test.data)
		case err != nil && test.field == "":
			t.Errorf("%s: %v", test.data, err)
		case err != nil:
			if e := asError(err); e.Fields[0].Field != test.field || !strings.Contains(e.message(), test.says) {
				t.Errorf("%s: got %s: %s; want %s: ... %s ...", test.data, e.Fields[0].Field, e.message(), test.field, test.says)
			}
		}
	}
	for data, passes := range map[string]bool{`{"a": [1, {"b": null}]}`: true, `[]`: true, `5`: true, `{"a": 1, "a": 1}`: false, `x`: false} {
		if err := guardMessage([]byte(data), nil, ""); (err == nil) != passes {
			t.Errorf("%s without a message: got %v, want it to pass: %t", data, err, passes)
		}
	}
}
