package dbtest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
)

var throttleCases = Group{Name: "throttle", Cases: []func(*Case){
	storesCountAlike, sweptBucketCountsNothing, limitHoldsForConcurrentAttempts, wrongClockBlocksNoBucket, rightAttemptsGiveBackTheirOwn,
	limitedResponsesNameTheLimit, patientAttackerGetsAHundredGuesses, incompleteRequestsAreNoFailures, failedVerificationsLeaveRefreshes, outageOfABackendIsNoGuess,
	manyRowsAreSwept, stolenDeviceCookieGainsLittle, claimedAddressMakesNoKnownBrowser, knownBrowserExpires, dailyTyposCauseNoWait,
	guessesWaitLongerAndLonger, unknownNamesAreLimitedAlike,
	successForgivesItsNetworkOnly, knownBrowserIsNotLockedOut, guessesOfANetworkAreLimited, wrongPasswordsOfASessionAreLimited,
	signUpsOfANetworkAreLimited, mailsOfANetworkAreLimited, invalidLinksAreLimited, limitsOfInstancesAddUp,
	concurrentGuessesDoNotOvershoot, limitsHoldWhileTheStoreFails, limitsHoldWhileTheStoreHangs, proxyIsNotANetwork, trustedNetworkIsNotLimited,
	successesAreNotLimited, rejectedGuessesCostNoHash, limitsCostTwoStatements,
	honestLoginsPassAFlood, confirmationsPassThoseOfANetwork, usersOfAnOwnServerShareNoTurn, loginsInVainCostNothing, loginsOfAWideNetworkWaitForEachOther, limitedLoginsDoNotWait, withoutLimitsLoginsWaitAsWell, usersOfADirectoryWaitForNoHash,
	loginsWithoutAHashHoldUpNoOthers, everySecretIsLimited, rowsOfLimitsAreSwept, botnetReachesNoMoreThanTheBudget,
	ownLoginForgivesNobodyElse, spellingsOfANameAreOne, errorsAfterAWrongPasswordCount, fullGateAfterADirectoryCounts, unverifiedUsersBehindADirectory,
	errorAfterUnconfirmedPasswordCounts, usersLeaveTheGateToOthers, attemptsGivenBackLeaveNoWait,
	invalidLinksDoNotOvershoot, otherSitesUseUpNoLimit, translatedAddressesAreSeveral, mailsToNewAddressesAreLimited, correctionsAreLimited,
	allSignUpsAreBounded, networksAroundHaveAShare, guessesOfAWideNetworkAreLimited, strangersCannotUseUpMailsOfOwners, takenNamesAreLimited, noticesOfLoginsAreLimited, strangersCannotUseUpCodesOfOwners, usersOfADayAreNoStrangers, mailsOfADayAreBounded,
	likeAddressesAreTwo, clocksThatDifferLimitNobody, mailsOfAUserAreLimited, rowsOfStrangersAreSwept, captchaAfterHalfOfAll,
}}

// limited switches the limits on, which authtest turns off. Clients come through a proxy.
func limited(cfg *config.Config) {
	cfg.Limits = config.Limits{}
	cfg.TrustedProxies = []string{"192.0.2.0/24"} // where httptest's requests come from
}

// from returns a new browser at an address.
func (c *Case) from(address string) *authtest.Client {
	b := c.Client()
	b.Header.Set("X-Forwarded-For", address)
	return b
}

func wrong(name string) obj { return obj{"username": name, "password": "Wrong-Password-1"} }

// guess sends wrong logins until one is limited, and returns how many were not, and the wait.
func guess(b *authtest.Client, name string, most int) (tried int, wait time.Duration) {
	for range most {
		r := b.Post("/auth/login/", wrong(name))
		if r.StatusCode == http.StatusTooManyRequests {
			seconds, _ := strconv.Atoi(r.Header.Get("Retry-After"))
			return tried, time.Duration(seconds) * time.Second
		}
		r.Want(400)
		tried++
	}
	return tried, 0
}

// guessesWaitLongerAndLonger: five at once, then waits from 30 seconds to 15 minutes, and never a lock.
func guessesWaitLongerAndLonger(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	mallory := c.from("203.0.113.1")
	if tried, wait := guess(mallory, "ann", 10); tried != 5 || wait != 30*time.Second {
		c.Error(tried, wait)
	}
	mallory.Post("/auth/login/", authtest.Login("ann")).WantCode(429, binding.CodeRateLimited)
	for _, wait := range []time.Duration{60, 120, 240, 480, 900, 900, 900} {
		c.Clock.Advance(c.waitOf(mallory, "ann"))
		mallory.Post("/auth/login/", wrong("ann")).Want(400)
		if got := c.waitOf(mallory, "ann"); got != wait*time.Second {
			c.Errorf("wait %v, want %v s", got, int64(wait))
		}
	}
	c.Clock.Advance(15 * time.Minute)
	c.from("203.0.113.9").Post("/auth/login/", authtest.Login("ann")).Want(200)
}

