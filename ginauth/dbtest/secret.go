package dbtest

import (
	"maps"
	"slices"
	"strings"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var secretCases = Group{Name: "secret", Cases: []func(*Case){
	secretsAreHashesInTheDatabase, secretsAreNotInTheLog,
}}

// wire runs every flow and returns the values that only client and server may know.
func (c *Case) wire() []string {
	ann := c.SignedUp("ann")
	secrets := slices.Collect(maps.Values(ann.Cookies))
	for _, key := range []string{c.tokenOf("ann"), c.personal(ann, obj{"name": "backup"}).Key} {
		secrets = append(secrets, key, key[4:47])
		c.byToken(key).Get("/auth/user/").Want(200)
		c.byToken(key + "x").Get("/auth/user/").Want(401)
	}
	again := c.LoggedIn("ann")
	secrets = slices.AppendSeq(secrets, maps.Values(again.Cookies))
	again.Post("/auth/password/change/", change("wrong-canary-1", "canary-Maze-88")).Want(400)
	again.Post("/auth/password/change/", change(authtest.Password, "canary-Maze-89")).Want(200)
	secrets = slices.AppendSeq(secrets, maps.Values(again.Cookies))
	c.Client().Post("/auth/login/", obj{"username": "ann", "password": "wrong-canary-2"}).Want(400)
	c.Client().Do("POST", "/auth/login/?token=canary-3", `{"password":"canary-4`, "Content-Type", "application/json").Want(400)
	p := c.tokenPairFor(binding.Login{Username: "ann", Password: "canary-Maze-89"})
	next := c.refreshed(p.Refresh)
	c.refresh(next.Refresh + "x").Want(401)
	c.byToken(p.Access + "x").Get("/auth/user/").Want(401)
	secrets = append(secrets, p.Access, p.Refresh, next.Access, next.Refresh)
	return append(secrets, authtest.Password, "wrong-canary-1", "canary-Maze-88", "canary-Maze-89", "wrong-canary-2", "canary-3", "canary-4")
}

// secretsAreHashesInTheDatabase covers T043 and T205: no secret that was sent over the wire is in a table.
func secretsAreHashesInTheDatabase(c *Case) {
	c.StartMail(withEverything, byCode)
	secrets := c.wire()
	dump := c.dump() // includes waiting mails
	secrets = append(secrets, c.wireByMail()...)
	dump += c.dump()
	for _, table := range []string{"auth_user", "auth_session", "auth_email", "auth_ticket", "auth_outbox"} {
		if !strings.Contains(dump, table+".") {
			c.Errorf("%s is empty", table)
		}
	}
	for _, s := range secrets {
		if strings.Contains(dump, s) {
			c.Errorf("%q is in the database:\n%s", s, dump)
		}
	}
}

// wireByMail returns the secrets of mails of every kind, before and after their use.
func (c *Case) wireByMail() []string {
	ann := c.Client()
	ann.Post("/auth/login/", obj{"username": "ann", "password": "canary-Maze-89"}).Want(200)
	ann.Post("/auth/emails/", obj{"email": "second@example.com"}).Want(201)
	c.Client().Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.askReset("ann@example.com")
	var secrets []string
	mails := c.Mails()
	for _, m := range mails {
		secrets = append(secrets, m.Key(c.T)[max(0, len(m.Key(c.T))-43):])
		if m.Kind == "verify" || m.Kind == "reset" {
			secrets = append(secrets, m.Code(c.T), strings.ReplaceAll(m.Code(c.T), "-", ""))
		}
		if m.Kind == "reset" {
			c.reset(m, "canary-Maze-90").Want(200)
		}
	}
	if len(mails) < 5 {
		c.Errorf("only %d mails", len(mails))
	}
	return append(secrets, "canary-Maze-90")
}

// secretsAreNotInTheLog covers T222, with a failure in every flow.
func secretsAreNotInTheLog(c *Case) {
	c.StartMail(withEverything, byCode)
	var blown fuse
	blown.install(c)
	secrets := append(c.wire(), c.wireByMail()...)
	secrets = append(secrets, c.user("ann").Password)
	c.Box.Break(true)
	c.SignedUp("bob")
	c.NoMail()
	for n := int64(1); n < 6; n++ {
		for _, body := range []any{authtest.Login("ann"), authtest.SignUp("canary-5")} {
			blown.left.Store(n)
			c.Client().Post("/auth/login/", body)
			c.Client().Post("/auth/registration/", body)
			blown.left.Store(0)
		}
	}
	log := c.Log.String()
	if !strings.Contains(log, errFuse.Error()) {
		c.Error("no failure was logged")
	}
	for _, s := range append(secrets, "canary", "__Host-session=") {
		if strings.Contains(log, s) {
			c.Errorf("%q is in the log:\n%s", s, log)
		}
	}
}
