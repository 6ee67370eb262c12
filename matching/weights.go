package matching

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

//go:embed weights/*.txt
var weightFiles embed.FS

// CurrentVersion names the weights that new runs use.
const CurrentVersion = "v2"

// Weights are all constants of the score. They are read from weights/<version>.*.txt, where each has its reason, and
// never change: a better value is a new version. A run records the version it was computed with.
type Weights struct {
	Version string

	exact, narrower1, narrower2, broader1, broader2, sibling        int
	adjacent, spread, second, secondFloor                           int
	strCore, strSecondary, trlProven, trlTested, trlEarly, trlUnset int
	evidenceNone, evidenceFull                                      int
	needHigh, needMedium, needLow                                   int
	rarityBase, rarityStep, rarityFlat                              int
	power, halfway, oneSided                                        int
	terms                                                           [termCount]int
	textFull                                                        int
	bandStrong, bandGood                                            int
	modes                                                           [modeCount + 1]int
	maxFrameworks, maxPrograms, routeShare, themeShare              int

	coastal, civil []string
	stopWords      map[string]bool
	digest         string // of all of it
}

// WeightsFiles returns the files that weights are read from, for whoever computes the score without this package.
func WeightsFiles() fs.FS { return weightFiles }

// WeightsVersions lists the embedded versions, oldest first.
func WeightsVersions() []string { return []string{"v1", CurrentVersion} }

// CurrentWeights returns the weights of CurrentVersion.
func CurrentWeights() *Weights {
	w, err := WeightsByVersion(CurrentVersion)
	if err != nil {
		panic("matching: the embedded weights are broken: " + err.Error()) // the package's tests load them
	}
	return w
}

// WeightsByVersion returns the embedded weights of a version such as "v1".
func WeightsByVersion(version string) (*Weights, error) {
	if !slices.Contains(WeightsVersions(), version) {
		return nil, fmt.Errorf("weights version %q is unknown: want one of %s", version, strings.Join(WeightsVersions(), ", "))
	}
	return loadWeights(weightFiles, version)
}

// With returns a copy in which the constant of a name in the weights' file has another value, and whose version says so: what
// would the answers be? It is for measuring; a run never uses one, since no version is stored under such a name.
func (w *Weights) With(name string, value int) (*Weights, error) {
	next := *w
	field, ok := next.fields()[name]
	if !ok {
		return nil, fmt.Errorf("%q is no weight", name)
	}
	*field = value
	next.Version = fmt.Sprintf("%s, %s = %d", w.Version, name, value)
	next.digest = next.sum()
	return &next, nil
}

// fields ties the names in the file to the constants.
func (w *Weights) fields() map[string]*int {
	fields := map[string]*int{
		"affinity.exact": &w.exact, "affinity.narrower.1": &w.narrower1, "affinity.narrower.2": &w.narrower2,
		"affinity.broader.1": &w.broader1, "affinity.broader.2": &w.broader2, "affinity.sibling": &w.sibling,
		"affinity.adjacent": &w.adjacent, "affinity.spread": &w.spread, "affinity.second": &w.second,
		"affinity.second.floor": &w.secondFloor,
		"strength.core":         &w.strCore, "strength.secondary": &w.strSecondary, "strength.trl.proven": &w.trlProven,
		"strength.trl.tested": &w.trlTested, "strength.trl.early": &w.trlEarly, "strength.trl.unstated": &w.trlUnset,
		"strength.evidence.none": &w.evidenceNone, "strength.evidence.full": &w.evidenceFull,
		"need.high": &w.needHigh, "need.medium": &w.needMedium, "need.low": &w.needLow,
		"rarity.base": &w.rarityBase, "rarity.step": &w.rarityStep, "rarity.flat": &w.rarityFlat,
		"answer.power": &w.power, "coverage.halfway": &w.halfway, "onesided.divisor": &w.oneSided, "text.full": &w.textFull,
		"band.strong": &w.bandStrong, "band.good": &w.bandGood,
		"route.frameworks": &w.maxFrameworks, "route.programs": &w.maxPrograms, "route.share": &w.routeShare, "theme.share": &w.themeShare,
	}
	for t := range termCount {
		fields["modulator."+t.String()] = &w.terms[t]
	}
	for _, m := range Modes() {
		fields["mode."+m.Token()] = &w.modes[m]
	}
	return fields
}

