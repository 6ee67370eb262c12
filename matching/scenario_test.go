package matching

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// TestScenarios plays testdata/scenarios/*.txt, the specification of the engine in a language that a defence analyst can
// read and write; its words are explained in testdata/scenarios/README.md. Every file must expect something.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d scenarios, %v: want at least 25", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := newScenario(t)
			if err := s.play(string(content)); err != nil {
				t.Errorf("%s:%v", file, err)
			}
			if s.expectations == 0 {
				t.Errorf("%s: nothing is expected", file)
			}
		})
	}
}

// eachScenario hands over every market on which a scenario expects something.
func eachScenario(t *testing.T, do func(m *Market)) {
	t.Helper()
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := newScenario(t)
		s.built = do
		if err := s.play(string(content)); err != nil {
			t.Errorf("%s:%v", file, err)
		}
	}
}

// scenario is a small market under construction. Lines take effect in their order, so that a fact may change between two
// expectations.
type scenario struct {
	facts        Facts
	counted      bool
	profiles     []Profile
	expectations int
	market       *Market // nil after a change
	built        func(m *Market)
}

func newScenario(t testing.TB) *scenario { return &scenario{facts: seedFacts(t)} }

// play runs all lines and returns the first mistake with its line number.
func (s *scenario) play(text string) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if err := s.line(strings.TrimRight(line, " \n")); err != nil {
			return fmt.Errorf("%d: %w", number, err)
		}
	}
	return nil
}

func (s *scenario) line(line string) error {
	if strings.Contains(line, " ~ ") && !strings.HasPrefix(line, "decision ") || strings.HasPrefix(line, "best of ") {
		s.expectations++
		return s.expect(line)
	}
	s.market = nil
	words := strings.Fields(line)
	switch words[0] {
	case "first", "second":
		return s.organisation(words)
	case "offers", "needs", "accepts", "works", "avoids", "says", "states", "is", "lacks", "named", "compiled":
		if len(s.profiles) == 0 || line[0] != ' ' {
			return fmt.Errorf("%q belongs, indented, under an organisation", words[0])
		}
		return s.detail(&s.profiles[len(s.profiles)-1], words, strings.TrimSpace(line))
	}
	return s.fact(words, line)
}

// organisation reads "first algoma is a company in CA-ON".
func (s *scenario) organisation(words []string) error {
	if len(words) < 5 || words[2] != "is" || words[3] != "a" && words[3] != "an" {
		return fmt.Errorf("want: %s <id> is a <kind> [in <region>]", words[0])
	}
	kind, err := ParseKind(enumName(words[4]))
	if err != nil {
		return err
	}
	p := Profile{ID: words[1], Name: words[1], Kind: kind, Status: Approved}
	if words[0] == "second" {
		p.Side = Second
	}
	p.Country = s.facts.Sides[p.Side].Countries[0]
	if len(words) == 7 && words[5] == "in" {
		p.Region = words[6]
		if _, ok := catalog.Embedded().Region(p.Region); !ok {
			return fmt.Errorf("region %q is unknown", p.Region)
		}
	} else if len(words) > 5 {
		return fmt.Errorf("%q: want: in <region>", strings.Join(words[5:], " "))
	}
	s.profiles = append(s.profiles, p)
	return nil
}

// detail reads an indented line about the organisation above it.
func (s *scenario) detail(p *Profile, words []string, line string) error {
	rest := strings.TrimSpace(strings.TrimPrefix(line, words[0]))
	switch words[0] {
	case "offers":
		o, err := readOffer(rest)
		p.Offers = append(p.Offers, o)
		return err
	case "needs":
		n, err := readNeed(rest)
		p.Needs = append(p.Needs, n)
		return err
	case "accepts":
		modes, err := readModes(rest)
		p.Modes = modes
		return err
	case "works":
		p.Programs = append(p.Programs, words[len(words)-1]) // works on <program>
	case "avoids":
		p.Exclusions = append(p.Exclusions, rest)
	case "says":
		p.Summary.EN = rest
	case "states":
		p.ResponsibleUse = rest
	case "lacks":
		p.Missing = append(p.Missing, rest)
	case "named":
		p.NativeName = rest
	case "compiled":
		p.Provenance = Compiled
	case "is":
		status, err := ParseStatus(enumName(rest))
		p.Status = status
		return err
	}
	return nil
}

func enumName(s string) string { return strings.ToUpper(strings.ReplaceAll(s, "-", "_")) }

func readModes(s string) (ModeSet, error) {
	var set ModeSet
	for _, token := range strings.Split(s, ",") {
		m, err := ParseMode(strings.TrimSpace(token))
		if err != nil {
			return 0, err
		}
		set = set.With(m)
	}
	return set, nil
}

