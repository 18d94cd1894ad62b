package preview

// A buffer is a bytes.Buffer that leaves nothing behind: what it outgrows is overwritten.
type buffer struct{ data []byte }

func (b *buffer) Write(p []byte) (int, error) {
	b.room(len(p))
	b.data = append(b.data, p...)
	return len(p), nil
}

func (b *buffer) WriteByte(c byte) error {
	b.room(1)
	b.data = append(b.data, c)
	return nil
}

func (b *buffer) WriteString(s string) (int, error) {
	b.room(len(s))
	b.data = append(b.data, s...)
	return len(s), nil
}

func (b *buffer) room(n int) {
	if len(b.data)+n <= cap(b.data) {
		return
	}
	old := b.data
	b.data = append(make([]byte, 0, 2*cap(old)+n+4096), old...)
	clear(old[:cap(old)])
}

func (b *buffer) wipe() { clear(b.data[:cap(b.data)]) }
