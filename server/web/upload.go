package web

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server/sheet"
)

func uploadRoutes() []route {
	return []route{
		{pattern: "GET /web/upload", who: staff, show: (*visit).uploadPage},
		{pattern: "POST /web/upload", who: staff, show: (*visit).receiveUpload, file: true},
		{pattern: "GET /web/upload/template", who: staff, show: (*visit).uploadTemplate},
		{pattern: "GET /web/upload/list", who: staff, show: (*visit).uploadList},
		{pattern: "POST /web/upload/list", who: staff, show: (*visit).mendUpload},
		{pattern: "GET /web/upload/review", who: staff, show: (*visit).uploadReview},
	}
}

// maxUpload is the largest list that can be mended on a page; larger ones go through the command line or the API. A browser that
// sends more is listened to up to drained, so that it gets to read why.
const (
	maxUpload  = 16 << 20
	drained    = 128 << 20
	uploadTime = 10 * time.Minute
)

// upload is a list that an organiser has sent and not taken over yet. It lives as long as its session.
type upload struct {
	name      string
	data      []byte
	table     *sheet.Table // nil for JSON Lines, which has no cells to mend
	columns   []*tandemv1.ImportFirmsResponse_ColumnGuess
	once      string // the request id under which it is taken over
	deletions bool
	overwrite bool // what firms wrote of themselves may be replaced
	// Corrections: of cells, by row and column; a column is a letter, or the field of one that the list does not have.
	cells map[int]map[string]string
	given map[string]string // fields of columns, by letter
}

func (s *session) uploaded() *upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.upload
}

func (s *session) setUpload(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.upload = u
}

// uploadForm asks for a list.
type uploadForm struct {
	Problem string
	Pending string // the list that was sent before
}

func (v *visit) uploadPage() error { return v.uploadPageAs(http.StatusOK, "") }

func (v *visit) uploadPageAs(code int, problem string) error {
	form := uploadForm{Problem: problem}
	if u := v.session.uploaded(); u != nil {
		form.Pending = u.name
	}
	return v.showAs(code, "upload", v.say("web.upload"), form)
}

// receiveUpload reads the form with the list. The token comes first in it, so that nobody else's file is read.
func (v *visit) receiveUpload() error {
	deadline := time.Now().Add(uploadTime) //nolint:forbidigo // of the transport, whose clock is the system's; no transaction sees it
	_ = http.NewResponseController(v.w).SetReadDeadline(deadline)
	defer func() { _, _ = io.Copy(io.Discard, io.LimitReader(v.r.Body, drained)) }()
	reader, err := v.r.MultipartReader()
	if err != nil {
		return errForm
	}
	u := &upload{once: v.door.newToken(), cells: make(map[int]map[string]string), given: make(map[string]string)}
	fields := make(map[string]string)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return v.uploadPageAs(http.StatusBadRequest, v.say("web.upload.cut"))
		}
		if part.FormName() == "file" {
			if !v.session.owns(fields["csrf"]) {
				return v.uploadPageAs(http.StatusForbidden, v.say("web.upload.again"))
			}
			if problem := u.read(part); problem != "" {
				return v.uploadPageAs(http.StatusBadRequest, v.say(problem, catalog.Number(maxUpload>>20)))
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, 1000))
		if err != nil {
			return v.uploadPageAs(http.StatusBadRequest, v.say("web.upload.cut"))
		}
		fields[part.FormName()] = string(value)
	}
	switch {
	case !v.session.owns(fields["csrf"]):
		return v.uploadPageAs(http.StatusForbidden, v.say("web.upload.again"))
	case len(u.data) == 0:
		return v.uploadPageAs(http.StatusBadRequest, v.say("web.upload.nothing"))
	case fields["attested"] != "yes":
		return v.uploadPageAs(http.StatusBadRequest, v.say("web.problem.ATTESTATION_MISSING"))
	}
	u.deletions = fields["deletions"] == "yes"
	if err := u.understand(v.door.Catalog); err != nil {
		var wrong *sheet.Error
		if !errors.As(err, &wrong) {
			return err
		}
		return v.uploadPageAs(http.StatusBadRequest, v.say(wrong.Key, wrong.Args...))
	}
	v.session.setUpload(u)
	return v.redirect("/web/upload/list")
}

