package wire_test

import (
	"context"
	"testing"
	"time"

	"casement/internal/pagetest"
	"casement/ipc"
)

type issue struct {
	Number int       `json:"number"`
	User   *author   `json:"user"`
	At     time.Time `json:"created_at"`
}

type author struct {
	Login string `json:"login"`
	Admin bool   `json:"site_admin"`
}

// What another API sends can pass through a page, where the app says so.
func TestALenientCommandTakesWhatOthersSend(t *testing.T) {
	t.Parallel()
	login := func(_ context.Context, a struct {
		Issue issue `json:"issue"`
	},
	) (string, error) {
		return a.Issue.User.Login, nil
	}
	var r ipc.Router
	ipc.Handle(&r, "strict", login)
	ipc.Handle(&r, "lenient", login, ipc.Lenient())
	ipc.Handle(&r, "author", login, ipc.LenientFor[author]())
	w := pagetest.Open(t, &r)
	const call = `async command => {
		const issue = {number: 1, user: {login: 'ann', site_admin: null, node_id: 'x'}, created_at: '2026-01-02T03:04:05Z', ...more};
		try { return await invoke(command, {issue, ...beside}) } catch (e) { return e.details.path + ': ' + e.details.reason }
	}`
	for _, test := range []struct{ command, more, beside, want string }{
		{"strict", `{}`, `{}`, `"issue.user.site_admin: want a boolean, got null"`},
		{"lenient", `{}`, `{}`, `"ann"`},
		{"lenient", `{number: undefined, labels: [{}]}`, `{page: 1}`, `"ann"`},
		{"lenient", `{number: '1'}`, `{}`, `"issue.number: want an integer, got a string"`},
		{"lenient", `{created_at: 'nope'}`, `{}`, `"issue.created_at: parsing time \"nope\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"nope\" as \"2006\""`},
		{"author", `{}`, `{}`, `"ann"`},
		{"author", `{labels: []}`, `{}`, `"issue.labels: unknown field"`},
		{"author", `{}`, `{page: 1}`, `"page: unknown field"`},
	} {
		script := `const more = ` + test.more + `, beside = ` + test.beside + `; return await (` + call + `)('` + test.command + `')`
		if got := w.Must(script); got != test.want {
			t.Errorf("%s, %s, %s: %s, want %s", test.command, test.more, test.beside, got, test.want)
		}
	}
}
