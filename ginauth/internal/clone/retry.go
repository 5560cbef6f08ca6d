package clone

// Transactions that are retried: every attempt starts from the same user.

import "github.com/ginauth/gin-rest-auth/models"

// OnRetry wraps the work of a transaction that changes an account, so that every attempt starts from the account's current
// state and a failed one leaves it unchanged. The database may roll a transaction back so that it runs again, and a GORM
// hook of the application must not change the account twice.
func OnRetry[Tx any](account models.Account, work func(Tx) error) func(Tx) error {
	kept := Account(account)
	return func(tx Tx) error {
		Into(account, kept)
		err := work(tx)
		if err != nil {
			Into(account, kept)
		}
		return err
	}
}
