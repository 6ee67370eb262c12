// Command bench holds Tandem's engine against what a user would take instead, in one run, and counts the CPU time of each:
//
//	go run . engines                     every peer at 2k and 20k on both synthetic markets
//	go run . engines --sizes 200000      the engine alone, where peers would take days
//	go run . engines --market FILE       a market of your own, in the import format
//	go run . serving                     findPartners over REST and gRPC against an echo of the same bytes
//	go run . live                        updates and questions at the same time, and every answer against a replay
//	go run . scorecard                   the judged cases by BM25, beside the product
//
// See README.md for what the figures mean.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/canada-korea-roadshow/tandem/matching"
	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// errUsage is returned for a call that names no measurement.
var errUsage = errors.New("want one of: engines, serving, live, scorecard; -h after it lists its flags")

func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	commands := map[string]func(*flag.FlagSet, []string, io.Writer) error{
		"engines": runEngines, "serving": runServing, "scorecard": runScorecard, "live": runLive,
		loadCommand: runLoad, liveServer: runLiveServer,
	}
	command, ok := commands[args[0]]
	if !ok {
		return fmt.Errorf("%q is unknown: %w", args[0], errUsage)
	}
	return command(flag.NewFlagSet(args[0], flag.ContinueOnError), args[1:], out)
}

func runEngines(flags *flag.FlagSet, args []string, out io.Writer) error {
	sizes := flags.String("sizes", "2000,20000", "organisations a side, for synthetic markets; beyond 20000 the engine is alone")
	kinds := flags.String("markets", "clustered,clustered-core,unclustered", "synthetic markets; clustered-core leaves out what needs say")
	file := flags.String("market", "", "a `file` of organisations in the import format, instead of synthetic markets")
	results := flags.String("results", "", "a `file` that keeps finished measurements; what it holds is not measured again")
	names := flags.String("peers", "", "peers to measure, by the beginning of their names; all if empty")
	b := &bench{catalog: catalog.Embedded(), out: out}
	flags.Uint64Var(&b.seed, "seed", 1, "of the synthetic markets")
	flags.IntVar(&b.k, "k", matching.DefaultTop, "length of a list, 1 to 1000")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.k < 1 || b.k > matching.MaxTop {
		return fmt.Errorf("--k %d: want 1 to %d", b.k, matching.MaxTop)
	}
	var err error
	if b.cells, err = openCells(*results); err != nil {
		return err
	}
	if *file != "" {
		m, err := readMarket(b.catalog, *file)
		if err != nil {
			return err
		}
		return b.engines(chosen(*names), m)
	}
	markets, err := b.markets(*sizes, *kinds)
	if err != nil {
		return err
	}
	return b.engines(chosen(*names), markets...)
}

// markets invents what the flags ask for.
func (b *bench) markets(sizes, kinds string) (markets []market, err error) {
	for size := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("--sizes: %q is no number of organisations", size)
		}
		for kind := range strings.SplitSeq(kinds, ",") {
			switch kind {
			case "clustered", "unclustered":
				markets = append(markets, synthetic(b.catalog, n, kind == "clustered", b.seed))
			case "clustered-core":
				markets = append(markets, synthetic(b.catalog, n, true, b.seed).withoutNeedText())
			default:
				return nil, fmt.Errorf("--markets: %q is unknown: want clustered, clustered-core or unclustered", kind)
			}
		}
	}
	return markets, nil
}

// chosen tells which peers take part: all whose name begins with one of the names.
func chosen(names string) func(string) bool {
	return func(name string) bool {
		for prefix := range strings.SplitSeq(names, ",") {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return false
	}
}

// engines measures markets and prints tables.
func (b *bench) engines(only func(string) bool, markets ...market) error {
	var all []cell
	for _, m := range markets {
		peers := only
		if m.name != "clustered" && m.size > 2000 { // the variants ask what the engine makes of them
			peers = func(name string) bool {
				return only(name) && (name == "plain, sparing" && m.size <= largestForAll || strings.HasPrefix(name, "engine"))
			}
		}
		found, err := b.compete(m, peers)
		printCells(b.out, found)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	printCurve(b.out, all)
	printGoals(b.out, all)
	return nil
}
