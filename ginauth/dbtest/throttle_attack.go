package dbtest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/models"
)

// ownLoginForgivesNobodyElse: a login that also names another user does not take back the failures for that name.
func ownLoginForgivesNobodyElse(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	c.User(c.T, "mallory")
	tried := 0
	for range 4 {
		n, _ := guess(c.from("203.0.113.1"), "ann", 4)
		tried += n
		own := authtest.Login("ann")
		own.Email = "mallory@example.com" // decides whose login it is
		c.from("203.0.113.1").Post("/auth/login/", own)
	}
	if tried != 4 && tried != 5 {
		c.Error(tried)
	}
}

// likeAddressesAreTwo: case folding treats ß and ss as one, and addresses do not. A login of one user takes back no failure for the other,
// and its browser is not a known one of the other.
func likeAddressesAreTwo(c *Case) {
	addresses := [2]string{"ann@strasse.example", "ann@straße.example"}
	for i, victim := range addresses {
		c.Start(limited)
		own := addresses[1-i]
		for name, address := range map[string]string{"ann": victim, "mallory": own} {
			account := c.Auth.Config().NewUser()
			account.Base().Username, account.Base().Email = name, address
			if err := c.Auth.CreateUser(c.Context(), account, authtest.Password); err != nil {
				c.Fatal(err)
			}
		}
		home := c.from("198.51.100.1")
		home.Post("/auth/login/", obj{"username": victim, "password": authtest.Password}).Want(200)
		tried := 0
		for network := range 4 {
			mallory := c.from("203.0.113." + strconv.Itoa(network)) // keeps the cookie of its own login
			for range 4 {
				n, _ := guess(mallory, victim, 2)
				tried += n
				mallory.Post("/auth/login/", obj{"username": own, "password": authtest.Password})
			}
		}
		if tried > 5 {
			c.Errorf("%s: %d guesses were compared", victim, tried)
		}
		home.Post("/auth/login/", obj{"username": victim, "password": authtest.Password}).Want(200)
		for j, both := range []obj{
			{"email": "eve@straße.example", "username": "eve@strasse.example"}, {"email": "ruß@strasse.example", "username": "russ@straße.example"},
		} {
			both["password"] = "Wrong-Password-1"
			c.from("198.51.100.2"+strconv.Itoa(j)).Post("/auth/login/", both)
		}
		if log := c.Log.String(); strings.Contains(log, "the store of limits failed") {
			c.Errorf("with a name and an address: %s", log)
		}
	}
}

// spellingsOfANameAreOne: each spelling with which a login finds a user counts as the same name. Other programs allow @ in names.
func spellingsOfANameAreOne(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	c.User(c.T, "ian")
	c.set("ian", map[string]any{"username": "ian@straße", "username_key": models.UsernameKey("ian@straße")})
	account := c.Auth.Config().NewUser()
	account.Base().Username, account.Base().Email = "eve", "eve@straße.example"
	if err := c.Auth.CreateUser(c.Context(), account, authtest.Password); err != nil {
		c.Fatal(err)
	}
	for _, names := range [][]string{
		{"ann", " ANN", "ａｎｎ", "Ann ", "aNn", "ann", "AnN"},
		{"ann@example.com", "ANN@Example.com", "ann＠example.com", " ann@example.com", "ann@ｅxample.com", "anN@example.com", "ann@example.com "},
		{"eve@straße.example", "eve@xn--strae-oqa.example", "EVE@STRASSE.example", "eve@XN--STRAE-OQA.example", "eve@straße。example", "eve@stra\u00adße.example", "eve@xn--strae-oqa.example "},
		{"ian@straße", "ian@strasse", "IAN@STRASSE", "i̇an@strasse", "i̇̇an@strasse", "ian＠straße", "i̇an@straße"},
	} {
		tried := 0
		for i, name := range names {
			if c.from("203.0.113."+strconv.Itoa(i)).Post("/auth/login/", wrong(name)).StatusCode == 400 {
				tried++
			}
		}
		if tried != 5 {
			c.Error(names[0], tried)
		}
	}
}

