package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sidetext/server/app"
	"sidetext/store/upkeep"
)

type rekeyCommand struct {
	NewKeyFile string `help:"A file with the new key: 32 bytes in base64." type:"existingfile" required:""`
	Force      bool   `help:"Skip the check that no server is running."`
}

// Run changes the secret key, and the file beside the database if the key is there.
func (c rekeyCommand) Run(p *process) error {
	settings, log, err := p.settings(app.Needs{})
	if err != nil {
		return err
	}
	text, err := os.ReadFile(c.NewKeyFile)
	if err != nil {
		return err
	}
	key, err := app.DecodeKey(string(text))
	if err != nil {
		return fmt.Errorf("%s is not a key: %w", c.NewKeyFile, err)
	}
	if bytes.Equal(key, settings.SecretKey) {
		return errors.New("this key is in use already")
	}
	if err := ensureIdle(p, settings, c.Force, log); err != nil {
		return err
	}
	n, err := upkeep.Rekey(p.ctx, settings.DatabaseURL, settings.SecretKey, key, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Re-encrypted %d secrets.\n", n)
	if settings.SecretText == "" {
		path := app.KeyPath(strings.TrimPrefix(settings.DatabaseURL, "sqlite:"))
		old, err := replaceKey(path, settings.SecretKey, key)
		if err != nil {
			return fmt.Errorf("the database has the new key, but %s still has the old one: run this again: %w", path, err)
		}
		fmt.Fprintf(p.stdout, "The new key is in %s, the old one in %s: backups made so far need it.\n", path, old)
	} else {
		fmt.Fprintln(p.stdout, "Now set SIDETEXT_SECRET_KEY to the new key, on every node. Keep the old one: backups made so far need it.")
	}
	fmt.Fprintln(p.stdout, "All sessions have ended. The link “Text via SMS” beside a ticket works again after the next change of the ticket.")
	return nil
}

// replaceKey writes a new key into the file path, and the previous key into a file
// beside it, whose path it returns.
func replaceKey(path string, before, key []byte) (old string, err error) {
	now := time.Now().UTC().Format("20060102-150405.000")
	old, fresh := path+".until-"+now, path+".new-"+now
	if err := app.WriteKey(old, before); err != nil {
		return "", err
	}
	if err := app.WriteKey(fresh, key); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, path); err != nil {
		return "", err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	return old, errors.Join(folder.Sync(), folder.Close())
}
