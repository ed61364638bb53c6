package widget_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/widget"
)

func TestRemove(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	made := install(t, d, plan())
	d.update(func() {
		d.put("widgets", 21, []byte(`{"type":"http","context":"customer","integration_id":2}`))
		d.put("integrations", 20, []byte(`{"name":"Backoffice","type":"http"}`))
		d.writes = nil
	})
	for range 2 {
		if left, err := widget.Remove(t.Context(), d.client(t), made); err != nil || len(left) > 0 {
			t.Fatalf("left %+v, %v", left, err)
		}
		if got, want := d.names(), []string{"integrations/20 Backoffice", "tags/1 RechargeSMS"}; !slices.Equal(got, want) {
			t.Errorf("objects: %q", got)
		}
	}
	if want := []string{"DELETE widgets/4", "DELETE widgets/21", "DELETE integrations/2", "DELETE integrations/3"}; !slices.Equal(d.written()[:4], want) {
		t.Errorf("wrong order: %q", d.written())
	}
	made.Account = "other"
	if _, err := widget.Remove(t.Context(), d.client(t), made); err == nil {
		t.Error("removed ids of another helpdesk")
	}
}

func TestRemoveContinuesAfterFailure(t *testing.T) {
	t.Parallel()
	d := newFakeHelpdesk(t)
	made := install(t, d, plan())
	d.update(func() { d.fail["DELETE /widgets"] = func(w http.ResponseWriter) { w.WriteHeader(503) } })
	left, err := widget.Remove(t.Context(), d.client(t), made)
	if err != nil || len(left) != 1 || left[0].Off || widget.DescribeLeftovers(left) != "Gorgias did not answer. Sidetext is disconnected; these may still be there, please delete them in Gorgias: “the card in the sidebar”." {
		t.Fatalf("left %+v, %v", left, err)
	}
	var plain *chat.Error
	var cause *gorgias.Error
	if !errors.As(left[0].Err(), &plain) || !errors.As(left[0].Err(), &cause) || cause.Status != 503 {
		t.Errorf("got %v", left[0].Err())
	}
	if got, want := d.names(), []string{"tags/1 RechargeSMS", "widgets/4 http"}; !slices.Equal(got, want) {
		t.Errorf("objects: %q", got)
	}
}

// TestRemoveIntegrationInUse: an integration that can't be deleted is switched off, and
// the rest is deleted.
func TestRemoveIntegrationInUse(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"bad request": 400, "forbidden": 403, "conflict": 409, "unprocessable": 422} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newFakeHelpdesk(t)
			made := install(t, d, plan())
			d.update(func() {
				d.fail["DELETE /integrations"] = func(w http.ResponseWriter) {
					answer(w, status, map[string]any{"error": map[string]string{"msg": "Used by the rule VIP."}})
				}
			})
			left, err := widget.Remove(t.Context(), d.client(t), made)
			if err != nil || len(left) != 2 {
				t.Fatalf("left %+v, %v", left, err)
			}
			text := widget.DescribeLeftovers(left)
			if strings.Count(text, "Used by the rule VIP.") != 1 || strings.Count(text, "switched off") != 1 {
				t.Errorf("duplicate sentences: %s", text)
			}
			for i, name := range []string{"Sidetext card", "Sidetext events"} {
				if !left[i].Off || !strings.Contains(text, name) {
					t.Errorf("left %+v: %s", left[i], text)
				}
				if !strings.Contains(d.object(fmt.Sprint("integrations/", i+2)), `"deactivated_datetime":"20`) {
					t.Errorf("%s is still on", name)
				}
			}
			if got, want := d.names(), []string{"integrations/2 Sidetext card", "integrations/3 Sidetext events", "tags/1 RechargeSMS"}; !slices.Equal(got, want) {
				t.Errorf("objects: %q", got)
			}
			// A new installation uses the existing objects.
			d.update(func() { clear(d.fail) })
			install(t, d, plan())
			if got := d.names(); len(got) != 4 {
				t.Errorf("after installing again: %q", got)
			}
		})
	}
}
