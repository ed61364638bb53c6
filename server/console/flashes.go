package console

import "sidetext/server/web"

// flashes are the messages that a page shows once, at its top. Addresses end up in
// histories and logs, so they carry only the name of a flash.
var flashes = map[string]*web.Flash{
	"saved":          {Tone: "accent", Text: "Saved."},
	"named":          {Tone: "accent", Text: "Saved. Shoppers will know you by this name."},
	"name":           {Tone: "bad", Text: "The name was not saved: it should have between 1 and 80 characters."},
	"busy":           {Tone: "warn", Text: "This is already running. Here is its progress."},
	"not-there":      {Tone: "warn", Text: "Gorgias is not connected."},
	"pace":           {Tone: "bad", Text: "The sending speed was not saved: it should be a whole number from 1 to 1,000, or empty."},
	"key-saved":      {Tone: "accent", Text: "The signing key was saved. Requests that Twilio signs with it are accepted from now on."},
	"key-removed":    {Tone: "accent", Text: "The signing key was removed. Requests have to be signed with the Auth Token again."},
	"key-missing":    {Tone: "bad", Text: "The signing key was not saved: please paste the secret that Twilio showed when the shared key was created."},
	"key-odd":        {Tone: "bad", Text: "The signing key was not saved: a secret has no spaces or special characters. Please copy it again."},
	"key-name":       {Tone: "bad", Text: "The signing key was not saved: this is the shared key’s ID. Please paste its secret, which Twilio shows once, when the key is created."},
	"again":          {Tone: "accent", Text: "It will be tried again soon. If it fails again, it is listed here again."},
	"all-again":      {Tone: "accent", Text: "All of it will be tried again soon. What fails again is listed here again."},
	"dismiss":        {Tone: "accent", Text: "Removed. It will not be retried."},
	"gone":           {Tone: "warn", Text: "This is no longer listed: it was already tried again or dismissed."},
	"emailed":        {Tone: "accent", Text: "Saved. Shoppers who can’t be helped by text are told to write there."},
	"paused":         {Tone: "accent", Text: "Paused. What the store sends is kept, and nothing is requested from it until you resume."},
	"resumed":        {Tone: "accent", Text: "Resumed. What arrived meanwhile is being applied."},
	"is-paused":      {Tone: "warn", Text: "The connection is paused. Resume it to check it."},
	"no-vendor":      {Tone: "warn", Text: "This is not connected."},
	"vendor-changed": {Tone: "warn", Text: "Nothing was changed: the connection’s state had changed meanwhile. It is shown below."},
	"events-again":   {Tone: "accent", Text: "They will be applied again soon. What fails again is listed here again."},
	"events-gone":    {Tone: "warn", Text: "There is nothing to try again: it was already done."},
	"request-done":   {Tone: "accent", Text: "Marked as done."},
	"email":          {Tone: "bad", Text: "The e-mail address was not saved. It should look like help@example.com, with at most 80 characters."},
	"card":           {Tone: "bad", Text: "The title was not saved: it should have between 1 and 40 characters, and no braces."},
}
