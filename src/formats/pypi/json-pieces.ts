/** Long JSON, in pieces. */

/** A list under its key, of values that are texts already. */
export const listMember = (key: string, texts: readonly string[]): readonly string[] => [
  `${JSON.stringify(key)}:[`,
  ...commaSeparated(texts),
  ']',
]

/** Members of an object, or values of a list. */
export const commaSeparated = (texts: readonly string[]): readonly string[] =>
  texts.map((text, at) => (at === 0 ? text : `,${text}`))

/** The beginning of an object, behind which more members stand. */
export const opened = (members: object): string => `${JSON.stringify(members).slice(0, -1)},`
