package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// book is a workbook being written: a front sheet in words, then sheets of typed columns. Sheets are streamed, so that a long
// one costs no more memory than its rows. The first error stays and ends the writing.
type book struct {
	file   *excelize.File
	lang   catalog.Language
	sheets int
	names  map[string]bool // sheet names in lower case, since spreadsheets tell them apart by letters alone
	styles map[bookStyle]int
	err    error
}

// bookStyle is one look of a cell. The first four are also what a column holds.
type bookStyle int

const (
	bookText    bookStyle = iota // a string
	bookNumber                   // an int
	bookPercent                  // a ratio
	bookDate                     // a string, YYYY-MM-DD; "" leaves the cell empty
	bookGuarded                  // a string that begins like a formula: it stays text when somebody edits the cell
	bookHeader
	bookNumberHeader // of a column of numbers, which stand to the right
	bookTitle
	bookLabel
)

// ratio is a part of a whole, shown as a percentage; of nothing it is an empty cell.
type ratio struct{ part, whole int }

// bookColumn is a column of a sheet: its header, its width in characters, and what its cells hold.
type bookColumn struct {
	title string
	width float64
	holds bookStyle
}

// bookSheet is a sheet with one table from its first cell: frozen header, filters, set to print on A4 lying. A cell holds what
// its column says, or nil.
type bookSheet struct {
	name    string
	columns []bookColumn
	keep    int // how many columns stay in view and on every printed page, since the table is wider than either
	rows    [][]any
	long    *bookRows // instead of rows, those that nobody holds
	charts  []bookChart
}

// bookRows are so many rows that are made as they are written.
type bookRows struct {
	count int
	each  func(write func(row []any)) error
}

// length is how many rows a sheet has below its header.
func (s bookSheet) length() int {
	if s.long != nil {
		return s.long.count
	}
	return len(s.rows)
}

// pageWidth is how many characters still can be read across a printed page.
const pageWidth = 210

// pages is on how many pages side by side a sheet is printed, so that it can be read.
func (s bookSheet) pages() int {
	if s.keep == 0 {
		return 1
	}
	width := 0.0
	for _, c := range s.columns {
		width += c.width
	}
	return 1 + int(width)/pageWidth
}

// bookChart is a chart of columns of its sheet, which stands to the right of the table.
type bookChart struct {
	title  string
	lying  bool // bars that lie, for long labels
	labels int  // the column with the labels
	values []int
	colors []string // of the values, six hexadecimal digits
}

// bookLine is a line of the front sheet: a label with a value, or without a label a paragraph.
type bookLine struct{ label, text string }

// maxBookCell is how many UTF-16 units a spreadsheet program keeps of one cell.
const maxBookCell = 32767

// newBook begins a workbook. Korean has a font of its own everywhere, so that Hangul is set alike in Excel and elsewhere and
// never falls back to a font of another language's letter forms.
func (r *reader) newBook() *book {
	b := &book{file: excelize.NewFile(), lang: r.lang, names: map[string]bool{}, styles: map[bookStyle]int{}}
	fonts := &b.file.Theme.ThemeElements.FontScheme
	fonts.MajorFont.Ea.Typeface, fonts.MinorFont.Ea.Typeface = hangulFont, hangulFont
	b.try(b.file.SetDefaultFont(b.font()))
	b.try(b.file.SetDocProps(&excelize.DocProperties{
		Creator: "Tandem", Title: r.say("report.title"), Subject: r.report.Digest, Language: r.lang.String(),
		Created: r.report.Snapshot.GetAsOf() + "T00:00:00Z", Modified: r.report.Snapshot.GetAsOf() + "T00:00:00Z",
	}))
	return b
}

const hangulFont = "Malgun Gothic"

func (b *book) font() string {
	if b.lang == catalog.KO {
		return hangulFont
	}
	return "Calibri"
}

func (b *book) try(err error) {
	if b.err == nil {
		b.err = err
	}
}

// add begins a sheet under a name that spreadsheets allow and that no other sheet has, and returns that name.
func (b *book) add(name string) string {
	name = b.free(name)
	if b.sheets++; b.sheets == 1 {
		b.try(b.file.SetSheetName("Sheet1", name))
		return name
	}
	_, err := b.file.NewSheet(name)
	b.try(err)
	return name
}

// free takes out what a sheet's name may not hold, cuts it to 31 units and numbers it where it is taken.
func (b *book) free(name string) string {
	name = strings.Trim(strings.NewReplacer("/", "-", "\\", "-", "?", "", "*", "", "[", "(", "]", ")", ":", "").Replace(name), "' ")
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = " " + digits(n)
		}
		cut := cutUnits(name, excelize.MaxSheetNameLength-len(suffix)) + suffix
		if key := strings.ToLower(cut); !b.names[key] {
			b.names[key] = true
			return cut
		}
	}
}

// cutUnits cuts a text to so many UTF-16 units, at a rune.
func cutUnits(text string, most int) string {
	units := 0
	for i, c := range text {
		if units += len(utf16.AppendRune(nil, c)); units > most {
			return strings.TrimRight(text[:i], " ")
		}
	}
	return text
}

