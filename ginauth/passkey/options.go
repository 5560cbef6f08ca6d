package passkey

// Options: defaults, what New refuses, and what Check finds.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

// Options are the settings of the feature. Only Origins is required.
type Options struct {
	// Origins are where passkeys are used: the origins of your pages, such as "https://app.example.com", and of your Android
	// apps, such as "android:apk-key-hash:" and the hash of the signing certificate. They are compared exactly. At least one
	// is a web origin. iOS apps use "https://" and RPID. For development, "http://localhost" with its port works.
	Origins []string
	// RPID is the domain that passkeys belong to: the host of the web origins, or a parent domain of it, such as "example.com".
	// Passkeys are lost when it changes. Default: the host of the first web origin.
	RPID string
	// RPName is the name of the application in the dialogs of browsers. Default: Config.Mail.Site, else RPID.
	RPName string

	// SecondFactor makes the first passkey of a user a second factor: logins with a password, link or code then ask for a
	// passkey. By default only users who have another second factor are asked, and can use a passkey instead.
	SecondFactor bool
	// SignUp adds the routes with which new users sign up with a passkey and no password: passkeys/signup/. Like registration/ they
	// follow SignUpFields, EmailVerification, LoginOnSignUp and RegisterGuard, and Forms.SignUp.
	SignUp bool
	// AllowUnverifiedUsers accepts passkeys without user verification (a PIN or biometrics) at passkeys/login/: anyone who
	// finds a security key is then logged in. Such a login is one factor, so users with a second factor are asked for it.
	AllowUnverifiedUsers bool
	// AllowOtherSessions keeps the user's other sessions when a passkey is removed. By default they end, since one of them may
	// be an intruder's.
	AllowOtherSessions bool
	// MaxPerUser is how many passkeys a user can have, up to 100. Default 20.
	MaxPerUser int

	// EnrollPage and ManagePage are the pages of your application where users create and manage passkeys. Password managers
	// find them at /.well-known/passkey-endpoints. Default: none, and no such document without both.
	EnrollPage, ManagePage string
}

func (o Options) withDefaults(site string) Options {
	for _, origin := range o.web() {
		if at, err := url.Parse(origin); err == nil {
			o.RPID = cmp.Or(o.RPID, at.Hostname())
		}
	}
	o.RPName = cmp.Or(o.RPName, site, o.RPID)
	o.MaxPerUser = cmp.Or(o.MaxPerUser, 20)
	return o
}

// web returns the origins of pages, and apps the others.
func (o Options) web() []string  { web, _ := o.split(); return web }
func (o Options) apps() []string { _, apps := o.split(); return apps }

func (o Options) split() (web, apps []string) {
	for _, origin := range o.Origins {
		if strings.HasPrefix(origin, "http://") || strings.HasPrefix(origin, "https://") {
			web = append(web, origin)
		} else {
			apps = append(apps, origin)
		}
	}
	return web, apps
}

