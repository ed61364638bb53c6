package main

import (
	"context"
	"io"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/store"
)

func (s *server) console(app *fiber.App)                         {}
func (s *server) errorPage(c *fiber.Ctx, told *chat.Error) error { return c.SendString(told.Text) }
func importFile(ctx context.Context, s *store.Store, args importArgs, out io.Writer) error {
	return nil
}
