package store

// Conditions and orders that several queries share.

// inUse selects the accounts that their users can use.
const inUse = "is_active = ? AND (delete_at IS NULL OR delete_at > ?)"

// ownerOf selects the ID of the account that has confirmed a key. A row whose account the application deleted itself has no
// effect.
const ownerOf = "SELECT user_id FROM auth_email WHERE verified_key = ?"

// byRank orders the claimants of an address.
const byRank = "signed_up, date_joined, id"
