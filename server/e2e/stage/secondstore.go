package stage

import (
	"testing"

	"sidetext/store"
)

// beside opens the server's database once more, as another node does.
func (b *Offline) Beside(t *testing.T) *store.Store {
	t.Helper()
	other, err := store.Open(t.Context(), b.Settings.DatabaseURL, b.Settings.SecretKey, b.Log)
	Must(t, err)
	t.Cleanup(func() { Must(t, other.Close()) })
	return other
}
