package console

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/onboarding"
	"sidetext/sms"
	"sidetext/sms/twilio"
)

// A lineView is a number as its merchant sees it.
type lineView struct {
	ID       chat.LineID
	Number   chat.Phone
	Inbound  string // where texts are to be delivered, as it is entered at the provider
	Pace     int    // in segments a second, as set; 0: Usual
	Usual    int
	Signing  signingView
	Compared comparedView
	Checked  checkView
}

// A comparedView is how far a number is known to have all its texts.
type comparedView struct {
	At      relTime
	Late    int64
	Trouble string
}

func (k *Console) lines(v visit) (lines []lineView, err error) {
	configs, err := k.Store.LineConfigs(v, v.shop.ID)
	if err != nil || len(configs) == 0 {
		return nil, err
	}
	compared, err := k.Store.Comparisons(v, v.shop.ID)
	if err != nil {
		return nil, err
	}
	refusals, err := k.Store.Refusals(v, v.shop.ID)
	if err != nil {
		return nil, err
	}
	last, err := k.progressOf(v, onboarding.NumberCheck)
	if err != nil && !errors.Is(err, chat.ErrNotFound) { // never checked
		return nil, err
	}
	for _, d := range configs {
		c := compared[d.Line.ID]
		lines = append(lines, lineView{
			ID: d.Line.ID, Number: d.Line.Number, Inbound: onboarding.HookURL(k.Web.PublicURL, d.Line, "inbound") + twilio.Fragment,
			Pace: d.Line.Pace, Usual: sms.Rate(d.Line.Number), Signing: k.signing(d.Line, refusals[d.Line.ID]),
			Compared: comparedView{k.relTime(c.At), c.Late, c.Trouble}, Checked: last.checked(d.Line.ID),
		})
	}
	return lines, nil
}

// maxPace is how many segments a second may leave from a number: no carrier
// takes more.
const maxPace = 1000

// savePace handles POST /connect/number/pace.
func (k *Console) savePace(c *fiber.Ctx, v visit) error {
	pace := 0
	if text := formValue(c, "pace"); text != "" {
		var err error
		if pace, err = strconv.Atoi(text); err != nil || pace < 1 || pace > maxPace {
			return redirect(c, "/", "pace")
		}
	}
	line := chat.LineID(formValue(c, "line"))
	if err := k.Store.SetPace(v, v.shop.ID, line, pace); err != nil {
		return err
	}
	k.Events.Publish(hub.Event{Kind: cluster.SettingsChanged})
	k.Log.Info("sending speed changed", "shop", v.shop.ID, "line", line, "pace", pace)
	return redirect(c, "/", "saved")
}
