package twilio

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A refusal is an error of the API, with Twilio's code
// (twilio.com/docs/api/errors).
type refusal struct {
	status, code int
	message      string
}

// Magic numbers (twilio.com/docs/iam/test-credentials) cause an error code as sender or
// as receiver. 0 means success.
var magicFrom = map[string]int{
	"+15005550001": 21212, "+15005550006": 0, "+15005550007": 21606, "+15005550008": 21611,
}

var magicTo = map[string]int{
	"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408,
	"+15005550004": 21610, "+15005550009": 21614,
}

var messagesOf = map[int]string{
	21211: "Invalid 'To' Phone Number",
	21212: "Invalid 'From' Phone Number",
	21265: "'To' number cannot be a Short Code",
	21266: "'To' and 'From' number cannot be the same",
	21402: "SmsUrl or SmsFallbackUrl is not valid",
	21403: "The HTTP method is not valid",
	21406: "Cannot set SmsFallbackUrl without setting SmsUrl",
	21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
	21420: "The ApplicationSid is not accessible",
	21481: "Invalid PageToken",
	21502: "The callback URL is not a valid URL",
	21602: "Message body is required.",
	21603: "A 'From' phone number is required.",
	21604: "A 'To' phone number is required.",
	21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number for this destination/account",
	21609: "The 'StatusCallback' URL is not a valid URL.",
	21610: "Attempt to send to unsubscribed recipient",
	21611: "This 'From' number has exceeded the maximum number of queued messages",
	21612: "Message cannot be sent with the current combination of 'To' and/or 'From' parameters",
	21614: "'To' number is not a valid mobile number",
	21617: "The concatenated message body exceeds the 1600 character limit.",
	21620: "Invalid media URL(s)",
	21623: "Number of media files exceeds allowed limit",
	21624: "Invalid validity period value",
	21704: "The Messaging Service contains no phone numbers",
	21705: "The Messaging Service SID is invalid",
	21711: "The sender is not associated with the specified Messaging Service",
	35114: "SendAt has to be between 15 minutes and 35 days from now",
	35118: "MessagingServiceSid is required to schedule a message",
}

func refusalFor(code int) *refusal {
	return &refusal{http.StatusBadRequest, code, messagesOf[code]}
}

// messageError returns an invalid message's error code, or 0. It selects the sender of a
// message with a service.
func (t *Twilio) messageError(m *Message, form url.Values) int {
	switch {
	case m.To == "":
		return 21604
	case m.From == "" && m.Pool == "":
		return 21603
	case m.Body == "" && len(m.Media) == 0:
		return 21602
	case tooLong(m.Body):
		return 21617
	case len(m.Media) > 10:
		return 21623
	case slices.ContainsFunc(m.Media, func(m Media) bool { return !isURL(m.URL) }):
		return 21620
	case m.Callback != "" && !isURL(m.Callback):
		return 21609
	case form.Has("ValidityPeriod") && !isValidity(form.Get("ValidityPeriod")):
		return 21624
	}
	if code := scheduleError(form); code != 0 {
		return code
	}
	if code := t.senderError(m); code != 0 {
		return code
	}
	switch code := magicTo[m.To]; {
	case code != 0:
		return code
	case isShortCode(m.To):
		return 21265
	case !isPhone(m.To):
		return 21211
	case m.To == m.From:
		return 21266
	}
	return 0
}

// scheduleError returns the error code of a message that can't be scheduled, or 0
// (twilio.com/docs/messaging/features/message-scheduling).
func scheduleError(form url.Values) int {
	if !form.Has("ScheduleType") && !form.Has("SendAt") {
		return 0
	}
	at, err := time.Parse(time.RFC3339, form.Get("SendAt"))
	switch in := time.Until(at); {
	case form.Get("MessagingServiceSid") == "":
		return 35118
	case err != nil || in < 15*time.Minute || in > 35*24*time.Hour:
		return 35114
	}
	return 0
}

// senderError returns the error code of an invalid sender, or 0. It selects the sender of
// a message with a service.
func (t *Twilio) senderError(m *Message) int {
	if m.Pool == "" {
		code, magic := magicFrom[m.From]
		n := t.number(m.From)
		switch {
		case magic:
			return code
		case !isPhone(m.From) && !isShortCode(m.From) && !alphanumeric.MatchString(m.From):
			return 21212
		case n == nil || n.NoSMS:
			return 21606
		}
		return 0
	}
	var inPool []*Number
	for _, n := range t.numbers {
		if n.Pool == m.Pool {
			inPool = append(inPool, n)
		}
	}
	i := slices.IndexFunc(inPool, func(n *Number) bool { return m.From == "" || m.From == n.Phone })
	p := t.pool(m.Pool)
	switch {
	case len(inPool) == 0 && p == nil:
		return 21705
	case len(inPool) == 0:
		return 21704
	case i < 0:
		return 21711
	}
	m.From, m.Status = inPool[i].Phone, "accepted"
	if p != nil && m.Callback == "" {
		m.Callback = p.StatusCallback
	}
	return 0
}

// numberError returns the error code of an invalid change of a number, or 0.
func numberError(n Number, form url.Values) int {
	fallback, first := form.Get("SmsFallbackUrl"), n.SmsURL
	if form.Has("SmsUrl") {
		first = form.Get("SmsUrl")
	}
	switch {
	case !isURLOrEmpty(form, "SmsUrl") || !isURLOrEmpty(form, "SmsFallbackUrl"):
		return 21402
	case !isMethodOrAbsent(form, "SmsMethod") || !isMethodOrAbsent(form, "SmsFallbackMethod") || !isMethodOrAbsent(form, "StatusCallbackMethod"):
		return 21403
	case fallback != "" && first == "":
		return 21406
	case form.Get("SmsApplicationSid") != "" && !strings.HasPrefix(form.Get("SmsApplicationSid"), "AP"):
		return 21420
	case !isURLOrEmpty(form, "StatusCallback"):
		return 21502
	}
	return 0
}

// poolError returns the error code of an invalid change of a service, or 0.
func poolError(form url.Values) int {
	for _, name := range []string{"InboundRequestUrl", "FallbackUrl", "StatusCallback"} {
		if !isURLOrEmpty(form, name) {
			return 21502
		}
	}
	return 0
}

func isURLOrEmpty(form url.Values, name string) bool {
	return form.Get(name) == "" || isURL(form.Get(name))
}

func isMethodOrAbsent(form url.Values, name string) bool {
	return !form.Has(name) || form.Get(name) == http.MethodGet || form.Get(name) == http.MethodPost
}

func magicSender(phone string) bool {
	_, ok := magicFrom[phone]
	return ok
}
