const browsers: [RegExp, string][] = [
  [/Edg\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+)[\d.]* (?:Mobile\/\S+ )?Safari\//, 'Safari'],
]
const systems: [RegExp, string][] = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** browser names the program of a User-Agent, as far as people know it; the whole text where it is another. */
export function browser(agent: string | undefined): string {
  if (!agent) return ''
  for (const [pattern, name] of browsers) {
    const found = pattern.exec(agent)
    if (!found) continue
    const system = systems.find(([p]) => p.test(agent))?.[1]
    return `${name} ${found[1]}${system ? ` on ${system}` : ''}`
  }
  return agent
}
