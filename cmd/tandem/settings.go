package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/canada-korea-roadshow/tandem/matching/catalog"
	tandemv1 "github.com/canada-korea-roadshow/tandem/proto/tandem/v1"
	"github.com/canada-korea-roadshow/tandem/server"
)

// Where a server listens and a client looks for it unless told otherwise.
const (
	defaultGRPC = "127.0.0.1:9090"
	defaultHTTP = "127.0.0.1:8080"
)

// settings are what commands share. Each is a flag, then TANDEM_ and the flag's name in the environment, then a default.
type settings struct {
	server         string
	credentialFile string
	db             string
	keyFile        string
	partnership    string
	lang           string
	output         string
}

// fromEnvironment lists the flags that the environment may set: "credential-file" is TANDEM_CREDENTIAL_FILE.
// The secret of a credential itself may only stand in TANDEM_CREDENTIAL, never on a command line that others can see.
func fromEnvironment() []string {
	return []string{"server", "credential-file", "db", "key-file", "partnership", "lang", "output", "grpc", "http", "tls-cert", "tls-key", "cors-origin", "metrics"}
}

func variable(flag string) string {
	return "TANDEM_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// talks gives a command the flags of those that speak to a server.
func (a *app) talks(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&a.settings.credentialFile, "credential-file", "", "")
	return a.stores(a.dials(cmd))
}

// dials gives a command the flag of those that speak to a server as nobody in particular.
func (a *app) dials(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&a.settings.server, "server", defaultGRPC, "")
	return cmd
}

// stores gives a command the flags of those that open a database themselves.
func (a *app) stores(cmd *cobra.Command) *cobra.Command {
	flags := cmd.Flags()
	flags.StringVar(&a.settings.db, "db", "", "")
	flags.StringVar(&a.settings.keyFile, "key-file", "", "")
	return a.sided(cmd)
}

// sided gives a command the flag that names the partnership.
func (a *app) sided(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&a.settings.partnership, "partnership", "", "")
	return cmd
}

// prints gives a command the flag of those that read.
func (a *app) prints(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&a.settings.output, "output", "table", "")
	choices(cmd, "output", outputs()...)
	return cmd
}

// prepare fills flags from the environment and refuses settings that no command can use.
func (a *app) prepare(cmd *cobra.Command, _ []string) error {
	flags := cmd.Flags()
	for _, name := range fromEnvironment() {
		flag := flags.Lookup(name)
		value, set := a.env(variable(name))
		if flag == nil || flag.Changed || !set || value == "" {
			continue
		}
		if err := flag.Value.Set(value); err != nil {
			return usage(tell("cli.hint.unset", name), tell("cli.wrong.flag.value", variable(name), value))
		}
	}
	if _, err := catalog.ParseLanguage(a.settings.lang); err != nil && a.settings.lang != "" {
		return usage(tell("cli.hint.languages"), tell("cli.wrong.language", origin(flags, "lang"), a.settings.lang))
	}
	if flags.Lookup("output") != nil && !slices.Contains(outputs(), a.settings.output) {
		return usage(asIn(cmd.CommandPath()+" --output json"),
			tell("cli.wrong.unknown", origin(flags, "output"), a.settings.output, strings.Join(outputs(), ", ")))
	}
	return a.chooseServer(flags)
}

// origin names where a setting comes from, for errors.
func origin(flags *pflag.FlagSet, name string) string {
	if flag := flags.Lookup(name); flag != nil && flag.Changed {
		return "--" + name
	}
	return variable(name)
}

// chooseServer decides between --server and --db: a flag beats the environment, and two of a kind are refused.
func (a *app) chooseServer(flags *pflag.FlagSet) error {
	server, db := flags.Lookup("server"), flags.Lookup("db")
	if server == nil || db == nil {
		return nil
	}
	_, serverSet := a.env(variable("server"))
	switch {
	case server.Changed && db.Changed:
		return usage(tell("cli.hint.one_of_them"), tell("cli.wrong.server_db"))
	case server.Changed:
		a.settings.db = ""
	case a.settings.db != "" && !db.Changed && serverSet:
		return usage(tell("cli.hint.unset_one"), tell("cli.wrong.both_set", variable("server"), variable("db")))
	}
	return nil
}

