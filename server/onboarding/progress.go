package onboarding

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"sidetext/chat"
	"sidetext/server/cluster"
	"sidetext/store"
	"sidetext/widget"
)

// progress is the progress of one job.
type progress struct {
	jobs  *Jobs
	shop  chat.ShopID
	what  string
	steps []widget.Step
}

func (p *progress) report(step widget.Step) {
	i := slices.IndexFunc(p.steps, func(s widget.Step) bool { return s.ID == step.ID })
	if i < 0 {
		p.steps = append(p.steps, step)
	} else {
		p.steps[i] = step
	}
	ctx, cancel := context.WithTimeout(context.Background(), cluster.StoreTimeout)
	defer cancel()
	if err := p.save(ctx, "doing"); err != nil {
		p.jobs.log.Warn("save progress of onboarding job", "shop", p.shop, "job", p.what, "error", err)
	}
}

// addFailure makes sure that a failure can be seen at some step.
func (p *progress) addFailure(err error) {
	if slices.ContainsFunc(p.steps, func(s widget.Step) bool { return s.State == widget.Failed }) {
		return
	}
	p.steps = append(p.steps, widget.Step{ID: "end", Name: "Result", State: widget.Failed, Detail: messageFor(err)})
}

// messageFor is the text for a merchant about err.
func messageFor(err error) string {
	var problem *chat.Error
	if errors.As(err, &problem) {
		return problem.Text
	}
	var refusal *chat.SendError
	if errors.As(err, &refusal) && refusal.Problem.Text != "" {
		return refusal.Problem.Text
	}
	return "Something went wrong on our side. Please try again."
}

func (p *progress) save(ctx context.Context, state string) error {
	steps, err := json.Marshal(slices.Concat([]widget.Step{}, p.steps))
	if err != nil {
		return err
	}
	return p.jobs.store.SaveSetup(ctx, p.shop, p.what, store.Setup{State: state, Steps: steps, At: p.jobs.now()})
}
