package sheet

import (
	"errors"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// book is a workbook being written. The first error stays and ends the writing.
type book struct {
	file *excelize.File
	err  error
}

// maxBookCell is how many UTF-16 units a spreadsheet program keeps of one cell.
const maxBookCell = 32767

// newBook begins a workbook of one sheet.
func newBook(sheet string) *book {
	b := &book{file: excelize.NewFile()}
	b.try(b.file.SetSheetName("Sheet1", sheet))
	return b
}

func (b *book) try(err error) {
	if b.err == nil {
		b.err = err
	}
}

// put writes a text, which stays a text whatever it begins with.
func (b *book) put(sheet string, column, row int, text string) {
	cell, err := excelize.CoordinatesToCellName(column+1, row)
	b.try(err)
	b.try(b.file.SetCellStr(sheet, cell, safe(text, true)))
}

// paint gives a range of cells a style.
func (b *book) paint(sheet string, left, top, right, bottom int, style *excelize.Style) {
	id, err := b.file.NewStyle(style)
	b.try(err)
	first, err := excelize.CoordinatesToCellName(left+1, top)
	b.try(err)
	last, err := excelize.CoordinatesToCellName(right+1, bottom)
	b.try(err)
	b.try(b.file.SetCellStyle(sheet, first, last, id))
}

// tint lays a colour under a cell and leaves the rest of its style as it is.
func (b *book) tint(sheet string, column, row int) {
	cell, err := excelize.CoordinatesToCellName(column+1, row)
	b.try(err)
	id, err := b.file.GetCellStyle(sheet, cell)
	b.try(err)
	style, err := b.file.GetStyle(id)
	if err != nil || style == nil {
		style = new(excelize.Style)
	}
	style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFE0B2"}}
	b.paint(sheet, column, row, column, row, style)
}

// width sets the width of a column, in characters.
func (b *book) width(sheet string, column int, width float64) {
	name := Letter(column)
	b.try(b.file.SetColWidth(sheet, name, name, width))
}

// freeze keeps the header in sight and gives it filters.
func (b *book) freeze(sheet string, row, columns int) {
	below, err := excelize.CoordinatesToCellName(1, row+1)
	b.try(err)
	b.try(b.file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: row, TopLeftCell: below, ActivePane: "bottomLeft"}))
	first, err := excelize.CoordinatesToCellName(1, row)
	b.try(err)
	last, err := excelize.CoordinatesToCellName(columns, row)
	b.try(err)
	b.try(b.file.AutoFilter(sheet, first+":"+last, nil))
}

// bytes ends the workbook.
func (b *book) bytes() ([]byte, error) {
	if b.err != nil {
		return nil, errors.Join(b.err, b.file.Close())
	}
	buffer, err := b.file.WriteToBuffer()
	if err := errors.Join(err, b.file.Close()); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// The styles of written tables.
func headerStyle() *excelize.Style {
	return &excelize.Style{
		Font:      &excelize.Font{Bold: true, Color: "FFFFFF"},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F3A5F"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	}
}

func wrapStyle() *excelize.Style {
	return &excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}
}

// tooLong tells whether a spreadsheet program would cut a text.
func tooLong(text string) bool {
	return len(text) > maxBookCell && len(utf16.Encode([]rune(text))) > maxBookCell
}
