package dbtest

// Package cmd: what commands do, seen over HTTP, their output and exit codes.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/cmd"
	"github.com/ginauth/gin-rest-auth/models"
)

var commandCases = Group{Name: "command", Cases: []func(*Case){
	commandCreatesUsers, commandMailsALink, commandSetsPasswords, commandShutsUsersOut, commandEndsSessions, commandExports, commandNamesUsers,
	commandsOfFeatures, commandMigrates, commandRotatesTheSecret, commandsSayWhatIsWrong, commandsAreRecorded,
	importReadsHashes, importRefusesLines, importGoesOn, importKeepsOwners, importMeetsSquatters, importStoresUsersWhole, importOfOwnColumns,
}}

// command runs a command. in is the standard input.
func (c *Case) command(want int, in string, args ...string) (out, errs string) {
	c.Helper()
	var stdout, stderr bytes.Buffer
	got := cmd.Program{Name: "app", In: strings.NewReader(in), Out: &stdout, Err: &stderr}.Run(c.Context(), c.Auth, args)
	if got != want {
		c.Fatalf("%q: exit code %d, want %d: %s%s", args, got, want, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

// commandJSON runs a command with --json and reads its result.
func (c *Case) commandJSON(want int, in string, result any, args ...string) {
	c.Helper()
	out, _ := c.command(want, in, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), result); err != nil {
		c.Fatalf("%q: %v: %s", args, err, out)
	}
}

func commandCreatesUsers(c *Case) {
	c.StartMail()
	c.command(cmd.OK, authtest.Password+"\n", "createuser", "--username", "ann", "--email", "ann@example.com", "--staff", "--superuser", "--password-stdin")
	c.LoggedIn("ann").Get("/auth/user/").Want(200)
	if u := c.user("ann"); !u.IsStaff || !u.IsSuperuser || u.SignedUp {
		c.Errorf("%+v", u)
	}
	if confirmed := c.confirmedAddresses("ann"); confirmed != 1 {
		c.Error(confirmed, "confirmed addresses")
	}
	_, errs := c.command(cmd.Failed, "12345678\n", "createuser", "--username", "Ann", "--password-stdin")
	if !strings.Contains(errs, "username:") || !strings.Contains(errs, "password:") || strings.Contains(errs, "12345678") {
		c.Error(errs)
	}
	var made struct{ ID int64 }
	c.commandJSON(cmd.OK, "", &made, "createuser", "--username", "bob", "--email", "bob@example.com", "--unconfirmed", "--no-password")
	if bob := c.user("bob"); made.ID != bob.ID || bob.HasPassword() || c.confirmedAddresses("bob") != 0 {
		c.Errorf("%+v %+v", made, bob)
	}
	c.Client().Post("/auth/login/", authtest.Login("bob")).Want(400)
	c.command(cmd.Usage, "", "createuser", "--username", "eve") // no terminal
	c.command(cmd.Failed, "", "createuser", "--username", "eve", "--password-stdin")
	c.command(cmd.Usage, "", "createuser", "--username", "eve", "--password", "x")
}

func (c *Case) confirmedAddresses(name string) (n int64) {
	c.Helper()
	c.must(c.DB.Model(&models.Email{}).Where("user_id = ? AND verified_key IS NOT NULL", c.user(name).ID).Count(&n).Error)
	return n
}

func commandMailsALink(c *Case) {
	c.StartMail()
	c.command(cmd.OK, "", "createuser", "--username", "ann", "--email", "ann@example.com", "--mail-link")
	c.reset(c.Mail("reset"), authtest.Password).Want(200)
	c.LoggedIn("ann")
	c.Mails()
	c.command(cmd.OK, "", "setpassword", "ann", "--mail-link")
	c.reset(c.Mail("reset"), "Mirror-Maze-88").Want(200)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
	c.command(cmd.OK, "", "createuser", "--username", "bob", "--no-password")
	c.command(cmd.Failed, "", "setpassword", "bob", "--mail-link") // no address
}

func commandSetsPasswords(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.command(cmd.OK, "Mirror-Maze-88\n", "setpassword", "--password-stdin", "ann@example.com")
	ann.Get("/auth/user/").Want(401)
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(400)
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "Mirror-Maze-88"}).Want(200)
	c.command(cmd.Failed, "short\n", "setpassword", "--password-stdin", "ann")
}

