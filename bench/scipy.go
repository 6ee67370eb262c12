package main

import (
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/canada-korea-roadshow/tandem/matching"
)

//go:embed coverages.py
var scipyProgram string

// scipyPythons are where a Python with scipy is looked for: that of Debian's python3-scipy first.
var scipyPythons = [...]string{"/usr/bin/python3", "python3"}

// errNoScipy is returned where scipy is not installed; the other peers do without it.
var errNoScipy = errors.New("no scipy here; Debian's package is python3-scipy")

// scipyProduct computes the core by products of sparse matrices in Python.
type scipyProduct struct {
	python string
	scorer *plain
}

func openScipy(p *plain) (finder, error) {
	for _, python := range scipyPythons {
		if exec.Command(python, "-c", "import scipy").Run() == nil { //nolint:gosec // one of two names
			return &scipyProduct{python, p}, nil
		}
	}
	return nil, errNoScipy
}

func (s *scipyProduct) find(queries []int, k int) (found [][]partner, took time.Duration, err error) {
	dir, err := os.MkdirTemp("", "tandem-scipy-")
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := s.write(dir, queries, k); err != nil {
		return nil, 0, err
	}
	command := exec.Command(s.python, "-c", scipyProgram, dir) //nolint:gosec // our own program
	command.Stderr = os.Stderr
	command.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	if err := command.Run(); err != nil {
		return nil, 0, fmt.Errorf("scipy: %w", err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "answer.json")) //nolint:gosec // our own file
	if err != nil {
		return nil, 0, err
	}
	var answer struct {
		CPU   float64    `json:"cpu"`
		Lists [][][3]int `json:"lists"`
	}
	if err := json.Unmarshal(content, &answer); err != nil {
		return nil, 0, fmt.Errorf("scipy: %w", err)
	}
	for _, list := range answer.Lists {
		var partners []partner
		for _, p := range list {
			partners = append(partners, partner{p[0], p[1], int32(p[2])}) //nolint:gosec // at most 65280
		}
		found = append(found, partners)
	}
	return found, time.Duration(answer.CPU * float64(time.Second)), nil
}

// write puts the matrices where the program finds them.
func (s *scipyProduct) write(dir string, queries []int, k int) error {
	asked := make([]plainFirm, len(queries))
	for i, q := range queries {
		asked[i] = s.scorer.sides[matching.First][q]
	}
	others := s.scorer.sides[matching.Second]
	task, err := json.Marshal(map[string]int{
		"codes": s.scorer.size, "queries": len(asked), "others": len(others), "k": k, "halfway": s.scorer.halfway,
		"one_sided": s.scorer.oneSided, "most": matching.MaxNeeds * 255 * 255,
	})
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "task.json"), task, 0o600),
		s.matrix(dir, "needs", asked, s.needs), s.matrix(dir, "offers", asked, s.offers),
		s.matrix(dir, "their-needs", others, s.needs), s.matrix(dir, "their-offers", others, s.offers),
	)
}

func (s *scipyProduct) needs(f *plainFirm) (columns, values []int) {
	wanted := f.wanted()
	for _, code := range slices.Sorted(maps.Keys(wanted)) {
		columns, values = append(columns, code), append(values, wanted[code])
	}
	return columns, values
}

func (s *scipyProduct) offers(f *plainFirm) (columns, values []int) {
	for code, value := range s.scorer.expanded(f) {
		if value > 0 {
			columns, values = append(columns, code), append(values, value)
		}
	}
	return columns, values
}

func (s *scipyProduct) matrix(dir, name string, firms []plainFirm, row func(*plainFirm) (columns, values []int)) error {
	pointers := []int{0}
	var columns, values []int
	for i := range firms {
		c, v := row(&firms[i])
		columns, values = append(columns, c...), append(values, v...)
		pointers = append(pointers, len(columns))
	}
	var failed error
	for part, numbers := range map[string][]int{"pointers": pointers, "columns": columns, "values": values} {
		var b []byte
		for _, n := range numbers {
			b = binary.LittleEndian.AppendUint64(b, uint64(n)) //nolint:gosec // none is negative
		}
		failed = errors.Join(failed, os.WriteFile(filepath.Join(dir, name+"."+part), b, 0o600))
	}
	return failed
}

func (s *scipyProduct) close() error { return nil }