// spoken is the language of everything that is said: that of --lang, else of TANDEM_LANG, else of the locale. It is read before the command
// line is understood, because the help and what is wrong with a call are said in it too; prepare refuses a language that there is not.
func spoken(args []string, env func(string) (string, bool)) catalog.Language {
	chosen, _ := env(variable("lang"))
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if value, found := strings.CutPrefix(arg, "--lang="); found {
			chosen = value
		} else if arg == "--lang" && i+1 < len(args) {
			chosen = args[i+1]
		}
	}
	if language, err := catalog.ParseLanguage(chosen); err == nil {
		return language
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} { // the order of POSIX: the first that is set counts
		locale, _ := env(name)
		if locale == "" {
			continue
		}
		if end := strings.IndexAny(locale, "_.@"); end >= 0 {
			locale = locale[:end]
		}
		if language, err := catalog.ParseLanguage(locale); err == nil {
			return language
		}
		break
	}
	return catalog.EN // such as the locale C
}

// language is the one that is spoken.
func (a *app) language() catalog.Language { return a.spoken }

// protoLanguage is the chosen language as requests name it.
func (a *app) protoLanguage() tandemv1.Language { return languageOf(a.language()) }

func languageOf(language catalog.Language) tandemv1.Language {
	switch language {
	case catalog.FR:
		return tandemv1.Language_FR
	case catalog.KO:
		return tandemv1.Language_KO
	default:
		return tandemv1.Language_EN
	}
}

// readPartnership reads the file of --partnership; nil stands for the built-in one.
func (a *app) readPartnership() (*tandemv1.Partnership, error) {
	if a.settings.partnership == "" {
		return nil, nil //nolint:nilnil // nil is the built-in partnership, as in server.Config
	}
	content, err := os.ReadFile(a.settings.partnership)
	if err != nil {
		return nil, helped(tell("cli.hint.partnership"), err)
	}
	partnership, err := server.LoadPartnership(content)
	if err != nil {
		return nil, hinted(tell("cli.hint.partnership_fields"), tell("cli.wrong.file", a.settings.partnership, err))
	}
	return partnership, nil
}

// secret finds the caller's credential: the named file, then the environment; "" is nobody's.
func (a *app) secret(flags *pflag.FlagSet) (string, error) {
	flag := flags.Lookup("credential-file")
	if flag == nil {
		return "", nil
	}
	if !flag.Changed {
		if secret, ok := a.env("TANDEM_CREDENTIAL"); ok && secret != "" {
			return strings.TrimSpace(secret), nil
		}
	}
	if a.settings.credentialFile == "" {
		return "", nil
	}
	content, err := os.ReadFile(a.settings.credentialFile)
	if err != nil {
		return "", helped(tell("cli.hint.credential_file"), err)
	}
	secret := strings.TrimSpace(string(content))
	if secret == "" || strings.ContainsAny(secret, " \t\r\n") {
		return "", hinted(tell("cli.hint.credential_only"), tell("cli.wrong.credential_file", a.settings.credentialFile))
	}
	return secret, nil
}

// dated checks the day of --as-of where one is given.
func dated(day string) error {
	if day == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return usage(asIn("--as-of 2026-11-24"), tell("cli.wrong.date", "--as-of", day))
	}
	return nil
}

// firmName completes what people type for a firm: "algoma-steel" is firms/algoma-steel.
func firmName(word string) string { return named("firms", word) }

// runName completes what people type for a match run.
func runName(word string) string { return named("matchRuns", word) }

func named(collection, word string) string {
	if strings.Contains(word, "/") {
		return word
	}
	return fmt.Sprintf("%s/%s", collection, word)
}
