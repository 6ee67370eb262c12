package sheet

// The limits of a table. They are far above any list of organisations and far below what would hurt the server.
const (
	maxRows    = 50_000    // rows with content
	maxColumns = 256       // columns with content
	maxCells   = 1_000_000 // cells kept, empty ones inside a row included
	maxCell    = 256 << 10 // bytes of one cell
	maxText    = 16 << 20  // bytes of all cells, and of a workbook's shared texts
	maxStrings = 300_000   // shared texts

	maxEntries  = 2_000     // files inside a workbook
	maxUnzipped = 512 << 20 // bytes of all of them, as the workbook declares them
	maxPart     = 384 << 20 // bytes of one that is read as a stream
	maxSmall    = 8 << 20   // bytes of one that is kept: relations, styles, the list of sheets
	maxRatio    = 400       // of a large file inside to its packed form; deflate alone cannot do more than 1032
	largePart   = 16 << 20  // bytes from which the ratio counts
	maxSheets   = 256
	maxMerged   = 100_000 // merged ranges
	maxFilled   = 200_000 // cells that merged ranges fill
	lastRow     = 1 << 20 // of a worksheet in any spreadsheet program

	// maxSearched is for how many pieces of free text those that they resemble are looked for, which takes milliseconds each.
	maxSearched = 2_000

	// headerDepth is how many rows with content may stand above the header.
	headerDepth = 20
)
