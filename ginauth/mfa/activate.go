package mfa

// Turning the authenticator app on and off: mfa/totp/activate/ and mfa/totp/deactivate/.

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/models"
)

// Offer is the response of GET mfa/totp/activate/: a secret for an authenticator app, in three forms. It is not in use before
// the user sends the first code.
type Offer struct {
	Secret          string `json:"secret"`           // base32, for typing
	TOTPURL         string `json:"totp_url"`         // otpauth://totp/..., for a link on a phone
	QRCode          string `json:"qr_code_data_uri"` // the URL as an SVG image, for an <img>
	ActivationToken string `json:"activation_token"` // valid once, for 5 minutes, for this user
}

// Activate is the body of POST mfa/totp/activate/.
type Activate struct {
	ActivationToken string `json:"activation_token" binding:"required,max=512"`
	Code            string `json:"code" binding:"required,max=32"`
	Password        string `json:"password" in:"raw,blank" binding:"maxbytes=1024"` // not needed if the login is recent
}

// Activated is the response of POST mfa/totp/activate/.
type Activated struct {
	RecoveryCodes []string `json:"recovery_codes"` // shown only here
}

// Deactivate is the body of POST mfa/totp/deactivate/.
type Deactivate struct {
	Code     string `json:"code" binding:"required,max=32"`
	Password string `json:"password" in:"raw,blank" binding:"maxbytes=1024"` // not needed if the login is recent
}

var (
	errEnabled  = &binding.Error{Status: http.StatusBadRequest, Code: codeEnabled}
	errDisabled = &binding.Error{Status: http.StatusBadRequest, Code: codeDisabled}
)

// offer answers GET mfa/totp/activate/. The secret travels encrypted in the token, so nothing is stored that could log
// anyone in.
func (f *feature) offer(g *gin.Context, _ *binding.Empty) (Offer, error) {
	user := core.User(g)
	if user.HasFactor(FactorTOTP) { // a new secret would replace the working one in the app
		return Offer{}, errEnabled
	}
	return f.offerTo(g, user)
}

func (f *feature) offerTo(g *gin.Context, user *models.User) (Offer, error) {
	secret := make([]byte, secretSize)
	if _, err := io.ReadFull(f.rand, secret); err != nil {
		return Offer{}, core.ErrInternal.Because(err)
	}
	out := Offer{Secret: base32Text.EncodeToString(secret)}
	out.TOTPURL = f.totpURL(user, out.Secret)
	var err error
	if out.QRCode, err = svgURI(out.TOTPURL); err != nil {
		return Offer{}, core.ErrInternal.Because(err)
	}
	err = f.core.Tx(g.Request.Context(), func(tx *core.Tx) (err error) {
		out.ActivationToken, err = f.core.Issue(tx, forActivation, user, secret)
		return err
	})
	return out, err
}

