package core

// Later: changes that a login makes only once it is complete.

import (
	"fmt"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// Later declares a change that a login makes once it is complete, such as connecting an account. run is called in the
// transaction of the login, with the user locked, and may be called several times. If it returns an error, the user is not logged
// in. A name that is empty or taken, and a nil function, are errors of New.
func (s *Setup) Later(name string, run func(g *gin.Context, tx *Tx, user *models.User, data string) error) {
	c := s.declaring().core
	if _, taken := c.laters[name]; name == "" || taken || run == nil {
		s.fail(fmt.Errorf("Later(%q) needs a function, and a name that is not taken", name))
		return
	}
	if c.laters == nil {
		c.laters = map[string]func(*gin.Context, *Tx, *models.User, string) error{}
	}
	c.laters[name] = run
}

// later makes the change of a login that is complete. An instance without the feature fails, since what let the user in may be part
// of the change.
func (c *Core) later(g *gin.Context, tx *Tx, f Flow) error {
	if f.Later.Name == "" {
		return nil
	}
	run, known := c.laters[f.Later.Name]
	if !known {
		return ErrInternal.Because(fmt.Errorf("ginauth: no feature declares Later(%q)", f.Later.Name))
	}
	return run(g, tx, f.Account.Base(), f.Later.Data)
}
