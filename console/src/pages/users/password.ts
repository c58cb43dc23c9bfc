const classes = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '!@#$%^&*()_+-=[]{}|']
const all = classes.join('')

/** pick is a random character, each as likely as another. */
function pick(from: string): string {
  const limit = 256 - (256 % from.length)
  for (;;) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0]!
    if (byte < limit) return from[byte % from.length]!
  }
}

/** password is a random one of 20 characters with every class that a policy can ask for. */
export function password(): string {
  for (;;) {
    const made = Array.from({ length: 20 }, () => pick(all)).join('')
    if (classes.every(c => [...made].some(x => c.includes(x)))) return made
  }
}
