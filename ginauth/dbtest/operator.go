package dbtest

// Routes with a permission: who is an operator, and on whom they may act.

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest"
	"github.com/ginauth/gin-rest-auth/ginauth/core"
	"github.com/ginauth/gin-rest-auth/ginauth/mfa"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

var operatorCases = Group{Name: "operator", Cases: []func(*Case){
	operatorsHaveThePermission, superusersNeedNoPermission, operatorsWithoutRoles, operatorsProveTheirFactor, operatorsLoggedInRecently, operatorsActOnLesserUsers,
	operatorsAreActorsOfEvents, operatorsWhoLoseTheirRights, raceOfTwoSuperusers, permissionsOfRoutesExist, operatorRoutesAdmitOperatorsAlone,
	operatorRoutesReadRightsAgain, routesOfOperatorsForUsers,
}}

// demotions is a feature whose operators take the rank of staff and superusers away.
func demotions(s *core.Setup) error {
	c := s.Core()
	core.Add(s, core.Route{Method: http.MethodGet, Path: "ranks", Access: core.AccessUser, Permission: "auth.view_user", Doc: "Read."},
		func(*gin.Context, *binding.Empty) (binding.Detail, error) { return binding.Detail{}, nil })
	core.Add(s, core.Route{Method: http.MethodDelete, Path: "ranks/:id", NumericID: true, Status: http.StatusNoContent, Access: core.AccessUser, Permission: "auth.demote_user", Doc: "Demote."},
		func(g *gin.Context, _ *binding.Empty) (struct{}, error) {
			id, err := strconv.ParseInt(g.Param("id"), 10, 64)
			if err != nil {
				return struct{}{}, core.ErrNotFound
			}
			return struct{}{}, c.Operate(g, id, func(tx *core.OperatorTx) error {
				if err := tx.DB.Model(tx.User).Updates(map[string]any{"is_staff": false, "is_superuser": false}).Error; err != nil {
					return err
				}
				return tx.Record(config.EventUserDeactivated, c.Event(g, tx.User))
			})
		})
	return nil
}

func (c *Case) startOperators(features ...core.Feature) {
	c.Helper()
	c.With(append([]core.Feature{demotions}, features...)...).StartMail()
}

func (c *Case) demote(name string) (method, path string, body any) {
	return http.MethodDelete, fmt.Sprint("/auth/ranks/", c.user(name).ID, "/"), nil
}

func operatorsHaveThePermission(c *Case) {
	c.startOperators(roles.Feature(roles.Options{}))
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.Client().Get("/auth/ranks/").WantCode(401, binding.CodeNotAuthenticated)
	ann.Get("/auth/ranks/").WantCode(403, binding.CodePermissionDenied)
	c.must(roles.Grant(c.Context(), c.Auth, c.user("ann").ID, "auth.view_user"))
	ann.Get("/auth/ranks/").WantCode(403, binding.CodePermissionDenied) // not staff
	c.set("ann", map[string]any{"is_staff": true})
	ann.Get("/auth/ranks/").Want(200)
	ann.Do(c.demote("bob")).WantCode(403, binding.CodePermissionDenied)
	c.must(roles.Grant(c.Context(), c.Auth, c.user("ann").ID, "auth.demote_user"))
	ann.Do(c.demote("bob")).Want(204)
	ann.Do(c.demote("ann")).WantCode(403, binding.CodeOwnAccount)
	ann.Delete("/auth/ranks/99999/").WantCode(404, binding.CodeNotFound)
	c.must(roles.Revoke(c.Context(), c.Auth, c.user("ann").ID, "auth.view_user"))
	ann.Get("/auth/ranks/").WantCode(403, binding.CodePermissionDenied)
}

func superusersNeedNoPermission(c *Case) {
	c.startOperators(roles.Feature(roles.Options{UserModel: "accounts.member"}))
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	ann.Get("/auth/ranks/").Want(200)
	ann.Do(c.demote("bob")).Want(204)
}

// operatorsWithoutRoles: superusers alone.
func operatorsWithoutRoles(c *Case) {
	c.startOperators()
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_staff": true})
	ann.Get("/auth/ranks/").WantCode(403, binding.CodePermissionDenied)
	c.set("ann", map[string]any{"is_superuser": true})
	c.set("bob", map[string]any{"is_superuser": true})
	ann.Get("/auth/ranks/").Want(200)
	ann.Do(c.demote("bob")).Want(204)
	if c.user("bob").IsSuperuser {
		c.Error("bob is a superuser")
	}
}

