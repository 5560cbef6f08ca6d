package ginauth

// The type of the application's user, checked where one comes from outside.

import (
	"fmt"
	"reflect"

	"github.com/ginauth/gin-rest-auth/models"
)

// isOurType refuses users whom other tables are for.
func (a *Auth) isOurType(account models.Account) error {
	if wanted := a.cfg.NewUser(); reflect.TypeOf(account) != reflect.TypeOf(wanted) {
		return fmt.Errorf("got %T, but Config.NewUser makes %T", account, wanted)
	}
	return nil
}
