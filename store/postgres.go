package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// postgres is the engine of one PostgreSQL database.
type postgres struct {
	config *pgx.ConnConfig
	log    *slog.Logger

	writers int
	life    atomic.Int64   // counts up when the server, or what it may do, has changed
	warned  sync.Once      // of how the server is set up
	closing sync.WaitGroup // connections that are being closed
	wires   wires
	trips   atomic.Int64 // to the server and back, so far
}

const (
	// dialing bounds how long making a connection may take; answering, how long
	// any answer may: a database that is gone without a word is left after that.
	dialing   = 2 * time.Second
	answering = 5 * time.Second
	// lasting is how long a connection is used: a database that moved to another
	// machine gets its connections back.
	lasting = 30 * time.Minute
	// oldest is the oldest server that can do what is asked here.
	oldest = 14
)

func newPostgres(address string, log *slog.Logger) (*postgres, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err) // it leaves the password out
	}
	config.ConnectTimeout = dialing
	// Every statement is prepared by name, once for each connection.
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 64
	// Of several servers only one that can be written will do.
	config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "sidetext"
	}
	p := &postgres{config: config, log: log, writers: 2}
	config.DialFunc = p.wires.dial
	return p, nil
}

func (p *postgres) crew() (writers, readers int) { return p.writers, 8 }

// find leaves it to connect: a database that is not there says so itself.
func (p *postgres) find(context.Context, bool) error { return nil }

func (p *postgres) close() error {
	p.wires.cut()
	p.closing.Wait()
	return nil
}

// session is what every connection asks for, whatever the server's own settings
// are; and what it has to know of the server. A statement ends before we stop
// waiting for it, and a transaction whose node is frozen, or has gone without a
// word, soon lets go of what it locked: a node that only was slow begins it anew. Every query has its index; but while tables are new the
// server would plan to read them through, and keep to that when they have grown.
const session = `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
	current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('server_encoding'),
	set_config('statement_timeout', '4500', false), set_config('lock_timeout', '200', false),
	set_config('idle_in_transaction_session_timeout', '2000', false), set_config('client_min_messages', 'warning', false),
	set_config('tcp_user_timeout', '10000', false), set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
	set_config('enable_seqscan', 'off', false),
	set_config('default_transaction_isolation', 'read committed', false), set_config('standard_conforming_strings', 'on', false),
	set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)`

func (p *postgres) connect(ctx context.Context, writes bool) (conn, error) {
	c, err := p.join(ctx, writes)
	if err != nil {
		return nil, err // and no conn that holds nothing
	}
	return c, nil
}

func (p *postgres) join(ctx context.Context, writes bool) (*postgresConn, error) {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	life := p.life.Load()
	raw, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return nil, err
	}
	c := &postgresConn{engine: p, conn: raw, writes: writes, life: life, until: time.Now().Add(lasting), known: map[string]bool{}, waiting: &pgx.Batch{}}
	if err := p.greet(ctx, c); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// greet sets a connection up, and looks at who answers.
func (p *postgres) greet(ctx context.Context, c *postgresConn) error {
	var number int
	var version, fsync, pages, commits, encoding string
	ask := session
	if !c.writes {
		// It waits for nobody but for who changes the tables themselves.
		ask += `, set_config('default_transaction_read_only', 'on', false), set_config('lock_timeout', '2000', false)`
	}
	rows, err := c.conn.Query(ctx, ask, pgx.QueryExecModeExec) // once only: not worth a statement's name
	if err == nil {
		rows.Next()
		err = rows.Err()
	}
	if err == nil {
		skip := make([]any, len(rows.FieldDescriptions())-6)
		err = rows.Scan(append([]any{&number, &version, &fsync, &pages, &commits, &encoding}, skip...)...)
	}
	if rows != nil {
		rows.Close()
	}
	if err != nil {
		return fmt.Errorf("store: set a connection up: %w", err)
	}
	if err := suits(number, version, encoding); err != nil {
		return err
	}
	p.warned.Do(func() {
		if fsync == "off" {
			p.log.Error("PostgreSQL runs with fsync=off: a crash of its machine can lose texts or all of the database")
		}
		if pages == "off" {
			p.log.Error("PostgreSQL runs with full_page_writes=off: a crash of its machine can damage the database")
		}
		if commits == "off" {
			p.log.Error("PostgreSQL runs with synchronous_commit=off: Sidetext sets it on for its own connections; please do so for all")
		}
	})
	return nil
}

func suits(number int, version, encoding string) error {
	switch {
	case number/10000 < oldest:
		return refusal("PostgreSQL " + version + " is too old: Sidetext needs " + strconv.Itoa(oldest) + " or newer")
	case encoding != "UTF8":
		return refusal("the database keeps texts as " + encoding + ": Sidetext needs one made with ENCODING 'UTF8'")
	}
	return nil
}

// now asks for the server's time.
func (p *postgres) now(l link) (time.Time, error) {
	var micros int64
	err := l.row(`SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint`).Scan(&micros)
	return moment(micros), err
}

// A refusal is said in full by its words.
type refusal string

func (r refusal) Error() string { return "store: " + string(r) }

// busy reports whether a server will take connections in a moment.
func (p *postgres) busy(err error) bool {
	switch code(err) {
	case "57P03", "53300": // it is starting; it has too many
		return true
	}
	return errors.Is(err, pgconn.ErrReadOnlyConnection) // it is about to take over
}

// code is what PostgreSQL calls an error, or nothing.
func code(err error) string {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code
	}
	return ""
}

// plain says in one line why a database can't be opened. It never says the password.
func (p *postgres) plain(err error) error {
	var connecting *pgconn.ConnectError
	if errors.As(err, new(refusal)) || !errors.As(err, &connecting) && !errors.Is(err, errConnect) {
		return err
	}
	where := net.JoinHostPort(p.config.Host, strconv.Itoa(int(p.config.Port)))
	words := map[string]string{
		"28P01": "wrong user or password",
		"28000": "the server lets no such user in from here",
		"3D000": "there is no database " + strconv.Quote(p.config.Database),
		"53300": "the server has no connection left",
		"57P03": "the server is starting or ending",
	}[code(err)]
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case words != "":
	case errors.Is(err, pgconn.ErrReadOnlyConnection):
		words = "it can only be read"
	case errors.As(err, &dns):
		words = "there is no host " + strconv.Quote(dns.Name)
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &op) && op.Timeout():
		words = "nobody answers"
	case errors.As(err, &op):
		words = op.Err.Error()
	default:
		return err
	}
	return plainly{fmt.Sprintf("store: open the PostgreSQL database at %s: %s", where, words), err}
}

// plainly is an error in other words.
type plainly struct {
	words string
	cause error
}

func (p plainly) Error() string { return p.words }
func (p plainly) Unwrap() error { return p.cause }