// waitOf returns how long a login must wait.
func (c *Case) waitOf(b *authtest.Client, name string) time.Duration {
	c.Helper()
	seconds, err := strconv.Atoi(b.Post("/auth/login/", wrong(name)).Want(429).Header.Get("Retry-After"))
	if err != nil {
		c.Fatal(err)
	}
	return time.Duration(seconds) * time.Second
}

// unknownNamesAreLimitedAlike: a limit does not tell whether there is such an account, by name, address or letter case.
func unknownNamesAreLimitedAlike(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	for i, names := range [][2]string{{"ann", "ANN"}, {"nobody", "NoBody"}, {"ann@example.com", "Ann@Example.com"}, {"no@example.com", "NO@example.com"}} {
		b := c.from("203.0.113." + strconv.Itoa(i))
		first, _ := guess(b, names[0], 3)
		second, wait := guess(b, names[1], 5)
		if first != 3 || second != 2 || wait != 30*time.Second {
			c.Errorf("%s: %d, %d, %v", names[0], first, second, wait)
		}
	}
}

// successForgivesItsNetworkOnly: the failures of other networks stay.
func successForgivesItsNetworkOnly(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	guess(c.from("203.0.113.1"), "ann", 2)
	guess(c.from("203.0.113.2"), "ann", 2)
	c.from("203.0.113.2").Post("/auth/login/", authtest.Login("ann")).Want(200)
	if tried, _ := guess(c.from("203.0.113.3"), "ann", 10); tried != 3 { // two of the first network are still counted
		c.Error(tried)
	}
}

// knownBrowserIsNotLockedOut: what others do counts elsewhere.
func knownBrowserIsNotLockedOut(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	home := c.from("198.51.100.1")
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	home.Post("/auth/logout/", nil).Want(200)
	for i := range 40 {
		guess(c.from("203.0.113."+strconv.Itoa(i)), "ann", 10)
	}
	guess(c.from("198.51.100.1"), "bob", 10)
	c.from("198.51.100.2").Post("/auth/login/", authtest.Login("ann")).Want(429)
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
	home.Post("/auth/logout/", nil).Want(200)
	home.Post("/auth/login/", authtest.Login("ann@example.com")).Want(200) // the same user's address
	stranger := c.from("203.0.113.99")
	for name, value := range home.Cookies {
		if name == "__Host-device" {
			stranger.Cookies[name] = value
		}
	}
	if tried, _ := guess(stranger, "ann", 20); tried != 10 { // a copy of the cookie has the same limit, elsewhere
		c.Error(tried)
	}
	home.Post("/auth/login/", authtest.Login("ann")).Want(200)
}

// guessesOfANetworkAreLimited: one password for many names; an IPv6 customer has a /64.
func guessesOfANetworkAreLimited(c *Case) {
	c.Start(limited)
	for _, address := range []func(int) string{
		func(int) string { return "203.0.113.1" }, func(i int) string { return "2001:db8:1:2::" + strconv.FormatInt(int64(i), 16) },
	} {
		tried := 0
		for i := range 50 {
			r := c.from(address(i)).Post("/auth/login/", wrong("user"+strconv.Itoa(i)))
			if r.StatusCode == http.StatusTooManyRequests {
				break
			}
			tried++
		}
		if tried != 30 {
			c.Error(address(0), tried)
		}
		c.Clock.Advance(time.Hour)
	}
}

