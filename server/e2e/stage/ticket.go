package stage

// Mailed returns the texts of e-mails from the helpdesk.
func (s *Stage) Mailed() (texts []string) {
	for _, m := range s.World.Gorgias.Outbox() {
		texts = append(texts, m.Text)
	}
	return texts
}
