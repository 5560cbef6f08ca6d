package roles_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/roles"
	"github.com/ginauth/gin-rest-auth/models"
)

// A user gets a permission by a group.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	ctx := context.Background()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	auth, err := ginauth.New(db, config.Config{Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"}, roles.Feature(roles.Options{
		Permissions: []roles.Permission{{Name: "orders.change_order"}},
		Groups:      []roles.Group{{Name: "Sales", Permissions: []string{"orders.change_order"}}},
	}))
	must(err)
	must(auth.Migrate(ctx))
	router := gin.New()
	router.PATCH("/orders/:id", roles.Require(auth, "orders.change_order"), func(c *gin.Context) { c.Status(http.StatusNoContent) })

	ann := &models.User{Username: "ann"}
	must(auth.CreateUser(ctx, ann, "Looking-Glass-7"))
	must(roles.AddToGroups(ctx, auth, ann.ID, "Sales"))
	rights, err := roles.Of(ctx, auth, ann.ID)
	must(err)
	fmt.Println(rights.Groups, rights.Permissions)

	response := httptest.NewRecorder()
	router.ServeHTTP(response, httptest.NewRequest(http.MethodPatch, "/orders/7", nil))
	fmt.Println("a stranger gets", response.Code)
	// Output:
	// [Sales] [orders.change_order]
	// a stranger gets 401
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
