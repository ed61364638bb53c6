package console

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/sms/twilio"
	"sidetext/store"
)

// A signingView says whether a number has a signing key, and what was refused lately.
type signingView struct {
	Set     bool
	Refused string  // what to do about it, in plain words; empty: nothing was refused lately
	At      relTime // the last time
}

// refusalShownFor is how long a refusal is shown at most. A request that is verified
// ends it sooner, but Twilio may have nothing to deliver.
const refusalShownFor = 24 * time.Hour

// refusalWords are the texts about a refusal, by its code.
var refusalWords = map[string]string{
	twilio.ErrNoSharedKey.Code: "Twilio signs requests about this number with a shared key, and there is none here, so they are refused. " +
		"Paste the shared key’s secret under “Signing key”, or remove the webhook rule in Twilio.",
	twilio.ErrWrongSharedKey.Code: "Twilio signs requests about this number with a shared key, and the signature does not match the signing key here, so they are refused. " +
		"Paste the secret of the shared key that Twilio’s webhook rule uses now. If it is the same, the server’s public address is not the one that Twilio calls.",
	twilio.ErrAlgorithm.Code: "Twilio signs requests about this number with a shared key and an algorithm that is not known here, so they are refused. " +
		"Choose HMAC_SHA256 in Twilio’s webhook settings.",
}

func (k *Console) signing(line chat.Line, refusal store.Refusal) signingView {
	view := signingView{Set: line.SigningKey != "", At: k.relTime(refusal.At)}
	if k.Now().Sub(refusal.At) < refusalShownFor {
		view.Refused = refusalWords[refusal.Reason]
	}
	return view
}

// maxSigningKey is how long a signing key may be. Twilio does not document its
// length.
const maxSigningKey = 1024

// saveSigningKey handles POST /connect/number/key: it sets a number's signing key,
// or removes it.
func (k *Console) saveSigningKey(c *fiber.Ctx, v visit) error {
	line := chat.LineID(formValue(c, "line"))
	key := strings.TrimSpace(string(c.Request().PostArgs().Peek("key"))) // not cut: a part of a key is useless
	lines, err := k.Store.LineConfigs(v, v.shop.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(d chat.LineConfig) bool { return d.Line.ID == line }) {
		return chat.ErrNotFound
	}
	message := "key-saved"
	switch {
	case formValue(c, "remove") != "":
		key, message = "", "key-removed"
	case key == "":
		return redirect(c, "/", "key-missing")
	case strings.ContainsFunc(key, unprintable) || len(key) > maxSigningKey:
		return redirect(c, "/", "key-odd")
	case strings.HasPrefix(key, "webhooks_sharedkey_"):
		return redirect(c, "/", "key-name")
	}
	if err := k.Store.SetSigningKey(v, v.shop.ID, line, chat.Secret(key)); err != nil {
		return err
	}
	k.ForgetRefusal(line)
	k.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	k.Log.Info("signing key changed", "shop", v.shop.ID, "line", line, "set", key != "")
	return redirect(c, "/", message)
}
