package metrics_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/metrics"
)

// Counters after a login with a wrong name. Serve the registry with promhttp, as README.md shows.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	registry := prometheus.NewRegistry()
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	cfg := config.Config{Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"}
	auth, err := ginauth.New(db, cfg, metrics.Feature(metrics.Options{Registerer: registry}))
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))

	r := httptest.NewRequest("POST", "/auth/login/", strings.NewReader(`{"username": "ann", "password": "Looking-Glass-7"}`))
	r.Header.Set("Content-Type", "application/json")
	router.ServeHTTP(httptest.NewRecorder(), r)
	families, err := registry.Gather()
	must(err)
	for _, f := range families {
		if f.GetName() == "ginauth_logins_total" {
			one := f.GetMetric()[0]
			for _, label := range one.GetLabel() {
				fmt.Println(label.GetName(), label.GetValue())
			}
			fmt.Println(one.GetCounter().GetValue())
		}
	}
	// Output:
	// method password
	// result wrong_credentials
	// 1
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
