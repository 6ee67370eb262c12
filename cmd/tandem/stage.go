package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
)

// How many pairings the demonstration prints of each focus domain and of all.
const (
	bestOfDomain = 3
	bestOfAll    = 10
)

// stage is what the demonstration prints on: one finished run in one language.
type stage struct {
	voice voice
	page  page
	conn  grpc.ClientConnInterface
	run   *tandemv1.MatchRun
	best  *tandemv1.Pairing // the best of all
}

// line prints one message of the catalogue after an empty line.
func (s *stage) line(key string, args ...string) {
	s.page.line()
	s.page.paragraph("", s.voice.say(key, args...))
}

// show prints the partnership, the best pairings of each focus domain, the best of all, and where the profiles come from.
func (s *stage) show(ctx context.Context, took time.Duration) error {
	partnership, err := tandemv1.NewPartnershipServiceClient(s.conn).GetPartnership(ctx, &tandemv1.GetPartnershipRequest{})
	if err != nil {
		return err
	}
	sides := partnership.GetSides()
	s.page.line(s.voice.text(partnership.GetDisplayName()))
	s.page.line(s.voice.say("demo.matched",
		catalog.Number(int(s.run.GetFirstFirms()+s.run.GetSecondFirms())),
		catalog.Literal(s.voice.text(sides[0].GetDisplayName())), catalog.Number(int(s.run.GetFirstFirms())),
		catalog.Literal(s.voice.text(sides[1].GetDisplayName())), catalog.Number(int(s.run.GetSecondFirms())),
		catalog.Number(int(s.run.GetResults())), catalog.Literal(s.decimal(seconds(took)))))
	for _, name := range partnership.GetFocusThemes() {
		theme, err := tandemv1.NewCatalogServiceClient(s.conn).GetTheme(ctx, &tandemv1.GetThemeRequest{Name: name})
		if err != nil {
			return err
		}
		filter := "theme = " + strconv.Quote(strings.TrimPrefix(name, "themes/"))
		if _, err := s.list(ctx, s.voice.text(theme.GetDisplayName()), filter, bestOfDomain); err != nil {
			return err
		}
	}
	best, err := s.list(ctx, s.voice.say("demo.best", catalog.Number(bestOfAll)), "", bestOfAll)
	if err != nil {
		return err
	}
	if len(best) > 0 {
		s.best = best[0]
	}
	s.line("notice.compiled_all")
	s.page.paragraph("", s.voice.say("demo.disclaimer"))
	return nil
}

// list prints the best pairings that a filter finds, under a heading.
func (s *stage) list(ctx context.Context, heading, filter string, many int) ([]*tandemv1.Pairing, error) {
	found, err := results(ctx, s.conn, &tandemv1.ListMatchResultsRequest{
		Parent: s.run.GetName(), Filter: filter, Language: languageOf(s.voice.language),
	}, many)
	if err != nil {
		return nil, err
	}
	s.page.heading(heading)
	pairings := pairingsOf(found)
	if len(pairings) == 0 {
		s.page.line(s.voice.say("cli.nothing"))
	}
	for i, p := range pairings {
		s.page.spread(
			fmt.Sprintf("%2d  %s ~ %s", i+1, printable(s.voice.firm(p.GetFirst())), printable(s.voice.firm(p.GetSecond()))),
			joined(" · ", s.voice.enum("mode", p.GetPrimaryMode()), s.voice.enum("band", p.GetBand()), s.voice.number(p.GetScore())))
		s.page.paragraph("    ", firstReason(s.voice, p))
	}
	return pairings, nil
}

// invitation is what a visitor needs to go on.
type invitation struct{ grpc, http, organiser, firm string }

// invite prints where the server listens, and lines to paste into another terminal.
func (s *stage) invite(i invitation) {
	first, second := s.best.GetFirst(), s.best.GetSecond()
	id := func(f *tandemv1.Firm) string { return strings.TrimPrefix(f.GetName(), "firms/") }
	language := s.voice.language.String()
	program := ownCommand() + " "
	curl := `curl -H "Authorization: Bearer $TANDEM_CREDENTIAL" `
	s.line("demo.serving")
	pages, docs := s.voice.say("demo.web_pages"), s.voice.say("demo.api_page")
	column := max(width(pages), width(docs)) + 2
	for _, place := range [][2]string{{pages, "http://" + i.http + "/"}, {"REST", "http://" + i.http}, {"gRPC", i.grpc}, {docs, "http://" + i.http + "/docs"}} {
		s.page.line("  ", place[0], strings.Repeat(" ", column-width(place[0])), place[1])
	}
	s.line("demo.as_organiser")
	s.paste(
		fmt.Sprintf("export TANDEM_SERVER=%s TANDEM_LANG=%s", i.grpc, language),
		"export TANDEM_CREDENTIAL="+i.organiser,
		program+"explain "+id(first)+" "+id(second),
		program+"partners "+id(second)+" --top 5",
		program+"run list",
		curl+fmt.Sprintf("'http://%s/v1/%s:findPartners?top=3&language=%s'", i.http, first.GetName(), strings.ToUpper(language)),
		curl+fmt.Sprintf("'http://%s/v1/pairings/%s~%s:explain?language=%s'", i.http, id(first), id(second), strings.ToUpper(language)),
	)
	s.line("demo.as_firm", catalog.Literal(s.voice.firm(first)))
	s.paste(
		fmt.Sprintf("export TANDEM_SERVER=%s TANDEM_LANG=%s", i.grpc, language),
		"export TANDEM_CREDENTIAL="+i.firm,
		program+"firm get me",
		program+"pairings",
		curl+fmt.Sprintf("'http://%s/v1/pairings?language=%s'", i.http, strings.ToUpper(language)),
	)
}

// paste prints lines for a shell as they are, however long.
func (s *stage) paste(lines ...string) {
	for _, line := range lines {
		s.page.line("  ", line)
	}
}

// ownCommand is how this program is called from the same directory.
func ownCommand() string {
	if _, err := exec.LookPath("tandem"); err == nil {
		return "tandem"
	}
	path, err := os.Executable()
	if err != nil || strings.Contains(path, "go-build") {
		return "go run ./cmd/tandem"
	}
	return path
}

// decimal writes a decimal number with the language's mark.
func (s *stage) decimal(number string) string {
	if s.voice.language == catalog.FR {
		return strings.Replace(number, ".", ",", 1)
	}
	return number
}

// oneDay is how long the demonstration's credentials live.
func oneDay() *durationpb.Duration { return durationpb.New(24 * time.Hour) }
