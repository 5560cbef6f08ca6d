package social

// The first login of an account of a provider: a new user, or what is missing for one.

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
)

const (
	toSignUp    = "ticket"         // a proof that waits for POST socialsignup/
	ticketLasts = 15 * time.Minute // from the login to POST socialsignup/
)

// SignUpRequired is the response to the login of a new user if something is missing. Show a form, and send it to POST
// socialsignup/ with the ticket, within 15 minutes and from the same browser.
type SignUpRequired struct {
	SignUpRequired bool     `json:"signup_required"` // always true
	Ticket         string   `json:"ticket"`          // valid for one sign-up
	Required       []string `json:"required"`        // the fields that the form must have, besides the ticket
	Usernames      []string `json:"usernames"`       // suggestions that are free now; the first is used if the form has no user name and need not have one
	Email          string   `json:"email"`           // from the provider, or empty
	EmailVerified  bool     `json:"email_verified"`  // the provider has verified it, so it cannot be changed here
	FirstName      string   `json:"first_name"`      // from the provider, or empty
	LastName       string   `json:"last_name"`
}

// signUp creates the user of a proof and logs them in, or asks the front end to complete the sign-up. It fails with
// [core.ErrExists] if a concurrent request took the address, the user name or the identity.
func (f *feature) signUp(g *gin.Context, p *proof, request string) (any, error) {
	ctx := g.Request.Context()
	name, asks, err := f.suggest(ctx, p)
	if err != nil {
		return nil, err
	}
	account := f.newUser(g, p, &Complete{Username: name})
	user := account.Base()
	if asks || f.core.NeedsInvitation() || f.cfg.Forms.SignUp != nil || f.lacksAddress(user) {
		return f.ask(g, p, request, asks)
	}
	if user.Email != "" {
		if taken, err := f.core.Claimed(ctx, *user.EmailKey, 0, user.SignedUp); err != nil {
			return nil, err
		} else if taken {
			return nil, errEmailTaken
		}
	}
	return f.create(g, p, request, "", account, 0)
}

// ask stores a proof and returns what the front end needs to complete the sign-up.
func (f *feature) ask(g *gin.Context, p *proof, request string, asksName bool) (any, error) {
	out := SignUpRequired{SignUpRequired: true, Required: f.requiredFields(), Usernames: []string{}, EmailVerified: p.profile.EmailVerified}
	if p.peeks {
		return out, nil
	}
	user := f.newUser(g, p, &Complete{}).Base()
	out.Email, out.FirstName, out.LastName = user.Email, user.FirstName, user.LastName
	if asksName {
		out.Required = append(out.Required, "username")
	}
	if f.lacksAddress(user) {
		out.Required = append(out.Required, "email")
	}
	if f.core.NeedsInvitation() {
		out.Required = append(out.Required, core.InvitationField)
	}
	var err error
	if f.cfg.SignUpFields.Username != config.FieldOff {
		if out.Usernames, err = f.freeNames(g.Request.Context(), p.profile, 3); err != nil {
			return nil, err
		}
	}
	what := arrival{}
	if what.Browser, err = f.core.BindBrowser(g); err != nil {
		return nil, err
	}
	ticket, row, err := f.newParked(p, what, toSignUp, ticketLasts)
	if err != nil {
		return nil, err
	}
	out.Ticket = ticket
	return out, f.core.Tx(g.Request.Context(), func(tx *core.Tx) error {
		if err := f.use(tx, p, request); err != nil {
			return err
		}
		return row.store(tx)
	})
}

// requiredFields returns the application's own fields that its form requires.
func (f *feature) requiredFields() []string {
	all := []string{}
	form := f.cfg.Forms.SignUp
	if form == nil {
		return all
	}
	for _, field := range reflect.VisibleFields(form.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		rules, _, _ := strings.Cut(field.Tag.Get("binding"), "dive")
		_, library := reflect.TypeFor[binding.Register]().FieldByName(field.Name)
		if !library && slices.Contains(strings.Split(rules, ","), "required") {
			all = append(all, name)
		}
	}
	return all
}
