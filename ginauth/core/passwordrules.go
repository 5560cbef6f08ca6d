package core

// The rules for new passwords, and their problems as errors of a field.

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/passhash"
	"github.com/ginauth/gin-rest-auth/models"
)

// PasswordProblems rejects every password for a user of a backend. Otherwise it applies the rules in
// force and the hash's length limit to the normalized password.
func (c *Core) PasswordProblems(ctx context.Context, password string, user *models.User) ([]binding.Problem, error) {
	if c.Managed(user) {
		return []binding.Problem{ProblemManaged}, nil
	}
	password = passhash.Normalize(password)
	if limit := c.hasher.MaxBytes(); len(password) > limit {
		return []binding.Problem{{
			Code: binding.CodePasswordTooLong, Params: map[string]any{"Count": limit},
		}}, nil
	}
	var problems []binding.Problem
	for i, rule := range c.cfg.PasswordRules {
		if isReplaced(rule, c.cfg.PasswordRules[i+1:]) {
			continue
		}
		p, err := rule.CheckPassword(ctx, password, user)
		if err != nil {
			return nil, fmt.Errorf("password rule %T: %w", rule, err)
		}
		if p != nil {
			problems = append(problems, *p)
		}
	}
	return problems, nil
}

// SplitSimilar separates likeness to the user's own fields, which registration reports
// for the request as a whole, as dj-rest-auth does.
func SplitSimilar(all []binding.Problem) (own, similar []binding.Problem) {
	for _, p := range all {
		if p.Code == binding.CodePasswordTooSimilar {
			similar = append(similar, p)
		} else {
			own = append(own, p)
		}
	}
	return own, similar
}

// AsField makes problems the error of a field, or nil if there are none.
func AsField(field string, problems []binding.Problem) error {
	if problems == nil {
		return nil
	}
	return binding.Invalid(field, problems...)
}

// isReplaced reports whether a rule of the library's is there again among those after it, with another
// number.
func isReplaced(rule config.PasswordRule, after []config.PasswordRule) bool {
	switch rule.(type) {
	case config.MinLength, config.NotSimilar, config.NotCommon, config.NotNumeric:
		return slices.ContainsFunc(after, func(r config.PasswordRule) bool { return reflect.TypeOf(r) == reflect.TypeOf(rule) })
	}
	return false
}
