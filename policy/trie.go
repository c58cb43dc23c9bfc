package policy

import "strings"

// A trie files values under texts, each either for that text alone or for all
// texts that begin with it, and finds those for a given text in one walk along it.
type trie[T any] struct {
	label    string    // of the edge that leads here
	firsts   string    // the first byte of each child's label
	children []trie[T] // their labels begin with different bytes
	exact    *T        // for the text that ends here
	prefix   *T        // for all texts that pass here
}

// put returns the place for the value of a text; it holds nil at first.
func (n *trie[T]) put(text string, exact bool) **T {
	for text != "" {
		i := strings.IndexByte(n.firsts, text[0])
		if i < 0 {
			n.firsts += text[:1]
			n.children = append(n.children, trie[T]{label: text})
			i, text = len(n.children)-1, ""
			n = &n.children[i]
			continue
		}
		n = &n.children[i]
		common := 1
		for common < len(n.label) && common < len(text) && n.label[common] == text[common] {
			common++
		}
		n.split(common)
		text = text[common:]
	}
	if exact {
		return &n.exact
	}
	return &n.prefix
}

// split makes the node end after so many bytes of its label; the rest becomes its
// only child.
func (n *trie[T]) split(at int) {
	if at == len(n.label) {
		return
	}
	rest := *n
	rest.label = n.label[at:]
	*n = trie[T]{label: n.label[:at], firsts: rest.label[:1], children: []trie[T]{rest}}
}

// find appends the values for a text to found, those for its shorter prefixes
// first. With fold set, ASCII capitals of the text are taken for small letters.
func (n *trie[T]) find(text string, fold bool, found []*T) []*T {
	for {
		if n.prefix != nil {
			found = append(found, n.prefix)
		}
		if text == "" {
			if n.exact != nil {
				found = append(found, n.exact)
			}
			return found
		}
		first := text[0]
		if fold && 'A' <= first && first <= 'Z' {
			first += 'a' - 'A'
		}
		i := indexByte(n.firsts, first)
		if i < 0 {
			return found
		}
		n = &n.children[i]
		if len(text) < len(n.label) || !begins(text, n.label, fold) {
			return found
		}
		text = text[len(n.label):]
	}
}

// indexByte is faster than the standard library's for the few children most nodes
// have.
func indexByte(s string, c byte) int {
	if len(s) > 16 {
		return strings.IndexByte(s, c)
	}
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// begins reports whether the text, which is long enough, begins with a label.
func begins(text, label string, fold bool) bool {
	if !fold {
		return text[:len(label)] == label
	}
	for i := range len(label) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != label[i] {
			return false
		}
	}
	return true
}

// each visits all values.
func (n *trie[T]) each(visit func(*T)) {
	for _, value := range []*T{n.prefix, n.exact} {
		if value != nil {
			visit(value)
		}
	}
	for i := range n.children {
		n.children[i].each(visit)
	}
}
