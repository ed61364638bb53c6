package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"sidetext/chat"
	"sidetext/server/app"
	"sidetext/store"
)

type linkCommand struct {
	Shop string `help:"The shop's id. Not needed when there is only one."`
}

func (c linkCommand) Run(p *process) error {
	return p.withStore(false, func(s *store.Store, settings app.Settings) error {
		shop, err := oneShop(p.ctx, s, c.Shop)
		if err != nil {
			return err
		}
		return app.PrintSignInLink(p.ctx, s, settings.PublicURL, shop, p.stdout)
	})
}

type shopAddCommand struct {
	Name string `arg:"" help:"The shop's name, as shoppers know it."`
}

func (c shopAddCommand) Run(p *process) error {
	return p.withStore(true, func(s *store.Store, _ app.Settings) error {
		name, ok := chat.ParseShopName(c.Name)
		if !ok {
			return errors.New("shop name must have 1 to 80 visible characters")
		}
		shop, err := s.AddShop(p.ctx, name, time.Now())
		if err == nil {
			fmt.Fprintln(p.stdout, shop.ID)
		}
		return err
	})
}

type shopListCommand struct{}

func (shopListCommand) Run(p *process) error {
	return p.withStore(false, func(s *store.Store, _ app.Settings) error {
		shops, err := s.Shops(p.ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tNUMBERS\tHELPDESK")
		for _, shop := range shops {
			lines, err := s.LineConfigs(p.ctx, shop.ID)
			if err != nil {
				return err
			}
			helpdesk := "-"
			for _, l := range lines {
				if l.Helpdesk != "" {
					helpdesk = l.Helpdesk
				}
			}
			fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", shop.ID, shop.Name, len(lines), helpdesk)
		}
		return table.Flush()
	})
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
	return chat.Shop{}, errors.New("there are several shops: choose one with --shop (see `sidetext shop list`)")
}