// open reports invalid options as errors of New, and makes the verifier.
func (f *feature) open(s *core.Setup) {
	for _, origin := range f.Origins {
		if err := checkOrigin(origin); err != nil {
			s.Refuse("passkey.Options.Origins", fmt.Errorf("%q %w", origin, err))
		}
	}
	if len(f.web()) == 0 {
		s.Refuse("passkey.Options.Origins", errors.New(`needs the origin of a page, such as "https://app.example.com"`))
		return
	}
	if err := protocol.ValidateRPID(f.RPID); err != nil {
		s.Refuse("passkey.Options.RPID", errors.New(`must be a domain, such as "example.com", or "localhost"; browsers accept no IP address`))
		return
	}
	if f.MaxPerUser < 1 || f.MaxPerUser > 100 {
		s.Refuse("passkey.Options.MaxPerUser", fmt.Errorf("is %d, and must be 1 to 100", f.MaxPerUser))
	}
	for setting, page := range map[string]string{"EnrollPage": f.EnrollPage, "ManagePage": f.ManagePage} {
		if at, err := url.Parse(page); page != "" && (err != nil || at.Scheme != "https" && at.Hostname() != "localhost" || at.Host == "") {
			s.Refuse("passkey.Options."+setting, errors.New("must be an https URL"))
		}
	}
	lib, err := webauthn.New(&webauthn.Config{
		RPID: f.RPID, RPDisplayName: f.RPName, RPOrigins: f.web(), RPOpaqueOrigins: f.apps(),
		// Password managers add outputs of extensions that were not requested. They are ignored.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		s.Refuse("passkey.Options", err)
	}
	f.lib = lib
	f.wellKnown(s)
}

// checkOrigin returns an error for a text that no browser or app sends as an origin.
func checkOrigin(origin string) error {
	at, err := url.Parse(origin)
	switch {
	case protocol.IsKnownOpaqueOrigin(origin):
		return nil
	case err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || origin != at.Scheme+"://"+at.Host || origin != strings.ToLower(origin):
		return errors.New(`is not an origin: use "https://" and a host in lower case without a path, or "android:apk-key-hash:..."`)
	}
	return nil
}

// wellKnown adds the documents for browsers and password managers.
func (f *feature) wellKnown(s *core.Setup) {
	s.WellKnown(documentOrigins, relatedOrigins{f.web()})
	if f.EnrollPage != "" || f.ManagePage != "" {
		s.WellKnown(documentPages, endpoints{f.EnrollPage, f.ManagePage})
	}
}

// The documents at /.well-known/.
const (
	documentOrigins = "webauthn"
	documentPages   = "passkey-endpoints"
)

// relatedOrigins is /.well-known/webauthn (WebAuthn, section 5.11).
type relatedOrigins struct {
	Origins []string `json:"origins"`
}

// endpoints is /.well-known/passkey-endpoints.
type endpoints struct {
	Enroll string `json:"enroll,omitempty"`
	Manage string `json:"manage,omitempty"`
}

// check reports findings to auth.Check.
func (f *feature) check(_ context.Context, r *core.Report) error {
	if f.AllowUnverifiedUsers {
		r.Warning("AllowUnverifiedUsers is set, so anyone who finds a security key is logged in", "remove AllowUnverifiedUsers")
	}
	if f.AllowOtherSessions {
		r.Warning("AllowOtherSessions is set, so an intruder's session survives when a user removes a passkey", "remove AllowOtherSessions")
	}
	if !f.core.Notices() {
		r.Warning("users get no mail when a passkey is added or removed", "set Mail.Sender, and not Mail.AllowSilentChanges")
	}
	for _, origin := range f.web() {
		at, err := url.Parse(origin)
		if err != nil {
			continue
		}
		host := at.Hostname()
		if at.Scheme == "http" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
			r.Warning("Origins has "+origin+", where browsers have no passkeys", "use https; over http only localhost works")
		}
		if host != f.RPID && !strings.HasSuffix(host, "."+f.RPID) {
			r.Warning("RPID is "+f.RPID+", which is neither the host of "+origin+" nor a parent domain of it, so most browsers refuse passkeys there",
				"use a domain that all origins share, or serve /.well-known/webauthn at https://"+f.RPID)
		}
	}
	return nil
}

// RelatedOrigins returns the handler of /.well-known/webauthn, with the web origins of Options.Origins. auth is your *ginauth.Auth.
// Register adds the route if it gets the engine. Otherwise mount it on the engine, or at the host of RPID.
func RelatedOrigins(auth core.Holder) gin.HandlerFunc {
	return core.Of(auth).WellKnown(documentOrigins)
}

// Endpoints returns the handler of /.well-known/passkey-endpoints, with EnrollPage and ManagePage. Mount it as [RelatedOrigins].
func Endpoints(auth core.Holder) gin.HandlerFunc { return core.Of(auth).WellKnown(documentPages) }
