package server

import (
	"archive/zip"
	"bytes"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// TestTablesOverBothProtocols sends lists as a system does, good ones and such as people send: the answers are the same over gRPC and
// REST, say what to do, and nothing of a refused file is imported.
func TestTablesOverBothProtocols(t *testing.T) {
	f := serveFaces(t, openServer(t, Config{}))
	organiser := f.secret(t, tandemv1.Credential_ORGANISER, "")
	const list = "Who,Where,Sort,Brings\nFundy Acoustics,Canada,company,towed array sonar\n한빛어레이,Korea,company,towed array sonar\n"
	for _, test := range []struct {
		name, options string
		file          []byte
		says          string // in the message of a refusal; empty where the file is taken
	}{
		{"several corrections", `"columnMap": ["A=display_name", "B=country", "Sort=kind", "D=offers"]`, []byte(list), ""},
		{"a correction of no column", `"columnMap": ["A=display_name", "Z=country"]`, []byte(list), `“Z” is no column of the table`},
		{"a correction to no field", `"columnMap": ["A=colour"]`, []byte(list), `“colour” is no field`},
		{"headers that name nothing", `"partial": true`, []byte("Aa,Bb,Cc\nx,1,y\nz,2,w\n"), "No column can be understood"},
		{"an empty table", `"partial": true`, []byte("\r\n"), "The file is empty"},
		{"another encoding than said", `"encoding": "cp949"`, []byte(list), "letters would be garbled"},
		{"a password", `"partial": true`, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00"), "protected by a password"},
		{"macros", `"partial": true`, zipped(t, "xl/vbaProject.bin", "x"), "holds macros"},
		{"a bomb", `"partial": true`, zipped(t, "xl/media/a", strings.Repeat("0", 20<<20)), "unpack to far more"},
		{"40,000 columns", `"partial": true`, []byte("name" + strings.Repeat(",x", 40_000) + "\na\n"), "more than 256 columns"},
		{"a cell of 1 MB", `"partial": true`, []byte("name,country\nA," + strings.Repeat("x", 1<<20) + "\n"), "column B of row 2"},
		{"two rows of one external id", `"partial": false`, []byte("name,external id,country,type\nA,1,Canada,company\nB,1,Canada,company\n"), "also stands in row 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := listed(t, f, organiser)
			a := f.both(t, call{
				method: "FirmService/ImportFirms", credential: organiser, file: test.file,
				request: `{"attested": true, "validateOnly": ` + strconv.FormatBool(test.says == "") + `, ` + test.options + `}`,
			})
			switch {
			case test.says == "" && a.Code != codes.OK:
				t.Errorf("%s: %s %v", a.Code, a.Message, a.Details)
			case test.says != "" && (a.Code != codes.InvalidArgument || !strings.Contains(a.Message, test.says)):
				t.Errorf("got %s %q, want INVALID_ARGUMENT with %q", a.Code, a.Message, test.says)
			}
			if diff := cmp.Diff(before, listed(t, f, organiser)); diff != "" {
				t.Errorf("the register has changed:\n%s", diff)
			}
		})
	}
}

// listed is the register as an organiser sees it.
func listed(t *testing.T, f *faces, credential string) any {
	t.Helper()
	return f.overGRPC(t, call{method: "FirmService/ListFirms", credential: credential, request: `{"pageSize": 10}`}).Body
}

// zipped is an archive of a workbook's first file and one more.
func zipped(t *testing.T, name, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range [][2]string{{"xl/workbook.xml", "<workbook/>"}, {name, content}} {
		part, err := w.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, file[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