// front writes the first sheet: a title, then lines of words.
func (b *book) front(name, title string, lines []bookLine) {
	name = b.add(name)
	out := b.stream(name, "portrait", 1, []float64{26, 96})
	out.row(1, []any{styled{title, bookTitle}})
	for i, line := range lines {
		row := []any{styled{line.label, bookLabel}, styled{line.text, bookText}}
		if line.label == "" {
			row[0] = nil
		}
		out.row(i+3, row)
	}
	out.end()
}

// sheet writes a table.
func (b *book) sheet(s bookSheet) {
	name := b.add(s.name)
	widths := make([]float64, len(s.columns))
	header := make([]any, len(s.columns))
	for i, c := range s.columns {
		look := bookHeader
		if c.holds == bookNumber || c.holds == bookPercent {
			look = bookNumberHeader
		}
		widths[i], header[i] = c.width, styled{c.title, look}
	}
	out := b.stream(name, "landscape", s.pages(), widths)
	out.freeze(s.keep)
	last, err := excelize.CoordinatesToCellName(max(1, len(s.columns)), s.length()+1)
	b.try(err)
	b.try(b.file.AutoFilter(name, "A1:"+last, nil))
	titles := quoted(name) + "!$1:$1"
	if s.keep > 0 {
		last, err := excelize.ColumnNumberToName(s.keep)
		b.try(err)
		titles = quoted(name) + "!$A:$" + last + "," + titles
	}
	b.try(b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: name}))
	for i, c := range s.charts {
		b.chart(name, i, s, c)
	}
	out.row(1, header)
	written := 1
	write := func(row []any) {
		cells := make([]any, len(row))
		for j, value := range row {
			if value != nil {
				cells[j] = styled{value, s.columns[j].holds}
			}
		}
		written++
		out.row(written, cells)
	}
	for _, row := range s.rows {
		write(row)
	}
	if s.long != nil && b.err == nil {
		b.try(s.long.each(write))
	}
	out.end()
}

// quoted is a sheet's name as formulas write it.
func quoted(name string) string { return "'" + strings.ReplaceAll(name, "'", "''") + "'" }

// write ends the workbook. Its parts are put in order, since the library writes streamed sheets in a random one; they bear no
// time.
func (b *book) write(w io.Writer) error {
	types := b.file.ContentTypes // its entries come in a random order too
	sort.Slice(types.Overrides, func(i, j int) bool { return types.Overrides[i].PartName < types.Overrides[j].PartName })
	sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	buffer := new(bytes.Buffer)
	if b.err == nil {
		buffer, b.err = b.file.WriteToBuffer()
	}
	if err := errors.Join(b.err, b.file.Close()); err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(buffer.Bytes()), int64(buffer.Len()))
	if err != nil {
		return err
	}
	slices.SortFunc(archive.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, part := range archive.File {
		if err := out.Copy(part); err != nil {
			return err
		}
	}
	return out.Close()
}

// styled is a value with its look.
type styled struct {
	value any
	look  bookStyle
}

// bookStream writes the rows of one sheet.
type bookStream struct {
	book   *book
	rows   *excelize.StreamWriter
	widths []float64
	table  bool
}

// stream opens a sheet for its rows. What concerns the sheet as a whole must be said before its first row.
func (b *book) stream(name, orientation string, pages int, widths []float64) *bookStream {
	fit, none, paper := true, 0, 9
	b.try(b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}))
	b.try(b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &paper, Orientation: &orientation, FitToWidth: &pages, FitToHeight: &none}))
	b.try(b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L&A&R&P / &N"}))
	rows, err := b.file.NewStreamWriter(name)
	b.try(err)
	out := &bookStream{book: b, rows: rows, widths: widths}
	if b.err != nil {
		return out
	}
	for i, width := range widths {
		b.try(rows.SetColWidth(i+1, i+1, width))
	}
	return out
}

// freeze keeps the header and so many columns in view.
func (s *bookStream) freeze(columns int) {
	s.table = true
	if s.book.err != nil {
		return
	}
	cell, err := excelize.CoordinatesToCellName(columns+1, 2)
	s.book.try(err)
	pane := "bottomLeft"
	if columns > 0 {
		pane = "bottomRight"
	}
	s.book.try(s.rows.SetPanes(&excelize.Panes{Freeze: true, XSplit: columns, YSplit: 1, TopLeftCell: cell, ActivePane: pane}))
}

func (s *bookStream) row(number int, values []any) {
	if s.book.err != nil {
		return
	}
	cells := make([]any, len(values))
	for i, value := range values {
		if v, ok := value.(styled); ok {
			cells[i] = s.book.cell(v)
		}
	}
	s.book.try(s.rows.SetRow("A"+digits(number), cells, excelize.RowOpts{Height: s.height(values)}))
}

