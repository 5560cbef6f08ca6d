package core

// Setup: texts, and kinds of mails and tickets. The library's own kinds are declared first.

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/ginauth/gin-rest-auth/ginauth/internal/mails"
	"github.com/ginauth/gin-rest-auth/ginauth/internal/ticket"
)

// Texts adds messages and mail templates of the feature: the files "locales/<language>.json", and "mail/<kind>.txt"
// and ".html". config.Config.Texts of the application can replace each. A message needs its English text. A mail
// needs both files, which define the blocks title, intro and label (on the button). Languages that neither the
// library nor the application has are ignored. A text that the library or another feature has already is an error
// of New, and so is a template for a mail that no feature declares.
func (s *Setup) Texts(fsys fs.FS) {
	if fsys == nil {
		s.fail(errors.New("Texts needs a file system, got nil"))
		return
	}
	s.declaring().core.added = append(s.core.added, fsys)
}

// Mail declares a kind of mail. [Setup.Texts] adds its texts and templates. A name that is taken, or has characters
// other than lower-case letters, digits and _, is an error of New.
func (s *Setup) Mail(kind MailKind) {
	if _, taken := s.declaring().core.mails.Kinds[kind.Name]; taken || !codeForm.MatchString(kind.Name) {
		s.fail(fmt.Errorf("the kind of mail %q is taken, or not in lower-case letters, digits and _", kind.Name))
		return
	}
	s.core.mails.Kinds[kind.Name] = mails.Kind(kind)
}

// Ticket declares a kind of ticket. A name that is taken, is longer than 16 characters, or has characters other
// than lower-case letters, digits and _, is an error of New.
func (s *Setup) Ticket(kind TicketKind) {
	if _, taken := s.declaring().core.tickets.Kinds[kind.Name]; taken || len(kind.Name) > 16 || !codeForm.MatchString(kind.Name) {
		s.fail(fmt.Errorf("the kind of ticket %q is taken, or not of 1 to 16 lower-case letters, digits and _", kind.Name))
		return
	}
	s.core.tickets.Kinds[kind.Name] = ticket.Kind(kind)
}

// declareOwn declares the kinds of the library's own flows.
func (c *Core) declareOwn() {
	s := &Setup{core: c}
	for _, kind := range ownMails() {
		s.Mail(kind)
	}
	for _, kind := range ownTickets(c.cfg.Mail) {
		s.Ticket(kind)
	}
	s.Event(ownEvents()...)
}
