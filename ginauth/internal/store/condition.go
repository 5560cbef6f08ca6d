package store

// Conditions and orders that several queries share.

// banned selects the accounts with a ban in force. Its value is now.
const banned = "(banned_at IS NOT NULL AND (banned_until IS NULL OR banned_until > ?))"

// inUse selects the accounts that keep what they have: active ones whose deletion is not due, or is held by a ban. Its values: true,
// now, now.
const inUse = "is_active = ? AND (delete_at IS NULL OR delete_at > ? OR " + banned + ")"

// dueDeletion selects the accounts that Sweep deletes. Its values: now, now.
const dueDeletion = "delete_at <= ? AND NOT " + banned

// ownerOf selects the ID of the account that has confirmed a key. A row whose account the application deleted itself has no
// effect.
const ownerOf = "SELECT user_id FROM auth_email WHERE verified_key = ?"

// byRank orders the claimants of an address.
const byRank = "signed_up, date_joined, id"
