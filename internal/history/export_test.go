package history

// SetScan bounds how many entries one call adds to an index.
func (s *Service) SetScan(n int) { s.scan = n }

// KnownTables are the tables whose rows are shown.
func KnownTables() []string {
	var names []string
	for name := range parts {
		names = append(names, name)
	}
	return names
}
