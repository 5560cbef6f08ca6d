package binding_test

import "github.com/gin-gonic/gin"

func init() { gin.SetMode(gin.ReleaseMode) } // else Gin prints every route
