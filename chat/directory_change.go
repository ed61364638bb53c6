package chat

// A DirectoryChange is what an update of the directory changed of what agents see.
type DirectoryChange struct {
	// Conversations have a new revision.
	Conversations []ConversationRev
	// Refresh names Recharge customers whose objects should be read again, because two
	// different records have the same time.
	Refresh []string
	Applied int // records that were newer than what was stored
}

// A ConversationRev is a conversation at a revision.
type ConversationRev struct {
	Shop ShopID
	ID   ConversationID
	Rev  int64
}