// height is how high a row must be to show its texts, in points: streamed rows are not fitted when they are opened. Hangul takes
// two columns a letter. A row of a table shows six lines at most, so that an eye can run down it; its cells hold the rest.
func (s *bookStream) height(values []any) float64 {
	const line = 15.0
	most := 409.0 // a spreadsheet knows no higher row
	if s.table {
		most = 6 * line
	}
	highest := 1
	for i, value := range values {
		v, ok := value.(styled)
		said, isText := v.value.(string)
		if !ok || !isText {
			continue
		}
		if v.look == bookTitle {
			return 2 * line
		}
		units := 0.0
		for _, c := range said {
			if units++; c >= 0x1100 {
				units++
			}
		}
		highest = max(highest, 1+int(1.15*units/s.widths[i]))
	}
	return min(most, line*float64(highest))
}

func (s *bookStream) end() {
	if s.book.err == nil {
		s.book.try(s.rows.Flush())
	}
}

// cell makes a value what a spreadsheet keeps: numbers are numbers, dates dates, and a text is never a formula.
func (b *book) cell(v styled) any {
	switch value := v.value.(type) {
	case string:
		if v.look == bookDate {
			day, err := time.Parse(time.DateOnly, value)
			if err != nil {
				return nil // no date is known
			}
			return excelize.Cell{StyleID: b.style(bookDate), Value: day}
		}
		if v.look == bookText && inert(value) != strings.ReplaceAll(value, "\n", " ") {
			v.look = bookGuarded
		}
		return excelize.Cell{StyleID: b.style(v.look), Value: cutUnits(value, maxBookCell)}
	case ratio:
		if value.whole == 0 {
			return nil
		}
		return excelize.Cell{StyleID: b.style(bookPercent), Value: float64(value.part) / float64(value.whole)}
	default:
		return excelize.Cell{StyleID: b.style(v.look), Value: value}
	}
}

// style makes each look once.
func (b *book) style(look bookStyle) int {
	if made, ok := b.styles[look]; ok {
		return made
	}
	isoDate := "yyyy-mm-dd"
	style := &excelize.Style{Alignment: &excelize.Alignment{Vertical: "top"}}
	switch look {
	case bookText:
		style.Alignment.WrapText = true
	case bookGuarded:
		style.Alignment.WrapText, style.NumFmt = true, 49
	case bookNumber:
		style.Alignment.Horizontal, style.Alignment.Indent, style.NumFmt = "right", 1, 3
	case bookPercent:
		style.Alignment.Horizontal, style.Alignment.Indent, style.NumFmt = "right", 1, 9
	case bookDate:
		style.CustomNumFmt = &isoDate
	case bookHeader, bookNumberHeader:
		style.Alignment.WrapText, style.Alignment.Vertical = true, "center"
		if look == bookNumberHeader {
			style.Alignment.Horizontal, style.Alignment.Indent = "right", 1
		}
		style.Font = &excelize.Font{Bold: true, Color: "FFFFFF", Family: b.font(), Size: 11}
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3A5F"}}
	case bookTitle:
		style.Font = &excelize.Font{Bold: true, Color: "1F3A5F", Family: b.font(), Size: 18}
	case bookLabel:
		style.Font = &excelize.Font{Bold: true, Color: "1F3A5F", Family: b.font(), Size: 11}
	}
	made, err := b.file.NewStyle(style)
	b.try(err)
	b.styles[look] = made
	return made
}

// chart draws columns of a sheet's table to its right, one chart below the other.
func (b *book) chart(name string, place int, s bookSheet, c bookChart) {
	if len(s.rows) == 0 {
		return
	}
	column := func(i int) string {
		letter, err := excelize.ColumnNumberToName(i + 1)
		b.try(err)
		return "$" + letter + "$"
	}
	cells := func(i int) string {
		return quoted(name) + "!" + column(i) + "2:" + column(i) + digits(len(s.rows)+1)
	}
	gap, overlap := uint(40), 100
	words := excelize.Font{Size: 10, Family: b.font(), Color: "404040"} // left alone, LibreOffice draws them in the grey of the axis
	chart := &excelize.Chart{
		Type: excelize.ColStacked, GapWidth: &gap, Overlap: &overlap,
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.title, Font: &excelize.Font{Bold: true, Size: 12, Family: b.font()}}}},
		Dimension: excelize.ChartDimension{Width: 760, Height: 440},
		Legend:    excelize.ChartLegend{Position: "bottom"},
		XAxis:     excelize.ChartAxis{Font: words, Alignment: excelize.Alignment{TextRotation: -45}},
		YAxis:     excelize.ChartAxis{Font: words, MajorGridLines: true},
	}
	if c.lying {
		chart.Type, chart.Dimension.Height = excelize.BarStacked, uint(140+34*len(s.rows))
		chart.XAxis.ReverseOrder, chart.XAxis.Alignment.TextRotation = true, 0
	}
	if len(c.values) == 1 {
		chart.Legend.Position = "none"
	}
	for i, value := range c.values {
		chart.Series = append(chart.Series, excelize.ChartSeries{
			Name: quoted(name) + "!" + column(value) + "1", Categories: cells(c.labels), Values: cells(value),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{c.colors[i]}},
		})
	}
	at, err := excelize.CoordinatesToCellName(len(s.columns)+2, 2+place*24)
	b.try(err)
	b.try(b.file.AddChart(name, at, chart))
}
