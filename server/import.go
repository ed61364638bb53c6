package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"sidetext/chat"
	"sidetext/server/app"
	"sidetext/server/shoppers"
	"sidetext/store"
)

type shopImportCommand struct {
	File   string `arg:"" help:"The CSV file." type:"existingfile"`
	Shop   string `help:"The shop's id. Not needed when there is only one."`
	Region string `help:"The country of numbers without a country code." default:"US"`
}

func (c shopImportCommand) Run(p *process) error {
	return p.withStore(false, func(s *store.Store, _ app.Settings) error { return c.importTo(s, p) })
}

func (c shopImportCommand) importTo(s *store.Store, p *process) error {
	region := strings.ToUpper(c.Region)
	if !shoppers.KnownRegion(region) {
		return fmt.Errorf("--region: %q is not a country's two letters, as in US", c.Region)
	}
	shop, err := oneShop(p.ctx, s, c.Shop)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	list := shoppers.NewList(time.Now())
	tally, err := shoppers.Import(file, region, time.Now(), func(rows []chat.ImportRow) ([]chat.MergeResult, error) {
		return s.ImportList(p.ctx, shop.ID, list, rows)
	})
	if tally.Read > 0 {
		fmt.Fprintf(p.stdout, "%s: %s\n", shop.Name, tally)
	}
	for _, problem := range tally.Problems {
		fmt.Fprintf(p.stdout, "  line %d: %s\n", problem.Line, problem.Why)
	}
	if more := tally.More(); more > 0 {
		message.NewPrinter(language.English).Fprintf(p.stdout, "  and %d more\n", more)
	}
	if err == nil && tally.Nothing() {
		return errors.New("no row could be imported")
	}
	return err
}
