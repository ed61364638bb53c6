package stage

import (
	"context"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/server/shoppers"
)

// ImportCSV imports a list of shoppers.
func (s *Stage) ImportCSV(text string) {
	s.T.Helper()
	list := shoppers.NewList(time.Now())
	_, err := shoppers.Import(strings.NewReader(text), "US", time.Now(), func(rows []chat.ImportRow) ([]chat.MergeResult, error) {
		return s.App.Store.ImportList(context.Background(), s.Shop.ID, list, rows)
	})
	Must(s.T, err)
}
