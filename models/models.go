// Package models holds the GORM models of the library's tables. Use it to add columns to [User], and to read
// users, addresses and sessions in your own queries. It also has the normal form of names and addresses, see [Key].
//
// To add columns, embed [User] in your own type and pass it to the library with config.Model[Member]():
//
//	type Member struct {
//		models.User
//		Company string `gorm:"size:80"`
//	}
//
// You can read every table. Write only your own columns, and leave the library's columns to the library: a name or an
// address is found by its key in another column (see [User.SetUsername]), and changing a password or an
// address also ends sessions, voids links and sends notices. All times are UTC, truncated to milliseconds.
//
// # Terms
//
//   - The primary address of a user is User.Email. Every address of a user has a row in auth_email.
//   - The owner of an address is the account that has confirmed it. There is at most one.
//   - A claim is an address that an account has and has not confirmed. Several accounts can claim one address.
//   - A ticket is the one-time secret in a mail: a link, and sometimes a code.
//   - A decoy is a ticket or mail for an address that no account has. It is stored so that the response takes the same
//     time for every address, and it is never sent.
//   - The epoch of a user is a number that is incremented to end all of the user's sessions at once.
//
// # Who owns an address
//
// Anyone can type another person's address at sign-up. These rules ensure that this can cost the owner an extra
// step, but never an account. An account is in use if it is not deactivated and not due for deletion. A pending
// sign-up is in use.
//
//  1. An address belongs to its owner. While it has no owner, one claim counts. It must come from an account in use with
//     this primary address. Accounts that were not made by sign-up come before sign-ups, then the oldest account comes
//     first. Login, password reset, login codes, resent links and notices use that account.
//  2. When an account confirms an address, the other accounts lose it. They keep their passwords, sessions and
//     names. An account without a password keeps its claim, because it has no other way to log in: it can use the
//     address again when the owner has given it up.
//  3. With VerifyOptional and VerifyNone, a sign-up is rejected as "taken" if another account owns or claims the
//     address. With VerifyMandatory the response is the same for every address, see rule 5. Auth.CreateUser accepts an address that only sign-ups claim,
//     except with VerifyNone. From then on those sign-ups can confirm the address only while logged in, and mails
//     about the address are for the account that CreateUser made.
//  4. A new account of a config.Backend owns its address immediately. It is rejected if another account owns the address, or
//     if an account that was not made by sign-up claims it. If the address is the only way in for a sign-up that has no name or
//     no password and is not pending, the new account starts without an address. Its user can add and confirm it later.
//  5. With VerifyMandatory every sign-up is pending until its address is confirmed. If the address has an owner, the owner
//     gets a mail that says so, and the sign-up cannot confirm the address. A pending account has its name and password, cannot log in, and is deleted after
//     UnconfirmedLifetime. Anyone who knows its name and password can correct its address. BeforeRegister and AfterRegister run
//     when it is confirmed; BeforeDelete and AfterDelete do not run for pending accounts.
//  6. A user takes an account over if they confirm its address without being logged in to it: by a reset, by a
//     login code, or by the link of a sign-up while other accounts claim the address. The account then loses its
//     password, sessions, tokens and other claims, because a stranger may have created it. The user gets a mail with a
//     link to set a password.
//  7. The link "this was not me" in a notice ends all sessions and tokens of the account and its password. If the user had
//     confirmed the address that got the notice, it becomes their only address again. If they have removed it since and other
//     accounts in use claim it, it stays unconfirmed until the user opens the link for a new password. If another account
//     owns it now, the link does nothing. If the user had not confirmed the address, the link confirms nothing. Other
//     accounts lose nothing by it.
package models

// Account is a user as the library sees it: a pointer to [User], or to a struct that embeds it. The
// struct gets the method by embedding, so you do not write it.
type Account interface {
	// Base returns the embedded User. It is never nil for a non-nil account.
	Base() *User
}

// All returns one value of each model except the user, whose type you can replace. Auth.Migrate creates their tables; do not
// pass them to AutoMigrate yourself.
func All() []any {
	return []any{&Session{}, &Email{}, &Ticket{}, &OutboxMail{}, &Counter{}, &Limit{}, &Event{}}
}
