package core

// What an application passes to a call: a user of its own type, the context of a request.

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// IsOurType refuses nil, and users of another type, whose rows are in another table.
func (c *Core) IsOurType(account models.Account) error {
	if wanted := c.cfg.NewUser(); reflect.TypeOf(account) != reflect.TypeOf(wanted) {
		return fmt.Errorf("got %T, but Config.NewUser makes %T", account, wanted)
	}
	if reflect.ValueOf(account).IsZero() {
		return fmt.Errorf("got a nil %T", account)
	}
	return nil
}

// IsRequest refuses a context that does not belong to a request.
func IsRequest(g *gin.Context) error {
	if g == nil || g.Request == nil {
		return errors.New("needs the context of a request")
	}
	return nil
}
