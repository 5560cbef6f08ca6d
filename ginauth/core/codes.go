package core

// Error codes of the application and of features, beside the library's.

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/ginauth/gin-rest-auth/binding"
	"github.com/ginauth/gin-rest-auth/config"
)

// Codes declares error codes of the feature. They are in the OpenAPI document, and their texts are the
// messages "error." and the code, of [Setup.Texts] and config.Config.Texts. A code that is declared
// already, by the library, the application or another feature, is an error of New.
func (s *Setup) Codes(codes ...binding.CodeDoc) {
	if err := s.declaring().core.declareCodes(codes); err != nil {
		s.fail(err)
	}
}

// Codes returns the error codes that the application and features have declared, in this order. Those
// of the library are [binding.Codes].
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

// codeTexts returns the messages of the codes that are declared.
func (c *Core) codeTexts() (ids []string) {
	for _, code := range c.codes {
		ids = append(ids, "error."+string(code.Code))
	}
	return ids
}

// declareOwnCodes declares the codes of the application.
func (c *Core) declareOwnCodes() error {
	if err := c.declareCodes(c.cfg.Codes); err != nil {
		return &config.Mistake{Setting: "Codes", Err: err}
	}
	return nil
}
