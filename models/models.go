// Package models holds the GORM models of an account: the [User], his addresses, the [Session]
// row that stands behind every credential, tickets and mails. It contains data and the one normal
// form of names and addresses; queries live elsewhere.
//
// Applications embed [User] to add columns of their own, and tell the library so by
// config.Model[Member]():
//
//	type Member struct {
//		models.User
//		Company string `gorm:"size:80"`
//	}
//
// They may read every table. Columns of the library's are for it to write: a name or an address
// has a key beside it, by which it is found (see [User.SetUsername]), and a password or an
// address that changes ends sessions, voids links and sends notices. All times are UTC, cut to
// milliseconds.
package models

// Account is a user as the library sees it: anything that embeds [User]. The
// method is promoted by embedding, so an application never writes it.
type Account interface {
	// Base returns the embedded User. It is never nil for a non-nil account.
	Base() *User
}

// All returns one value of each table that this package needs beside the user
// table, for migrations. The user table is not in it, because its type belongs to
// the application.
func All() []any {
	return []any{&Session{}, &Email{}, &Ticket{}, &OutboxMail{}, &Counter{}}
}
