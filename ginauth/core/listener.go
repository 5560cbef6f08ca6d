package core

// Listeners: how features add them.

import (
	"slices"
	"time"
)

// Listen adds a [Listener].
func (s *Setup) Listen(l Listener) { s.declaring().core.listeners = append(s.core.listeners, l) }

// completeListeners adds Listener.OnNotMe for a feature without one: what OnDisarm does, and then all its factors end. own are the
// feature's listeners.
func (s *Setup) completeListeners(own []Listener) {
	var disarms []func(*Tx, int64) error
	for _, l := range own {
		if l.OnNotMe != nil {
			return
		}
		if l.OnDisarm != nil {
			disarms = append(disarms, l.OnDisarm)
		}
	}
	factors := slices.Clone(s.factors)
	if len(disarms)+len(factors) == 0 {
		return
	}
	s.core.listeners = append(s.core.listeners, Listener{OnNotMe: func(tx *Tx, userID int64, _ time.Time) error {
		for _, disarm := range disarms {
			if err := disarm(tx, userID); err != nil {
				return err
			}
		}
		for _, name := range factors {
			if err := tx.SetFactor(userID, name, false); err != nil {
				return err
			}
		}
		return nil
	}})
}
