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

// An unusableError is the reason, as one sentence, why a server cannot be used. Another
// attempt would end the same way.
type unusableError string

func (e unusableError) Error() string { return string(e) }

func isUnusable(err error) bool {
	var unusable unusableError
	return errors.As(err, &unusable)
}

func wrap(err error) error { return fmt.Errorf("redis: %w", err) }

// checkServer checks that the server is new enough, and that the user may publish
// (it publishes a heartbeat) and subscribe. The error is an unusableError, or the
// reason why the server could not be reached.
func (b *Bus) checkServer(ctx context.Context) error {
	heartbeat, err := json.Marshal(envelope{Message: hub.Message{Node: b.node}, N: 1})
	if err != nil {
		return err
	}
	client := b.address.newClient(checkTimeouts)
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*checkTimeouts.request)
	defer cancel()
	info, err := client.Info(ctx, "server").Result()
	switch {
	case goredis.IsPermissionError(err): // the user may not read the version: assume that it is new enough
	case err != nil:
		return classify(err)
	default:
		if err := checkVersion(info); err != nil {
			return err
		}
	}
	if err := client.Publish(ctx, b.channel, heartbeat).Err(); err != nil {
		return classify(err)
	}
	subscription := client.Subscribe(ctx)
	defer subscription.Close()
	if err := subscription.Subscribe(ctx, b.channel); err != nil {
		return classify(err)
	}
	_, err = subscription.ReceiveTimeout(ctx, checkTimeouts.request)
	return classify(err)
}

// checkVersion returns an error for a server older than 6.2. A server that does
// not report a version is accepted.
func checkVersion(info string) error {
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
			return unusableError(fmt.Sprintf("the server has version %s; 6.2 or newer is required", oneLine(errors.New(version))))
		}
	}
	return nil
}

// classify turns an error that another attempt would repeat into an
// unusableError, and returns other errors unchanged.
func classify(err error) error {
	var answer goredis.Error
	var network net.Error
	var alert tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	switch {
	case err == nil:
		return nil
	case goredis.HasErrorPrefix(err, "NOAUTH"):
		return unusableError("the server requires a password, and the address has none")
	case goredis.IsAuthError(err):
		return unusableError("the server rejected the user and password of the address")
	case goredis.HasErrorPrefix(err, "DENIED"):
		return unusableError("the server is in protected mode: set a password on it, so that other machines may connect")
	case goredis.IsPermissionError(err):
		return unusableError("the user needs permission to publish and subscribe on channels that start with sidetext/: " + oneLine(err))
	case errors.As(err, &alert):
		return unusableError("the server does not use TLS on this port; without TLS the address starts with redis, not rediss")
	case errors.As(err, &certificate):
		return unusableError("the server's certificate is not valid: " + oneLine(certificate.Err))
	case errors.As(err, &network), isTemporary(err): // first, because one of several Sentinels may have answered Nil
		return err
	case errors.Is(err, goredis.Nil):
		return unusableError("the Sentinels have no master with the name in the address")
	case errors.As(err, &answer):
		return unusableError("the server answered: " + oneLine(err))
	case strings.HasPrefix(err.Error(), "redis: can't parse"), strings.HasPrefix(err.Error(), "redis: invalid reply"):
		return unusableError("the server does not speak the Redis protocol") // go-redis has no type for these errors
	}
	return err
}

// isTemporary reports whether err is an answer that the server gives only for a
// while.
func isTemporary(err error) bool {
	return goredis.IsLoadingError(err) || goredis.IsMasterDownError(err) || goredis.IsClusterDownError(err) ||
		goredis.IsTryAgainError(err) || goredis.IsMaxClientsError(err) || goredis.IsReadOnlyError(err)
}

// oneLine returns the first line of an error's text, cut at 200 bytes.
func oneLine(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
