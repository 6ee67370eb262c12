package server

import (
	"bytes"
	"encoding/json"
	"testing"
)

// rowsOf reads one table of a report in JSON Lines: the ids of each row by what the row is about.
func rowsOf(t *testing.T, file []byte, table, key string) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	for line := range bytes.Lines(file) {
		var row struct {
			Table string
			IDs   []string `json:"ids"`
		}
		cells := map[string]any{}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := json.Unmarshal(line, &cells); err != nil || row.Table != table {
			continue
		}
		rows[cells[key].(string)] = row.IDs
	}
	return rows
}
