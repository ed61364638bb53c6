-- What an escalation handed over belongs to its ticket also after it has ended.
CREATE INDEX escalations_conversation ON escalations (conversation, ended_at);
