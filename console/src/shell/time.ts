const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** date is a time in the viewer's zone; nothing for none. */
export function date(at: Date | undefined): string {
  return at === undefined ? '' : format.format(at)
}
