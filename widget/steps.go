package widget

import "sidetext/chat"

// A Progress is the state of a step.
type Progress string

const (
	Waiting Progress = "waiting"
	Doing   Progress = "doing"
	Done    Progress = "done"
	Failed  Progress = "failed"
	Warned  Progress = "warned" // done, with advice
)

// A Step is one line of an installation's progress page.
type Step struct {
	ID         string   `json:"id"`   // "account", "key", "role", "agents", "tag", "card", "events", "widget"
	Name       string   `json:"name"` // for merchants
	State      Progress `json:"state"`
	Detail     string   `json:"detail,omitempty"` // the result, for merchants
	Link       string   `json:"link,omitempty"`   // page of the helpdesk where to see or repair it
	Fix        string   `json:"fix,omitempty"`    // what to do, for merchants
	Repairable bool     `json:"ours,omitempty"`   // Sidetext can repair it
}

var stepNames = map[string]string{
	"account": "Account",
	"key":     "API key",
	"role":    "Role",
	"agents":  "Agents",
	"tag":     "Tag",
	"card":    "Integration for the card",
	"events":  "Integration for events",
	"widget":  "Card in the sidebar",
}

var (
	checkSteps   = []string{"account", "key", "role", "agents"}
	installSteps = []string{"tag", "card", "events", "widget"}
)

// A stepRunner runs steps and reports each change of their state.
type stepRunner struct {
	account string
	report  func(Step)
}

func newStepRunner(account string, report func(Step), ids ...[]string) stepRunner {
	if report == nil {
		report = func(Step) {}
	}
	r := stepRunner{account, report}
	for _, group := range ids {
		for _, id := range group {
			r.reportStep(id, Waiting, "", "")
		}
	}
	return r
}

func (r stepRunner) reportStep(id string, state Progress, detail, link string) {
	r.report(Step{ID: id, Name: stepNames[id], State: state, Detail: detail, Link: link})
}

// run runs one step. do returns the step's detail and link.
func (r stepRunner) run(id string, do func() (detail, link string, err error)) error {
	return r.runWithAdvice(id, func() (string, string, bool, error) {
		detail, link, err := do()
		return detail, link, false, err
	})
}

// runWithAdvice runs one step. If advice is true, the detail recommends an improvement.
func (r stepRunner) runWithAdvice(id string, do func() (detail, link string, advice bool, err error)) error {
	r.reportStep(id, Doing, "", "")
	detail, link, advice, err := do()
	if err != nil {
		problem := userError(err, r.account)
		r.reportStep(id, Failed, problem.Text, link)
		return &stepError{problem, err}
	}
	state := Done
	if advice {
		state = Warned
	}
	r.reportStep(id, state, detail, link)
	return nil
}

// A stepError is an error of a step. errors.As finds the text for the merchant; Error
// returns the cause for the log.
type stepError struct {
	shown *chat.Error
	cause error
}

func (f *stepError) Error() string   { return "widget: " + f.shown.Code + ": " + f.cause.Error() }
func (f *stepError) Unwrap() []error { return []error{f.shown, f.cause} }
