package redis

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"sidetext/hub"
)

// A refusal is why a Redis will not do, as one plain sentence: another attempt
// would end the same way.
type refusal string

func (r refusal) Error() string { return string(r) }

func refused(err error) bool {
	var r refusal
	return errors.As(err, &r)
}

func wrap(err error) error { return fmt.Errorf("redis: %w", err) }

// ask finds out whether the server is one that we can use: new enough, and with
// leave to publish, which is tried with a heartbeat, and to subscribe. The error
// is a refusal, or says why the server could not be asked.
func (b *Bus) ask(ctx context.Context) error {
	hello, err := json.Marshal(parcel{Message: hub.Message{Node: b.node}, N: 1})
	if err != nil {
		return err
	}
	client := b.at.client(asking)
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*asking.wait)
	defer cancel()
	info, err := client.Info(ctx, "server").Result()
	switch {
	case goredis.IsPermissionError(err): // then its version remains its secret
	case err != nil:
		return judge(err)
	default:
		if err := young(info); err != nil {
			return err
		}
	}
	if err := client.Publish(ctx, b.channel, hello).Err(); err != nil {
		return judge(err)
	}
	sub := client.Subscribe(ctx)
	defer sub.Close()
	if err := sub.Subscribe(ctx, b.channel); err != nil {
		return judge(err)
	}
	_, err = sub.ReceiveTimeout(ctx, asking.wait)
	return judge(err)
}

// young refuses a server before 6.2. One that does not say what it is will do.
func young(info string) error {
	for line := range strings.Lines(info) {
		version, ok := strings.CutPrefix(strings.TrimSpace(line), "redis_version:")
		if !ok {
			continue
		}
		parts := append(strings.Split(version, "."), "0")
		major, err := strconv.Atoi(parts[0])
		if err != nil {
			return nil
		}
		if minor, _ := strconv.Atoi(parts[1]); major < 6 || major == 6 && minor < 2 {
			return refusal(fmt.Sprintf("the server has version %s, and 6.2 is the oldest that will do", plain(errors.New(version))))
		}
	}
	return nil
}

// judge makes a refusal of an error that would be the same next time.
func judge(err error) error {
	var answer goredis.Error
	var network net.Error
	var alert tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	switch {
	case err == nil:
		return nil
	case goredis.HasErrorPrefix(err, "NOAUTH"):
		return refusal("the server wants a password, and the address has none")
	case goredis.IsAuthError(err):
		return refusal("the server does not accept the user and password of the address")
	case goredis.HasErrorPrefix(err, "DENIED"):
		return refusal("the server is in protected mode: it needs a password before others than its own machine may use it")
	case goredis.IsPermissionError(err):
		return refusal("the user of the address may not do what is needed, which is to publish and subscribe on channels that begin with sidetext/: " + plain(err))
	case errors.As(err, &alert):
		return refusal("the server does not speak TLS there; without it the address begins with redis, not rediss")
	case errors.As(err, &certificate):
		return refusal("the server's certificate will not do: " + plain(certificate.Err))
	case errors.As(err, &network), passing(err): // before what one Sentinel of several may have answered
		return err
	case errors.Is(err, goredis.Nil):
		return refusal("the Sentinels know no master of the name that the address has")
	case errors.As(err, &answer):
		return refusal("the server answered: " + plain(err))
	case strings.HasPrefix(err.Error(), "redis: can't parse"), strings.HasPrefix(err.Error(), "redis: invalid reply"):
		return refusal("what answers there is no Redis") // go-redis has no type for it
	}
	return err
}

// passing reports whether the server will answer otherwise later.
func passing(err error) bool {
	return goredis.IsLoadingError(err) || goredis.IsMasterDownError(err) || goredis.IsClusterDownError(err) ||
		goredis.IsTryAgainError(err) || goredis.IsMaxClientsError(err) || goredis.IsReadOnlyError(err)
}

// plain is what an error says, in one line that is not too long.
func plain(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