// totpURL returns the key URI that authenticator apps read. Parameters with their usual value are left out.
func (f *feature) totpURL(user *models.User, secret string) string {
	escaped := func(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
	label, parameters := user.Email, "?secret="+secret
	if label == "" {
		label = user.Username
	}
	label = escaped(label)
	if f.Issuer != "" {
		label = escaped(f.Issuer) + ":" + label
		parameters += "&issuer=" + escaped(f.Issuer)
	}
	if f.Digits != 6 {
		parameters += fmt.Sprintf("&digits=%d", f.Digits)
	}
	if f.Period != 30*time.Second {
		parameters += fmt.Sprintf("&period=%d", f.Period/time.Second)
	}
	return "otpauth://totp/" + label + parameters
}

// svgURI returns a QR code as the data URI of an SVG image, with the quiet zone of four modules that readers need.
func svgURI(text string) (string, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	const quiet = 4
	size := code.Bounds().Dx()
	var dark strings.Builder
	for y := range size {
		for x := range size {
			if red, _, _, _ := code.At(x, y).RGBA(); red == 0 {
				fmt.Fprintf(&dark, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	image := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[2]s"/></svg>`, size+2*quiet, dark.String())
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(image)), nil
}

// activate answers POST mfa/totp/activate/. From then on, logins ask for a code. The session of the request counts as one that
// has proven the factor.
func (f *feature) activate(g *gin.Context, in *Activate) (Activated, error) {
	var none Activated
	user := core.User(g)
	if user.HasFactor(FactorTOTP) {
		return none, errEnabled
	}
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return none, err
	}
	ticket, row, err := f.activation(g, user, in.ActivationToken, in.Code)
	if err != nil {
		return none, err
	}
	codes, rows, err := f.newCodes(user.ID)
	if err != nil {
		return none, err
	}
	err = f.core.RaiseSession(g, FactorTOTP, func(tx *core.Tx) error {
		if _, err := f.core.Redeem(tx, ticket); err != nil {
			return err
		}
		return f.turnOn(g, tx, row, rows)
	})
	return Activated{codes}, f.core.AsTicketError(err, errActivation)
}

var errActivation = binding.Invalid("activation_token", binding.Problem{Code: codeToken})

// activation returns the ticket of an activation token, and the row of its app, if the code is right.
func (f *feature) activation(g *gin.Context, user *models.User, token, code string) (ticket *models.Ticket, row TOTP, err error) {
	ticket, owner, secret, err := f.core.TicketByKey(g.Request.Context(), forActivation, token)
	if err != nil {
		return nil, row, f.core.AsTicketError(err, errActivation)
	}
	if owner.Base().ID != user.ID {
		return nil, row, binding.Invalid("activation_token", binding.Problem{Code: codeForeign})
	}
	row = TOTP{UserID: user.ID, Digits: f.Digits, Period: int(f.Period / time.Second), CreatedAt: f.core.Now()}
	if row.LastStep, err = row.match(secret, code, f.core.Now()); err != nil {
		return nil, row, err
	}
	row.Secret, err = f.keys.Seal(secret, aboutSecret(user.ID))
	return ticket, row, err
}

func (f *feature) turnOn(g *gin.Context, tx *core.Tx, row TOTP, codes []RecoveryCode) error {
	if err := tx.Save(&row).Error; err != nil {
		return err
	}
	if err := tx.SetFactor(row.UserID, FactorTOTP, true); err != nil {
		return err
	}
	if err := replaceCodes(tx, row.UserID, codes); err != nil {
		return err
	}
	return f.changed(g, tx, mailOn, EventTOTPOn)
}

// deactivate answers POST mfa/totp/deactivate/. A recovery code works as well: the user may have lost the app.
func (f *feature) deactivate(g *gin.Context, in *Deactivate) (binding.Detail, error) {
	user := core.User(g)
	if !user.HasFactor(FactorTOTP) {
		return binding.Detail{}, errDisabled
	}
	err := f.withCode(g, in, func(tx *core.Tx, user *models.User) error {
		if err := tx.Where("user_id = ?", user.ID).Delete(&TOTP{}).Error; err != nil {
			return err
		}
		return f.turnOff(g, tx, user.ID, FactorTOTP, mailOff, EventTOTPOff)
	})
	return binding.Detail{Detail: f.core.Say(g, "done.totp_deactivated", nil)}, err
}

// withCode makes a change for which the logged-in user enters a code of any factor.
func (f *feature) withCode(g *gin.Context, in *Deactivate, change func(*core.Tx, *models.User) error) error {
	user := core.User(g)
	if err := f.core.RequireRecent(g, in.Password); err != nil {
		return err
	}
	factor, spend, err := f.asked(g, user, in.Code)
	if err != nil {
		return err
	}
	return f.core.TryFactor(g, func() error {
		return f.core.RaiseSession(g, factor, func(tx *core.Tx) error {
			if err := spend(g, tx, user, in.Code); err != nil {
				return err
			}
			return change(tx, user)
		})
	})
}

// turnOff removes a factor. The recovery codes end with the last one, see forgetCodes.
func (f *feature) turnOff(g *gin.Context, tx *core.Tx, userID int64, factor, mail string, event config.EventName) error {
	if err := tx.SetFactor(userID, factor, false); err != nil {
		return err
	}
	return f.changed(g, tx, mail, event)
}
