package widget_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sidetext/widget"
)

var (
	noon      = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	launchKey = bytes.Repeat([]byte{7}, 32)
)

func launcher(t testing.TB, key []byte) *widget.Launcher {
	t.Helper()
	l, err := widget.NewLauncher(key)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// forge makes a correctly signed token with any header and claims.
func forge(header, claims string, key []byte) string {
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(header)) + "." + b64([]byte(claims))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + b64(mac.Sum(nil))
}

func TestLaunchToken(t *testing.T) {
	t.Parallel()
	l := launcher(t, launchKey)
	token, err := l.Token("shop1", "conv1", noon)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_.-]{1,400}$`).MatchString(token) {
		t.Errorf("needs escaping in a URL: %s", token)
	}
	for _, now := range []time.Time{noon, noon.Add(364 * 24 * time.Hour), noon.Add(365*24*time.Hour + 29*time.Second)} {
		shop, conversation, err := l.Read(token, now)
		if shop != "shop1" || conversation != "conv1" || err != nil {
			t.Errorf("at %v: %q, %q, %v", now, shop, conversation, err)
		}
	}
	if _, _, err := l.Read(token, noon.Add(365*24*time.Hour+31*time.Second)); !errors.Is(err, widget.ErrLaunchExpired) {
		t.Errorf("after its expiry: %v", err)
	}
}

func TestInvalidLaunchTokens(t *testing.T) {
	t.Parallel()
	l := launcher(t, launchKey)
	good, _ := l.Token("shop1", "conv1", noon)
	foreign, _ := launcher(t, bytes.Repeat([]byte{8}, 32)).Token("shop1", "conv1", noon)
	const header = `{"alg":"HS256","typ":"JWT"}`
	exp, past := noon.Add(time.Hour).Unix(), noon.Add(-time.Hour).Unix()
	claims := func(format string, args ...any) string { return forge(header, fmt.Sprintf(format, args...), launchKey) }
	whole := fmt.Sprintf(`{"shop":"s","conversation":"c","iss":"sidetext","aud":["sidetext-launch"],"exp":%d}`, exp)
	if _, _, err := l.Read(forge(header, whole, launchKey), noon); err != nil {
		t.Fatalf("the valid token: %v", err)
	}
	signed := func(method jwt.SigningMethod, key any) string {
		var claims jwt.MapClaims
		json.Unmarshal([]byte(whole), &claims)
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	last := good[len(good)-1:]
	for name, token := range map[string]string{
		"empty":               "",
		"dots":                "..",
		"many dots":           strings.Repeat(".", 1000),
		"huge":                strings.Repeat("a", 10<<20),
		"huge signature":      good + strings.Repeat("A", 2000),
		"text":                "hello there",
		"tampered claims":     strings.Replace(good, ".", ".A", 1),
		"tampered signature":  good[:len(good)-8] + "AAAAAAAA",
		"loose last bits":     good[:len(good)-1] + string(last[0]+1),
		"padded":              good + "=",
		"line break":          good + "\n",
		"unsigned":            good[:strings.LastIndex(good, ".")+1],
		"other key":           foreign,
		"alg none":            signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"alg HS384":           signed(jwt.SigningMethodHS384, launchKey),
		"alg HS512":           signed(jwt.SigningMethodHS512, launchKey),
		"alg RS256":           forge(`{"alg":"RS256"}`, whole, launchKey),
		"alg missing":         forge(`{}`, whole, launchKey),
		"other audience":      claims(`{"shop":"s","conversation":"c","iss":"sidetext","aud":["sidetext-session"],"exp":%d}`, exp),
		"no audience":         claims(`{"shop":"s","conversation":"c","iss":"sidetext","exp":%d}`, exp),
		"other issuer":        claims(`{"shop":"s","conversation":"c","iss":"x","aud":["sidetext-launch"],"exp":%d}`, exp),
		"no issuer":           claims(`{"shop":"s","conversation":"c","aud":["sidetext-launch"],"exp":%d}`, exp),
		"no expiry":           claims(`{"shop":"s","conversation":"c","iss":"sidetext","aud":["sidetext-launch"]}`),
		"no shop":             claims(`{"conversation":"c","iss":"sidetext","aud":["sidetext-launch"],"exp":%d}`, exp),
		"no conversation":     claims(`{"shop":"s","iss":"sidetext","aud":["sidetext-launch"],"exp":%d}`, exp),
		"old, other audience": claims(`{"shop":"s","conversation":"c","iss":"sidetext","aud":["x"],"exp":%d}`, past),
		"not yet":             claims(`{"shop":"s","conversation":"c","iss":"sidetext","aud":["sidetext-launch"],"exp":%d,"nbf":%d}`, exp, exp-60),
	} {
		shop, conversation, err := l.Read(token, noon)
		if !errors.Is(err, widget.ErrLaunch) || shop != "" || conversation != "" {
			t.Errorf("%s: %q, %q, %v", name, shop, conversation, err)
		}
	}
}

func TestLaunchKeyLength(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 31, 33} {
		if _, err := widget.NewLauncher(make([]byte, n)); err == nil {
			t.Errorf("%d bytes were accepted", n)
		}
	}
}

func FuzzRead(f *testing.F) {
	l := launcher(f, launchKey)
	good, _ := l.Token("shop1", "conv1", noon)
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Fuzz(func(t *testing.T, token string) {
		if shop, conversation, err := l.Read(token, noon); err == nil && token != good {
			t.Fatalf("%q is valid for %q, %q", token, shop, conversation)
		}
	})
}
