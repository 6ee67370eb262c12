package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// listRows is how long the list of TestLongList is: "go test ./cmd/tandem -run LongList -rows 5000 -v" prints what it takes.
var listRows = flag.Int("rows", 300, "how many rows the list of TestLongList has")

// TestLongList takes a long list through everything an organiser does with it, and prints time and peak memory of each step. It is made of
// the shipped organisations under other names, half of them in the vocabulary's words and half in their own.
func TestLongList(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	writeLongList(t, at("list.xlsx"), *listRows)
	for _, args := range [][]string{
		{"match", at("list.xlsx"), "--as-of", "2026-11-24", "-o", at("report.html"), "--review", at("reviewed.xlsx")},
		{"match", at("list.xlsx"), "--as-of", "2026-11-24", "-o", at("report.xlsx")},
		{"import", at("list.xlsx"), "--db", at("register.db"), "--attest", "--partial"},
		{"run", "create", "--db", at("register.db"), "--as-of", "2026-11-24", "--publish", "--report", at("reports")},
	} {
		cmd := exec.Command("tandem", args...)
		cmd.Env = environment()
		started := time.Now()
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tandem %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		took := time.Since(started)
		usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			t.Fatal("this system does not tell how much memory a process took")
		}
		peak := usage.Maxrss >> 10
		t.Logf("%d rows: tandem %s: %.1f s, %.1f s of processors, %d MiB", *listRows, strings.ReplaceAll(strings.Join(args, " "), dir+"/", ""),
			took.Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), peak)
		if most := int64(200 + *listRows/20); peak > most {
			t.Errorf("tandem %s took %d MiB, want at most %d", args[0], peak, most)
		}
	}
	for _, file := range []string{"report.html", "reviewed.xlsx", "report.xlsx", "reports/report.html", "reports/report.xlsx", "reports/handouts.html"} {
		if info, err := os.Stat(at(file)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", file, err)
		} else {
			t.Logf("%s: %d KiB", file, info.Size()>>10)
		}
	}
}

// writeLongList writes a workbook of so many rows.
func writeLongList(t *testing.T, name string, rows int) {
	t.Helper()
	data, err := os.ReadFile("demo/firms.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	type item struct{ Capability, Detail string }
	type firm struct {
		DisplayName   string `json:"display_name"`
		Country, Kind string
		Offers, Needs []item
	}
	var firms []firm
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var f firm
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		firms = append(firms, f)
	}
	words := func(items []item, own bool) string {
		var list []string
		for _, i := range items {
			if own {
				list = append(list, i.Detail)
			} else {
				list = append(list, i.Capability)
			}
		}
		return strings.Join(list, "\n")
	}
	book := excelize.NewFile()
	stream, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SetRow("A1", []any{"Company", "Country", "Type", "What you offer", "Looking for"}); err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		f := firms[i%len(firms)]
		row := []any{fmt.Sprintf("%s %d", f.DisplayName, i+1), f.Country, f.Kind, words(f.Offers, i%2 == 0), words(f.Needs, i%4 == 0)}
		if err := stream.SetRow(fmt.Sprintf("A%d", i+2), row); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := book.SaveAs(name); err != nil {
		t.Fatal(err)
	}
}
