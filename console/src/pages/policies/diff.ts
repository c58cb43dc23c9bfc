/** Line is a line of a comparison: only before, only after, or in both. */
export interface Line {
  sign: '-' | '+' | ' '
  text: string
}

/** linesOf are a text's lines; what is not there has none. */
const linesOf = (text: string) => (text === '' ? [] : text.split('\n'))

/** diff compares two texts line by line, by their longest common subsequence. */
export function diff(before: string, after: string): Line[] {
  const a = linesOf(before)
  const b = linesOf(after)
  // length[i][j] is that of the longest common subsequence of a from i and b from j.
  const length = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      length[i]![j] = a[i] === b[j] ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!)
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i]! })
      i++
      j++
    } else if (j >= b.length || (i < a.length && length[i + 1]![j]! >= length[i]![j + 1]!)) {
      lines.push({ sign: '-', text: a[i++]! })
    } else {
      lines.push({ sign: '+', text: b[j++]! })
    }
  }
  return lines
}
