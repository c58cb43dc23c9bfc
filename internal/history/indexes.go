package history

import "sync"

// maxTouches bounds what the indexes of all accounts hold together, unless one
// account alone has more: they take some 200 MB.
const maxTouches = 2_000_000

// indexes are those of the accounts whose history was asked for.
type indexes struct {
	touches   int64 // maxTouches, but for tests
	mu        sync.Mutex
	byAccount map[string]*index
}

// of returns the account's index, which may be empty.
func (xs *indexes) of(account string) *index {
	xs.mu.Lock()
	defer xs.mu.Unlock()
	x, ok := xs.byAccount[account]
	if !ok {
		if xs.byAccount == nil {
			xs.byAccount = make(map[string]*index)
		}
		x = newIndex(account)
		xs.byAccount[account] = x
	}
	return x
}

// trim drops every index but one when all of them have grown too large. Calls
// that use a dropped one finish with it.
func (xs *indexes) trim(keep *index) {
	xs.mu.Lock()
	defer xs.mu.Unlock()
	var sum int64
	for _, x := range xs.byAccount {
		sum += x.touches.Load()
	}
	if sum <= xs.touches || len(xs.byAccount) == 1 {
		return
	}
	xs.byAccount = map[string]*index{keep.account: keep}
}
