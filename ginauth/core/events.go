package core

// Declaring events, and listing them for web-hooks and the documentation.

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/ginauth/gin-rest-auth/config"
)

var hookForm = regexp.MustCompile(`^[a-z0-9_]+\.[a-z0-9_]+$`)

// Event declares events of the feature. The audit trail, web-hooks, metrics and the OpenAPI document then have them. A
// mistake in a kind, and a name or web-hook that the library or another feature has already, are errors of New.
func (s *Setup) Event(kinds ...EventKind) {
	events := s.declaring().core.events
	for _, k := range kinds {
		_, taken := events[k.Name]
		for _, other := range events {
			taken = taken || k.WebHook != "" && other.WebHook == k.WebHook && other.feature != s.name
		}
		switch {
		case taken:
			s.fail(fmt.Errorf("the event %q or its web-hook %q is taken", k.Name, k.WebHook))
		case !codeForm.MatchString(string(k.Name)) || len(k.Name) > 32 || k.Doc == "" || k.WebHook != "" && !hookForm.MatchString(k.WebHook):
			s.fail(fmt.Errorf("the event %q needs a name of 1 to 32 lower-case letters, digits and _, a Doc, and a WebHook like %q or none", k.Name, "totp.enabled"))
		default:
			k.Data = slices.Clone(k.Data)
			events[k.Name] = eventKind{k, s.name}
		}
	}
}

// EventKind returns the declaration of an event. The second result is false if it was not declared.
func (c *Core) EventKind(name config.EventName) (EventKind, bool) {
	k, declared := c.events[name]
	return k.EventKind, declared
}

// EventKinds returns the events of the library and of all features, sorted by name. They are complete once New has returned.
func (c *Core) EventKinds() []EventKind {
	var all []EventKind
	for _, k := range c.events {
		all = append(all, k.EventKind)
	}
	slices.SortFunc(all, func(a, b EventKind) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// declared returns an error for an undeclared event.
func (c *Core) declared(name config.EventName) error {
	if _, ok := c.events[name]; !ok {
		return fmt.Errorf("the event %q is not declared; declare it with Setup.Event", name)
	}
	return nil
}

// WebHook describes the requests with which the application tells one kind of events to other servers.
type WebHook struct {
	Type string
	Doc  string
	Data []string // fields besides id, username and email of the user
	Own  bool     // the application adds fields of its own, or removes some
}

// WebHooks declares that the feature sends web-hooks for all events that have one, so that the documentation describes them. own
// says that the application changes their data.
func (s *Setup) WebHooks(own bool) { s.declaring().core.webHooks, s.core.ownHookData = true, own }

// WebHooks returns the web-hooks that the application sends, sorted by their type; none if no feature sends any.
func (c *Core) WebHooks() []WebHook {
	if !c.webHooks {
		return nil
	}
	all := map[string]WebHook{}
	for _, k := range c.EventKinds() {
		if k.WebHook == "" {
			continue
		}
		h, again := all[k.WebHook]
		if again {
			h.Doc += "; or " + k.Doc
		} else {
			h = WebHook{Type: k.WebHook, Doc: k.Doc, Own: c.ownHookData}
		}
		for _, field := range k.Data {
			if !slices.Contains(h.Data, field) {
				h.Data = append(h.Data, field)
			}
		}
		all[k.WebHook] = h
	}
	return slices.SortedFunc(maps.Values(all), func(a, b WebHook) int { return cmp.Compare(a.Type, b.Type) })
}