// operatorsProveTheirFactor: a session that has proven one factor is not enough for an operator who has two.
func operatorsProveTheirFactor(c *Case) {
	c.startOperators(mfa.Feature(mfa.Options{}))
	ann, _ := c.withTOTP("ann")
	c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	ann.Get("/auth/ranks/").Want(200)
	if err := c.DB.Model(&models.Session{}).Where("user_id = ?", c.user("ann").ID).Update("factors", 1).Error; err != nil {
		c.Fatal(err)
	}
	ann.Get("/auth/ranks/").WantCode(403, binding.CodeFactorRequired)
	ann.Do(c.demote("bob")).WantCode(403, binding.CodeFactorRequired)
}

func operatorsLoggedInRecently(c *Case) {
	c.startOperators()
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	c.Clock.Advance(6 * time.Minute)
	ann.Get("/auth/ranks/").Want(200)
	ann.Do(c.demote("bob")).WantCode(403, binding.CodeFreshLogin)
	ann.Post("/auth/reauthenticate/", obj{"password": authtest.Password}).Want(200)
	ann.Do(c.demote("bob")).Want(204)
}

// operatorsActOnLesserUsers: only on those whose permissions and groups are a part of their own.
func operatorsActOnLesserUsers(c *Case) {
	c.startOperators(roles.Feature(shop()))
	ann, ctx := c.SignedUp("ann"), c.Context()
	c.SignedUp("bob")
	c.set("ann", map[string]any{"is_staff": true})
	id, bob := c.user("ann").ID, c.user("bob").ID
	c.must(roles.Grant(ctx, c.Auth, id, "auth.demote_user", "orders.refund"))
	c.must(roles.Grant(ctx, c.Auth, bob, "orders.refund"))
	ann.Do(c.demote("bob")).Want(204)
	c.must(roles.AddToGroups(ctx, c.Auth, bob, "Sales"))
	ann.Do(c.demote("bob")).WantCode(403, binding.CodePermissionDenied)
	c.must(roles.AddToGroups(ctx, c.Auth, id, "Sales"))
	ann.Do(c.demote("bob")).Want(204)
	c.must(roles.SetGroup(ctx, c.Auth, roles.Group{Name: "Payroll"})) // has no permission: the application asks for its name
	c.must(roles.AddToGroups(ctx, c.Auth, bob, "Payroll"))
	ann.Do(c.demote("bob")).WantCode(403, binding.CodePermissionDenied)
	c.must(roles.RemoveFromGroups(ctx, c.Auth, bob, "Payroll"))
	c.set("bob", map[string]any{"is_superuser": true})
	ann.Do(c.demote("bob")).WantCode(403, binding.CodePermissionDenied)
}

// operatorsAreActorsOfEvents: the audit trail names the operator and the user.
func operatorsAreActorsOfEvents(c *Case) {
	c.With(demotions).StartMail(audited)
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	ann.Do(c.demote("bob")).Want(204)
	var events []models.Event
	c.must(c.DB.Where("actor_id <> 0").Find(&events).Error)
	if len(events) != 1 || events[0].ActorID != c.user("ann").ID || events[0].UserID != c.user("bob").ID {
		c.Errorf("%+v", events)
	}
}

// operatorsWhoLoseTheirRights: what a request found before counts no longer when its transaction begins.
func operatorsWhoLoseTheirRights(c *Case) {
	c.startOperators()
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_superuser": true})
	var once bool
	c.afterReads(func(*gorm.DB) {
		if !once {
			once = true
			c.set("ann", map[string]any{"is_superuser": false})
		}
	})
	ann.Do(c.demote("bob")).WantCode(403, binding.CodePermissionDenied)
}

// raceOfTwoSuperusers who demote each other: one of them wins.
func raceOfTwoSuperusers(c *Case) {
	c.startOperators()
	browsers := []string{"ann", "bob"}
	ann, bob := c.SignedUp(browsers[0]), c.SignedUp(browsers[1])
	for range 5 {
		if err := c.DB.Model(&models.User{}).Where("is_superuser = ?", false).Update("is_superuser", true).Error; err != nil {
			c.Fatal(err)
		}
		got := c.concurrently(2, func(i int) *authtest.Response {
			if i == 0 {
				return ann.Do(c.demote("bob"))
			}
			return bob.Do(c.demote("ann"))
		})
		c.wantOneWinner(got, 204, 403, 1)
		if c.user("ann").IsSuperuser == c.user("bob").IsSuperuser {
			c.Fatal("not one superuser remains")
		}
	}
}

// permissionsOfRoutesExist: Migrate creates what routes ask for, under the name of the user model.
func permissionsOfRoutesExist(c *Case) {
	c.startOperators(roles.Feature(roles.Options{UserModel: "accounts.member"}))
	ann, _ := c.SignedUp("ann"), c.SignedUp("bob")
	c.set("ann", map[string]any{"is_staff": true})
	c.must(roles.Grant(c.Context(), c.Auth, c.user("ann").ID, "accounts.demote_member"))
	ann.Do(c.demote("bob")).Want(204)
}
