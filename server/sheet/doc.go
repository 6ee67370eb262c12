// Package sheet turns tables into organisations and back: the list that an organiser keeps in a workbook (XLSX) or as CSV.
//
//	table, err := sheet.Read(data, sheet.Options{})        // bytes to rows of text, whatever the form and the encoding
//	columns, err := sheet.Columns(cat, table, corrections) // which column holds what
//	rows := sheet.Firms(cat, partnership, table, columns)  // a Firm and its problems for each row
//	sheet.Reviewed(cat, table, problems, catalog.KO)       // the workbook again, with a column that says what is wrong
//	sheet.Template(cat, partnership, catalog.FR)           // an empty workbook with drop-downs
//	sheet.Export(cat, firms, catalog.EN, format)           // a table that reads back without a difference
//
// A list is written by people for people: headers in three languages and any order, title rows, merged cells, several capabilities in one
// cell. What is read is only what is certain. A capability is chosen where its words mean one and no other; everything else is a problem
// with the codes that may have been meant, and the organisation's own words are kept beside the code.
//
// A list may also come from a stranger. Workbooks are read as a stream by a reader of this package that knows no macros, formulas,
// entities or links, and that counts bytes, rows and columns before it keeps them; the limits are in limit.go. Whatever is refused is an
// Error whose sentence, in three languages, says what to do about it.
//
// The package is pure: no files, network, clock or chance. It writes workbooks with excelize and reads them by itself.
package sheet
