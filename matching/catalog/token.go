package catalog

import "strings"

// The closed lists of tokens that the vocabulary files may use. Each has names in messages.csv, which a test checks.

// ModeTokens lists the ways of working together as frameworks.csv writes them, in the order of the contract's enum.
func ModeTokens() []string {
	return []string{
		"co-development", "co-production", "co-sustainment", "joint-rd", "test-evaluation", "tech-transfer", "local-manufacturing",
		"supply", "export-third-country", "investment", "training-exchange", "info-exchange", "g2g-procurement",
	}
}

// GateTokens lists the compliance rules that a framework can put on a pairing.
func GateTokens() []string {
	return []string{
		"classified-exchange", "government-only-classified", "joint-rd", "g2g-contract", "materiel-sponsor", "export-licence",
		"mtcr-review", "third-country-review", "programme-award", "responsible-ai-statement", "sanctions-screening",
	}
}

// FrameworkKinds lists what a framework can be.
func FrameworkKinds() []string {
	return []string{"dialogue", "mou", "agreement", "forum", "initiative", "trade-show", "policy"}
}

// FrameworkStatuses lists how far a framework has come.
func FrameworkStatuses() []string {
	return []string{"in-force", "active", "signed-not-in-force", "announced", "planned", "expected", "unknown"}
}

// ProgramStatuses lists how far a procurement has come.
func ProgramStatuses() []string {
	return []string{"planned", "competition", "awarded", "in-production", "in-service", "cancelled"}
}

// VenueKinds lists what a venue can be.
func VenueKinds() []string {
	return []string{"roadshow", "trade-show", "conference", "forum", "dialogue", "trade-mission"}
}

// ActorKinds lists what an actor can be.
func ActorKinds() []string {
	return []string{"ministry", "agency", "research", "command", "alliance", "centre", "association", "host"}
}

// ThemeKinds lists what a theme can be.
func ThemeKinds() []string { return []string{"principle", "theme", "policy", "focus"} }

// CrosswalkSchemes lists the external lists that capabilities point to.
func CrosswalkSchemes() []string { return []string{"kic", "korea-class", "roadshow-2025", "pipir"} }

// Coasts lists how a region reaches the sea.
func Coasts() []string { return []string{"ocean", "inland-waterway", "none"} }

// ModeName turns a token such as "co-development" into the contract's enum name CO_DEVELOPMENT.
func ModeName(token string) string { return strings.ToUpper(strings.ReplaceAll(token, "-", "_")) }

// ModeToken turns an enum name such as CO_DEVELOPMENT into the token of the vocabulary files.
func ModeToken(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "-")) }

// isDate accepts the ISO form of days that exist; the package reads no clock and needs no time zone.
func isDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	year, month, day := number(s[:4]), number(s[5:7]), number(s[8:])
	if year < 1 || month < 1 || month > 12 || day < 1 {
		return false
	}
	days := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && (year%4 == 0 && year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return day <= days
}

// number reads a short run of ASCII digits, or returns -1.
func number(s string) int {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > 1<<24 {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	if s == "" {
		return -1
	}
	return n
}
