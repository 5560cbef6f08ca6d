package tracing_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"gorm.io/gorm"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth"
	"github.com/ginauth/gin-rest-auth/ginauth/authtest/memory"
	"github.com/ginauth/gin-rest-auth/ginauth/tracing"
)

// The spans of a login. Instead of the exporter for tests, use that of your collector.
func Example() {
	gin.SetMode(gin.ReleaseMode)
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	db, err := gorm.Open(memory.Dialector(), &gorm.Config{})
	must(err)
	cfg := config.Config{Secret: "for examples: aGm3vXr0Qe8TtW5yZsLb2HdNfUj7AcPo"}
	auth, err := ginauth.New(db, cfg, tracing.Feature(tracing.Options{TracerProvider: provider}))
	must(err)
	must(auth.Migrate(context.Background()))
	router := gin.New()
	must(auth.Register(router))

	r := httptest.NewRequest("POST", "/auth/login/", strings.NewReader(`{"username": "ann", "password": "Looking-Glass-7"}`))
	r.Header.Set("Content-Type", "application/json")
	router.ServeHTTP(httptest.NewRecorder(), r)
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name)
		for _, a := range span.Attributes {
			if a.Key == "ginauth.login.result" || a.Key == "http.response.status_code" {
				fmt.Printf("  %s: %s\n", a.Key, a.Value.String())
			}
		}
	}
	// Output:
	// ginauth hash
	// ginauth POST login/
	//   ginauth.login.result: wrong_credentials
	//   http.response.status_code: 400
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
