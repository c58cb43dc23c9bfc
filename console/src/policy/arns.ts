import type { Service } from './catalogue'

/** Part is a piece of an ARN template: text, or a variable. */
export type Part = { text: string } | { name: string }

/** parts takes a template such as "arn:${Partition}:s3:::${BucketName}" apart. A star is a variable without a name. */
export function parts(template: string): Part[] {
  const all: Part[] = []
  let at = 0
  for (const m of template.matchAll(/\$\{([^}]*)\}|\*/g)) {
    if (m.index > at) all.push({ text: template.slice(at, m.index) })
    all.push({ name: m[1] ?? '' })
    at = m.index + m[0].length
  }
  if (at < template.length) all.push({ text: template.slice(at) })
  return all
}

/** fields are a template's variables as a form asks for them, each once. */
export function fields(template: string): string[] {
  return [...new Set(parts(template).flatMap(p => ('name' in p ? [p.name] : [])))]
}

/** label is a field's name as people read it. */
export function label(name: string): string {
  return name === '' ? 'Value' : name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/^./, c => c.toUpperCase())
}

/** build puts values into a template; a field without one is any: "*". */
export function build(template: string, values: Record<string, string | undefined>): string {
  return parts(template)
    .map(p => ('text' in p ? p.text : values[p.name] || (p.name === 'Partition' ? 'aws' : '*')))
    .join('')
}

/** shape is a template as completion puts it in: the partition is AWS's, everything else any. */
export function shape(template: string): string {
  return build(template, {})
}

/** take finds the values of a template's fields in an ARN; nothing when the ARN is of another form. */
export function take(template: string, arn: string): Record<string, string> | undefined {
  const all = parts(template)
  const names = new Map<string, number>()
  const expression = all
    .map((p, i) => {
      if ('text' in p) return p.text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
      const before = names.get(p.name)
      if (before !== undefined) return `\\${before}`
      names.set(p.name, names.size + 1)
      // The last takes everything: paths and keys of objects hold colons and slashes.
      if (i === all.length - 1) return '([^]+)'
      const next = all[i + 1]
      return next !== undefined && 'text' in next && next.text.startsWith('/') ? '([^:/]*)' : '([^:]*)'
    })
    .join('')
  const found = new RegExp('^' + expression + '$').exec(arn)
  return found === null ? undefined : Object.fromEntries([...names].map(([name, n]) => [name, found[n] ?? '']))
}

/** Fit is the resource type an ARN is of. */
export interface Fit {
  type: string
  template: string
}

/** fit is the resource type whose template fits an ARN with the most text of its own. */
export function fit(service: Service, arn: string): Fit | undefined {
  let best: Fit | undefined
  let most = -1
  for (const r of service.Resources)
    for (const template of r.ARNFormats) {
      const own = parts(template).reduce((n, p) => n + ('text' in p ? p.text.length : 0), 0)
      if (own > most && take(template, arn) !== undefined) {
        best = { type: r.Name, template }
        most = own
      }
    }
  return best
}
