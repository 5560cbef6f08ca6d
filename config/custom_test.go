package config_test

import (
	"strings"
	"testing"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/models"
)

type member struct {
	models.User
	Company string
}

type (
	signUp struct {
		binding.Register
		Company string `json:"company" binding:"required"`
	}
	bare  struct{ Company string }
	named struct {
		Register binding.Register
	}
	twice struct {
		binding.Register
		Mail string `json:"email"`
	}
	hiding struct {
		binding.Register
		Email string `json:"mail"`
	}
	ambiguous struct {
		binding.Register
		hidden
	}
	hidden struct{ Email string }
	deep   struct {
		common
		Company string `json:"company"`
	}
	common struct{ binding.Register }
	buried struct{ outer }
	outer  struct {
		binding.Register
		*bare
	}
	skipping struct {
		binding.Register `binding:"-"`
	}
	badTag struct {
		binding.Register
		Company string `json:"company" binding:"requird"`
	}
	badTagWithin struct {
		binding.Register
		Items []struct {
			Name string `json:"name" binding:"requird"`
		} `json:"items" binding:"dive"`
	}
	badWithin struct {
		binding.Register
		Items []struct {
			Name string `binding:"required"`
		} `json:"items" binding:"dive"`
	}
	badLimit struct {
		binding.Register
		Company string `json:"company" binding:"omitempty,max=8O"`
	}
	ginTag struct {
		binding.Register
		Company string `form:"company" binding:"required"`
	}
	company struct {
		Company string `json:"company"`
	}
	employer struct {
		Company string `json:"employer"`
	}
	hidingOwn struct {
		binding.Register
		company
		employer
	}
	nesting struct {
		binding.Register
		company `json:"employer"`
	}
)

func formOf[F any]() *config.FormSpec {
	return config.Form(func(*F, *member) error { return nil })
}

// TestCustomMistakes: Validate reports forms, views and functions that do not fit.
func TestCustomMistakes(t *testing.T) {
	t.Parallel()
	type cfg = *config.Config
	for want, change := range map[string]func(cfg){
		"": func(c cfg) {
			c.Forms.SignUp = formOf[deep]()
			c.Views = config.Views{config.View(func(u binding.User) string { return "" }), config.UserView(func(binding.Email, *member) int { return 0 })}
		},
		"Forms.SignUp: config_test.bare must embed binding.Register":          func(c cfg) { c.Forms.SignUp = formOf[bare]() },
		"Forms.SignUp: config_test.named must embed binding.Register":         func(c cfg) { c.Forms.SignUp = formOf[named]() },
		"Forms.Login: config_test.signUp must embed binding.Login":            func(c cfg) { c.Forms.Login = formOf[signUp]() },
		"Forms.SignUp: string is not a struct":                                func(c cfg) { c.Forms.SignUp = formOf[string]() },
		"Forms.SignUp: Email and Mail are both \"email\"":                     func(c cfg) { c.Forms.SignUp = formOf[twice]() },
		"Forms.SignUp: config_test.hiding hides Email of binding.Register":    func(c cfg) { c.Forms.SignUp = formOf[hiding]() },
		"Forms.SignUp: config_test.ambiguous hides Email of binding.Register": func(c cfg) { c.Forms.SignUp = formOf[ambiguous]() },
		"Forms.SignUp: config_test.buried embeds *config_test.bare":           func(c cfg) { c.Forms.SignUp = formOf[buried]() },
		"Forms.SignUp: config_test.skipping has a binding tag on Register":    func(c cfg) { c.Forms.SignUp = formOf[skipping]() },
		"Forms.SignUp: *config_test.badTag has a bad binding tag":             func(c cfg) { c.Forms.SignUp = formOf[badTag]() },
		"Forms.SignUp: *config_test.badTagWithin has a bad binding tag":       func(c cfg) { c.Forms.SignUp = formOf[badTagWithin]() },
		"Forms.SignUp: Name of struct { Name string":                          func(c cfg) { c.Forms.SignUp = formOf[badWithin]() },
		"Forms.SignUp: *config_test.badLimit has a bad binding tag":           func(c cfg) { c.Forms.SignUp = formOf[badLimit]() },
		"Forms.SignUp: Company of config_test.ginTag has a binding tag":       func(c cfg) { c.Forms.SignUp = formOf[ginTag]() },
		"Forms.SignUp: Company of config_test.hidingOwn is hidden":            func(c cfg) { c.Forms.SignUp = formOf[hidingOwn]() },
		"Forms.SignUp: config_test.nesting embeds config_test.company with":   func(c cfg) { c.Forms.SignUp = formOf[nesting]() },
		"Forms.SignUp: is empty":                                              func(c cfg) { c.Forms.SignUp = config.Form[signUp, member](nil) },
		"Forms.Profile: is empty":                                             func(c cfg) { c.Forms.Profile = &config.FormSpec{} },
		"Forms.SignUp: it is for config_test.member, but NewUser makes":       func(c cfg) { c.Forms.SignUp, c.NewUser = formOf[signUp](), nil },
		"Views[0]: is empty": func(c cfg) { c.Views = config.Views{{}} },
		"Views[1]: is empty": func(c cfg) {
			c.Views = config.Views{config.View(func(binding.User) int { return 0 }), config.View[binding.Email, int](nil)}
		},
		"Backends: has a nil":                   func(c cfg) { c.Backends = []config.Backend{config.BackendFunc(nil)} },
		"PasswordRules[0]: is nil":              func(c cfg) { c.PasswordRules = []config.PasswordRule{config.PasswordRuleFunc(nil)} },
		"PasswordRules[0]: NotSimilar":          func(c cfg) { c.PasswordRules = []config.PasswordRule{config.NotSimilar{Max: 70}} },
		"PasswordRules[1]: MinLength":           func(c cfg) { c.PasswordRules = []config.PasswordRule{config.MinLength(8), config.MinLength(2000)} },
		"Views[0]: string is not a response of": func(c cfg) { c.Views = config.Views{config.View(func(string) int { return 0 })} },
		"Views[1]: there is another view of": func(c cfg) {
			c.Views = config.Views{config.View(func(binding.User) int { return 0 }), config.View(func(binding.User) int { return 1 })}
		},
		"Views[0]: it is for models.User, but": func(c cfg) {
			c.Views = config.Views{config.UserView(func(binding.User, *models.User) int { return 0 })}
		},
		"Backends: has a nil backend": func(c cfg) { c.Backends = []config.Backend{nil} },
	} {
		c := config.Config{Secret: secret, NewUser: config.Model[member]()}
		change(&c)
		err := c.WithDefaults().Validate()
		if want == "" && err != nil {
			t.Errorf("refused: %v", err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
		namesFields(t, err)
	}
}
