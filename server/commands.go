package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"

	"sidetext/server/app"
	"sidetext/server/demo"
	"sidetext/store"
)

// commands are the program's commands. Each is a struct with its arguments and a
// method Run(*process) error.
type commands struct {
	Serve       serveCommand       `cmd:"" default:"1" help:"Run the server (the default)."`
	Demo        demoCommand        `cmd:"" help:"Run the server with simulated vendors, and show everything in one page. Needs no account."`
	Migrate     migrateCommand     `cmd:"" help:"Update the database to this version, and exit."`
	Backup      backupCommand      `cmd:"" help:"Copy the SQLite database into a file, also while the server runs, and check the copy."`
	Restored    restoredCommand    `cmd:"" help:"Run once after restoring a backup: browsers read everything again, and texts that may have been sent since are set aside. No server may run."`
	Move        moveCommand        `cmd:"" help:"Copy the SQLite database into an empty PostgreSQL database, compare both and close the old one. If interrupted, run it again: it continues."`
	Rekey       rekeyCommand       `cmd:"" help:"Re-encrypt the vendors' keys with a new SIDETEXT_SECRET_KEY. No server may run."`
	Link        linkCommand        `cmd:"" help:"Print a one-time sign-in link for a merchant."`
	Healthcheck healthcheckCommand `cmd:"" help:"Check whether the running server is ready."`
	Version     versionCommand     `cmd:"" help:"Print the program's version."`
	Shop        struct {
		Add    shopAddCommand    `cmd:"" help:"Add a shop."`
		List   shopListCommand   `cmd:"" help:"List the shops."`
		Import shopImportCommand `cmd:"" help:"Import shoppers who have purchased from a CSV file with columns phone, name, email."`
	} `cmd:"" help:"Manage shops."`
}

// A process is the environment of a command.
type process struct {
	ctx            context.Context // ends when the program is to stop
	environ        []string
	stdout, stderr io.Writer
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitMisuse = 2 // settings or arguments with mistakes; nothing was started
)

// errMisuse is an error of the settings. It is printed without a prefix.
type errMisuse struct{ error }

// run runs the command that args name and returns the exit code. It ends when ctx
// does.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) (code int) {
	exit := -1
	parser, err := kong.New(&commands{}, kong.Name("sidetext"), kong.Writers(stdout, stderr),
		kong.Description("Connects a store's SMS number with the Gorgias helpdesk: automation or agents answer shoppers' texts. Settings come from the environment; see docs/settings.md."),
		kong.Exit(func(code int) { exit = code }))
	if err != nil {
		fmt.Fprintln(stderr, "sidetext:", err)
		return exitMisuse
	}
	command, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintln(stderr, "sidetext:", err)
		return exitMisuse
	}
	err = command.Run(&process{ctx, environ, stdout, stderr})
	var misuse errMisuse
	switch {
	case errors.As(err, &misuse):
		fmt.Fprintln(stderr, misuse)
		return exitMisuse
	case err != nil && !errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "sidetext:", err)
		return exitFailed
	}
	return exitOK
}

// settings reads the settings from the environment, and makes the log that they
// describe.
func (p *process) settings(needs app.Needs) (app.Settings, *slog.Logger, error) {
	settings, err := app.ReadSettings(p.environ, needs)
	if err != nil {
		return settings, nil, errMisuse{err}
	}
	return settings, app.NewLog(p.stderr, settings.Log), nil
}

// withStore runs do with the opened database. If there is none, it is created if
// create is set; otherwise that is an error.
func (p *process) withStore(create bool, do func(*store.Store, app.Settings) error) error {
	settings, log, err := p.settings(app.Needs{Create: create})
	if err != nil {
		return err
	}
	open := store.Reopen
	if create {
		open = store.Open
	}
	s, err := open(p.ctx, settings.DatabaseURL, settings.SecretKey, log)
	if err != nil {
		return err
	}
	return errors.Join(do(s, settings), s.Close())
}

type serveCommand struct{}

func (serveCommand) Run(p *process) error {
	settings, log, err := p.settings(app.Needs{PublicURL: true, Create: true})
	if err != nil {
		return err
	}
	return app.Serve(p.ctx, settings, log, p.stdout)
}

type demoCommand struct {
	Listen string `help:"Address to listen on." default:"127.0.0.1:8080"`
}

func (c demoCommand) Run(p *process) error {
	return demo.Run(p.ctx, c.Listen, app.NewLog(p.stderr, app.LogSettings{Level: slog.LevelWarn}), p.stdout)
}

type migrateCommand struct{}

func (migrateCommand) Run(p *process) error {
	return p.withStore(true, func(*store.Store, app.Settings) error { return nil }) // opening migrates
}
