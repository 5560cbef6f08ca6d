package cmd

// createuser, setpassword, activate, deactivate, ban, unban.

import (
	"flag"
	"fmt"
	"time"

	"github.com/ginauth/gin-rest-auth/models"
)

// createUser is the command createuser.
func createUser() command {
	return command{"createuser", "", "Add a user. Asks for the password, unless --no-password or --password-stdin.", func(flags *flag.FlagSet) func(*call) (result, error) {
		var given models.User
		var noPassword, mail, unconfirmed bool
		flags.StringVar(&given.Username, "username", "", "`name` to log in with")
		flags.StringVar(&given.Email, "email", "", "e-mail `address`")
		flags.StringVar(&given.FirstName, "first-name", "", "first `name`")
		flags.StringVar(&given.LastName, "last-name", "", "last `name`")
		flags.BoolVar(&given.IsStaff, "staff", false, "mark as staff")
		flags.BoolVar(&given.IsSuperuser, "superuser", false, "mark as superuser")
		flags.BoolVar(&unconfirmed, "unconfirmed", false, "do not mark the address as confirmed")
		flags.BoolVar(&noPassword, "no-password", false, "do not set a password")
		flags.BoolVar(&mail, "mail-link", false, "mail a link to set the password; implies --no-password")
		fromStdin := flags.Bool("password-stdin", false, "read the password from the first line of standard input")
		return func(l *call) (result, error) {
			password, err := "", error(nil)
			if !noPassword && !mail {
				if password, err = l.password(*fromStdin); err != nil {
					return result{}, err
				}
			}
			account := l.auth.Config().NewUser()
			user := account.Base()
			user.Username, user.Email, user.FirstName, user.LastName = given.Username, given.Email, given.FirstName, given.LastName
			user.IsStaff, user.IsSuperuser = given.IsStaff, given.IsSuperuser
			if err := l.auth.CreateUser(l.ctx, account, password); err != nil {
				return result{}, err
			}
			if user.Email != "" && !unconfirmed {
				err = l.auth.ConfirmEmail(l.ctx, user.ID, user.Email)
			}
			if err == nil && mail {
				err = l.auth.MailPasswordLink(l.ctx, user.ID)
			}
			if err != nil {
				return result{}, fmt.Errorf("user %d was created, but: %w", user.ID, err)
			}
			return result{text: fmt.Sprintf("User %d created.", user.ID), data: changed{user.ID}}, nil
		}
	}}
}

// setPassword is the command setpassword.
func setPassword() command {
	return command{"setpassword", "USER", "Set the password of a user, and end their sessions and tokens.", func(flags *flag.FlagSet) func(*call) (result, error) {
		mail := flags.Bool("mail-link", false, "mail a link with which the user sets it, and change nothing")
		fromStdin := flags.Bool("password-stdin", false, "read the password from the first line of standard input")
		return onUser("Password set.", func(l *call, u *models.User) error {
			if *mail {
				return l.auth.MailPasswordLink(l.ctx, u.ID)
			}
			password, err := l.password(*fromStdin)
			if err != nil {
				return err
			}
			return l.auth.SetPassword(l.ctx, u.ID, password)
		})
	}}
}

// onUser returns what runs a command that changes the user whom its first argument names.
func onUser(text string, change func(*call, *models.User) error) func(*call) (result, error) {
	return func(l *call) (result, error) {
		user, err := l.user()
		if err == nil {
			err = change(l, user)
		}
		if err != nil {
			return result{}, err
		}
		return result{text: fmt.Sprintf("User %d (%s): %s", user.ID, user.Username, text), data: changed{user.ID}}, nil
	}
}

func setActive(active bool) func(*flag.FlagSet) func(*call) (result, error) {
	text := "deactivated."
	if active {
		text = "activated."
	}
	return func(*flag.FlagSet) func(*call) (result, error) {
		return onUser(text, func(l *call, u *models.User) error { return l.auth.SetActive(l.ctx, u.ID, active) })
	}
}

// ban is the command ban.
func ban() command {
	return command{"ban", "USER", "Shut a user out, for good or until a time.", func(flags *flag.FlagSet) func(*call) (result, error) {
		var until time.Time
		reason := flags.String("reason", "", "`why`, for operators; at most 255 characters")
		length := flags.Duration("for", 0, "how `long`, such as 72h; default: for good")
		flags.Func("until", "`time` of the end, such as 2030-01-31T12:00:00Z", func(text string) (err error) {
			until, err = time.Parse(time.RFC3339, text)
			return err
		})
		return onUser("banned.", func(l *call, u *models.User) error {
			switch {
			case *length != 0 && !until.IsZero():
				return usageError("give --for or --until, not both")
			case *length < 0:
				return usageError("--for must be positive")
			case *length > 0:
				until = l.core.Now().Add(*length)
			}
			return l.auth.Ban(l.ctx, u.ID, *reason, until)
		})
	}}
}

func unban(*flag.FlagSet) func(*call) (result, error) {
	return onUser("not banned any more.", func(l *call, u *models.User) error { return l.auth.Unban(l.ctx, u.ID) })
}
