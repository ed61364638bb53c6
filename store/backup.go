package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	modern "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// A Copied is a backup that was made, and found whole.
type Copied struct {
	At    time.Time // what was kept until then is in it
	Bytes int64
	Rows  int64 // of all tables
}

// pagesAtOnce is how many pages are copied before anybody asks how far we are.
const pagesAtOnce = 1024

// Backup copies the SQLite database that url names, as it is at one moment, into
// a new file that only its owner may read. Others may go on writing meanwhile.
// The copy is compared with what was copied, and has its name only once it is
// whole and on the disk; a file that is there is left alone. tell, if not nil, is
// told again and again how many bytes of how many have been copied.
//
// The copy says that it is one: whoever opens it makes it a database of its own,
// see Restored.
func Backup(ctx context.Context, url, to string, key []byte, tell func(done, all int64)) (made Copied, err error) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return made, errors.New("store: PostgreSQL is backed up with its own tools: base backups and archived WAL, from which any moment can be put back")
	}
	if err := (sqlite{path, false}).find(); err != nil {
		return made, err
	}
	seal, err := newSeal(key)
	if err != nil {
		return made, err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return made, fmt.Errorf("store: back up to %s: %w", to, cmp.Or(err, fs.ErrExist))
	}
	part, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".part-*") // with mode 0600
	if err != nil {
		return made, fmt.Errorf("store: make a backup: %w", err)
	}
	defer func() {
		for _, left := range []string{"", "-journal", "-wal", "-shm"} {
			_ = os.Remove(part.Name() + left)
		}
	}()
	if err := part.Close(); err != nil {
		return made, fmt.Errorf("store: make a backup: %w", err)
	}
	made.At = time.Now()
	rows, err := snapshot(ctx, path, part.Name(), tell)
	if err == nil {
		err = finishCopy(ctx, part.Name(), rows, seal, made.At)
	}
	if err == nil {
		made.Bytes, err = settleFile(part.Name(), to)
	}
	for _, n := range rows {
		made.Rows += n
	}
	if err != nil {
		return made, failedCopy(path, err)
	}
	return made, nil
}

// failedCopy says why there is no backup.
func failedCopy(path string, err error) error {
	var said *modern.Error
	if errors.As(err, &said) && primary(said) == lib.SQLITE_FULL {
		return fmt.Errorf("store: make a backup: there is no space left for it: %w", err)
	}
	return sqlite{path, false}.plain(fmt.Errorf("store: make a backup: %w", err))
}

// snapshot copies a database into an empty file, page by page, and returns how
// many rows each of its tables has. It counts and copies in one transaction, so
// that both are of one moment; it writes nothing, and nobody waits for it.
func snapshot(ctx context.Context, path, to string, tell func(done, all int64)) (rows map[string]int64, err error) {
	db := sql.OpenDB(sqlite{path, false})
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // nothing was written
	if rows, err = countRows(ctx, conn); err != nil {
		return nil, err
	}
	var size int64
	if err := conn.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size); err != nil {
		return nil, err
	}
	return rows, conn.Raw(func(c any) error {
		b, err := c.(interface {
			NewBackup(string) (*modern.Backup, error)
		}).NewBackup(address(to))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if err = ctx.Err(); err == nil {
				more, err = b.Step(pagesAtOnce)
			}
			if err == nil && tell != nil {
				tell(int64(b.PageCount()-b.Remaining())*size, int64(b.PageCount())*size)
			}
		}
		return errors.Join(err, b.Finish())
	})
}

// finishCopy makes sure that a copy is whole, and has it say that it is a copy.
func finishCopy(ctx context.Context, path string, rows map[string]int64, seal *seal, at time.Time) error {
	db := sql.OpenDB(loose(address(path, "journal_mode(DELETE)", "synchronous(FULL)", "secure_delete(1)")))
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var said string
	if err := conn.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&said); err != nil || said != "ok" {
		return fmt.Errorf("the copy is damaged, and so perhaps the database: %s: %w", said, cmp.Or(err, errors.New("the check failed")))
	}
	got, err := countRows(ctx, conn)
	if err != nil {
		return err
	}
	if !maps.Equal(got, rows) {
		return fmt.Errorf("the copy has %v rows where the database had %v", got, rows)
	}
	var sealed string
	if err := conn.QueryRowContext(ctx, `SELECT value FROM about WHERE name = $1`, keyName).Scan(&sealed); err != nil {
		return fmt.Errorf("find out which key it needs: %w", err)
	}
	if _, err := seal.open(sealed, "", keyName); err != nil {
		return errOtherKey
	}
	for _, change := range []string{
		`DELETE FROM about WHERE name IN ('epoch', 'ready')`,
		fmt.Sprintf(`INSERT INTO about (name, value) VALUES ('%s', '%d') ON CONFLICT (name) DO UPDATE SET value = excluded.value`, copiedName, micros(at)),
	} {
		if _, err := conn.ExecContext(ctx, change); err != nil {
			return err
		}
	}
	return nil
}

// settleFile makes sure that a file is on the disk, gives it its name, unless
// there is one of that name by now, and returns its size.
func settleFile(from, to string) (size int64, err error) {
	file, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return 0, err
	}
	if err := os.Link(from, to); errors.Is(err, fs.ErrExist) {
		return 0, err
	} else if err != nil { // a disk without links
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			return 0, fmt.Errorf("%s: %w", to, cmp.Or(err, fs.ErrExist))
		}
		if err := os.Rename(from, to); err != nil {
			return 0, err
		}
	}
	folder, err := os.Open(filepath.Dir(to))
	if err != nil {
		return 0, err
	}
	return info.Size(), errors.Join(folder.Sync(), folder.Close())
}
