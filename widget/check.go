package widget

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sidetext/chat"
	"sidetext/gorgias"
)

// CheckResult is what a check learns about the helpdesk.
type CheckResult struct {
	Me      gorgias.User    // owner of the key; our notes are theirs
	Agents  []gorgias.User  // people who answer tickets, bots left out
	Support gorgias.Mailbox // where answers leave from, or empty
}

// Pages of the helpdesk for people. Undocumented: seen in its own web client.
const (
	keyPage  = "/app/settings/api"
	tagsPage = "/app/settings/manage-tags"
	httpPage = "/app/settings/integrations/http/"
)

// IsOurUser reports whether a user of this name can be told from a person: notes of
// ours are written by the owner of the key.
func IsOurUser(name string) bool { return strings.Contains(strings.ToLower(name), "sidetext") }

// Check sees whether account, key and role are right and who the agents are. It
// changes nothing. Steps are reported as they go (nil: to nobody), always by the
// caller's goroutine. An error has a *chat.Error in its tree that says what is
// wrong, in plain words; its code is one of: no_account, deactivated, bad_key,
// wrong_email, not_admin, forbidden, busy, unreachable, helpdesk_trouble, moved,
// quota, stopped, refused, failed.
func Check(ctx context.Context, api *gorgias.Client, report func(Step)) (CheckResult, error) {
	return check(ctx, api, newStepRunner(api.Account(), report, checkSteps))
}

func check(ctx context.Context, api *gorgias.Client, w stepRunner) (CheckResult, error) {
	var found CheckResult
	refused, err := checkAccount(ctx, api, w)
	if err != nil {
		return found, err
	}
	err = w.runWithAdvice("key", func() (detail, link string, better bool, err error) {
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
			"Better: add a user named Sidetext in Gorgias, make it an admin, and connect with its key.", api.Page(keyPage), true, nil
	})
	if err != nil {
		return found, err
	}
	err = w.run("role", func() (string, string, error) {
		if !found.Me.Admin() {
			return "", api.Page(keyPage), newUserError(chat.KindForbidden, "not_admin", found.Me.DisplayName()+
				" is no admin of the helpdesk, and only admins may add integrations. Please use an admin's key.")
		}
		return found.Me.DisplayName() + " is an admin.", "", nil
	})
	if err != nil {
		return found, err
	}
	return found, w.run("agents", func() (string, string, error) {
		return readAgents(ctx, api, &found)
	})
}

// checkAccount takes the first step. One call tells of both account and key: a
// refused key shows that the account exists, and is the next step's failure.
func checkAccount(ctx context.Context, api *gorgias.Client, w stepRunner) (refused, err error) {
	err = w.run("account", func() (string, string, error) {
		desk, err := api.Helpdesk(ctx)
		var e *gorgias.Error
		if errors.As(err, &e) && (e.BadKey() || e.Forbidden()) {
			refused, err = err, nil
		}
		if err != nil {
			return "", "", err
		}
		if !desk.DeactivatedAt.IsZero() {
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
		// Gorgias then chooses the address by itself.
		return detail, "", nil
	case err != nil:
		return "", "", err
	case found.Support.Address != "":
		detail += " Answers leave from " + found.Support.Address + "."
	}
	return detail, "", nil
}
