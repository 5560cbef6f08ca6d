package core

// Error codes of the application and of features, in addition to the library's.

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// Codes declares error codes of the feature. They appear in the OpenAPI document. The message of a code has the ID
// "error." and the code, in [Setup.Texts] or config.Config.Texts. A code that the library, the application or
// another feature has declared is an error of New.
func (s *Setup) Codes(codes ...binding.CodeDoc) {
	if err := s.declaring().core.declareCodes(codes); err != nil {
		s.fail(err)
	}
}

// Codes returns the error codes that the application and features have declared, in this order. Those of the
// library are [binding.Codes].
func (c *Core) Codes() []binding.CodeDoc { return slices.Clone(c.codes) }

var codeForm = regexp.MustCompile(`^[a-z0-9_]+$`)

func (c *Core) declareCodes(codes []binding.CodeDoc) (err error) {
	for _, code := range codes {
		same := func(o binding.CodeDoc) bool { return o.Code == code.Code }
		switch {
		case !codeForm.MatchString(string(code.Code)) || code.Meaning == "":
			err = errors.Join(err, fmt.Errorf("the code %q needs lower-case letters, digits and underscores only, and a meaning", code.Code))
		case slices.ContainsFunc(binding.Codes(), same) || slices.ContainsFunc(c.codes, same):
			err = errors.Join(err, fmt.Errorf("the code %q is declared already", code.Code))
		default:
			c.codes = append(c.codes, code)
		}
	}
	return err
}

// codeTexts returns the IDs of the messages of the declared codes.
func (c *Core) codeTexts() (ids []string) {
	for _, code := range c.codes {
		ids = append(ids, "error."+string(code.Code))
	}
	return ids
}

// declareOwnCodes declares the application's codes.
func (c *Core) declareOwnCodes() error {
	if err := c.declareCodes(c.cfg.Codes); err != nil {
		return &config.Mistake{Setting: "Codes", Err: err}
	}
	return nil
}