// read takes the file of a form; it returns the key of what is wrong with it.
func (u *upload) read(part *multipart.Part) string {
	data, err := io.ReadAll(io.LimitReader(part, maxUpload+1))
	switch {
	case err != nil:
		return "web.upload.cut"
	case len(data) > maxUpload:
		return "web.upload.large"
	}
	u.name, u.data = part.FileName(), data
	return ""
}

// understand reads a table to cells. What is no table is left to the import, which tells by its first bytes what it is.
func (u *upload) understand(cat *catalog.Catalog) error {
	if bytes.HasPrefix(bytes.TrimLeft(u.data, "\ufeff \t\r\n"), []byte("{")) {
		return nil
	}
	table, err := sheet.Read(u.data, sheet.Options{})
	if err != nil {
		return err
	}
	u.table = table
	u.columns, err = sheet.Columns(cat, table, nil)
	return err
}

// file is the list as corrected: as it came where nothing was, else as CSV whose rows keep their numbers.
func (u *upload) file() ([]byte, []string, error) {
	var corrections []string
	for _, c := range u.columns {
		if field, ok := u.given[c.GetLetter()]; ok {
			corrections = append(corrections, c.GetLetter()+"="+field)
		}
	}
	if len(u.cells) == 0 {
		return u.data, corrections, nil
	}
	added := u.addedColumns()
	for _, c := range u.columns { // two header rows are one now, so what they were understood as is said
		if _, ok := u.given[c.GetLetter()]; !ok {
			field := c.GetField()
			if field == "" {
				field = "-"
			}
			corrections = append(corrections, c.GetLetter()+"="+field)
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	number := 1
	write := func(row int, cells []string) error {
		w.Flush()
		for ; number < row; number++ {
			out.WriteString("\n")
		}
		number++
		return w.Write(cells)
	}
	if err := write(u.table.HeaderRow, append(slices.Clone(u.table.Headers), added...)); err != nil {
		return nil, nil, err
	}
	for _, line := range u.table.Rows {
		cells := make([]string, len(u.table.Headers)+len(added))
		copy(cells, line.Cells)
		for column, text := range u.cells[line.Number] {
			if i := sheet.Column(column); i >= 0 && i < len(u.table.Headers) && u.columns[i].GetLetter() == column {
				cells[i] = text
			} else if i := slices.Index(added, column); i >= 0 {
				cells[len(u.table.Headers)+i] = text
			}
		}
		if err := write(line.Number, cells); err != nil {
			return nil, nil, err
		}
	}
	w.Flush()
	return out.Bytes(), corrections, w.Error()
}

// addedColumns are the fields that corrections give and the list has no column for.
func (u *upload) addedColumns() []string {
	var added []string
	for _, field := range sheet.Fields() {
		for _, cells := range u.cells {
			if _, ok := cells[field]; ok {
				added = append(added, field)
				break
			}
		}
	}
	return added
}

// cell is the text of a cell as it is now.
func (u *upload) cell(row int, column string) string {
	if text, ok := u.cells[row][column]; ok {
		return text
	}
	if i := sheet.Column(column); i >= 0 && u.table != nil {
		for _, line := range u.table.Rows {
			if line.Number == row {
				return line.Cell(i)
			}
		}
	}
	return ""
}

// send has the import read the list, and take it over unless it is only to be checked.
func (v *visit) send(u *upload, check bool) (*tandemv1.ImportFirmsResponse, error) {
	data, columns, err := u.file()
	if err != nil {
		return nil, err
	}
	stream, err := v.firmsClient().ImportFirms(v.ctx())
	if err != nil {
		return nil, err
	}
	options := &tandemv1.ImportFirmsRequest_Options{
		Attested: true, Partial: true, ValidateOnly: check, ColumnMap: columns, Language: v.language(), Deletions: u.deletions, OverwriteSelf: u.overwrite,
	}
	if !check {
		options.RequestId = u.once
	}
	err = stream.Send(&tandemv1.ImportFirmsRequest{Options: options})
	for part := range slices.Chunk(data, filePart) {
		if err == nil {
			err = stream.Send(&tandemv1.ImportFirmsRequest{Data: part})
		}
	}
	if err != nil && !errors.Is(err, io.EOF) { // at io.EOF the answer says why
		return nil, err
	}
	return stream.CloseAndRecv()
}

// filePart is the largest part of a file in one message.
const filePart = 256 << 10

// uploadView is what a list would do, and what is wrong in it.
type uploadView struct {
	Name    string
	Answer  *tandemv1.ImportFirmsResponse
	Columns []columnView
	Rows    []rowView
	Table   bool
	Taken   bool
	// Own is true where firms' own words stand against the list, Overwrite where the list is to replace them.
	Own, Overwrite bool
	Problem        *problem
}

// Good is how many rows would be taken over.
func (u uploadView) Good() int32 {
	return u.Answer.GetCreated() + u.Answer.GetUpdated() + u.Answer.GetUnchanged() + u.Answer.GetDeleted()
}

// columnView is how a column was understood, to be corrected.
type columnView struct {
	Letter, Header string
	Fields         []choice
}

// rowView is a row with what is wrong in it.
type rowView struct {
	Number  int32
	Name    string
	Refused bool
	Cells   []cellView
}

// cellView is something wrong, with the cell to mend where there is one.
type cellView struct {
	ID, Label, Value, Problem string
	Lines                     bool     // several lines, which a field of one line would join
	Codes                     []string // codes that may have been meant
}

func (v *visit) uploadList() error {
	u := v.session.uploaded()
	if u == nil {
		return v.redirect("/web/upload")
	}
	return v.checkUpload(u)
}

// checkUpload asks what the list would do and shows it.
func (v *visit) checkUpload(u *upload) error {
	answer, err := v.send(u, true)
	if err != nil {
		p := v.problemOf(err)
		return v.showAs(http.StatusBadRequest, "upload-list", v.say("web.list.title"), uploadView{Name: u.name, Problem: &p, Answer: new(tandemv1.ImportFirmsResponse)})
	}
	view := uploadView{Name: u.name, Answer: answer, Table: u.table != nil, Rows: v.rowViews(u, answer), Own: answer.GetKept() > 0 || u.overwrite, Overwrite: u.overwrite}
	for _, c := range answer.GetColumns() {
		if sheet.Column(c.GetLetter()) >= len(u.columns) {
			continue // one that a correction added
		}
		column := columnView{Letter: c.GetLetter(), Header: c.GetHeader(), Fields: []choice{{Value: "-", Label: v.say("web.list.column.none"), Chosen: c.GetField() == ""}}}
		for _, field := range sheet.Fields() {
			column.Fields = append(column.Fields, choice{Value: field, Label: v.door.Catalog.Name(v.lang, "field:"+field), Chosen: field == c.GetField()})
		}
		view.Columns = append(view.Columns, column)
	}
	return v.show("upload-list", v.say("web.list.title"), view)
}

// rowViews gathers what is wrong by row.
func (v *visit) rowViews(u *upload, answer *tandemv1.ImportFirmsResponse) []rowView {
	nameColumn := ""
	for _, c := range answer.GetColumns() {
		if c.GetField() == "display_name" || nameColumn == "" && c.GetField() == "native_name" {
			nameColumn = c.GetLetter()
		}
	}
	var rows []rowView
	for _, p := range answer.GetProblems() {
		if len(rows) == 0 || rows[len(rows)-1].Number != p.GetRow() {
			rows = append(rows, rowView{Number: p.GetRow(), Name: u.cell(int(p.GetRow()), nameColumn)})
		}
		row := &rows[len(rows)-1]
		row.Refused = row.Refused || p.GetRefused()
		cell := cellView{Problem: p.GetProblem().GetText(), Codes: p.GetNearestCodes()}
		if column := columnOf(p, answer.GetColumns()); column != "" && u.table != nil {
			cell.ID = fmt.Sprintf("cell.%d.%s", p.GetRow(), column)
			if slices.ContainsFunc(row.Cells, func(c cellView) bool { return c.ID == cell.ID }) {
				cell.ID = "" // one cell, two problems: it is mended once
			}
			cell.Label, cell.Value = p.GetColumn(), u.cell(int(p.GetRow()), column)
			cell.Lines = strings.Contains(cell.Value, "\n")
			if cell.Label == "" {
				cell.Label = v.door.Catalog.Name(v.lang, "field:"+column)
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return rows
}

// columnOf is where a problem can be mended: the letter of its column, or its field where the list has no such column.
func columnOf(p *tandemv1.ImportFirmsResponse_RowProblem, columns []*tandemv1.ImportFirmsResponse_ColumnGuess) string {
	top, _, _ := strings.Cut(p.GetField(), "[")
	for _, c := range columns {
		if p.GetColumn() != "" && c.GetHeader() == p.GetColumn() {
			if sheet.Column(c.GetLetter()) >= 0 && slices.Contains(sheet.Fields(), c.GetHeader()) && c.GetGiven() {
				return c.GetHeader() // a column that a correction added is known by its field
			}
			return c.GetLetter()
		}
	}
	if top == "name" {
		top = "display_name"
	}
	if slices.Contains(sheet.Fields(), top) {
		return top
	}
	return ""
}

// mendUpload takes corrections, and takes the list over where that is asked for.
func (v *visit) mendUpload() error {
	u := v.session.uploaded()
	if u == nil {
		return v.uploadPageAs(http.StatusConflict, v.say("web.upload.gone"))
	}
	next := u.corrected(v.r.PostForm)
	v.session.setUpload(next)
	switch v.form("do") {
	case "drop":
		v.session.setUpload(nil)
		return v.redirect("/web/upload")
	case "take":
		answer, err := v.send(next, false)
		if err != nil {
			p := v.problemOf(err)
			return v.showAs(http.StatusBadRequest, "upload-list", v.say("web.list.title"), uploadView{Name: u.name, Problem: &p, Answer: new(tandemv1.ImportFirmsResponse)})
		}
		v.session.setUpload(nil)
		return v.show("upload-list", v.say("web.list.taken"), uploadView{Name: u.name, Answer: answer, Taken: true, Rows: v.rowViews(&upload{table: u.table, cells: next.cells}, answer)})
	default:
		return v.redirect("/web/upload/list")
	}
}

// corrected is the upload with the corrections of a form. The old one stays as it is, since another tab may be reading it.
func (u *upload) corrected(form map[string][]string) *upload {
	next := *u
	next.overwrite = slices.Contains(form["overwrite"], "yes")
	next.cells, next.given = make(map[int]map[string]string), make(map[string]string)
	for row, cells := range u.cells {
		next.cells[row] = make(map[string]string)
		for column, text := range cells {
			next.cells[row][column] = text
		}
	}
	for letter, field := range u.given {
		next.given[letter] = field
	}
	for name, values := range form {
		kind, where, _ := strings.Cut(name, ".")
		switch kind {
		case "column":
			i := sheet.Column(where)
			if i < 0 || i >= len(u.columns) {
				continue
			}
			now := u.columns[i].GetField()
			if given, ok := u.given[where]; ok {
				now = given
			}
			if now != values[0] && (now != "" || values[0] != "-") {
				next.given[where] = values[0]
			}
		case "cell":
			number, column, _ := strings.Cut(where, ".")
			row, err := strconv.Atoi(number)
			text := lines(values[0])
			if err != nil || u.table == nil || u.cell(row, column) == text {
				continue
			}
			if next.cells[row] == nil {
				next.cells[row] = make(map[string]string)
			}
			next.cells[row][column] = text
		}
	}
	return &next
}

// lines is a text of several lines as it was before a browser sent it.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// uploadReview gives the list back as a workbook with what is wrong in each row.
func (v *visit) uploadReview() error {
	u := v.session.uploaded()
	if u == nil {
		return v.redirect("/web/upload")
	}
	data, columns, err := u.file()
	if err != nil {
		return err
	}
	stream, err := v.firmsClient().ReviewFirms(v.ctx())
	if err != nil {
		return err
	}
	err = stream.Send(&tandemv1.ReviewFirmsRequest{Options: &tandemv1.ImportFirmsRequest_Options{Attested: true, Partial: true, ColumnMap: columns, Language: v.language(), OverwriteSelf: u.overwrite}})
	for part := range slices.Chunk(data, filePart) {
		if err == nil {
			err = stream.Send(&tandemv1.ReviewFirmsRequest{Data: part})
		}
	}
	if err == nil {
		err = stream.CloseSend()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var workbook []byte
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return v.save(workbook, workbookType, "tandem-review.xlsx")
		}
		if err != nil {
			return err
		}
		workbook = append(workbook, part.GetData()...)
	}
}

// uploadTemplate is an empty workbook to fill in, in the reader's language.
func (v *visit) uploadTemplate() error {
	workbook, err := sheet.Template(v.door.Catalog, v.door.Partnership, v.lang)
	if err != nil {
		return err
	}
	return v.save(workbook, workbookType, "tandem-"+v.lang.String()+".xlsx")
}

// save sends a file for the browser to keep.
func (v *visit) save(file []byte, kind, name string) error {
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = v.w.Write(file) // the reader may be gone
	return nil
}
