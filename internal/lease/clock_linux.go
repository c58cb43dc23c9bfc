package lease

import (
	"time"

	"golang.org/x/sys/unix"
)

// BootClock is the time since the machine was started, in suspension or not: a
// node whose machine slept must not think that its lease did, too.
func BootClock() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic("lease: the boot clock can't be read: " + err.Error())
	}
	return time.Duration(t.Nano())
}
