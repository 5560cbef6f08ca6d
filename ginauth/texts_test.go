package ginauth

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/docs"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/locale"
)

// TestReadmeTexts: the recipe with dj-rest-auth's sentences uses existing message IDs, and the sentences are shown.
func TestReadmeTexts(t *testing.T) {
	t.Parallel()
	block := regexp.MustCompile("(?s)```json\n(\\{\n  \"done\\..*?)```").FindStringSubmatch(docs.Read(t, "ginauth/mailer/README.md"))
	if block == nil {
		t.Fatal("the README has no recipe")
	}
	texts, err := locale.Open(fstest.MapFS{"locales/en.json": {Data: []byte(block[1])}}, "en", locale.Added{})
	if err != nil {
		t.Fatal(err)
	}
	for want, narrower := range map[string][]string{
		"The two password fields didn't match.": {"registration.non_field_errors", "non_field_errors", "registration"},
		"The two password fields didn’t match.": {"password/change.new_password2", "new_password2", "password/change"},
	} {
		if got := texts.Text("en", "error.password_mismatch", nil, narrower...); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := texts.Text("en", "error.password_too_short", map[string]any{"Count": 8}); !strings.Contains(got, "at least 8 characters") {
		t.Error(got)
	}
	if got := texts.Text("de", "error.taken", nil, "email"); got != texts.Text("de", "error.taken", nil) {
		t.Errorf("a German reader gets %q", got)
	}
}

func TestResponseLocaleIsChecked(t *testing.T) {
	t.Parallel()
	_, err := New(nil, config.Config{ResponseLocale: "it"})
	if err == nil || !strings.Contains(err.Error(), `ResponseLocale: "it" is not among`) {
		t.Errorf("got %v", err)
	}
}

// TestPathsOfOldFrontEnds: the way in the README to forward a request keeps its body.
func TestPathsOfOldFrontEnds(t *testing.T) {
	t.Parallel()
	router := gin.New()
	router.POST("/api/signin", func(c *gin.Context) {
		c.Request.URL.Path = "/auth/login/"
		router.HandleContext(c)
	})
	router.POST("/auth/login/", func(c *gin.Context) { c.String(http.StatusOK, c.FullPath()+c.PostForm("username")) })
	r := httptest.NewRequest(http.MethodPost, "/api/signin", strings.NewReader("username=ann"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if router.ServeHTTP(w, r); w.Body.String() != "/auth/login/ann" {
		t.Error(w.Code, w.Body)
	}
}
