package main

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// Exit codes; 3 is kept for plans that leave constraints unmet.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// terminal is what the command has of the outside.
type terminal struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
	now            func() time.Time
}

// interactive reports whether a stream is a terminal, so that somebody is there to ask or to show progress to.
func interactive(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// app is one invocation of the command: its streams and its settings.
type app struct {
	terminal
	settings settings
	spoken   catalog.Language
	catalog  *catalog.Catalog
}

// run executes one invocation and returns its exit code.
func run(ctx context.Context, args []string, t terminal) int {
	a := &app{terminal: t, catalog: catalog.Embedded(), spoken: spoken(args, t.env)}
	root := a.rootCommand()
	root.SetArgs(args)
	root.SetIn(t.stdin)
	root.SetOut(t.stdout)
	root.SetErr(t.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	failure := describe(err, a.language())
	failure.says.plain = method.ReplaceAllLiteralString(failure.says.plain, cmd.CommandPath()) // what somebody may not call is what was typed
	failure.print(a.aside(), a.voice())
	if failure.usage {
		return exitUsage
	}
	return exitFailure
}

// method is the name of a method, as a server says what a role may not call.
var method = regexp.MustCompile(`tandem\.v1\.[A-Za-z]+/[A-Za-z]+`)

// rootCommand is the command with all of its commands, in the reader's language.
func (a *app) rootCommand() *cobra.Command {
	root := a.commandTree()
	a.word(root)
	return root
}

// commandTree is the command with all of its commands, before they have words.
func (a *app) commandTree() *cobra.Command {
	root := &cobra.Command{
		Use:               "tandem",
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: a.prepare,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(tell("cli.hint.help", cmd.CommandPath()), saidOfFlag(err))
	})
	root.SetHelpFunc(a.help)
	root.CompletionOptions.DisableDefaultCmd = true // ours says its words in three languages
	root.PersistentFlags().StringVar(&a.settings.lang, "lang", "", "")
	_ = root.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions([]cobra.Completion{"en", "fr", "ko"}, cobra.ShellCompDirectiveNoFileComp))
	for _, part := range []struct {
		group    string
		commands []*cobra.Command
	}{
		{"cli.help.group.start", []*cobra.Command{a.demoCommand(), a.matchCommand(), a.templateCommand(), a.serveCommand()}},
		{"cli.help.group.work", []*cobra.Command{
			a.registerCommand(), a.claimCommand(), a.importCommand(), a.inviteCommand(), a.firmCommand(), a.partnersCommand(),
			a.suggestNeedsCommand(), a.explainCommand(), a.pairingsCommand(),
		}},
		{"cli.help.group.keep", []*cobra.Command{
			a.runCommand(), a.reportCommand(), a.changesCommand(), a.catalogCommand(), a.credentialCommand(), a.invitationCommand(), a.auditCommand(), a.verifyCommand(), a.scorecardCommand(),
		}},
		{"cli.help.group.more", []*cobra.Command{a.helpCommand(), a.completionCommand(), a.versionCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: part.group})
		for _, command := range part.commands {
			command.GroupID = part.group
			root.AddCommand(command)
		}
	}
	return group(root)
}

// group makes a command that only holds others: without a word it shows its help, with an unknown one it fails.
func group(parent *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	parent.AddCommand(commands...)
	parent.Args = cobra.ArbitraryArgs
	parent.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return unknownCommand(cmd, args[0])
	}
	return parent
}

// unknownCommand says that a command has none of a name, and which one may have been meant.
func unknownCommand(cmd *cobra.Command, name string) error {
	hint := tell("cli.hint.commands", cmd.CommandPath())
	for cmd.SuggestionsMinimumDistance = 1; cmd.SuggestionsMinimumDistance <= 2; cmd.SuggestionsMinimumDistance++ { // the nearest first
		if near := cmd.SuggestionsFor(name); len(near) > 0 {
			hint = tell("cli.hint.meant", cmd.CommandPath()+" "+near[0])
			break
		}
	}
	return usage(hint, tell("cli.wrong.command", name, cmd.CommandPath()))
}

// wants checks the number of words after a command and names the missing ones by the command's usage line.
func wants(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		problem := "cli.wrong.few"
		if len(args) > most {
			problem = "cli.wrong.many"
		}
		return usage(asIn(strings.TrimSpace(cmd.CommandPath()+" "+words(cmd))), tell(problem, cmd.CommandPath()))
	}
}

// words is the part of a command's usage line after its name.
func words(cmd *cobra.Command) string {
	_, rest, _ := strings.Cut(cmd.Use, " ")
	return rest
}

// errInterrupted is what a command ends with when somebody stopped it before it was done.
var errInterrupted = errors.New("interrupted")
