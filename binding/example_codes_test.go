package binding_test

import (
	"fmt"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
)

// This example lists the codes of responses with status 403. A front end can get its list of codes in the same way.
func ExampleCodes() {
	for _, c := range binding.Codes() {
		if slices.Contains(c.Statuses, 403) {
			fmt.Printf("%s: %s\n", c.Code, c.Meaning)
		}
	}
	// Output:
	// cross_site_request: the Sec-Fetch-Site header names another site
	// cross_origin_request: the Origin header is neither this host nor a trusted origin
	// credential_not_allowed: this client cannot get the credential that it asks for in the Auth-Credential header
	// insufficient_scope: a personal token cannot be used here, or lacks a scope that is needed
	// fresh_login_required: the login is too old for this: log in again, or send the password
	// factor_required: the session has not proven the user's second factor: send a code to reauthenticate/
	// factor_setup_required: the user needs a second factor for this, and has none
	// factor_setup_by_login: the user must log in again, which sets up the second factor that they must have
	// permission_denied: the user does not have permission
	// impersonated: only the user can do this, not an operator in the place of the user; end the impersonation first
	// own_account: operators change their own account where all users do, not as that of another user
	// email_unverified: the user must confirm an address first
}
