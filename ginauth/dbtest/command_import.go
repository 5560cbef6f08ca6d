package dbtest

// The command import: hashes of other programs, refused lines, and going on after a failure.

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/cmd"
	"github.com/ginauth/gin-rest-auth/models"
)

// imported is the result of import with --json.
type imported struct {
	Imported, Present, Refused int
	Lines                      []struct {
		Line   int
		Reason string
	}
}

// importing runs import with a file.
func (c *Case) importing(want int, name, text string, flags ...string) (out imported) {
	c.Helper()
	path := filepath.Join(c.TempDir(), name)
	c.must(os.WriteFile(path, []byte(text), 0o600))
	c.commandJSON(want, "", &out, append([]string{"import", path}, flags...)...)
	return out
}

// importReadsHashes of each kind; all of these users log in, and keep what the file says.
func importReadsHashes(c *Case) {
	c.Start(audited)
	var lines []string
	for i, hash := range djangoEncodings() {
		line, err := json.Marshal(obj{
			"username": fmt.Sprint("user", i), "email": fmt.Sprintf("user%d@example.com", i), "email_verified": i > 0, "password": hash,
			"is_staff": i == 2, "date_joined": "2020-01-02T03:04:05Z", "last_login": nil,
		})
		c.must(err)
		lines = append(lines, string(line))
	}
	lines = append(lines, `{"email": "nameless@example.com", "email_verified": true}`, `{"username":"off","is_active":false}`)
	file := strings.Join(lines, "\n")
	if out := c.importing(cmd.OK, "users.jsonl", file, "--dry-run"); out.Imported != len(lines) || c.count(&models.User{}) != 0 {
		c.Fatalf("%+v", out)
	}
	if out := c.importing(cmd.OK, "users.jsonl", file); out.Imported != len(lines) {
		c.Fatalf("%+v", out)
	}
	for i := range djangoEncodings() {
		c.Client().Post("/auth/login/", obj{"username": fmt.Sprint("user", i), "password": "wrong"}).Want(400)
		c.Client().Post("/auth/login/", authtest.Login(fmt.Sprint("user", i))).Want(200)
	}
	c.Client().Post("/auth/login/", obj{"email": "user3@example.com", "password": authtest.Password}).Want(200)
	u := c.user("user2")
	if !u.IsStaff || u.DateJoined.UTC().Year() != 2020 || c.user("off").IsActive || c.confirmedAddresses("user0") != 0 || c.confirmedAddresses("user1") != 1 {
		c.Errorf("%+v", u)
	}
	var created int64
	c.must(c.DB.Model(&models.Event{}).Where("event = ? AND method = ?", "user_created", "command").Count(&created).Error)
	if created != int64(len(lines)) {
		c.Error(created, "events")
	}
	if out := c.importing(cmd.OK, "users.jsonl", file); out.Present != len(lines) || out.Imported != 0 { // hashes are renewed, and stay
		c.Errorf("%+v", out)
	}
}