// errorsAfterAWrongPasswordCount: a right password logs in, so an error that only comes after a wrong one tells which it was.
func errorsAfterAWrongPasswordCount(c *Case) {
	var answer error
	second := config.BackendFunc(func(_ context.Context, given config.Credentials) (models.Account, error) { return nil, answer })
	c.Start(limited, func(cfg *config.Config) { cfg.Backends = []config.Backend{config.PasswordBackend{}, second} })
	for i, answered := range []error{errors.New("no connection"), &binding.Error{Status: 403, Code: "locked"}, &binding.Error{Status: 503, Code: "busy"}} {
		name, tried := "ann"+strconv.Itoa(i), 0
		c.User(c.T, name)
		answer = nil
		b := c.from("198.51.100." + strconv.Itoa(i))
		b.Post("/auth/login/", authtest.Login(name)).Want(200)
		answer = answered
		for j := range 10 {
			if c.from("203.0.113."+strconv.Itoa(j)).Post("/auth/login/", wrong(name)).StatusCode != http.StatusTooManyRequests {
				tried++
			}
		}
		if tried != 5 {
			c.Error(answered, tried)
		}
		for tried = 0; tried < 10 && b.Post("/auth/reauthenticate/", obj{"password": "Wrong-Password-1"}).StatusCode != http.StatusTooManyRequests; {
			tried++
		}
		if tried != 5 {
			c.Error(answered, tried)
		}
	}
}

// fullGateAfterADirectoryCounts: a directory has compared the password before the library's hash is refused, so 503 tells that it is wrong.
func fullGateAfterADirectoryCounts(c *Case) {
	var w watcher
	slow := &interruption{}
	directory := config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) { return nil, nil })
	c.With(w.feature).Start(limited, func(cfg *config.Config) {
		cfg.Backends = []config.Backend{directory, config.PasswordBackend{}}
		cfg.Hash.Parallel, cfg.Hash.Wait, cfg.Rand = 1, time.Millisecond, slow
	})
	c.User(c.T, "ann")
	statuses := map[int]int{}
	for i := range 10 {
		slow.set(func() { statuses[c.from("203.0.113."+strconv.Itoa(i)).Post("/auth/login/", wrong("ann")).StatusCode]++ })
		if _, err := w.core.HashPassword(c.Context(), authtest.Password); err != nil {
			c.Fatal(err)
		}
	}
	if statuses[503] != 5 || statuses[429] != 5 {
		c.Error(statuses)
	}
}

// unverifiedUsersBehindADirectory: a right password of an address that is not confirmed is no guess, also if a directory comes first.
func unverifiedUsersBehindADirectory(c *Case) {
	directory := config.BackendFunc(func(context.Context, config.Credentials) (models.Account, error) { return nil, nil })
	c.StartMail(limited, mandatory, func(cfg *config.Config) { cfg.Backends = []config.Backend{directory, config.PasswordBackend{}} })
	c.SignedUp("ann")
	for range 10 {
		c.from("203.0.113.1").Post("/auth/login/", obj{"email": "ann@example.com", "password": authtest.Password}).Want(400)
	}
}

// errorAfterUnconfirmedPasswordCounts: with VerifyMandatory a wrong password takes one more query and hash. An attacker can make
// these fail, for example by a full queue.
func errorAfterUnconfirmedPasswordCounts(c *Case) {
	c.StartMail(limited, mandatory)
	c.User(c.T, "ann")
	c.from("203.0.113.99").Post("/auth/login/", wrong("nobody@example.com")) // on MySQL, the first attempt asks whether there is a cluster
	var f fuse
	nth, tried := 0, 0
	f.only = func(*gorm.DB) bool { nth++; return nth == 3 } // after the count and the user
	f.install(c)
	for i := range 10 {
		nth = 0
		f.once.Store(1)
		if c.from("203.0.113."+strconv.Itoa(i)).Post("/auth/login/", wrong("ann@example.com")).StatusCode == http.StatusServiceUnavailable {
			tried++
		}
		f.once.Store(0)
	}
	if tried != 5 {
		c.Error(tried)
	}
}

