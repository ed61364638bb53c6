package widget

import "sidetext/chat"

// A Progress is how far a step is.
type Progress string

const (
	Waiting Progress = "waiting"
	Doing   Progress = "doing"
	Done    Progress = "done"
	Failed  Progress = "failed"
	Warned  Progress = "warned" // done, and something could be better
)

// A Step is one line of a page that shows how an installation goes on.
type Step struct {
	ID     string   `json:"id"`   // "account", "key", "role", "agents", "tag", "card", "events", "widget"
	Name   string   `json:"name"` // what is done, in words
	State  Progress `json:"state"`
	Detail string   `json:"detail,omitempty"` // what came of it, in words
	Link   string   `json:"link,omitempty"`   // where to see or mend it in the helpdesk
	Fix    string   `json:"fix,omitempty"`    // what to do about it, in words
	Ours   bool     `json:"ours,omitempty"`   // we can do it
}

var stepNames = map[string]string{
	"account": "Checking the account",
	"key":     "Checking the key",
	"role":    "Checking the role",
	"agents":  "Reading the agents",
	"tag":     "Making the tag",
	"card":    "Making the integration for the card",
	"events":  "Making the integration for events",
	"widget":  "Making the card in the sidebar",
}

var (
	checkSteps   = []string{"account", "key", "role", "agents"}
	installSteps = []string{"tag", "card", "events", "widget"}
)

// A stepRunner goes through steps and reports each as it changes.
type stepRunner struct {
	account string
	report  func(Step)
}

func newStepRunner(account string, report func(Step), ids ...[]string) stepRunner {
	if report == nil {
		report = func(Step) {}
	}
	w := stepRunner{account, report}
	for _, group := range ids {
		for _, id := range group {
			w.reportStep(id, Waiting, "", "")
		}
	}
	return w
}

func (w stepRunner) reportStep(id string, state Progress, detail, link string) {
	w.report(Step{ID: id, Name: stepNames[id], State: state, Detail: detail, Link: link})
}

// run takes one step. What do returns is the detail of its success and a link.
func (w stepRunner) run(id string, do func() (detail, link string, err error)) error {
	return w.runWithAdvice(id, func() (string, string, bool, error) {
		detail, link, err := do()
		return detail, link, false, err
	})
}

// runWithAdvice takes one step that may succeed and still say what would be better.
func (w stepRunner) runWithAdvice(id string, do func() (detail, link string, better bool, err error)) error {
	w.reportStep(id, Doing, "", "")
	detail, link, better, err := do()
	if err != nil {
		problem := userError(err, w.account)
		w.reportStep(id, Failed, problem.Text, link)
		return &stepError{problem, err}
	}
	state := Done
	if better {
		state = Warned
	}
	w.reportStep(id, state, detail, link)
	return nil
}

// A stepError is an error with words for people: errors.As finds the *chat.Error
// first, and what is behind it is there for the log.
type stepError struct {
	shown *chat.Error
	cause error
}

func (f *stepError) Error() string   { return "widget: " + f.shown.Code + ": " + f.cause.Error() }
func (f *stepError) Unwrap() []error { return []error{f.shown, f.cause} }
