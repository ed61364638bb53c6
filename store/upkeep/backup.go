package upkeep

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

	"sidetext/store"
	"sidetext/store/sqldb"

	modern "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// A BackupInfo describes a complete, checked backup.
type BackupInfo struct {
	At    time.Time // the backup has what was committed before
	Bytes int64
	Rows  int64 // of all tables together
}

// pagesPerStep is how many pages are copied between two reports of progress.
const pagesPerStep = 1024

// Backup copies the SQLite database at url, as it is at one moment, into a new file
// that only its owner may read. Other processes may go on writing. The copy is
// compared with its source, and gets its name only once it is complete and synced;
// an existing file is never replaced. report, if not nil, gets the number of bytes
// copied and of all bytes.
//
// The copy is marked as a backup: the next Open treats it like FinishRestore.
func Backup(ctx context.Context, url, to string, key []byte, report func(done, all int64)) (made BackupInfo, err error) {
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return made, errors.New("store: back up PostgreSQL with its own tools: base backups and archived WAL, for point-in-time recovery")
	}
	if err := sqldb.FindSQLite(path); err != nil {
		return made, err
	}
	seal, err := store.NewSeal(key)
	if err != nil {
		return made, err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return made, fmt.Errorf("store: back up to %s: %w", to, cmp.Or(err, fs.ErrExist))
	}
	part, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".part-*") // with mode 0600
	if err != nil {
		return made, fmt.Errorf("store: back up: %w", err)
	}
	defer func() {
		for _, left := range []string{"", "-journal", "-wal", "-shm"} {
			_ = os.Remove(part.Name() + left)
		}
	}()
	if err := part.Close(); err != nil {
		return made, fmt.Errorf("store: back up: %w", err)
	}
	made.At = time.Now()
	rows, err := copyFile(ctx, path, part.Name(), report)
	if err == nil {
		err = checkCopy(ctx, part.Name(), rows, seal, made.At)
	}
	if err == nil {
		made.Bytes, err = publishFile(part.Name(), to)
	}
	for _, n := range rows {
		made.Rows += n
	}
	if err != nil {
		return made, explainBackup(path, err)
	}
	return made, nil
}

// explainBackup turns an error into one that tells an operator why there is no backup.
func explainBackup(path string, err error) error {
	if sqldb.SQLiteCode(err) == lib.SQLITE_FULL {
		return fmt.Errorf("store: back up: no space left on the disk: %w", err)
	}
	return sqldb.ExplainSQLite(path, fmt.Errorf("store: back up: %w", err))
}

// copyFile copies a database into an empty file, page by page, and returns how
// many rows each of its tables has. It counts and copies in one transaction, so
// that both are of one moment. It only reads, and blocks no writer.
func copyFile(ctx context.Context, path, to string, report func(done, all int64)) (rows map[string]int64, err error) {
	db := sql.OpenDB(sqldb.SQLite{Path: path, ReadOnly: true})
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // it only read
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
		}).NewBackup(sqldb.SQLiteName(to))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if err = ctx.Err(); err == nil {
				more, err = b.Step(pagesPerStep)
			}
			if err == nil && report != nil {
				report(int64(b.PageCount()-b.Remaining())*size, int64(b.PageCount())*size)
			}
		}
		return errors.Join(err, b.Finish())
	})
}

// checkCopy makes sure that a copy is complete, and marks it as a copy.
func checkCopy(ctx context.Context, path string, rows map[string]int64, seal *store.Seal, at time.Time) error {
	db := sql.OpenDB(sqldb.RawSQLite(sqldb.SQLiteName(path, "journal_mode(DELETE)", "synchronous(FULL)", "secure_delete(1)")))
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var result string
	if err := conn.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&result); err != nil || result != "ok" {
		return fmt.Errorf("the copy is damaged, and perhaps the database too: %s: %w", result, cmp.Or(err, errors.New("the check failed")))
	}
	got, err := countRows(ctx, conn)
	if err != nil {
		return err
	}
	if !maps.Equal(got, rows) {
		return fmt.Errorf("the copy has %v rows where the database had %v", got, rows)
	}
	var sealed string
	if err := conn.QueryRowContext(ctx, `SELECT value FROM about WHERE name = $1`, store.KeyCheck).Scan(&sealed); err != nil {
		return fmt.Errorf("read the key check: %w", err)
	}
	if err := seal.Verify(sealed); err != nil {
		return err
	}
	return execAll(ctx, conn, []string{
		`DELETE FROM about WHERE name IN ('epoch', 'ready')`,
		fmt.Sprintf(`INSERT INTO about (name, value) VALUES ('%s', '%d') ON CONFLICT (name) DO UPDATE SET value = excluded.value`, store.CopyMark, at.UnixMicro()),
	})
}

// publishFile syncs a file and gives it its name, unless that exists by now. It
// returns the file's size.
func publishFile(from, to string) (size int64, err error) {
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
	} else if err != nil { // the file system has no hard links
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
