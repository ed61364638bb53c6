package widget

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sidetext/chat"
)

const (
	launchAudience = "sidetext-launch"
	launchIssuer   = "sidetext"
	launchLife     = 365 * 24 * time.Hour
	maxLaunch      = 1024 // bytes; ours have about 300
)

// A Launcher makes and reads launch tokens. A token names a conversation and gives no
// access: the helpdesk stores it with the customer, where all its users can read it.
// An agent who opens the link still has to sign in.
type Launcher struct{ key []byte }

// NewLauncher takes a key of 32 bytes.
func NewLauncher(key []byte) (*Launcher, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("widget: launch key has %d bytes, want 32", len(key))
	}
	return &Launcher{append([]byte(nil), key...)}, nil
}

type launchClaims struct {
	Shop         chat.ShopID         `json:"shop"`
	Conversation chat.ConversationID `json:"conversation"`
	jwt.RegisteredClaims
}

// Token returns a token for a conversation that expires after a year. It needs no
// escaping in URLs.
func (l *Launcher) Token(shop chat.ShopID, conversation chat.ConversationID, now time.Time) (string, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, launchClaims{
		Shop: shop, Conversation: conversation,
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    launchIssuer,
			Audience:  jwt.ClaimStrings{launchAudience},
			ExpiresAt: jwt.NewNumericDate(now.Add(launchLife)),
		},
	}).SignedString(l.key)
	if err != nil {
		return "", fmt.Errorf("widget: make launch token: %w", err)
	}
	return token, nil
}

// Errors of Read, for agents.
var (
	ErrLaunchExpired = &chat.Error{Kind: chat.KindInvalid, Code: "launch_expired",
		Text: "This link is too old. Please reload the ticket and open it again."}
	ErrLaunch = &chat.Error{Kind: chat.KindInvalid, Code: "launch_invalid",
		Text: "This link doesn't work. Please open it from the ticket."}
)

// Read returns the conversation of a token. Its errors are ErrLaunchExpired and
// ErrLaunch.
func (l *Launcher) Read(token string, now time.Time) (chat.ShopID, chat.ConversationID, error) {
	// encoding/base64 ignores line breaks, even in strict mode.
	if len(token) > maxLaunch || strings.ContainsAny(token, "\r\n") {
		return "", "", ErrLaunch
	}
	var claims launchClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(), // reject tokens without exp
		jwt.WithAudience(launchAudience),
		jwt.WithIssuer(launchIssuer),
		jwt.WithLeeway(30*time.Second),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	)
	_, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return l.key, nil })
	switch {
	case err == nil && claims.Shop != "" && claims.Conversation != "":
		return claims.Shop, claims.Conversation, nil
	// Only for tokens that are valid otherwise. The signature is checked first.
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidAudience) &&
		!errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return "", "", ErrLaunchExpired
	}
	return "", "", ErrLaunch
}
