// Package models holds the GORM models of an account: the [User], their addresses, the [Session]
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
// They may read every table. Only the library writes its own columns: a name or an address
// has a key in another column, by which it is found (see [User.SetUsername]), and a change of
// password or address ends sessions, voids links and sends notices. All times are UTC, cut to
// milliseconds.
//
// # Whose address it is
//
// User.Email is the primary address of a user. Each address of a user has a row in auth_email,
// which says whether the user has confirmed it. Seven rules decide whose an address is:
//
//  1. It belongs to the account that confirmed it: its owner. Until then several accounts can
//     name it, and it leads to one of them: of the accounts in use that have it as their primary
//     address, the oldest that was not made by sign-up, else the oldest sign-up. Login, password
//     reset, login codes, resent links and notices all follow this rule.
//  2. When an account confirms an address, the others lose it, and nothing else: their passwords,
//     sessions and names stay. An account without a password keeps it, since it has no other way
//     in: the address leads to that account again once its owner gives it up.
//  3. A sign-up cannot have an address that another account owns or names. With VerifyMandatory
//     the response does not say so; in the other modes it is "taken". An account made by
//     CreateUser can have an address that only sign-ups name, except with VerifyNone, where
//     nobody confirms one. From then on those sign-ups can confirm it only while logged in, and
//     mails about the address are for the other account.
//  4. A new account of a Backend owns its address at once. It is refused if another account owns
//     the address, or names it and was not made by sign-up. It starts without the address if that
//     is the only way in for a sign-up, which has no name or no password and is not pending. Its
//     user can then add the address and confirm it.
//  5. With VerifyMandatory every sign-up is pending until its address is confirmed, whether or
//     not the address has an owner: it has its name and password, cannot log in, and is deleted
//     after UnconfirmedLifetime. Anyone who knows both can correct the address while it is pending,
//     and of no other account. The hooks of registration run when it is confirmed, and those of
//     deletion only after that.
//  6. A user who confirms an address by a reset, by a login code, or by the link of a sign-up while
//     other accounts name the address, takes the account over, unless they are logged in to it. The
//     account then loses its password, sessions, tokens and other unconfirmed addresses, since a
//     stranger may have set it up, and the user gets a mail with a link to set a password.
//  7. The link "this was not me" in a notice disarms the account that the notice tells of. If the
//     user had confirmed the address, it becomes their only one again. If they have removed it
//     since, and other accounts in use name it by now, it is unconfirmed until the user opens the
//     link for a new password; if another account owns it by now, the notice is void. If the user
//     had not confirmed the address, the link confirms nothing. Other accounts lose nothing by it.
//
// So a stranger who types another person's address can cost its owner a step, never an account.
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
