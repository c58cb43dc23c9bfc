const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** date is a time in the viewer's zone; nothing for none. */
export function date(at: Date | undefined): string {
  return at === undefined ? '' : format.format(at)
}

const day = 24 * 3600 * 1000
const days = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** age is how long ago a time is, in days: "today", "90 days ago". */
export function age(at: Date | undefined): string {
  return at === undefined ? '' : days.format(-Math.floor(Math.max(0, Date.now() - at.getTime()) / day), 'day')
}
