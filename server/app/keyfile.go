package app

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// DecodeKey reads a secret key from text.
func DecodeKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, errors.New("must be 32 bytes in base64, as `openssl rand -base64 32` makes them")
	}
	return key, nil
}

// readKeyFile reads the key in the file beside the database. If there is neither a
// database nor a key, it creates a key if create is set, and otherwise returns nil. A
// database whose key is lost has to be connected to the vendors again, so a backup
// needs both.
func readKeyFile(database string, create bool) ([]byte, error) {
	path := KeyPath(database)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if file, err := os.Stat(database); err == nil && file.Size() > 0 {
			return nil, fmt.Errorf("%s is there but its key %s is not: put it back from the backup", database, path)
		}
		if !create {
			return nil, nil
		}
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("create key: %w", err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := DecodeKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s is not a key: %w", path, err)
	}
	return key, nil
}

// makeKey creates a key file, unless another process was first. The file gets its
// name only when it is complete: half a key is never read, and a crash leaves none.
func makeKey(path string) error {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // documented never to fail
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".key-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = fmt.Fprintln(file, base64.StdEncoding.EncodeToString(key))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// KeyPath is the path of a database's key file.
func KeyPath(database string) string {
	return strings.TrimSuffix(database, filepath.Ext(database)) + ".key"
}

// WriteKey writes a key to a new file that only its owner may read.
func WriteKey(path string, key []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, base64.StdEncoding.EncodeToString(key))
	return errors.Join(err, file.Sync(), file.Close())
}
