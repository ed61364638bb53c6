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

// A Launcher makes and reads launch tokens. A token names a conversation and
// carries no authority: the helpdesk keeps it with the customer, where all its
// users can read it. Whoever brings one still has to show who they are.
type Launcher struct{ key []byte }

// NewLauncher takes a key of 32 bytes.
func NewLauncher(key []byte) (*Launcher, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("widget: a launch key has 32 bytes, not %d", len(key))
	}
	return &Launcher{append([]byte(nil), key...)}, nil
}

type launchClaims struct {
	Shop         chat.ShopID         `json:"shop"`
	Conversation chat.ConversationID `json:"conversation"`
	jwt.RegisteredClaims
}

// Token names a conversation for a year. It can stand in a URL as it is.
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

// Why a token doesn't work, in words for an agent.
var (
	ErrLaunchExpired = &chat.Error{Kind: chat.KindInvalid, Code: "launch_expired",
		Text: "This link is too old. Please reload the ticket and open it again."}
	ErrLaunch = &chat.Error{Kind: chat.KindInvalid, Code: "launch_invalid",
		Text: "This link doesn't work. Please open it from the ticket."}
)

// Read returns what a token names. An error is ErrLaunchExpired or ErrLaunch.
func (l *Launcher) Read(token string, now time.Time) (chat.ShopID, chat.ConversationID, error) {
	// Go's base64 skips line breaks, even when it is strict.
	if len(token) > maxLaunch || strings.ContainsAny(token, "\r\n") {
		return "", "", ErrLaunch
	}
	var claims launchClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(), // or a token without exp would do
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
	// Only of a token that is ours otherwise: the signature is checked first.
	case errors.Is(err, jwt.ErrTokenExpired) && !errors.Is(err, jwt.ErrTokenInvalidAudience) &&
		!errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return "", "", ErrLaunchExpired
	}
	return "", "", ErrLaunch
}
