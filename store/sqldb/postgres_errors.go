package sqldb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// PostgresCode is the SQLSTATE of an error, or "".
func PostgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// A serverError says in full why a server can't be used.
type serverError string

func (s serverError) Error() string { return "store: " + string(s) }

// explain says in one line, without the password, why a connection failed.
func (e *postgresEngine) explain(err error) error {
	var connecting *pgconn.ConnectError
	if errors.As(err, new(serverError)) || !errors.As(err, &connecting) && !errors.Is(err, errConnect) {
		return err
	}
	where := net.JoinHostPort(e.config.Host, strconv.Itoa(int(e.config.Port)))
	words := map[string]string{
		"28P01": "wrong user or password",
		"28000": "no such user may connect from here",
		"3D000": "there is no database " + strconv.Quote(e.config.Database),
		"53300": "the server has no connection left",
		"57P03": "the server is starting or stopping",
	}[PostgresCode(err)]
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case words != "":
	case errors.Is(err, pgconn.ErrReadOnlyConnection):
		words = "it can only be read"
	case errors.As(err, &dns):
		words = "there is no host " + strconv.Quote(dns.Name)
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &op) && op.Timeout():
		words = "no answer"
	case errors.As(err, &op):
		words = op.Err.Error()
	default:
		return err
	}
	return operatorError{fmt.Sprintf("store: open the PostgreSQL database at %s: %s", where, words), err}
}

// explained is an error in other words.
type operatorError struct {
	words string
	cause error
}

func (e operatorError) Error() string { return e.words }
func (e operatorError) Unwrap() error { return e.cause }
