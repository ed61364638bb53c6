package chat_test

import (
	"testing"

	"sidetext/chat"
)

func TestMergeImportRow(t *testing.T) {
	t.Parallel()
	jane := func(list string, line, rank int) chat.ImportedShopper {
		return chat.ImportedShopper{Shopper: chat.Shopper{ID: "p", Phone: "+14155550123", Name: "Jane Doe", Email: "jane@example.com", Customer: "7"}, List: list, Line: line, Rank: rank}
	}
	row := func(name, email string, line, rank int) chat.ImportRow {
		return chat.ImportRow{ID: "new", Phone: "+14155550123", Name: name, Email: email, Line: line, Rank: rank}
	}
	type want struct {
		name, email, customer string
		line, rank            int
		merge                 chat.MergeResult
	}
	for name, test := range map[string]struct {
		known chat.ImportedShopper
		row   chat.ImportRow
		want  want
	}{
		"new":                    {chat.ImportedShopper{}, row("Jane", "j@example.com", 2, 3), want{"Jane", "j@example.com", "", 2, 3, chat.MergeResult{New: true}}},
		"new, only a phone":      {chat.ImportedShopper{}, row("", "", 2, 3), want{"", "", "", 0, 0, chat.MergeResult{New: true}}},
		"same again":             {jane("old", 9, 3), row("Jane Doe", "jane@example.com", 2, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{}}},
		"same row again":         {jane("now", 2, 3), row("Jane Doe", "jane@example.com", 2, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{}}},
		"only a phone":           {jane("old", 9, 3), row("", "", 2, 3), want{"Jane Doe", "jane@example.com", "7", 9, 3, chat.MergeResult{}}},
		"no address this time":   {jane("old", 9, 3), row("Jane Doe", "", 2, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{}}},
		"corrected address":      {jane("old", 9, 3), row("Jane Doe", "jane.doe@example.com", 2, 3), want{"Jane Doe", "jane.doe@example.com", "", 2, 3, chat.MergeResult{}}},
		"married":                {jane("old", 9, 3), row("Jane Roe", "Jane@example.com", 2, 3), want{"Jane Roe", "Jane@example.com", "7", 2, 3, chat.MergeResult{}}},
		"changed hands":          {jane("old", 9, 3), row("Ann Poe", "ann@example.com", 2, 3), want{"Ann Poe", "ann@example.com", "", 2, 3, chat.MergeResult{Replaced: true}}},
		"changed hands, no mail": {jane("old", 9, 3), row("Bob Roe", "", 2, 3), want{"Bob Roe", "", "", 2, 3, chat.MergeResult{Replaced: true}}},
		"changed hands, no name": {jane("old", 9, 3), row("", "ann@example.com", 2, 3), want{"", "ann@example.com", "", 2, 3, chat.MergeResult{Replaced: true}}},
		"before ranks":           {jane("", 0, 0), row("Ann Poe", "ann@example.com", 2, 1), want{"Ann Poe", "ann@example.com", "", 2, 1, chat.MergeResult{Replaced: true}}},
		"an address's phone":     {jane("old", 9, 4), row("Ann Poe", "ann@example.com", 2, 1), want{"Jane Doe", "jane@example.com", "7", 9, 4, chat.MergeResult{Outranked: true}}},
		"an address's phone, same person": {jane("old", 9, 4), row("Jane Doe", "jane@work.example.com", 2, 1),
			want{"Jane Doe", "jane@work.example.com", "", 2, 4, chat.MergeResult{}}},
		"two people":                  {jane("now", 2, 3), row("Bob Roe", "", 3, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{Clash: 2}}},
		"two people, weaker second":   {jane("now", 2, 3), row("Bob Roe", "bob@example.com", 3, 1), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{Clash: 2}}},
		"two people, stronger second": {jane("now", 2, 1), row("Bob Roe", "", 3, 3), want{"Bob Roe", "", "", 3, 3, chat.MergeResult{Clash: 2, Replaced: true}}},
		"one person, two rows":        {jane("now", 2, 3), row("J. Doe", "", 3, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{}}},
		"alike, another address":      {jane("now", 2, 3), row("J. Doe", "jane@work.example.com", 3, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{Clash: 2}}},
		"only a first name":           {jane("old", 9, 3), row("Jane", "", 2, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{}}},
		"only a first name, another":  {jane("old", 9, 3), row("Jane", "j@example.com", 2, 3), want{"Jane", "j@example.com", "", 2, 3, chat.MergeResult{Replaced: true}}},
		"only a family name":          {jane("old", 9, 3), row("Mr. Doe", "", 2, 3), want{"Mr. Doe", "", "", 2, 3, chat.MergeResult{Replaced: true}}},
		"a middle name":               {jane("old", 9, 3), row("Jane Mary Doe", "", 2, 3), want{"Jane Mary Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{}}},
		"one of a family":             {jane("now", 2, 3), row("Bob Doe", "", 3, 3), want{"Jane Doe", "jane@example.com", "7", 2, 3, chat.MergeResult{Clash: 2}}},
	} {
		got, merge := test.row.Merge(test.known, "now")
		if merge != test.want.merge || got.Name != test.want.name || got.Email != test.want.email || got.Customer != test.want.customer ||
			got.Line != test.want.line || got.Rank != test.want.rank || !got.Purchased || got.Phone != "+14155550123" || got.ID == "" {
			t.Errorf("%s: got %+v, %+v; want %+v", name, got, merge, test.want)
		}
	}
	first, _ := row("Jane Doe", "", 2, 3).Merge(chat.ImportedShopper{}, "now")
	both, merge := row("Jane Doe", "jane@example.com", 3, 3).Merge(first, "now")
	if both.Email != "jane@example.com" || both.Line != 2 || merge != (chat.MergeResult{}) {
		t.Errorf("of one person: %+v, %+v", both, merge)
	}
	// Without a list there is no clash, even with the same line.
	if _, merge := row("Ann Poe", "", 0, 3).Merge(jane("", 0, 3), ""); merge != (chat.MergeResult{Replaced: true}) {
		t.Errorf("without a list: %+v", merge)
	}
}

func TestSamePerson(t *testing.T) {
	t.Parallel()
	type who struct{ name, email string }
	for _, test := range []struct {
		a, b who
		want bool
	}{
		{who{"Jane Doe", "jane@example.com"}, who{"Jane Doe", "jane@work.example.com"}, true},
		{who{"Jane Doe", "jane@example.com"}, who{"DOE, Jane", "jane@work.example.com"}, true},
		{who{"Jürgen Müller", "a@example.com"}, who{"Juergen Mueller", "b@example.com"}, true},
		{who{"Jürgen Groß", ""}, who{"Jurgen Gross", "b@example.com"}, true},
		{who{"Ju\u0308rgen Roe", "a@example.com"}, who{"Juergen Roe", "b@example.com"}, true},
		{who{"Łukasz Żak", "a@example.com"}, who{"Lukasz Zak", "b@example.com"}, true},
		{who{"Søren Kjær", "a@example.com"}, who{"Soeren Kjaer", "b@example.com"}, true},
		{who{"李 小龙", "a@example.com"}, who{"李小龙", "b@example.com"}, true},
		{who{"Jane", ""}, who{"Jane Doe", "jane@example.com"}, true},
		{who{"J. Doe", ""}, who{"Jane Doe", "jane@example.com"}, true},
		{who{"Jane Doe", ""}, who{"Jane Mary Doe", "jane@example.com"}, true},
		{who{"Jane Roe", "jane@example.com"}, who{"Jane Doe", "JANE@example.com"}, true},
		{who{"", "jane@example.com"}, who{"Jane Doe", "jane@example.com"}, true},
		{who{"", ""}, who{"Jane Doe", "jane@example.com"}, true},

		{who{"Jane", "jane@example.com"}, who{"Jane Roe", "jroe@example.com"}, false},
		{who{"Jane", "jane@example.com"}, who{"Jane Roe", ""}, false},
		{who{"Jane", "jane@example.com"}, who{"Jane", "other@example.com"}, false},
		{who{"Mrs. Doe", "jane@example.com"}, who{"Bob Doe", ""}, false},
		{who{"Mrs. Doe", ""}, who{"Bob Doe", "bob@example.com"}, false},
		{who{"Doe", ""}, who{"Doe, Jane", "jane@example.com"}, false},
		{who{"J. Doe", "jane@example.com"}, who{"Jim Doe", ""}, false},
		{who{"Jane D", "jane@example.com"}, who{"Jane Dow", ""}, false},
		{who{"Bob Doe Sr", "bob@example.com"}, who{"Bob Doe Jr", ""}, false},
		{who{"Bob Doe Junior", "bob@example.com"}, who{"Bob Doe, Sr.", ""}, false},
		{who{"Jane & Bob Doe", "jane@example.com"}, who{"Bob Doe", ""}, false},
		{who{"Jane Doe", "jane@example.com"}, who{"Jane Mary Doe", "mary@example.com"}, false},
		{who{"Jane Doe", "jane@example.com"}, who{"Bob Doe", ""}, false},
		{who{"", "jane@example.com"}, who{"Jane Doe", ""}, false},
		{who{"李小龙", "a@example.com"}, who{"李小明", "b@example.com"}, false},
		{who{"Łukasz Żak", "a@example.com"}, who{"Marek Żak", ""}, false},
	} {
		a, b := chat.Shopper{Name: test.a.name, Email: test.a.email}, chat.Shopper{Name: test.b.name, Email: test.b.email}
		if chat.SamePerson(a, b) != test.want || chat.SamePerson(b, a) != test.want {
			t.Errorf("%q and %q: want %v", test.a, test.b, test.want)
		}
	}
}
