package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// english finds a word of the parsers: whoever reads French or Korean meets none in ordinary mistakes.
var english = regexp.MustCompile(`(?i)\b(expected|unknown|invalid|found|yaml: line|mapping|allowed|got)\b`)

func TestFaultsOfAFirmFile(t *testing.T) {
	for _, test := range []struct{ name, content, fr string }{
		{"a colon in a text", "display_name: Sonar: arrays\n", "un deux-points se trouve"},
		{"no colon", "display_name: Sonar\ncity Halifax\ncountry: CA\n", "il manque un deux-points"},
		{"an at sign", "city: @halifax\n", "ne peut pas commencer"},
		{"a tab", "display_name: Sonar\noffers:\n\t- capability: naval\n", "ligne 3"},
		{"an open bracket", "modes: [SUPPLY\ncity: Halifax\n", "il manque une virgule"},
		{"an open quotation mark", "display_name: \"Sonar\ncity: Halifax\n", "un guillemet"},
		{"indentation", "display_name: Sonar\n  city: Halifax\n offers: []\n", "ligne"},
		{"an unknown field", "ofers: []\n", "firm.yaml:1:1\u00a0: il n'y a pas de champ «\u00a0ofers\u00a0»; les champs sont name, display_name"},
		{"an unknown value", "kind: FIRM\n", "«\u00a0FIRM\u00a0» n'est pas l'une de ces valeurs"},
		{"a list for a text", "city: [Halifax]\n", "une seule valeur"},
		{"a text for a list", "offers: sonar\n", "il faut ici une liste"},
		{"a text for fields", "offers: [sonar]\n", "chacun avec sa valeur"},
		{"a text for a number", "offers: [{capability: naval, trl: high}]\n", "un nombre entier"},
		{"a text for true", "offers: [{capability: naval, designated_technology: maybe}]\n", "ni true ni false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "firm.yaml")
			if err := os.WriteFile(file, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := new(app).readFirmFile(file)
			var f *failure
			if !errors.As(err, &f) {
				t.Fatalf("reading it says %v", err)
			}
			for _, l := range []catalog.Language{catalog.FR, catalog.KO} {
				v := voice{catalog: catalog.Embedded(), language: l}
				said := f.says.in(v)
				for _, detail := range f.details {
					if words := detail.in(v); !strings.Contains(words, " | ") { // the file's own lines
						said += "\n" + words
					}
				}
				if found := english.FindString(said); found != "" {
					t.Errorf("%s says %q of the parser: %s", l, found, said)
				}
				if l == catalog.FR && !strings.Contains(said, test.fr) {
					t.Errorf("it says %q, want %q in it", said, test.fr)
				}
			}
		})
	}
}
