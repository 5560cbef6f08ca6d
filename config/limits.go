package config

import (
	"time"

	"github.com/ginauth/gin-rest-auth/config/ratelimit"
)

// Limit is a number of attempts within a time. Attempts come back one after the other, evenly over Per.
type Limit struct {
	Attempts int           // 1 to 1,000,000
	Per      time.Duration // 1 second to 24 hours
}

// Limits bounds how often a client can try. The zero value of each field is its default. A request above a limit gets 429
// rate_limited with Retry-After, before any password is hashed, whether or not there is such an account. Limits count in the
// application's database or in Store, so all instances share them; if it fails, each instance counts by itself.
//
// A network is an IPv4 address or an IPv6 /64. If your application runs behind a proxy, set TrustedProxies: otherwise all
// clients seem to have the proxy's address.
type Limits struct {
	// Login is how many failed logins one name or address has before each further one must wait: LoginDelay, then twice as
	// long each time, up to LoginMaxDelay. Failures are forgotten one after the other, evenly over Per. So an attacker gets about 105
	// guesses a day, whatever the pauses between them (NIST SP 800-63B, section 3.2.2, allows 100 in a row). A successful
	// login takes back the failures from its own network only. There is no permanent lock. Default: 5 in 75 minutes.
	Login Limit
	// LoginDelay is the first wait. Default 30 seconds.
	LoginDelay time.Duration
	// LoginMaxDelay is the longest wait, so it is also the longest time for which someone else's failures can keep the user of
	// a new browser waiting. Default 15 minutes.
	LoginMaxDelay time.Duration
	// KnownBrowser is how many failed logins one name or confirmed address has in browsers where its user logged in during the last
	// 90 days, for each network, and three times as many over all networks, before waits as those of Login. Failures elsewhere do not count there, so
	// an attacker cannot lock users out of the browsers they use. Default: 10 in 150 minutes.
	KnownBrowser Limit
	// Password is how many wrong passwords a logged-in user can enter, to confirm an action or to change the password, before
	// waits as those of Login. Default: 5 in 75 minutes.
	Password Limit
	// Factor is how many wrong second factors a user has, over all logins that wait for one, before waits as those of Login. Browsers where
	// the user logged in before have a count of their own. Default: 10 in 15 minutes.
	Factor Limit
	// Export is how many data exports a user can make; see Config.Export. Default: 5 in an hour.
	Export Limit
	// Network is how many failures one network has: of logins, and of links and codes. An IPv6 /48, which has 65,536 networks, has
	// ten times as many. Known browsers have as many as a network of their own. Sign-ups with a taken name or address count by
	// themselves, as many. Default: 30 in 5 minutes.
	Network Limit
	// SignUp is how many accounts one network can create. Default: 20 in an hour.
	SignUp Limit
	// Mail is how many mails one network, or one logged-in user, can ask for, in addition to Config.Mail.MaxPerHour for each address. Default: 20 in an
	// hour.
	Mail Limit
	// AllSignUps is how many accounts all clients together can create. A network of 256 IPv4 addresses, or an IPv6 /48, can
	// create a tenth of them. Users of your application who sign up get 429 while it is used up, so keep it well above what
	// you expect. Default: 1000 in an hour.
	AllSignUps Limit
	// AllMails is how many mails all requests without a login can ask for together, sign-ups aside. A network of 256 IPv4
	// addresses, or an IPv6 /48, can ask for a tenth of them. While it is used up, the unconfirmed addresses of recent
	// sign-ups get no mail; all other users still do, and responses stay the same. Default: 1000 in an hour.
	AllMails Limit
	// Refresh is how many refreshes of one network can fail, and how many verifications of tokens. Each has its own count.
	// Default: 300 in 5 minutes.
	Refresh Limit
	// Start is how many logins at another site, such as an identity provider, one network can start. Default: 60 in 5 minutes.
	Start Limit
	// AllStarts is how many logins at another site all clients together can start. A network of 256 IPv4 addresses, or an IPv6 /48, can
	// start a tenth of them. While it is used up, logins by redirect end with rate_limited, so keep it well above what you expect.
	// Logins by an ID token or a code that the front end has do not count. Default: 10,000 in 5 minutes.
	AllStarts Limit

	// Store keeps the state of limits: package redislimit has one in Redis. If it fails, each instance counts in memory
	// and asks again a second later. Default: the table auth_limit of the application's database.
	Store ratelimit.Store

	// TrustedNetworks are addresses or CIDR ranges whose requests are not limited by network: your own servers that render pages
	// for users, or an office with many users. Default: none.
	TrustedNetworks []string

	// AllowUnlimited turns all limits off, for tests and benchmarks. Anyone can then guess passwords as fast as the server hashes
	// them; ginauth.Check warns about it. Default false.
	AllowUnlimited bool
}

