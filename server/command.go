package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"sidetext/chat"
	"sidetext/store"
)

// commands are what the program can be asked to do.
type commands struct {
	Serve       struct{}     `cmd:"" default:"1" help:"Run the server (the default)."`
	Demo        demoArgs     `cmd:"" help:"Show everything in one page, with pretended vendors. Needs no account."`
	Migrate     struct{}     `cmd:"" help:"Bring the database up to date, and stop."`
	Backup      backupArgs   `cmd:"" help:"Copy the SQLite database into a file, also while the server runs, and check the copy."`
	Restored    restoredArgs `cmd:"" help:"After a backup was put back: have browsers read anew, and put aside texts that may have been sent since. No server may run."`
	Move        moveArgs     `cmd:"" help:"Copy the SQLite database into an empty PostgreSQL database, compare both and close the old one. Run again, it goes on where it was."`
	Rekey       rekeyArgs    `cmd:"" help:"Change SIDETEXT_SECRET_KEY: seal vendors' keys under another one. No server may run."`
	Link        linkArgs     `cmd:"" help:"Print a link that signs a merchant in, once."`
	Healthcheck struct{}     `cmd:"" help:"Ask the running server whether it is well."`
	Shop        struct {
		Add    addArgs    `cmd:"" help:"Add a shop."`
		List   struct{}   `cmd:"" help:"List the shops."`
		Import importArgs `cmd:"" help:"Read shoppers who have purchased from a CSV file with columns phone, name, email."`
	} `cmd:"" help:"Look after shops."`
}

type (
	demoArgs struct {
		Listen string `help:"Where to listen." default:"127.0.0.1:8080"`
	}
	linkArgs struct {
		Shop string `help:"The shop's id. Not needed when there is only one."`
	}
	addArgs struct {
		Name string `arg:"" help:"The shop's name, as shoppers know it."`
	}
	importArgs struct {
		File   string `arg:"" help:"The CSV file." type:"existingfile"`
		Shop   string `help:"The shop's id. Not needed when there is only one."`
		Region string `help:"The country of numbers without a country code." default:"US"`
	}
)

// Exit codes.
const (
	wentWell  = 0
	wentWrong = 1
	misused   = 2 // settings or arguments with mistakes; nothing was started
)

// run does what args ask for and returns the exit code. It ends when ctx does.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (code int) {
	var asked commands
	exit := -1
	parser, err := kong.New(&asked, kong.Name("sidetext"), kong.Writers(stdout, stderr),
		kong.Description("Texts from shoppers, answered by automation or, through Gorgias, by people. Settings come from the environment; see docs/settings.md."),
		kong.Exit(func(code int) { exit = code }))
	if err != nil {
		fmt.Fprintln(stderr, "sidetext:", err)
		return misused
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "sidetext:", err)
		return misused
	}
	command := parsed.Command()
	if command == "demo" {
		return ended(stderr, demo(ctx, asked.Demo, stdout, stderr))
	}
	if command == "healthcheck" { // needs no database and no key, and makes none
		return ended(stderr, healthcheck(ctx, adminAddress(environ)))
	}
	settings, err := readSettings(environ, command)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return misused
	}
	log := newLog(stderr, settings.Log)
	switch command {
	case "serve":
		return ended(stderr, serve(ctx, settings, log, stdout))
	case "backup <file>":
		return ended(stderr, backUp(ctx, settings, asked.Backup, stdout, stderr))
	case "restored":
		return ended(stderr, restored(ctx, settings, asked.Restored, log, stdout, stderr))
	case "move":
		return ended(stderr, move(ctx, settings, asked.Move, log, stdout, stderr))
	case "rekey":
		return ended(stderr, rekey(ctx, settings, asked.Rekey, log, stdout, stderr))
	}
	return ended(stderr, withStore(ctx, settings, command, log, func(s *store.Store) error {
		switch command {
		case "link":
			return printLink(ctx, s, settings, asked.Link.Shop, stdout)
		case "shop add <name>":
			name, ok := shopName(asked.Shop.Add.Name)
			if !ok {
				return errors.New("a shop's name needs 1 to 80 characters that can be seen")
			}
			shop, err := s.AddShop(ctx, name, time.Now())
			if err == nil {
				fmt.Fprintln(stdout, shop.ID)
			}
			return err
		case "shop list":
			return listShops(ctx, s, stdout)
		case "shop import <file>":
			return importFile(ctx, s, asked.Shop.Import, stdout)
		}
		return nil // migrate: opening the store did it
	}))
}

func ended(stderr io.Writer, err error) int {
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "sidetext:", err)
		return wentWrong
	}
	return wentWell
}

// makes reports whether a command makes the database, and its key, where there
// is none. The others must not, in a wrong folder.
func makes(command string) bool {
	return command == "serve" || command == "migrate" || command == "shop add <name>"
}

func withStore(ctx context.Context, settings Settings, command string, log *slog.Logger, do func(*store.Store) error) error {
	open := store.Reopen
	if makes(command) {
		open = store.Open
	}
	s, err := open(ctx, settings.DatabaseURL, settings.SecretKey, log)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

// oneShop finds the shop with this id or, without one, the only shop.
func oneShop(ctx context.Context, s *store.Store, id string) (chat.Shop, error) {
	if id != "" {
		return s.Shop(ctx, chat.ShopID(id))
	}
	shops, err := s.Shops(ctx)
	if err != nil {
		return chat.Shop{}, err
	}
	switch len(shops) {
	case 0:
		return chat.Shop{}, errors.New("there is no shop yet: add one with `sidetext shop add NAME`")
	case 1:
		return shops[0], nil
	}
	return chat.Shop{}, errors.New("there are several shops: say which with --shop (see `sidetext shop list`)")
}

func printLink(ctx context.Context, s *store.Store, settings Settings, id string, out io.Writer) error {
	if settings.PublicURL == "" {
		return errors.New("SIDETEXT_PUBLIC_URL is not set, so there is no address to link to")
	}
	shop, err := oneShop(ctx, s, id)
	if err != nil {
		return err
	}
	secret, err := s.MakeSignInLink(ctx, shop.ID, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Sign in to %s (once, within an hour):\n  %s/sign-in#%s\n", shop.Name, settings.PublicURL, secret)
	return nil
}

func listShops(ctx context.Context, s *store.Store, out io.Writer) error {
	shops, err := s.Shops(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tNUMBERS\tHELPDESK")
	for _, shop := range shops {
		doors, err := s.LineConfigs(ctx, shop.ID)
		if err != nil {
			return err
		}
		helpdesk := "-"
		for _, d := range doors {
			if d.Helpdesk != "" {
				helpdesk = d.Helpdesk
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", shop.ID, shop.Name, len(doors), helpdesk)
	}
	return table.Flush()
}

// healthcheck asks the server's admin address.
func healthcheck(ctx context.Context, admin string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/readyz", nil)
	if err != nil {
		return err
	}
	// Past any proxy that the environment names: it is our own address.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(resp.Body, 1000)) // what there is of it is enough
		return fmt.Errorf("the server is not ready: %s", strings.TrimSpace(string(why)))
	}
	return nil
}

func newLog(w io.Writer, setting logSetting) *slog.Logger {
	options := &slog.HandlerOptions{Level: setting.Level}
	if setting.JSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
