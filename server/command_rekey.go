package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sidetext/store/upkeep"
)

type rekeyArgs struct {
	NewKeyFile string `help:"A file with the new key: 32 bytes in base64." type:"existingfile" required:""`
	Force      bool   `help:"Also while nodes seem to be running."`
}

// rekey changes the secret key. Where it is in the file beside the database, the
// file too.
func rekey(ctx context.Context, settings Settings, args rekeyArgs, log *slog.Logger, out, progress io.Writer) error {
	text, err := os.ReadFile(args.NewKeyFile)
	if err != nil {
		return err
	}
	key, err := decodeKey(string(text))
	if err != nil {
		return fmt.Errorf("%s is no key: %w", args.NewKeyFile, err)
	}
	if bytes.Equal(key, settings.SecretKey) {
		return errors.New("that is the key in use")
	}
	if err := unused(ctx, settings, args.Force, log, progress); err != nil {
		return err
	}
	n, err := upkeep.Rekey(ctx, settings.DatabaseURL, settings.SecretKey, key, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Sealed anew: %d.\n", n)
	if settings.SecretText == "" {
		path := keyPath(strings.TrimPrefix(settings.DatabaseURL, "sqlite:"))
		old, err := replaceKey(path, settings.SecretKey, key)
		if err != nil {
			return fmt.Errorf("the database has the new key, but %s is still the old one: run this again: %w", path, err)
		}
		fmt.Fprintf(out, "The new key is in %s, the old one in %s: backups made so far need it.\n", path, old)
	} else {
		fmt.Fprintln(out, "Now set SIDETEXT_SECRET_KEY to the new key, on every node. Keep the old one: backups made so far need it.")
	}
	fmt.Fprintln(out, "Everybody has to sign in again. A ticket's link works again when the helpdesk next asks for its card, as the ticket changes.")
	return nil
}

// replaceKey puts another key into a file, and the one before into a file beside
// it, whose path it returns.
func replaceKey(path string, before, key []byte) (old string, err error) {
	now := time.Now().UTC().Format("20060102-150405.000")
	old, fresh := path+".until-"+now, path+".new-"+now
	if err := writeKey(old, before); err != nil {
		return "", err
	}
	if err := writeKey(fresh, key); err != nil {
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
