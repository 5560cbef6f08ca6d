package core

// Identifiers: credentials of features, besides the library's own.

import (
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/models"
)

// Identify adds an [Identifier]. An identifier without Find, or whose name is empty or too long, is an error of
// New.
func (s *Setup) Identify(i Identifier) {
	if i.Find == nil || i.Name == "" || len(i.Name) > 16 {
		s.fail(fmt.Errorf("the identifier %q needs a name of 1 to 16 characters and a function Find", i.Name))
		return
	}
	s.declaring().core.identifiers = append(s.core.identifiers, i)
}

// byFeature asks the identifiers in turn, and reads the user of the first credential that is found.
func (c *Core) byFeature(g *gin.Context) (*Identity, error) {
	for _, i := range c.identifiers {
		found, err := i.Find(g)
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		if i.Ambient {
			if err := c.origins.Check(g.Request, false); err != nil {
				return nil, err
			}
		}
		account, err := c.store.UserByID(g.Request.Context(), found.UserID)
		if err != nil {
			return nil, NotFoundAs(err, ErrInvalidToken)
		}
		if user := account.Base(); !c.MayUse(user) || user.DeleteAt != nil {
			return nil, ErrInvalidToken
		}
		if found.Scopes != nil && len(found.Scopes) == 0 {
			return nil, ErrScope
		}
		session := &models.Session{
			UserID: found.UserID, Epoch: account.Base().SessionEpoch, Method: i.Name, Personal: true, Scopes: strings.Join(found.Scopes, " "),
			LastSeenAt: c.Now(), ExpiresAt: c.Now().Add(time.Hour),
		}
		return &Identity{Account: account, Session: session, ByHeader: !i.Ambient, foreign: true}, nil
	}
	return nil, nil
}
