// Package catalog is the vocabulary that Tandem matches with: the tree of capabilities with names and search terms
// in English, French and Korean, the edges between capabilities that complete each other, and the seed rows of
// frameworks, programmes, venues, actors and themes. It also is the only home of the sentences that the engine and
// the reports print (messages.csv).
//
// Everything is data in CSV files beside the code, embedded into the binary. Load checks them as it reads: a wrong
// cell is reported with file, line and column. A Catalog never changes once loaded, so any number of goroutines may
// read it. Its Digest names the exact vocabulary that a match run was computed with.
//
// Three questions are answered here:
//
//	c := catalog.Embedded()
//	c.Resolve("예인선배열소나").Codes        // which capability do a firm's own words mean?
//	c.Within(code, root)                     // how do two capabilities lie to each other?
//	c.Sentence(catalog.FR, "mode.JOINT_RD")  // how is it said to a reader?
//
// The engine works on Code, a small index; everybody else on the code's text such as "underwater.sonar.towed-array".
// The package does no input or output beyond the given files and reads no clock. Of one partnership it names only the
// external lists that capabilities point to; countries, frameworks and programmes are rows.
package catalog

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sync"
)

//go:embed *.csv
var files embed.FS

// vocabulary lists the files that the digest covers, sorted. Sentences are left out: a better wording is not
// another vocabulary and changes no score.
var vocabulary = [...]string{
	"actors.csv", "adjacency.csv", "capabilities.csv", "crosswalks.csv", "frameworks.csv", "programs.csv",
	"regions.csv", "themes.csv", "venues.csv",
}

// Catalog is the loaded vocabulary. It is immutable; slices it returns are shared and must not be written to.
type Catalog struct {
	digest       string
	capabilities []Capability
	codes        map[string]Code
	children     [][]Code
	edges        []Edge
	edgesOf      [][]Edge
	labels       []Label
	regions      []Region
	frameworks   []Framework
	programs     []Program
	venues       []Venue
	actors       []Actor
	themes       []Theme
	messages     map[string]message
	names        map[string]Text // by typed argument, such as "fw:rd-mou"
	overlay      func(prefix, id string) (Text, bool)
	terms        *termIndex
}

var embedded = sync.OnceValue(func() *Catalog {
	c, err := Load(files)
	if err != nil {
		panic("catalog: the embedded vocabulary is broken: " + err.Error()) // the package's tests load it
	}
	return c
})

// Embedded returns the vocabulary that the binary carries. It is read once.
func Embedded() *Catalog { return embedded() }

// Load reads a vocabulary from files of the embedded ones' names and form. The error is a *LoadError that says
// which cell is wrong.
func Load(files fs.FS) (*Catalog, error) {
	c := &Catalog{}
	for _, read := range []func(fs.FS) error{
		c.readLabels, c.readCapabilities, c.readAdjacency, c.readRegions, c.readFrameworks, c.readPrograms,
		c.readVenues, c.readActors, c.readThemes, c.readMessages, c.readDigest,
	} {
		if err := read(files); err != nil {
			return nil, err
		}
	}
	c.names = c.collectNames()
	return c, nil
}

// Digest is the SHA-256, in hexadecimal, over names, lengths and bytes of the vocabulary files. Two catalogues with
// the same digest give the same codes, affinities and rows.
func (c *Catalog) Digest() string { return c.digest }

func (c *Catalog) readDigest(files fs.FS) error {
	sum := sha256.New()
	for _, file := range vocabulary {
		content, err := fs.ReadFile(files, file)
		if err != nil {
			return &LoadError{File: file, Why: err.Error()}
		}
		fmt.Fprintf(sum, "%s %d\n", file, len(content))
		sum.Write(content)
	}
	c.digest = hex.EncodeToString(sum.Sum(nil))
	return nil
}
