/** Long JSON, in pieces. */

/** A list under its key, of values that are texts already. */
export function listMember(key: string, texts: readonly string[]): readonly string[] {
  return [`${JSON.stringify(key)}:[`, ...texts.map((text, at) => (at === 0 ? text : `,${text}`)), ']']
}

/** The beginning of an object, behind which more members stand. */
export const opened = (members: object) => `${JSON.stringify(members).slice(0, -1)},`