// usersLeaveTheGateToOthers: users who confirm actions all the time, with the right password, do not keep others from logging in.
func usersLeaveTheGateToOthers(c *Case) {
	c.Start(limited, func(cfg *config.Config) {
		cfg.Hash.Parallel, cfg.Hash.Memory, cfg.Hash.Time, cfg.Hash.Wait = 1, 16384, 1, time.Second
	})
	c.User(c.T, "ann")
	var busy sync.WaitGroup
	stop := make(chan struct{})
	for i := range 2 {
		name := "user" + strconv.Itoa(i)
		c.User(c.T, name)
		b := c.from("203.0.113." + strconv.Itoa(i))
		b.Post("/auth/login/", authtest.Login(name)).Want(200)
		for range 2 {
			own := b.Clone()
			busy.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						own.Post("/auth/reauthenticate/", obj{"password": authtest.Password})
					}
				}
			})
		}
	}
	time.Sleep(50 * time.Millisecond)
	for i := range 3 {
		c.from("198.51.100."+strconv.Itoa(i)).Post("/auth/login/", authtest.Login("ann")).Want(200)
	}
	close(stop)
	busy.Wait()
}

// attemptsGivenBackLeaveNoWait: after many failures for a name, an attempt that was not compared, or was right, causes no further wait.
func attemptsGivenBackLeaveNoWait(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	mallory, ann := c.from("203.0.113.1"), c.from("198.51.100.1")
	guess(mallory, "ann", 10)
	for range 3 { // the waits are 30 s, 1 min and 2 min by now
		c.Clock.Advance(c.waitOf(mallory, "ann"))
		mallory.Post("/auth/login/", wrong("ann")).Want(400)
	}
	for i := 0; mallory.Post("/auth/login/", wrong("user"+strconv.Itoa(i))).StatusCode == 400; i++ { // now the network has none left
		if i > 100 {
			c.Fatal("no limit")
		}
	}
	c.Clock.Advance(c.waitOf(ann, "ann"))
	for i := 0; mallory.Post("/auth/login/", wrong("user"+strconv.Itoa(i))).StatusCode == 400; i++ {
	}
	c.Clock.Advance(2 * time.Second)
	mallory.Post("/auth/login/", wrong("ann")).Want(429) // by the network
	c.from("198.51.100.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.from("198.51.100.2").Post("/auth/login/", authtest.Login("ann")).Want(200)
	c.from("203.0.113.2").Post("/auth/login/", wrong("ann")).Want(400) // and the failures still count
	if wait := c.waitOf(c.from("203.0.113.3"), "ann"); wait != 8*time.Minute {
		c.Error(wait)
	}
}

// invalidLinksDoNotOvershoot: neither by many requests at once, nor later, nor by clients that leave. Valid links are not limited.
func invalidLinksDoNotOvershoot(c *Case) {
	c.StartMail(limited, byCode)
	c.User(c.T, "ann")
	var tried atomic.Int64
	try := func(i int) {
		body := obj{"email": "user" + strconv.Itoa(i) + "@example.com", "code": "123456"}
		if c.from("203.0.113.1").Post("/auth/login/code/confirm/", body).StatusCode == 400 {
			tried.Add(1)
		}
	}
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() { try(i) })
	}
	group.Wait()
	if n := tried.Load(); n != 30 {
		c.Error(n)
	}
	for i := range 10 {
		c.Clock.Advance(6 * time.Second) // no longer remembered in memory
		try(100 + i)
	}
	if n := tried.Load(); n != 36 { // one each ten seconds
		c.Error(n)
	}
	c.from("198.51.100.1").Post("/auth/login/code/", obj{"email": "ann@example.com"}).Want(200)
	c.from("198.51.100.1").Post("/auth/login/code/confirm/", obj{"key": c.Mail("login_code").Key(c.T)}).Want(200)
	rows := []models.Limit{}
	if err := c.DB.Where("attempts = 0 AND not_before > ?", c.Clock.Now().UnixMilli()).Find(&rows).Error; err != nil || len(rows) != 4 {
		c.Errorf("%d limits are in use, want failures of one network, and mails of another, of the /24 around it, and of all; %v", len(rows), err)
	}
}

