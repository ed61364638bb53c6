package gorgias

import (
	"strings"
	"testing"
	"time"
)

func TestRender(t *testing.T) {
	t.Parallel()
	var values map[string]any
	recode(map[string]any{
		"ticket": map[string]any{"id": 218411991, "list": []any{"a", map[string]any{"b c": true}}, "at": now(), "none": nil, "obj": map[string]any{"x": 1}},
		"name":   "J & + é", "odd-name": "o", "when": "2026-02-07T09:55:18.820000+00:00",
	}, &values)
	for template, want := range map[string][2]string{ // browser, server
		"{{ticket.id}}!":                                {"218411991!", "218411991!"},
		"{{ticket.list[0]}}{{ticket.list[-2]}}":         {"aa", "aa"},
		`{{ticket.list[1]["bc"]}}`:                      {"", ""},
		"{{ticket.list[9]}}{{ticket.id.x}}":             {"", ""},
		"{{ticket.none}}{{ticket.nothing}}":             {"", ""},
		"{{ticket.obj}}":                                {`{"x":1}`, `{"x":1}`},
		"{{ticket.list|tojson}}":                        {`["a",{"b c":true}]`, `["a",{"b c":true}]`},
		`{{ticket.none|fallback("n/a")}}`:               {"n/a", "n/a"},
		"{{ ticket.id }}":                               {"{{ ticket.id }}", "218411991"},
		"{{name}}":                                      {"J & + é", "{{name}}"},
		"{{odd-name}}":                                  {"o", "{{odd-name}}"},
		`{{when|datetime_format("MMM D, YYYY HH:mm")}}`: {"Feb 7, 2026 09:55", `{{when|datetime_format("MMM D, YYYY HH:mm")}}`},
		"{{ticket.id":                                   {"{{ticket.id", "{{ticket.id"},
		"%7B%7Bticket.id%7D%7D":                         {"%7B%7Bticket.id%7D%7D", "%7B%7Bticket.id%7D%7D"},
	} {
		if got := [2]string{browserTemplates.render(template, values), serverTemplates.render(template, values)}; got != want {
			t.Errorf("%s: got %q, want %q", template, got, want)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add(`{{a.b[0].c|fallback("x")}} {{ a['b'] | tojson }} {{a|datetime_format("YYYY")}}`)
	values := map[string]any{"a": map[string]any{"b": []any{map[string]any{"c": nil}}}, "ticket": "t"}
	f.Fuzz(func(t *testing.T, template string) {
		serverTemplates.render(template, values)
		out := browserTemplates.render(template, values)
		if !strings.Contains(template, "{{") && out != template {
			t.Errorf("%q became %q", template, out)
		}
	})
}

func FuzzTime(f *testing.F) {
	f.Add(`"2025-02-07T09:55:18.820000+00:00"`)
	f.Add(`"2017-11-23T15:59:41.966927"`)
	f.Fuzz(func(t *testing.T, raw string) {
		var at, again Time
		if at.UnmarshalJSON([]byte(raw)) != nil || at.Year() < 1 || at.Year() > 9999 {
			return
		}
		if err := again.UnmarshalJSON(encode(at)); err != nil || !again.Equal(at.Truncate(time.Microsecond)) {
			t.Errorf("%s: %v became %v, %v", raw, at, again, err)
		}
	})
}
