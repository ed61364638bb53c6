package stage

func (s *Stage) Mailed() (texts []string) {
	for _, m := range s.World.Gorgias.Outbox() {
		texts = append(texts, m.Text)
	}
	return texts
}