func (l Limits) withDefaults() Limits {
	fill := func(p *Limit, attempts int, per time.Duration) {
		or(&p.Attempts, attempts)
		or(&p.Per, per)
	}
	fill(&l.Login, 5, 75*time.Minute)
	or(&l.LoginDelay, 30*time.Second)
	or(&l.LoginMaxDelay, 15*time.Minute)
	fill(&l.KnownBrowser, 10, 150*time.Minute)
	fill(&l.Password, 5, 75*time.Minute)
	fill(&l.Factor, 10, 15*time.Minute)
	fill(&l.Export, 5, time.Hour)
	fill(&l.Network, 30, 5*time.Minute)
	fill(&l.SignUp, 20, time.Hour)
	fill(&l.Mail, 20, time.Hour)
	fill(&l.AllSignUps, 1000, time.Hour)
	fill(&l.AllMails, 1000, time.Hour)
	fill(&l.Refresh, 300, 5*time.Minute)
	fill(&l.Start, 60, 5*time.Minute)
	fill(&l.AllStarts, 10_000, 5*time.Minute)
	return l
}

func (c Config) checkLimits(bad report) {
	for _, l := range []struct {
		name  string
		limit Limit
	}{
		{"Login", c.Limits.Login}, {"KnownBrowser", c.Limits.KnownBrowser}, {"Password", c.Limits.Password}, {"Network", c.Limits.Network},
		{"Factor", c.Limits.Factor}, {"Export", c.Limits.Export}, {"SignUp", c.Limits.SignUp}, {"Mail", c.Limits.Mail}, {"Refresh", c.Limits.Refresh},
		{"AllSignUps", c.Limits.AllSignUps}, {"AllMails", c.Limits.AllMails}, {"Start", c.Limits.Start},
		{"AllStarts", c.Limits.AllStarts},
	} {
		if l.limit.Attempts < 1 || l.limit.Attempts > 1_000_000 {
			bad("Limits."+l.name+".Attempts", "must be 1 to 1,000,000, not %d", l.limit.Attempts)
		}
		if l.limit.Per < time.Second || l.limit.Per > 24*time.Hour {
			bad("Limits."+l.name+".Per", "must be 1 second to 24 hours, not %v", l.limit.Per)
		}
	}
	if c.Limits.LoginDelay < time.Second || c.Limits.LoginMaxDelay < c.Limits.LoginDelay || c.Limits.LoginMaxDelay > time.Hour {
		bad("Limits.LoginMaxDelay", "LoginDelay must be at least 1 second, and LoginMaxDelay at least as long and at most 1 hour; they are %v and %v",
			c.Limits.LoginDelay, c.Limits.LoginMaxDelay)
	}
	if store, ok := c.Limits.Store.(interface{ Check() error }); ok {
		if err := store.Check(); err != nil {
			bad("Limits.Store", "%w", err)
		}
	}
	for _, network := range c.Limits.TrustedNetworks {
		if _, err := ParsePrefix(network); err != nil {
			bad("Limits.TrustedNetworks", "%q is not an address or CIDR range", network)
		}
	}
}
