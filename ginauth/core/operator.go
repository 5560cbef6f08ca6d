package core

// Operators: users who may do something to other users, at routes with a permission.

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/models"
)

// ErrOwnAccount is for an operator who tries to change their own account as that of another user.
var ErrOwnAccount = &binding.Error{Status: http.StatusForbidden, Code: binding.CodeOwnAccount}

// admitOperator returns nil if the user of the request is an operator with the permission of a route: staff who have it, or a
// superuser. Their session has proven the second factor, if they have one, and for an unsafe method the login is recent.
func (c *Core) admitOperator(g *gin.Context, r *Route) error {
	name := c.permission(r.Permission)
	rights, err := c.RightsOf(g)
	switch {
	case err != nil:
		return err
	case !isOperator(User(g), rights, name):
		return ErrPermission
	case LacksFactor(g):
		return ErrFactorRequired
	}
	g.Set(permissionKey{}, name)
	g.Request = g.Request.WithContext(context.WithValue(g.Request.Context(), operatorKey{}, identityOf(g).Account))
	if r.Method == http.MethodGet && !r.Changes {
		return nil
	}
	return c.RequireFresh(g, c.cfg.Session.Fresh)
}

func isOperator(user *models.User, rights Rights, permission string) bool {
	return user.IsSuperuser || user.IsStaff && rights.Can(permission)
}

// OperatorTx is the transaction of [Core.Operate], with what it has read.
type OperatorTx struct {
	*Tx
	Operator *models.User
	Rights   Rights         // of the operator
	Account  models.Account // the other user, of the type that config.Config.NewUser makes; nil in OperateAlone
	User     *models.User   // the library's part of Account
	Theirs   Rights         // of the other user
}

// Operate runs a change that an operator, the user of the request, makes to another user, in a transaction. Use it in routes with a
// [Route.Permission]. It locks both users, and fails unless the session is still valid, the operator still has the permission
// of the route, and the operator's rights cover those of the other user. So two operators cannot act on each other at once, and
// a superuser remains: the operator of each change to one is another one. The error is [ErrNotFound] if no user has the ID, and
// [ErrOwnAccount] for the operator's own. fn can run several times; see [Core.Tx].
func (c *Core) Operate(g *gin.Context, id int64, fn func(*OperatorTx) error) error {
	return c.OperateAfter(g, id, nil, fn)
}

// OperateAfter is [Core.Operate] with locks that must come before those of the users, such as [Core.LockAddress]. first must not read.
func (c *Core) OperateAfter(g *gin.Context, id int64, first func(*Tx) error, fn func(*OperatorTx) error) error {
	me := User(g)
	switch {
	case me == nil:
		return errNoUser
	case id == me.ID:
		return ErrOwnAccount
	}
	return c.operate(g, first, []int64{min(me.ID, id), max(me.ID, id)}, func(op *OperatorTx) (err error) {
		if op.Account, err = op.rows.Account(id); err != nil {
			return NotFoundAs(err, ErrNotFound)
		}
		op.User = op.Account.Base()
		if op.Theirs, err = c.RightsIn(op.Tx, id); err != nil {
			return err
		}
		if !op.Rights.Covers(op.Theirs) {
			return ErrPermission
		}
		return fn(op)
	})
}

// OperateAlone is [Core.Operate] for changes that are not about one user, such as those of a group, or that create a user. first, which
// can be nil, is that of [Core.OperateAfter].
func (c *Core) OperateAlone(g *gin.Context, first func(*Tx) error, fn func(*OperatorTx) error) error {
	if User(g) == nil {
		return errNoUser
	}
	return c.operate(g, first, []int64{User(g).ID}, fn)
}

// operate locks users, and reads what the operator may do. Nothing is read before, because a transaction on MariaDB reads what was there at
// its first read. The order of the locks makes two operators who act on each other wait.
func (c *Core) operate(g *gin.Context, first func(*Tx) error, lock []int64, fn func(*OperatorTx) error) error {
	me := User(g).ID
	return c.Tx(g.Request.Context(), func(tx *Tx) (err error) {
		if first != nil {
			err = first(tx)
		}
		for _, id := range lock {
			if err == nil {
				err = tx.LockUser(id)
			}
		}
		if err == nil {
			err = c.AsEnded(g, tx.LockedIn(me, Session(g).ID))
		}
		if err != nil {
			return err
		}
		op := &OperatorTx{Tx: tx}
		if op.Operator, err = tx.User(me); err != nil {
			return err
		}
		if op.Rights, err = c.RightsIn(tx, me); err != nil {
			return err
		}
		name, _ := g.Get(permissionKey{})
		if permission, asked := name.(string); !asked || !isOperator(op.Operator, op.Rights, permission) {
			return ErrPermission
		}
		return fn(op)
	})
}
