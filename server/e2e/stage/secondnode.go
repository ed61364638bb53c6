package stage

import (
	"testing"

	"sidetext/server/app"
	"sidetext/store"
)

// SecondStore opens the server's database once more, as another node does.
func (b *Offline) SecondStore(t *testing.T) *store.Store {
	t.Helper()
	other, err := store.Open(t.Context(), b.Settings.DatabaseURL, b.Settings.SecretKey, b.Log)
	Must(t, err)
	t.Cleanup(func() { Must(t, other.Close()) })
	return other
}

// SecondNode opens the program once more, on the same database.
func (b *Offline) SecondNode(t *testing.T) *app.App {
	t.Helper()
	other, err := app.Open(t.Context(), b.Settings, b.Log)
	Must(t, err)
	t.Cleanup(func() {
		other.Jobs.Wait()
		Must(t, other.Close())
	})
	return other
}