// attributes cuts "code, word value, word value: own words" into its parts.
func attributes(s string) (code catalog.Code, attrs [][2]string, own string, err error) {
	s, own, _ = strings.Cut(s, ":")
	parts := strings.Split(s, ",")
	code, ok := catalog.Embedded().Lookup(strings.TrimSpace(parts[0]))
	if !ok {
		return 0, nil, "", fmt.Errorf("capability %q is unknown: nearest are %s", parts[0], strings.Join(catalog.Embedded().Nearest(parts[0], 3), ", "))
	}
	for _, part := range parts[1:] {
		word, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		attrs = append(attrs, [2]string{word, strings.TrimSpace(value)})
	}
	return code, attrs, strings.TrimSpace(own), nil
}

// readOffer reads "underwater.sonar.towed-array, core, trl 8, for co-development + supply, capacity 0: thin-line arrays".
func readOffer(s string) (o Offer, err error) {
	var attrs [][2]string
	if o.Capability, attrs, o.Detail.EN, err = attributes(s); err != nil {
		return o, err
	}
	for _, a := range attrs {
		switch a[0] {
		case "core", "secondary":
			o.Level, err = ParseLevel(enumName(a[0]))
		case "trl":
			o.TRL, err = strconv.Atoi(a[1])
		case "for":
			o.Modes, err = readModes(strings.ReplaceAll(a[1], "+", ","))
		case "capacity":
			var n int
			n, err = strconv.Atoi(a[1])
			capacity := int32(n)
			o.Capacity = &capacity
		case "designated":
			o.DesignatedTechnology = true
		default:
			err = readMaterial(&o.Material, a)
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

// readNeed reads "underwater.sonar.processing, partner, high, for co-development, secret: beamforming".
func readNeed(s string) (n Need, err error) {
	var attrs [][2]string
	if n.Capability, attrs, n.Detail.EN, err = attributes(s); err != nil {
		return n, err
	}
	for _, a := range attrs {
		switch a[0] {
		case "supplier", "partner", "customer":
			n.Aim, err = ParseAim(enumName(a[0]))
		case "high", "medium", "low":
			n.Priority, err = ParsePriority(enumName(a[0]))
		case "unclassified", "protected", "confidential", "secret", "top-secret":
			n.Classification, err = ParseClassification(enumName(a[0]))
		case "for":
			n.Modes, err = readModes(strings.ReplaceAll(a[1], "+", ","))
		default:
			err = readMaterial(&n.Material, a)
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func readMaterial(m *Material, a [2]string) error {
	switch a[0] {
	case "grade":
		m.Grade = a[1]
	case "form":
		m.Form = a[1]
	case "tonnes":
		n, err := strconv.Atoi(a[1])
		m.TonnesPerYear = int32(n)
		return err
	default:
		return fmt.Errorf("%q is unknown", a[0])
	}
	return nil
}

// fact reads a line about the world.
func (s *scenario) fact(words []string, line string) (err error) {
	switch {
	case line == "rarity counted":
		s.counted = true
	case words[0] == "sides" && len(words) == 3:
		for side := range s.facts.Sides {
			s.facts.Sides[side].Countries = []string{words[1+side]}
		}
	case words[0] == "as" && len(words) == 3:
		s.facts.AsOf, err = ParseDate(words[2])
	case words[0] == "framework" && len(words) == 6 && words[2] == "is" && words[4] == "since":
		f := (&Market{facts: s.facts}).framework(words[1])
		if f == nil {
			return fmt.Errorf("framework %q is unknown", words[1])
		}
		f.Status = FrameworkStatus(words[3])
		f.StatusDate, err = ParseDate(words[5])
	case words[0] == "program" && len(words) >= 4 && words[2] == "is":
		i := slices.IndexFunc(s.facts.Programs, func(p Program) bool { return p.ID == words[1] })
		if i < 0 {
			return fmt.Errorf("program %q is unknown", words[1])
		}
		s.facts.Programs[i].Status = words[3]
		if len(words) == 6 && words[4] == "to" {
			s.facts.Programs[i].AwardedTo = words[5]
		}
	case words[0] == "without" && len(words) == 3:
		s.facts.Programs = slices.DeleteFunc(s.facts.Programs, func(p Program) bool { return words[1] == "program" && p.ID == words[2] })
		s.facts.Frameworks = slices.DeleteFunc(s.facts.Frameworks, func(f Framework) bool { return words[1] == "framework" && f.ID == words[2] })
		s.facts.Venues = slices.DeleteFunc(s.facts.Venues, func(v Venue) bool { return words[1] == "venue" && v.ID == words[2] })
	case words[0] == "decision" && len(words) >= 6 && words[4] == "~":
		h := Hold{First: words[3], Second: strings.TrimSuffix(words[5], ":"), Reason: strings.Join(words[6:], " ")}
		h.State, err = ParseGateState(enumName(words[1]))
		s.facts.Holds = append(s.facts.Holds, h)
	default:
		return fmt.Errorf("%q is not understood", line)
	}
	return err
}