// wrongPasswordsOfASessionAreLimited: an open session is no way to guess the password, by any route together.
func wrongPasswordsOfASessionAreLimited(c *Case) {
	c.StartMail(limited)
	c.User(c.T, "ann")
	b := c.from("203.0.113.1")
	b.Post("/auth/login/", authtest.Login("ann")).Want(200)
	for range 2 {
		b.Post("/auth/reauthenticate/", obj{"password": "Wrong-Password-1"}).Want(400)
		b.Post("/auth/password/change/", obj{"old_password": "Wrong-Password-1", "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}).Want(400)
	}
	b.Post("/auth/user/delete/", obj{"password": "Wrong-Password-1"}).Want(400)
	b.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(429)
	b.Post("/auth/password/change/", obj{"old_password": authtest.Password, "new_password1": "Mirror-Maze-88", "new_password2": "Mirror-Maze-88"}).Want(429)
	b.Get("/auth/user/").Want(200)
	c.Clock.Advance(31 * time.Second)
	b.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	if tried := 0; true {
		for ; b.Post("/auth/reauthenticate/", obj{"password": "Wrong-Password-1"}).StatusCode == 400; tried++ {
		}
		if tried != 5 { // the right one has forgiven the others
			c.Error(tried)
		}
	}
}

// signUpsOfANetworkAreLimited: only accounts that were created count.
func signUpsOfANetworkAreLimited(c *Case) {
	c.Start(limited)
	for range 30 {
		c.from("203.0.113.1").Post("/auth/registration/", obj{"username": "x"}).Want(400)
	}
	for i := range 20 {
		c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("user"+strconv.Itoa(i))).Want(201)
	}
	c.from("203.0.113.1").Post("/auth/registration/", authtest.SignUp("ann")).Want(429)
	c.from("203.0.113.2").Post("/auth/registration/", authtest.SignUp("ann")).Want(201)
}

func mailsOfANetworkAreLimited(c *Case) {
	c.StartMail(limited, byCode)
	for i := range 20 {
		path := []string{"/auth/password/reset/", "/auth/login/code/", "/auth/registration/resend-email/"}[i%3]
		c.from("203.0.113.1").Post(path, obj{"email": "user" + strconv.Itoa(i) + "@example.com"}).Want(200)
	}
	c.from("203.0.113.1").Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(429)
	c.from("203.0.113.2").Post("/auth/password/reset/", obj{"email": "ann@example.com"}).Want(200)
}

func invalidLinksAreLimited(c *Case) {
	c.StartMail(limited)
	for range 30 {
		c.from("203.0.113.1").Post("/auth/registration/verify-email/", obj{"key": "nonsense"}).Want(404)
	}
	c.from("203.0.113.1").Post("/auth/registration/verify-email/", obj{"key": "nonsense"}).Want(429)
	c.from("203.0.113.1").Post("/auth/security/revoke/", obj{"key": "nonsense"}).Want(429)
	c.from("203.0.113.1").Post("/auth/login/", wrong("ann")).Want(429)
	c.from("203.0.113.2").Post("/auth/security/revoke/", obj{"key": "nonsense"}).Want(404)
}

// successesAreNotLimited: an office logs in by one address.
func successesAreNotLimited(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	for range 40 {
		c.from("203.0.113.1").Post("/auth/login/", authtest.Login("ann")).Want(200)
	}
}

// rejectedGuessesCostNoHash: a request above a limit is answered before any work.
func rejectedGuessesCostNoHash(c *Case) {
	c.Start(limited)
	c.User(c.T, "ann")
	b := c.from("203.0.113.1")
	guess(b, "ann", 10)
	if before := c.hashes.Load(); before == 0 {
		c.Error("no hash is counted")
	} else {
		for range 20 {
			b.Post("/auth/login/", authtest.Login("ann")).Want(429)
		}
		if after := c.hashes.Load(); after != before {
			c.Error(after-before, "hashes")
		}
	}
}

// trustedNetworkIsNotLimited: a server that renders pages for all users.
func trustedNetworkIsNotLimited(c *Case) {
	c.Start(limited, func(cfg *config.Config) { cfg.Limits.TrustedNetworks = []string{"203.0.113.0/24"} })
	for i := range 40 {
		c.from("203.0.113.1").Post("/auth/login/", wrong("user"+strconv.Itoa(i))).Want(400)
	}
	if tried, _ := guess(c.from("203.0.113.1"), "ann", 10); tried != 5 {
		c.Error(tried)
	}
}

// proxyIsNotANetwork: all users come through a proxy that TrustedProxies does not name.
func proxyIsNotANetwork(c *Case) {
	c.Start(func(cfg *config.Config) { cfg.Limits = config.Limits{} })
	router := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = "10.0.0.1:4000"
		c.Router.ServeHTTP(w, r)
	})
	for i := range 40 {
		b := authtest.NewClient(c.T, router)
		b.Header.Set("X-Forwarded-For", "203.0.113.1")
		b.Post("/auth/login/", wrong("user"+strconv.Itoa(i))).Want(400)
	}
	if log := c.Log.String(); strings.Count(log, "come through a proxy") != 1 {
		c.Error(log)
	}
}
