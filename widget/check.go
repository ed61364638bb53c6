package widget

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sidetext/chat"
	"sidetext/gorgias"
)

// CheckResult contains what a check found out about the helpdesk.
type CheckResult struct {
	Me      gorgias.User    // the key's owner, who is the author of our notes
	Agents  []gorgias.User  // active agents without bots
	Support gorgias.Mailbox // the sender of replies, or empty
}

// Pages of the helpdesk's web client. Their paths are undocumented.
const (
	keyPage  = "/app/settings/api"
	tagsPage = "/app/settings/manage-tags"
	httpPage = "/app/settings/integrations/http/"
)

// IsOurUser reports whether a user of this name was created for Sidetext. The key's
// owner is the author of our notes, which should not look like an agent's.
func IsOurUser(name string) bool { return strings.Contains(strings.ToLower(name), "sidetext") }

// Check checks the account, the key and the role of its owner, and reads the agents.
// It changes nothing. If report is not nil, it is called in the caller's goroutine
// whenever a step changes. Errors wrap a *chat.Error that explains the problem to the
// merchant. Its code is one of: no_account, deactivated, bad_key, wrong_email,
// not_admin, forbidden, busy, unreachable, helpdesk_trouble, moved, quota, stopped,
// refused, failed.
func Check(ctx context.Context, api *gorgias.Client, report func(Step)) (CheckResult, error) {
	return check(ctx, api, newStepRunner(api.Account(), report, checkSteps))
}

func check(ctx context.Context, api *gorgias.Client, r stepRunner) (CheckResult, error) {
	var found CheckResult
	refused, err := checkAccount(ctx, api, r)
	if err != nil {
		return found, err
	}
	err = r.runWithAdvice("key", func() (detail, link string, advice bool, err error) {
		if refused != nil {
			return "", api.Page(keyPage), false, refused
		}
		me, err := api.Me(ctx)
		if err != nil {
			return "", api.Page(keyPage), false, err
		}
		found.Me = me
		if !strings.EqualFold(me.Email, api.Username()) {
			return "", api.Page(keyPage), false, newUserError(chat.KindInvalid, "wrong_email",
				"The e-mail address doesn't belong to this key. Please copy username and API key from the same page.")
		}
		name := me.DisplayName()
		if IsOurUser(name) {
			return "The key belongs to " + name + ".", "", false, nil
		}
		return "The key belongs to " + name + ", so notes from Sidetext will look as if " + name + " had written them. " +
			"We recommend to add a user named Sidetext in Gorgias, make it an admin, and connect with its key.", api.Page(keyPage), true, nil
	})
	if err != nil {
		return found, err
	}
	err = r.run("role", func() (string, string, error) {
		if !found.Me.Admin() {
			return "", api.Page(keyPage), newUserError(chat.KindForbidden, "not_admin", found.Me.DisplayName()+
				" is not an admin of the helpdesk, and only admins may add integrations. Please use an admin's key.")
		}
		return found.Me.DisplayName() + " is an admin.", "", nil
	})
	if err != nil {
		return found, err
	}
	return found, r.run("agents", func() (string, string, error) {
		return readAgents(ctx, api, &found)
	})
}

// checkAccount runs the first step. Its request also checks the key: a refused key
// means that the account exists, and is the error of the next step.
func checkAccount(ctx context.Context, api *gorgias.Client, r stepRunner) (refused, err error) {
	err = r.run("account", func() (string, string, error) {
		helpdesk, err := api.Helpdesk(ctx)
		var e *gorgias.Error
		if errors.As(err, &e) && (e.BadKey() || e.Forbidden()) {
			refused, err = err, nil
		}
		if err != nil {
			return "", "", err
		}
		if !helpdesk.DeactivatedAt.IsZero() {
			return "", "", newUserError(chat.KindInvalid, "deactivated",
				"The helpdesk "+api.Account()+" is switched off. Please ask Gorgias about it.")
		}
		return "The helpdesk is " + api.Account() + ".", api.Page("/app"), nil
	})
	return refused, err
}

func readAgents(ctx context.Context, api *gorgias.Client, found *CheckResult) (string, string, error) {
	users, err := api.Users(ctx)
	if err != nil {
		return "", "", err
	}
	for _, u := range users {
		if u.Human() {
			found.Agents = append(found.Agents, u)
		}
	}
	detail := fmt.Sprintf("%d agents.", len(found.Agents))
	if len(found.Agents) == 1 {
		detail = "One agent."
	}
	found.Support, err = api.DefaultMailbox(ctx)
	var e *gorgias.Error
	switch {
	case errors.As(err, &e) && !e.Temporary():
		// Gorgias then chooses the sender's address.
		return detail, "", nil
	case err != nil:
		return "", "", err
	case found.Support.Address != "":
		detail += " Replies are sent from " + found.Support.Address + "."
	}
	return detail, "", nil
}
