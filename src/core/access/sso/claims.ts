/** Claims are whatever a provider was made to say: only texts of a bounded length are taken from them. */

const longest = 1024
const mostGroups = 10_000

/** A claim that is one line of text. */
export function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' && claim.length <= longest ? claim : undefined
}

/** A claim that is a list of texts, or one. Whatever else stands in it is left out. */
export function textsOf(claim: unknown): string[] {
  const list: unknown[] = Array.isArray(claim) ? claim.slice(0, mostGroups) : [claim]
  return list.map(textOf).filter((text) => text !== undefined)
}

/** The name a person is shown by; without what cannot be seen, or turns the writing round. */
export function nameOfPerson(claim: unknown): string | undefined {
  const text = textOf(claim)
    ?.normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '')
    .trim()
  return text ? text.slice(0, 255).toWellFormed() : undefined
}

/** A user name made of what the provider calls a person: `Jürgen.O'Neil@example.com` becomes `Jurgen.O-Neil`. */
export function usernameFrom(text: string | undefined): string {
  const plain = (text ?? '')
    .replace(/@.*$/s, '')
    .normalize('NFKD')
    .replaceAll(/\p{Mn}/gu, '')
    .replaceAll(/[^a-zA-Z0-9_.-]+/g, '-')
    .slice(0, 100)
    .replaceAll(/^[.-]+|[.-]+$/g, '')
  return plain === '' ? 'user' : plain
}
