package matching

import "testing"

func TestParseDate(t *testing.T) {
	for _, good := range []string{"2026-11-24", "2028-02-29", "2000-02-29", "2027-10"} {
		if d, err := ParseDate(good); err != nil || d.String() != good {
			t.Errorf("ParseDate(%q): got %v, %v", good, d, err)
		}
	}
	for _, bad := range []string{"", "2026", "2026-13", "2026-00", "2026-02-29", "2100-02-29", "2026-04-31", "2026-1-1", "26-11-24", "2026-11-24 ", "2026/11/24"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q): got %v, want an error", bad, d)
		}
	}
}