func commandShutsUsersOut(c *Case) {
	c.Start()
	ann := c.SignedUp("ann")
	c.command(cmd.OK, "", "deactivate", "ann")
	ann.Get("/auth/user/").Want(401)
	c.Client().Post("/auth/login/", authtest.Login("ann")).Want(400)
	c.command(cmd.OK, "", "activate", "ann")
	ann = c.LoggedIn("ann")
	c.command(cmd.OK, "", "ban", "ann", "--reason", "spam", "--for", "1h")
	ann.Get("/auth/user/").Want(401)
	c.Client().Post("/auth/login/", authtest.Login("ann")).WantProblems("non_field_errors account_banned")
	if u := c.user("ann"); u.BanReason != "spam" || !u.BannedUntil.Equal(c.Clock.Now().Add(time.Hour).Truncate(time.Millisecond)) {
		c.Errorf("%+v", u)
	}
	c.command(cmd.OK, "", "unban", "ann")
	c.LoggedIn("ann")
	c.command(cmd.OK, "", "ban", "ann", "--until", c.Clock.Now().Add(time.Hour).Format(time.RFC3339))
	c.Clock.Advance(time.Hour)
	c.LoggedIn("ann")
	c.command(cmd.Failed, "", "ban", "ann", "--until", c.Clock.Now().Add(-time.Hour).Format(time.RFC3339))
	c.command(cmd.Usage, "", "ban", "ann", "--until", "tomorrow")
	c.command(cmd.Usage, "", "ban", "ann", "--for", "1h", "--until", c.Clock.Now().Add(time.Hour).Format(time.RFC3339))
	c.command(cmd.Usage, "", "ban", "ann", "--for", "-1h")
	c.LoggedIn("ann")
}

func commandEndsSessions(c *Case) {
	var d hookLog
	c.Start(d.install)
	first, second := c.SignedUp("ann"), c.LoggedIn("ann")
	other := c.SignedUp("bob")
	var list struct {
		ID       int64
		Sessions []binding.Session
	}
	c.commandJSON(cmd.OK, "", &list, "sessions", "ann")
	if len(list.Sessions) != 2 || list.ID != c.user("ann").ID {
		c.Fatal(list)
	}
	c.command(cmd.NoUser, "", "sessions", "bob", "--end", list.Sessions[0].ID)
	c.command(cmd.NoUser, "", "sessions", "ann", "--end", "nonsense")
	c.commandJSON(cmd.OK, "", &list, "sessions", "ann", "--end", list.Sessions[0].ID)
	if len(list.Sessions) != 1 {
		c.Error(list)
	}
	valid := 0
	for _, browser := range []*authtest.Client{first, second} {
		if browser.Get("/auth/user/").StatusCode == 200 {
			valid++
		}
	}
	if valid != 1 {
		c.Error(valid, "sessions are valid")
	}
	if out, _ := c.command(cmd.OK, "", "sessions", "ann", "--end-all"); !strings.Contains(out, "no sessions") {
		c.Error(out)
	}
	first.Get("/auth/user/").Want(401)
	second.Get("/auth/user/").Want(401)
	other.Get("/auth/user/").Want(200)
}

func commandExports(c *Case) {
	c.Start(audited)
	c.SignedUp("ann")
	var out binding.Export
	c.commandJSON(cmd.OK, "", &out, "export", "ann")
	if out.User.Username != "ann" || len(out.Emails) != 1 || len(out.Sessions) != 1 {
		c.Errorf("%+v", out)
	}
	if text, _ := c.command(cmd.OK, "", "export", "ann"); strings.Contains(text, c.user("ann").Password) || !json.Valid([]byte(text)) {
		c.Error(text)
	}
}

func commandNamesUsers(c *Case) {
	c.Start()
	c.SignedUp("ann")
	id := c.user("ann").ID
	number := fmt.Sprint(id)
	for _, name := range []string{"ANN", "Ann@Example.com", number, "id:" + number, "name:ann"} {
		c.command(cmd.OK, "", "sessions", name)
	}
	for _, name := range []string{"eve", "id:ann", "name:" + number, "id:999999", ""} {
		c.command(cmd.NoUser, "", "sessions", name)
	}
	c.must(c.Auth.CreateUser(c.Context(), &models.User{Username: number}, ""))
	if _, errs := c.command(cmd.NoUser, "", "deactivate", number); !strings.Contains(errs, "id:"+number) {
		c.Error(errs)
	}
	c.command(cmd.OK, "", "deactivate", "name:"+number)
	c.LoggedIn("ann")
}
