package social

// Microsoft as data: its tenants have an issuer each.

import (
	"fmt"
	"regexp"

	"github.com/ginauth/gin-rest-auth/config"
)

const (
	microsoftHost = "https://login.microsoftonline.com/"
	// personalTenant is the tenant of personal accounts.
	// https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference (tid)
	personalTenant = "9188040d-6c67-4c5b-b112-36a304b66dad"
)

var tenantForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Microsoft returns Microsoft Entra ID and personal Microsoft accounts. tenant is the ID of a directory, or "organizations" for every
// directory, "consumers" for personal accounts, "common" for both.
//
// An address counts as verified only with the optional claim xms_edov, which says that its domain belongs to the directory: every
// administrator of a directory can give its users any address. Add the claims email and xms_edov to the ID token in the
// registration. https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference
//
// Its access tokens are for Microsoft's own services and cannot be checked, so clients send a code or an ID token.
// https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens
func Microsoft(tenant, clientID string, secret config.Secret) Provider {
	p := builtIn("microsoft", microsoftHost+tenant+"/v2.0", clientID, secret)
	several := tenant == "common" || tenant == "organizations" || tenant == "consumers"
	if !several && !tenantForm.MatchString(tenant) {
		p.err = fmt.Errorf("the tenant %q must be the ID of a directory in lower case, or common, organizations or consumers", tenant)
	}
	if several {
		p.AllowIssuer = func(issuer string, claims []byte) bool { return microsoftIssuer(tenant, issuer, claims) }
	}
	p.imports = func(uid string) (subject, reason string) { return microsoftImported(uid, several) }
	p.Claims = func(claims []byte) (Profile, error) {
		var c struct {
			Owned yes    `json:"xms_edov"`
			OID   string `json:"oid"`
		}
		out, err := StandardClaims(claims)
		if err == nil && readClaims(claims, &c) != nil {
			err = fmt.Errorf("%w: the claims are invalid", ErrRefused)
		}
		out.EmailVerified = bool(c.Owned)
		if !several {
			out.ImportedSubject = c.OID
		}
		return out, err
	}
	return p
}

// microsoftIssuer reports whether an issuer is that of the tenant in the claims, and of an allowed kind.
// https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens#validate-the-issuer
func microsoftIssuer(tenant, issuer string, claims []byte) bool {
	var c struct {
		Tenant string `json:"tid"`
	}
	if readClaims(claims, &c) != nil || !tenantForm.MatchString(c.Tenant) || issuer != microsoftHost+c.Tenant+"/v2.0" {
		return false
	}
	personal := c.Tenant == personalTenant
	return tenant == "common" || personal == (tenant == "consumers")
}

// microsoftImported returns the subject for a uid of django-allauth, which is the ID of the user in Microsoft Graph. That is the claim oid,
// which is unique within a directory. No user can choose it, but another directory is another authority, so it counts only where the
// directory is fixed. The real subject, sub, is another one for each application, and Graph does not know it.
func microsoftImported(uid string, several bool) (subject, reason string) {
	switch {
	case several:
		return "", "the uid is an ID in a directory that the row does not name; use the ID of the directory as the tenant, or let users connect the account again"
	case !tenantForm.MatchString(uid):
		return "", "the uid is not the ID of a user in a directory"
	}
	return importedPrefix + uid, ""
}
