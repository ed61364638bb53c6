package sqldb

import "github.com/jackc/pgx/v5"

// postgresRows are the rows of a query, of which the first has been read.
type postgresRows struct {
	pgx.Rows
	more    bool         // there is a row to scan
	release func() error // makes the connection free for the next statement
}

// firstRow reads the first row, so that an error of the query is found before
// the caller scans.
func firstRow(rows pgx.Rows, err error, release func() error) (*postgresRows, error) {
	r := &postgresRows{Rows: rows, release: release}
	if err == nil {
		r.more = rows.Next()
		err = rows.Err()
	}
	if err != nil {
		return nil, r.end(err)
	}
	return r, nil
}

// end reads what is left and releases the connection. It returns err, or what
// went wrong since.
func (r *postgresRows) end(err error) error {
	if r.Rows != nil {
		r.Rows.Close()
		if err == nil {
			err = r.Err()
		}
	}
	if released := r.release(); err == nil {
		err = released
	}
	return err
}

// Scan reads the first row, and ends the query.
func (r *postgresRows) Scan(to ...any) error {
	if !r.more {
		return r.end(pgx.ErrNoRows)
	}
	return r.end(r.Rows.Scan(to...))
}

func rowOf(r *postgresRows, err error) Scanner {
	if err != nil {
		return rowError{err}
	}
	return r
}

// scanRows returns a function that calls scan for each row, and ends the query.
func scanRows(scan func(Scanner) error) func(*postgresRows, error) error {
	return func(r *postgresRows, err error) error {
		if err != nil {
			return err
		}
		for ; r.more; r.more = r.Next() {
			if err := scan(r.Rows); err != nil {
				return r.end(err)
			}
		}
		return r.end(nil)
	}
}
