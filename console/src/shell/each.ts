/** lanes is how many calls of a bulk action are under way at a time. */
const lanes = 4

/** Progress of a bulk action: what is done, and what failed and why. */
export interface Progress {
  done: string[]
  failed: [name: string, error: Error][]
}

/**
 * each acts on every name, a few at a time, and tells of the progress after each. What
 * fails is noted and the others go on. When stopped says so, no more is begun.
 */
export async function each(names: string[], act: (name: string) => Promise<unknown>, told: (p: Progress) => void, stopped: () => boolean = () => false): Promise<Progress> {
  const progress: Progress = { done: [], failed: [] }
  let next = 0
  const lane = async () => {
    while (next < names.length && !stopped()) {
      const name = names[next++]!
      try {
        await act(name)
        progress.done.push(name)
      } catch (e) {
        progress.failed.push([name, e as Error])
      }
      told({ done: [...progress.done], failed: [...progress.failed] })
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, names.length) }, lane))
  return progress
}