// importRefusesLines with their number and reason, and stores all others.
func importRefusesLines(c *Case) {
	c.Start()
	c.SignedUp("taken")
	file := "\ufeffusername,email,password,is_active,date_joined\n" +
		"good,good@example.com,,,\n" +
		"bad name,,,,\n" +
		"ann,not-an-address,,,\n" +
		"bob,,md5$salt$0123456789abcdef0123456789abcdef,,\n" +
		"eve,,pbkdf2_sha256$99999999$NaClNaClNaCl$BSsUMlS/EHAAM8DrC+paLZIA9p77LO55tA2WkcBNoNA=,,\n" +
		"GOOD,other@example.com,,,\n" +
		"third,GOOD@example.com,,,\n" +
		"taken,new@example.com,,,\n" +
		"fred,,,perhaps,yesterday\n" +
		"too,many,,,,fields\n" +
		"\"multi\nline\",,,,\n" +
		",,,,\n" +
		"last,,,false,2020-01-02 03:04:05.123456+00:00\n"
	want := map[int]string{
		3: "username", 4: "email", 5: "password", 6: "password", 7: "line 2 has the same name", 8: "line 2 has the same address", 9: "username",
		10: "date_joined", 11: "fields", 12: "username", 14: "username",
	}
	for _, flags := range [][]string{{"--dry-run"}, nil} {
		out := c.importing(cmd.Attention, "users.csv", file, flags...)
		if out.Imported != 2 || out.Refused != len(want) {
			c.Errorf("%+v", out)
		}
		for _, refused := range out.Lines {
			if reason := want[refused.Line]; reason == "" || !strings.Contains(refused.Reason, reason) || strings.Contains(refused.Reason, "NaCl") {
				c.Errorf("line %d: %s", refused.Line, refused.Reason)
			}
		}
	}
	if u := c.user("last"); u.IsActive || u.HasPassword() {
		c.Errorf("%+v", u)
	}
	for header, problem := range map[string]string{"username,shoe_size": "line 1: unknown field \"shoe_size\"", "username,email,username": "line 1: the field \"username\" is there twice"} {
		if _, errs := c.command(cmd.Failed, header+"\nann,44\n", "import", "-", "--format", "csv"); !strings.Contains(errs, problem) {
			c.Error(errs)
		}
	}
	lines := `{"username": "ann"} trailing` + "\n" + `{"username": "ann"} {"username": "eve"}` + "\n" + `{"username": "ann", "username": "eve"}` + "\n" +
		`{"username": "ann"}}` + "\n" + `["ann"]` + "\n" + `{"username": "ann"` + "\n" + `{"username": {}}` + "\n" + `{"username": null}` + "\n\n"
	out := c.importing(cmd.Attention, "users.jsonl", lines)
	want = map[int]string{1: "after it", 2: "after it", 3: "twice", 4: "after it", 5: "not a JSON object", 6: "not a JSON object", 7: "must be a string", 8: "username"}
	for _, refused := range out.Lines {
		if reason := want[refused.Line]; reason == "" || !strings.Contains(refused.Reason, reason) {
			c.Errorf("line %d: %s", refused.Line, refused.Reason)
		}
	}
	if out.Refused != len(want) || out.Imported != 0 {
		c.Errorf("%+v", out)
	}
	c.command(cmd.Usage, "", "import", "-")
	c.command(cmd.Failed, "", "import", filepath.Join(c.TempDir(), "none.csv"))
}

// importGoesOn where it stopped: what was stored is found again, and nothing is stored twice.
func importGoesOn(c *Case) {
	c.Start()
	var all strings.Builder
	all.WriteString("username,email,email_verified\n")
	for i := range 1200 {
		fmt.Fprintf(&all, "user%d,user%d@example.com,true\n", i, i)
	}
	ctx, cancel := context.WithCancel(c.Context())
	half := io.MultiReader(strings.NewReader(all.String()[:all.Len()/2]), stops(cancel), strings.NewReader(all.String()[all.Len()/2:]))
	program := cmd.Program{In: half, Out: io.Discard, Err: io.Discard}
	code := program.Run(ctx, c.Auth, []string{"import", "-", "--format", "csv"})
	if stored := c.count(&models.User{}); code != cmd.Failed || stored == 0 || stored == 1200 {
		c.Fatal(code, stored)
	}
	before := c.count(&models.User{})
	out := c.importing(cmd.OK, "users.csv", all.String())
	if int64(out.Present) != before || out.Present+out.Imported != 1200 || c.count(&models.Email{}) != 1200 {
		c.Errorf("%+v, %d before", out, before)
	}
	if out := c.importing(cmd.OK, "users.csv", all.String(), "--from-line", "1101"); out.Present != 101 {
		c.Errorf("%+v", out)
	}
}

// stops is a reader that has nothing, and calls a function.
type stops func()

// Read implements io.Reader.
func (s stops) Read([]byte) (int, error) {
	s()
	return 0, io.EOF
}

