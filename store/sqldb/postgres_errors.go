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

// A serverError is a complete sentence for an operator: why a server can't be used.
type serverError string

func (s serverError) Error() string { return "store: " + string(s) }

// explain says in one line, without the password, why a connection failed.
func (e *postgresEngine) explain(err error) error {
	var connecting *pgconn.ConnectError
	if errors.As(err, new(serverError)) || !errors.As(err, &connecting) && !errors.Is(err, errConnect) {
		return err
	}
	where := net.JoinHostPort(e.config.Host, strconv.Itoa(int(e.config.Port)))
	reason := map[string]string{
		"28P01": "wrong user or password",
		"28000": "no such user may connect from here",
		"3D000": "there is no database " + strconv.Quote(e.config.Database),
		"53300": "the server has no connection left",
		"57P03": "the server is starting or stopping",
	}[PostgresCode(err)]
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case reason != "":
	case errors.Is(err, pgconn.ErrReadOnlyConnection):
		reason = "it can only be read"
	case errors.As(err, &dns):
		reason = "there is no host " + strconv.Quote(dns.Name)
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &op) && op.Timeout():
		reason = "no answer"
	case errors.As(err, &op):
		reason = op.Err.Error()
	default:
		return err
	}
	return operatorError{fmt.Sprintf("store: open the PostgreSQL database at %s: %s", where, reason), err}
}

// operatorError is an error with a text for operators and its cause.
type operatorError struct {
	text  string
	cause error
}

func (e operatorError) Error() string { return e.text }
func (e operatorError) Unwrap() error { return e.cause }
