package main

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
)

// word gives a command and all below it their texts in the reader's language. They are sentences of the catalogue, found by the command's
// path: what "tandem firm list" does is cli.command.firm.list, what takes more words is cli.about.firm.list, and its flag --filter is the
// first that there is of cli.flag.firm.list.filter, cli.flag.list.filter and cli.flag.filter. Words of a usage line are cli.word.FIRM.
func (a *app) word(cmd *cobra.Command) {
	v, path := a.voice(), pathOf(cmd)
	cmd.Short = v.say("cli.command." + path)
	if about := "cli.about." + path; a.catalog.HasSentence(about) {
		cmd.Long = v.say(about)
	}
	cmd.Use = v.usageLine(cmd.Use)
	cmd.InitDefaultHelpFlag()
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		flag.Usage = v.say(a.flagKey(path, flag.Name), catalog.Literal(strings.Join(flag.Annotations[choicesOf], ", ")))
	})
	for _, child := range cmd.Commands() {
		a.word(child)
	}
}

// pathOf is a command's place in the tree: "firm.list"; the root's is its name.
func pathOf(cmd *cobra.Command) string {
	_, below, _ := strings.Cut(cmd.CommandPath(), " ")
	return cmp.Or(strings.ReplaceAll(below, " ", "."), cmd.Name())
}

// flagKey is the sentence of a flag: its own at this command, or what all of that name share.
func (a *app) flagKey(path, name string) string {
	for {
		if key := "cli.flag." + path + "." + name; a.catalog.HasSentence(key) {
			return key
		}
		_, tail, found := strings.Cut(path, ".")
		if !found {
			return "cli.flag." + name
		}
		path = tail
	}
}

// usageLine says the words of a usage line: "update FIRM FILE", "match [FILE]", "suggest TEXT...".
func (v voice) usageLine(use string) string {
	words := strings.Split(use, " ")
	for i, word := range words[1:] {
		bare := strings.TrimSuffix(strings.Trim(word, "[]"), "...")
		words[i+1] = strings.Replace(word, bare, v.say("cli.word."+bare), 1)
	}
	return strings.Join(words, " ")
}

// choicesOf is the annotation of a flag that holds the values it takes.
const choicesOf = "tandem_choices"

// choices tells which values a flag takes, for its usage and for completion.
func choices(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.Flags().SetAnnotation(flag, choicesOf, values) // fails for a flag that does not exist only
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// help prints what a command does and how it is called.
func (a *app) help(cmd *cobra.Command, _ []string) {
	p, v := a.page(), a.voice()
	heading := func(key string) {
		p.line()
		p.line(v.say(key))
	}
	p.paragraph("", cmp.Or(cmd.Long, cmd.Short))
	heading("cli.help.usage")
	for _, call := range calls(v, cmd) {
		p.line("  ", call)
	}
	if cmd.Example != "" {
		heading("cli.help.examples")
		p.line(cmd.Example)
	}
	for _, group := range groupsOf(cmd) {
		heading(group.ID)
		p.entries(group.entries)
	}
	for _, part := range []struct {
		key   string
		flags *pflag.FlagSet
	}{{"cli.help.flags", cmd.LocalFlags()}, {"cli.help.inherited", cmd.InheritedFlags()}} {
		if entries := flagEntries(v, part.flags); len(entries) > 0 {
			heading(part.key)
			p.entries(entries)
		}
	}
	if cmd.HasAvailableSubCommands() {
		p.line()
		p.paragraph("", v.say("cli.help.more", catalog.Literal(cmd.CommandPath()+" "+v.say("cli.word.COMMAND"))))
	}
}

// calls are the ways to call a command: as it is, and with one of its commands.
func calls(v voice, cmd *cobra.Command) []string {
	var ways []string
	flags := " [" + v.say("cli.word.FLAGS") + "]"
	if words := words(cmd); words != "" || !cmd.HasAvailableSubCommands() {
		ways = append(ways, strings.TrimSpace(cmd.CommandPath()+" "+words)+flags)
	}
	if cmd.HasAvailableSubCommands() {
		ways = append(ways, cmd.CommandPath()+" "+v.say("cli.word.COMMAND")+flags)
	}
	return ways
}

// entry is one line of a list in a help page: what to type, and what it does.
type entry struct{ typed, does string }

// entries prints a list in two columns. What is typed stands above its words where it is too long to stand beside them.
func (p page) entries(list []entry) {
	const longest = 34
	column := 0
	for _, e := range list {
		if w := width(e.typed); w <= min(longest, p.width/2) {
			column = max(column, w)
		}
	}
	for _, e := range list {
		lead := "  " + e.typed
		if width(e.typed) > column {
			p.line(lead)
			lead = ""
		}
		p.paragraph(lead+strings.Repeat(" ", column+4-width(lead)), e.does)
	}
}

// commandGroup is a heading of a help page and the commands under it; its id is its sentence.
type commandGroup struct {
	cobra.Group
	entries []entry
}

// groupsOf are the commands below one, under the headings that it groups them by; without groups under one.
func groupsOf(cmd *cobra.Command) []commandGroup {
	groups := []commandGroup{{Group: cobra.Group{ID: "cli.help.commands"}}}
	for _, g := range cmd.Groups() {
		groups = append(groups, commandGroup{Group: *g})
	}
	for _, child := range cmd.Commands() {
		i := max(0, slices.IndexFunc(groups, func(g commandGroup) bool { return g.ID == child.GroupID }))
		if child.IsAvailableCommand() {
			groups[i].entries = append(groups[i].entries, entry{child.Name(), child.Short})
		}
	}
	return slices.DeleteFunc(groups, func(g commandGroup) bool { return len(g.entries) == 0 })
}

// flagEntries are the flags of a set: "-o, --out file", what it does, and its default where it has one.
func flagEntries(v voice, flags *pflag.FlagSet) []entry {
	var list []entry
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		value, does := pflag.UnquoteUsage(flag)
		typed := "    --" + flag.Name
		if flag.Shorthand != "" {
			typed = "-" + flag.Shorthand + ", --" + flag.Name
		}
		if value != "" {
			typed += " " + value
		}
		if !slices.Contains([]string{"", "0", "false", "[]"}, flag.DefValue) {
			does = v.say("cli.help.default", catalog.Literal(does), catalog.Literal(flag.DefValue))
		}
		list = append(list, entry{typed, does})
	})
	return list
}

// helpCommand shows help as "--help" does, for whoever types "tandem help firm list".
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND...]",
		RunE: func(cmd *cobra.Command, args []string) error {
			asked, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 && asked.HasSubCommands() {
				return unknownCommand(asked, rest[0])
			}
			return asked.Help()
		},
	}
}

// completionCommand prints what teaches a shell to complete commands, flags and values.
func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion SHELL",
		Example:   "  source <(tandem completion bash)\n  tandem completion fish > ~/.config/fish/completions/tandem.fish",
		Args:      wants(1, 1),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			write, known := map[string]func(io.Writer) error{
				"bash":       func(w io.Writer) error { return cmd.Root().GenBashCompletionV2(w, true) },
				"zsh":        cmd.Root().GenZshCompletion,
				"fish":       func(w io.Writer) error { return cmd.Root().GenFishCompletion(w, true) },
				"powershell": cmd.Root().GenPowerShellCompletionWithDesc,
			}[args[0]]
			if !known {
				return usage(asIn("tandem completion bash"), tell("cli.wrong.unknown", tell("cli.word.SHELL"), args[0], strings.Join(shells, ", ")))
			}
			return write(a.stdout)
		},
	}
}
