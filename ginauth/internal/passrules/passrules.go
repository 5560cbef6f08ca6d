// Package passrules applies the rules for new passwords.
package passrules

// The rules in force, and their findings.

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

// Ask calls a rule.
type Ask func(ctx context.Context, rule config.PasswordRule, password string, user *models.User) (*binding.Problem, error)

// Check applies the rules and the hash's limit, in bytes, to the normalized password. A [config.NotBreached] is slow, so
// it is asked only about a password that all other rules accept. ask calls one rule.
func Check(ctx context.Context, rules []config.PasswordRule, ask Ask, limit int, password string, user *models.User) ([]binding.Problem, error) {
	password = passhash.Normalize(password)
	if len(password) > limit {
		return []binding.Problem{{
			Code: binding.CodePasswordTooLong, Params: map[string]any{"Count": limit},
		}}, nil
	}
	slow := func(rule config.PasswordRule) bool { _, is := rule.(*config.NotBreached); return is }
	problems, err := apply(ctx, rules, ask, password, user, func(r config.PasswordRule) bool { return !slow(r) })
	if err != nil || problems != nil {
		return problems, err
	}
	return apply(ctx, rules, ask, password, user, slow)
}

// apply returns the findings of some of the rules.
func apply(ctx context.Context, rules []config.PasswordRule, ask Ask, password string, user *models.User, which func(config.PasswordRule) bool) ([]binding.Problem, error) {
	var problems []binding.Problem
	for _, rule := range InForce(rules) {
		if !which(rule) {
			continue
		}
		p, err := ask(ctx, rule, password, user)
		if err != nil {
			return nil, fmt.Errorf("password rule %T: %w", rule, err)
		}
		if p != nil {
			problems = append(problems, *p)
		}
	}
	return problems, nil
}

// InForce returns the rules that count: of the library's rules of one type, the last.
func InForce(rules []config.PasswordRule) (in []config.PasswordRule) {
	for i, rule := range rules {
		if !isReplaced(rule, rules[i+1:]) {
			in = append(in, rule)
		}
	}
	return in
}

// isReplaced reports whether a later rule is the same library rule with another number.
func isReplaced(rule config.PasswordRule, after []config.PasswordRule) bool {
	switch rule.(type) {
	case config.MinLength, config.NotSimilar, config.NotCommon, config.NotNumeric, *config.NotBreached:
		return slices.ContainsFunc(after, func(r config.PasswordRule) bool { return reflect.TypeOf(r) == reflect.TypeOf(rule) })
	}
	return false
}