// importKeepsOwners: a verified address in the file is taken from sign-ups who have not confirmed it, and from no owner.
func importKeepsOwners(c *Case) {
	c.StartMail()
	c.verified("ann")
	c.SignedUp("bob")
	c.SignedUp("eve")
	out := c.importing(cmd.Attention, "users.csv", "username,email,email_verified\nann2,ann@example.com,true\nbob2,bob@example.com,true\neve2,eve@example.com,\n")
	if out.Imported != 2 || len(out.Lines) != 1 || out.Lines[0].Line != 2 {
		c.Errorf("%+v", out)
	}
	if c.confirmedAddresses("ann") != 1 || c.confirmedAddresses("bob2") != 1 || c.user("bob").Email != "" || c.user("eve").Email == "" {
		c.Error(c.user("bob").Email, c.user("eve").Email)
	}
}

// importStoresUsersWhole: whichever statement fails, a user is stored with the confirmed address, or not at all, so the next import does
// not take half of one for done.
func importStoresUsersWhole(c *Case) {
	c.StartMail()
	c.SignedUp("bob") // shares the address, so that the user is stored alone
	file := "username,email,email_verified\nbob2,bob@example.com,true\n"
	var f fuse
	f.install(c)
	for n := int64(1); n < 100; n++ {
		f.left.Store(n)
		code := (&cmd.Program{In: strings.NewReader(file), Out: io.Discard, Err: io.Discard}).Run(c.Context(), c.Auth, []string{"import", "-", "--format", "csv"})
		f.left.Store(0)
		var stored int64
		c.must(c.DB.Model(&models.User{}).Where("username = ?", "bob2").Count(&stored).Error)
		if stored == 1 && c.confirmedAddresses("bob2") != 1 {
			c.Fatalf("after statement %d the address is not confirmed", n)
		}
		if code == cmd.OK {
			return
		}
	}
	c.Error("the import never succeeds")
}

// importMeetsSquatters: a stranger who signs up with the address of a user of the other program does not pass for that user, who would
// then never be imported.
func importMeetsSquatters(c *Case) {
	c.StartMail(mandatory)
	squat := func(name, address string) {
		c.Client().Post("/auth/registration/", obj{"username": name, "email": address, "password1": authtest.Password, "password2": authtest.Password}).Want(201)
	}
	squat("mallory", "ann@example.com") // of a user without a name
	squat("bob", "bob@example.com")     // with the same name
	file := "username,email,email_verified\n,ann@example.com,true\nbob,bob@example.com,true\n"
	if dry := c.importing(cmd.Attention, "users.csv", file, "--dry-run"); dry.Imported != 1 || dry.Present != 0 || dry.Refused != 1 {
		c.Errorf("%+v", dry)
	}
	out := c.importing(cmd.Attention, "users.csv", file)
	if out.Imported != 1 || out.Present != 0 || len(out.Lines) != 1 || !strings.Contains(out.Lines[0].Reason, "username") {
		c.Fatalf("%+v", out)
	}
	var owner models.Email
	c.must(c.DB.Where("verified_key = ?", "ann@example.com").First(&owner).Error)
	if owner.UserID == c.user("mallory").ID || c.user("mallory").Email != "" {
		c.Error("the stranger keeps the address")
	}
	if out := c.importing(cmd.Attention, "users.csv", file); out.Present != 1 || out.Refused != 1 { // again
		c.Errorf("%+v", out)
	}
}

func importOfOwnColumns(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.NewUser = config.Model[Member]() })
	program := cmd.Program{
		In: strings.NewReader("username,company\nann,Acme\nbob,\n"), Out: io.Discard, Err: io.Discard,
		Fill: func(account models.Account, row map[string]string) error {
			if account.(*Member).Company = row["company"]; row["company"] == "" {
				return fmt.Errorf("company: is needed")
			}
			return nil
		},
	}
	if code := program.Run(c.Context(), c.Auth, []string{"import", "-", "--format", "csv"}); code != cmd.Attention {
		c.Error(code)
	}
	var stored []Member
	if c.must(c.DB.Find(&stored).Error); len(stored) != 1 || stored[0].Company != "Acme" || stored[0].Username != "ann" {
		c.Errorf("%+v", stored)
	}
}