func loadWeights(files fs.FS, version string) (*Weights, error) {
	w := &Weights{Version: version, stopWords: map[string]bool{}}
	fields := w.fields()
	err := eachAssignment(files, "weights/"+version+".txt", func(name, value string) error {
		field, ok := fields[name]
		if !ok {
			return fmt.Errorf("%q is no weight, or stands twice", name)
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > 1<<20 {
			return fmt.Errorf("%s: %q: want an integer from 0 to %d", name, value, 1<<20)
		}
		*field = n
		delete(fields, name)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(fields) > 0 {
		return nil, fmt.Errorf("weights/%s.txt: missing: %s", version, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
	}
	lists := map[string]*[]string{"coastal": &w.coastal, "civil": &w.civil}
	err = eachAssignment(files, "weights/"+version+".lists.txt", func(name, value string) error {
		list, ok := lists[name]
		if !ok {
			return fmt.Errorf("%q is no list", name)
		}
		*list = strings.Fields(value)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = eachLine(files, "weights/"+version+".stopwords.txt", func(line string) error {
		for word := range strings.FieldsSeq(line) {
			w.stopWords[word] = true
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	w.digest = w.sum()
	return w, w.check()
}

// sum is the SHA-256, in hexadecimal, over all constants.
func (w *Weights) sum() string {
	h := sha256.New()
	fields := w.fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(h, "%s = %d\n", name, *fields[name])
	}
	fmt.Fprintln(h, w.coastal, w.civil, slices.Sorted(maps.Keys(w.stopWords)))
	return hex.EncodeToString(h.Sum(nil))
}

// check holds what the proofs of the score's range rest on.
func (w *Weights) check() error {
	sum := 0
	for t := range termCount {
		sum += w.terms[t]
	}
	switch {
	case sum != fullModulator:
		return fmt.Errorf("weights %s: the modulator's terms add up to %d: want %d", w.Version, sum, fullModulator)
	case 3*w.terms[termText] < 2*fullModulator:
		return fmt.Errorf("weights %s: text is %d of %d: want two thirds at least", w.Version, w.terms[termText], fullModulator)
	case w.power < 1 || w.power > 3:
		return fmt.Errorf("weights %s: answer.power is %d: want 1 to 3", w.Version, w.power)
	case w.halfway < 1 || w.oneSided < 1 || w.textFull < 1:
		return fmt.Errorf("weights %s: coverage.halfway, onesided.divisor and text.full must be at least 1", w.Version)
	}
	for _, byteValue := range []int{
		w.exact, w.narrower1, w.narrower2, w.broader1, w.broader2, w.sibling, w.adjacent, w.second, w.strCore, w.strSecondary,
		w.trlProven, w.trlTested, w.trlEarly, w.trlUnset, w.evidenceNone, w.evidenceFull, w.needHigh, w.needMedium, w.needLow, w.rarityFlat,
	} {
		if byteValue > 255 {
			return fmt.Errorf("weights %s: %d: affinities, strengths and needs are bytes, 0 to 255", w.Version, byteValue)
		}
	}
	return nil
}

func eachAssignment(files fs.FS, file string, do func(name, value string) error) error {
	return eachLine(files, file, func(line string) error {
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("%q: want name = value", line)
		}
		return do(strings.TrimSpace(name), strings.TrimSpace(value))
	})
}

// eachLine calls do for every line that is not empty once its comment is cut off.
func eachLine(files fs.FS, file string, do func(line string) error) error {
	content, err := fs.ReadFile(files, file)
	if err != nil {
		return err
	}
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := do(line); err != nil {
			return fmt.Errorf("%s:%d: %w", file, number, err)
		}
	}
	return nil
}
