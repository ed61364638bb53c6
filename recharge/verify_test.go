package recharge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// The test vector.
const (
	testSecret = chat.Secret("rc_test_secret")
	testBody   = `{"subscription":{"id":27363808,"status":"cancelled"}}`
	testV1     = "3e6648ae909a18bc95436d12291693fa377d04588446f75f61bbdf34c1446cdb"
	testLegacy = "8548ba13f02117440c8f8091f56b164aa660c27189eec208e2d1aececea1bd1d"
)

var testTime = time.Unix(1764000000, 0)

// verify checks the body with the two signature headers.
func verify(secrets []chat.Secret, timed, legacy, body string, now time.Time) error {
	return Verify(secrets, func(name string) string {
		switch name {
		case "X-Recharge-Webhook-Signature":
			return timed
		case "X-Recharge-Hmac-Sha256":
			return legacy
		}
		return ""
	}, []byte(body), now)
}

func TestVerify(t *testing.T) {
	t.Parallel()
	const timed = "t=1764000000,v1=" + testV1
	ours := []chat.Secret{testSecret}
	for name, test := range map[string]struct {
		secrets       []chat.Secret
		timed, legacy string
		now           time.Time
		want          error
	}{
		"both":                    {ours, timed, testLegacy, testTime, nil},
		"timed only":              {ours, timed, "", testTime, nil},
		"legacy only":             {ours, "", testLegacy, testTime, nil},
		"former secret":           {[]chat.Secret{"new", testSecret}, timed, testLegacy, testTime, nil},
		"former secret, legacy":   {[]chat.Secret{"new", testSecret}, "", testLegacy, testTime, nil},
		"newer secret":            {[]chat.Secret{testSecret, "old"}, "", testLegacy, testTime, nil},
		"more parts":              {ours, "v2=abc, v1=0000 ,t=1764000000,v1=" + testV1 + ",x", "", testTime, nil},
		"late retry":              {ours, timed, testLegacy, testTime.Add(48 * time.Hour), nil},
		"too late":                {ours, timed, testLegacy, testTime.Add(48*time.Hour + time.Second), ErrOld},
		"clock ahead":             {ours, timed, "", testTime.Add(-48 * time.Hour), nil},
		"from the future":         {ours, timed, "", testTime.Add(-48*time.Hour - time.Second), ErrOld},
		"timed wrong, legacy not": {ours, "t=1764000000,v1=" + testLegacy, testLegacy, testTime, ErrSignature},
		"timed unreadable":        {ours, " ", testLegacy, testTime, ErrSignature},
		"no time":                 {ours, "v1=" + testV1, testLegacy, testTime, ErrSignature},
		"two times":               {ours, "t=1764000000,t=1764000001,v1=" + testV1, "", testTime, ErrSignature},
		"no hash":                 {ours, "t=1764000000", "", testTime, ErrSignature},
		"upper case":              {ours, "t=1764000000,v1=" + strings.ToUpper(testV1), "", testTime, ErrSignature},
		"upper case, legacy":      {ours, "", strings.ToUpper(testLegacy), testTime, ErrSignature},
		"hash of the other kind":  {ours, "", testV1, testTime, ErrSignature},
		"none":                    {ours, "", "", testTime, ErrSignature},
		"other secret":            {[]chat.Secret{"other"}, timed, "", testTime, ErrSignature},
		"other secret, legacy":    {[]chat.Secret{"other"}, "", testLegacy, testTime, ErrSignature},
		"no secret":               {nil, timed, testLegacy, testTime, ErrSignature},
		"no secret, legacy":       {nil, "", testLegacy, testTime, ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := verify(test.secrets, test.timed, test.legacy, testBody, test.now); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// TestEmptySecret: a shop whose secret is missing accepts nothing, since anyone can
// sign with an empty secret.
func TestEmptySecret(t *testing.T) {
	t.Parallel()
	mac := hmac.New(sha256.New, nil)
	fmt.Fprintf(mac, "1764000000.%s", testBody)
	timed := "t=1764000000,v1=" + hex.EncodeToString(mac.Sum(nil))
	plain := sha256.Sum256([]byte(testBody))
	for _, secrets := range [][]chat.Secret{{""}, {"", testSecret}, {testSecret, ""}} {
		if err := verify(secrets, timed, "", testBody, testTime); !errors.Is(err, ErrSignature) {
			t.Errorf("timed: got %v", err)
		}
		if err := verify(secrets, "", hex.EncodeToString(plain[:]), testBody, testTime); !errors.Is(err, ErrSignature) {
			t.Errorf("legacy: got %v", err)
		}
	}
}

// TestEveryByteCounts changes each byte of the secret, the body, the time and the
// signatures.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	parts := []string{string(testSecret), testBody, "1764000000", testV1, testLegacy}
	for p := range parts {
		for i := range parts[p] {
			changed := append([]string{}, parts...)
			flipped := []byte(parts[p])
			flipped[i] ^= 1
			changed[p] = string(flipped)
			secrets := []chat.Secret{chat.Secret(changed[0])}
			timed := "t=" + changed[2] + ",v1=" + changed[3]
			if err := verify(secrets, timed, "", changed[1], testTime); (err == nil) != (p == 4) {
				t.Errorf("timed, part %d, byte %d: got %v", p, i, err)
			}
			if err := verify(secrets, "", changed[4], changed[1], testTime); (err == nil) != (p == 2 || p == 3) {
				t.Errorf("legacy, part %d, byte %d: got %v", p, i, err)
			}
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("t=1764000000,v1="+testV1, testLegacy, testBody)
	f.Add("t=-9223372036854775808,v1=", "", "")
	f.Add("", testLegacy, testBody)
	f.Fuzz(func(t *testing.T, timed, legacy, body string) {
		err := verify([]chat.Secret{testSecret}, timed, legacy, body, testTime)
		known := body == testBody && (strings.Contains(timed, testV1) || timed == "" && legacy == testLegacy)
		if err == nil && !known {
			t.Errorf("accepted %q and %q for %q", timed, legacy, body)
		}
	})
}
