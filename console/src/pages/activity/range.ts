import type { DateRangePickerProps } from '@cloudscape-design/components/date-range-picker'

/** seconds of the units that relative ranges are in. */
const seconds: { [unit: string]: number } = { second: 1, minute: 60, hour: 3600, day: 86400, week: 7 * 86400, month: 30 * 86400, year: 365 * 86400 }

export const ranges: DateRangePickerProps.RelativeOption[] = [
  { key: 'hour', amount: 1, unit: 'hour', type: 'relative' },
  { key: 'day', amount: 1, unit: 'day', type: 'relative' },
  { key: 'week', amount: 1, unit: 'week', type: 'relative' },
  { key: 'month', amount: 30, unit: 'day', type: 'relative' },
]

/** timesOf are the times of a range, in seconds since 1970 as the JSON protocol has them. */
export function timesOf(range: DateRangePickerProps.Value | null, now = Date.now()): { StartTime?: number; EndTime?: number } {
  if (range === null) return {}
  if (range.type === 'absolute') return { StartTime: Date.parse(range.startDate) / 1000, EndTime: Date.parse(range.endDate) / 1000 }
  return { StartTime: Math.floor(now / 1000) - range.amount * (seconds[range.unit] ?? 0) }
}

export function validRange(range: DateRangePickerProps.Value | null): DateRangePickerProps.ValidationResult {
  if (range?.type === 'absolute' && !(Date.parse(range.startDate) <= Date.parse(range.endDate)))
    return { valid: false, errorMessage: 'The range must have a start, and an end that is not before it.' }
  return { valid: true }
}

const named = (v: DateRangePickerProps.RelativeValue) => `Last ${v.amount === 1 ? '' : v.amount + ' '}${v.unit}${v.amount === 1 ? '' : 's'}`

export const rangeStrings: DateRangePickerProps.I18nStrings = {
  todayAriaLabel: 'Today',
  nextMonthAriaLabel: 'Next month',
  previousMonthAriaLabel: 'Previous month',
  customRelativeRangeDurationLabel: 'Duration',
  customRelativeRangeDurationPlaceholder: 'Enter a duration',
  customRelativeRangeOptionLabel: 'Custom range',
  customRelativeRangeOptionDescription: 'A range up to now',
  customRelativeRangeUnitLabel: 'Unit of time',
  formatRelativeRange: named,
  formatUnit: (unit, value) => (value === 1 ? unit : unit + 's'),
  dateTimeConstraintText: 'Times are in your zone, in 24 hours.',
  relativeModeTitle: 'Relative range',
  absoluteModeTitle: 'Absolute range',
  relativeRangeSelectionHeading: 'Choose a range',
  startDateLabel: 'Start date',
  endDateLabel: 'End date',
  startTimeLabel: 'Start time',
  endTimeLabel: 'End time',
  clearButtonLabel: 'Clear',
  cancelButtonLabel: 'Cancel',
  applyButtonLabel: 'Apply',
}