// translatedAddressesAreSeveral: a server that has only IPv6 sees all IPv4 clients in one /64.
func translatedAddressesAreSeveral(c *Case) {
	c.Start(limited)
	for i := range 40 {
		c.from("64:ff9b::203.0.113.1").Post("/auth/login/", wrong("user"+strconv.Itoa(i)))
	}
	c.from("64:ff9b::203.0.113.1").Post("/auth/login/", wrong("ann")).Want(429)
	c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).Want(429)
	c.from("64:ff9b::203.0.113.2").Post("/auth/login/", wrong("ann")).Want(400)
}

// otherSitesUseUpNoLimit: a page cannot make the browsers of its visitors guess passwords, or use up what their networks have.
func otherSitesUseUpNoLimit(c *Case) {
	c.StartMail(limited, mandatory, byCode)
	for _, r := range c.Auth.Routes() {
		if r.Method == http.MethodGet || !slices.Contains(r.Fails, http.StatusTooManyRequests) || slices.Contains(r.Fails, http.StatusUnauthorized) && r.Path != "registration/verify-email/" {
			continue
		}
		page := c.from("203.0.113.1")
		page.Header.Set("Sec-Fetch-Site", "cross-site")
		page.Post("/auth/"+r.Path, obj{}).WantCode(403, binding.CodeCrossSite)
	}
	if n := c.count(&models.Limit{}); n != 0 {
		c.Error(n, "rows")
	}
}

// mailsToNewAddressesAreLimited: also those that a user, or a pending sign-up, sends to any address.
func mailsToNewAddressesAreLimited(c *Case) {
	c.StartMail(limited)
	c.User(c.T, "ann")
	b := c.from("203.0.113.1")
	b.Post("/auth/login/", authtest.Login("ann")).Want(200)
	sent := 0
	for i := range 30 {
		r := b.Post("/auth/emails/", obj{"email": "user" + strconv.Itoa(i) + "@example.com"})
		if r.StatusCode != 201 {
			r.Want(429)
			break
		}
		sent++
		var added binding.Email
		r.JSON(&added)
		b.Delete("/auth/emails/" + strconv.FormatInt(added.ID, 10) + "/").Want(204)
	}
	if sent != 20 {
		c.Error(sent)
	}
}

// correctionsAreLimited: a pending sign-up cannot mail any number of addresses.
func correctionsAreLimited(c *Case) {
	c.StartMail(limited, mandatory)
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
	sent := 0
	for i := range 30 {
		r := c.from("203.0.113.1").Post("/auth/registration/correct-email/", obj{"username": "ann", "password": authtest.Password, "email": "user" + strconv.Itoa(i) + "@example.com"})
		if r.StatusCode != 200 {
			r.Want(429)
			break
		}
		sent++
	}
	if sent != 20 {
		c.Error(sent)
	}
	for range 40 {
		c.from("203.0.113.9").Post("/auth/registration/correct-email/", obj{"username": "ann", "password": "Wrong-Password-1", "email": "a@example.com"})
	}
	if c.from("203.0.113.8").Post("/auth/login/", wrong("ann")).StatusCode != http.StatusTooManyRequests { // guesses count for the name
		c.Error("not limited")
	}
}
