package widget_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"sidetext/chat"
	"sidetext/gorgias"
	"sidetext/widget"
)

// A fakeHelpdesk stores tags, integrations and widgets.
type fakeHelpdesk struct {
	mu          sync.Mutex
	url         string
	last        int
	objects     map[string]map[string]any // "integrations/3" → object
	order       []string
	fail        map[string]func(http.ResponseWriter) // "POST /widgets": writes the response instead
	lost        map[string]bool                      // "POST /integrations": done, but the connection breaks
	writes      []string                             // changing requests
	role        string
	email       string
	name        string // of the key's owner
	omitID      bool   // lists omit integration_id
	hideWidgets bool   // lists omit widgets
}

func newFakeHelpdesk(t *testing.T) *fakeHelpdesk {
	d := &fakeHelpdesk{objects: map[string]map[string]any{}, fail: map[string]func(http.ResponseWriter){}, lost: map[string]bool{}, role: "admin", email: "Ann@acme.com", name: "Ann"}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	d.url = server.URL
	return d
}

// update runs change with the lock held.
func (d *fakeHelpdesk) update(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *fakeHelpdesk) client(t *testing.T) *gorgias.Client {
	t.Helper()
	accounts, err := gorgias.NewAccounts(d.url+"/{account}", gorgias.Limits{PerSecond: 1000, Burst: 1000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(accounts.Close)
	c, err := accounts.Client("acme", "ann@acme.com", "the-key")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (d *fakeHelpdesk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	path := strings.TrimPrefix(r.URL.Path, "/acme/api/")
	kind, id, single := strings.Cut(path, "/")
	call := r.Method + " /" + kind
	if path == "account" {
		call = "GET /account"
	}
	if path == "users/0" {
		call = "GET /users/0"
	}
	if fail := d.fail[call]; fail != nil {
		fail(w)
		return
	}
	if r.Method != "GET" {
		d.writes = append(d.writes, r.Method+" "+path)
	}
	switch {
	case path == "account":
		io.WriteString(w, `{"domain":"acme","deactivated_datetime":null,"status":{"status":"active"}}`)
	case path == "account/settings":
		io.WriteString(w, `{"data":[]}`)
	case path == "users/0":
		fmt.Fprintf(w, `{"id":3,"email":%q,"name":%q,"role":{"name":%q}}`, d.email, d.name, d.role)
	case path == "users":
		io.WriteString(w, `{"data":[{"id":3,"name":"Ann","role":{"name":"admin"}},{"id":4,"name":"Robo","role":{"name":"bot"}}],"meta":{"next_cursor":null}}`)
	case r.Method == "POST":
		d.last++
		answer(w, 201, d.put(path, d.last, body))
	case !single:
		d.list(w, r, kind)
	case d.objects[path] == nil:
		answer(w, 404, map[string]any{"error": map[string]string{"msg": "Resource not found."}})
	case r.Method == "PUT":
		n := 0
		fmt.Sscan(id, &n)
		answer(w, 202, d.put(kind, n, body))
	case r.Method == "DELETE":
		delete(d.objects, path)
		w.WriteHeader(204)
	default:
		answer(w, 200, d.objects[path])
	}
	if d.lost[call] {
		delete(d.lost, call)
		panic(http.ErrAbortHandler)
	}
}

func answer(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (d *fakeHelpdesk) put(kind string, id int, body []byte) map[string]any {
	path := fmt.Sprintf("%s/%d", kind, id)
	if d.objects[path] == nil {
		d.objects[path] = map[string]any{"id": id}
		d.order = append(d.order, path)
	}
	json.Unmarshal(body, ref(d.objects[path]))
	return d.objects[path]
}

func ref(m map[string]any) *map[string]any { return &m }

func (d *fakeHelpdesk) list(w io.Writer, r *http.Request, kind string) {
	data := []any{}
	for _, path := range d.order {
		o := d.objects[path]
		if o == nil || !strings.HasPrefix(path, kind+"/") {
			continue
		}
		if want := r.URL.Query().Get("integration_id"); want != "" && fmt.Sprint(o["integration_id"]) != want {
			continue
		}
		if kind == "widgets" && d.hideWidgets {
			continue
		}
		if d.omitID {
			o = maps.Clone(o)
			delete(o, "integration_id")
		}
		data = append(data, o)
	}
	json.NewEncoder(w).Encode(map[string]any{"data": data, "meta": map[string]any{"next_cursor": nil}})
}

// names lists the stored objects: "integrations/2 Sidetext card".
func (d *fakeHelpdesk) names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, path := range d.order {
		if o := d.objects[path]; o != nil {
			name := o["name"]
			if name == nil {
				name = o["type"]
			}
			names = append(names, fmt.Sprint(path, " ", name))
		}
	}
	slices.Sort(names)
	return names
}

// written lists the changing requests in order.
func (d *fakeHelpdesk) written() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.writes)
}

func (d *fakeHelpdesk) object(path string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(d.objects[path])
	return b.String()
}

func plan() widget.Plan {
	return widget.Plan{
		Shop: "shop1", CardURL: "https://sms.example.com/hooks/gorgias/e1/card", EventURL: "https://sms.example.com/hooks/gorgias/e1/events",
		PublicURL: "https://sms.example.com/", Secret: chat.Secret("0123456789abcdef"), Tag: "RechargeSMS",
	}
}
