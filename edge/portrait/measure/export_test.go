package measure

// Ready makes the reduced copies of a scene, which a measure otherwise makes when it first needs them.
func (s *Scene) Ready(face, frame bool) {
	if face {
		s.view()
	}
	if frame {
		s.small()
	}
}
